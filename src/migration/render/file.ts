/**
 * A whole migration file as text: header, exports, both functions. The same operations give the same bytes.
 */

import { applyTo } from '../../schema/apply.js';
import { SchemaDraft } from '../../schema/draft.js';
import type { Schema } from '../../schema/model.js';
import type { Operation } from '../../schema/operations.js';
import { isCall } from '../custom/custom.js';
import type { RevisionOperation } from '../hooks/types.js';
import { flatLiteral } from './literal.js';
import { renderOperation } from './operation.js';

/** An operation, and what a reader must know of it before it runs. */
export interface RenderedStep<O extends RevisionOperation = RevisionOperation> {
  readonly operation: O;
  /** What a call of an operation of one's own does to the schema. */
  readonly effect?: readonly Operation[];
  /** Written above it as a comment. */
  readonly warnings?: readonly string[];
}

/** Steps that start from one schema. */
export interface Section {
  readonly before: Schema;
  readonly steps: readonly RenderedStep[];
}

export interface MigrationText {
  readonly revision: string;
  readonly downRevisions: readonly string[];
  readonly branchLabels: readonly string[];
  readonly dependsOn: readonly string[];
  readonly message: string;
  readonly createDate: string;
  readonly upgrade: readonly Section[];
  readonly downgrade: readonly Section[];
  /** `typescript`, or plain JavaScript as an ES or CommonJS module. */
  readonly language: Language;
}

export type Language = 'typescript' | 'module' | 'commonjs';

/** The text of a migration file. */
export function renderFile(file: MigrationText): string {
  const typed = file.language === 'typescript';
  const down = file.downRevisions.length === 0 ? null : file.downRevisions;
  const constant = (name: string, type: string, value: unknown): string =>
    file.language === 'commonjs'
      ? `exports.${name} = ${flatLiteral(value)};`
      : `export const ${name}${typed && type !== '' ? `: ${type}` : ''} = ${flatLiteral(value)};`;
  return [
    header(file),
    ...(typed ? ["import type { Operations } from 'limbeck';", ''] : []),
    constant('revision', '', file.revision),
    constant('downRevision', 'string | string[] | null', down?.length === 1 ? down[0] : down),
    constant('branchLabels', 'string[]', file.branchLabels),
    constant('dependsOn', 'string[]', file.dependsOn),
    '',
    ...functionText('upgrade', file.upgrade, file.language),
    '',
    ...functionText('downgrade', file.downgrade, file.language),
    '',
  ].join('\n');
}

function header(file: MigrationText): string {
  const lines = [
    ...(file.message === '' ? ['empty message'] : file.message.split(/\r\n|[\r\n\u2028\u2029]/)),
    '',
    `Revision ID: ${file.revision}`,
    `Revises: ${file.downRevisions.length === 0 ? '(base)' : file.downRevisions.join(', ')}`,
    `Create Date: ${file.createDate}`,
  ];
  return ['/**', ...lines.map((line) => ` * ${commentText(line)}`.trimEnd()), ' */']
    .join('\n')
    .replace('/**\n * ', '/** ');
}

/** Text inside a comment must not end it. */
function commentText(text: string): string {
  return text.replaceAll('*/', '*\\/').replace(/[\r\n\u2028\u2029\0]/g, ' ');
}

function functionText(
  name: 'upgrade' | 'downgrade',
  sections: readonly Section[],
  language: Language,
): string[] {
  const body = sections.flatMap(sectionText);
  const start: Record<Language, string> = {
    typescript: `export function ${name}(${body.length === 0 ? '_op' : 'op'}: Operations): void {`,
    module: `export function ${name}(op) {`,
    commonjs: `exports.${name} = function ${name}(op) {`,
  };
  const end = language === 'commonjs' ? '};' : '}';
  return body.length === 0 ? [start[language] + end] : [start[language], ...body, end];
}

function sectionText({ before, steps }: Section): string[] {
  const draft = new SchemaDraft(before);
  return steps.flatMap(({ operation, effect = [], warnings = [] }) => {
    const own = isCall(operation) ? effect : [operation];
    for (const each of own) applyTo(draft, each);
    const comments = warnings.map((warning) => `  // ${commentText(warning)}`);
    return [...comments, renderOperation(operation, draft, 2)];
  });
}
