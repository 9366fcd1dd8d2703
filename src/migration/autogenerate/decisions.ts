/**
 * Renames and losses, decided: by the models (`renamedFrom`), by flags, by a person at a terminal, and
 * otherwise not at all. Nothing is guessed, and nothing is written while a question is open.
 */

import { error } from '../../base/error-codes.js';
import { deepEqual } from '../../base/structure.js';
import type { Schema } from '../../schema/model.js';
import { byName } from '../../schema/model.js';
import type { Operation } from '../../schema/operations.js';
import {
  applyRenames,
  checkRenames,
  enumSuccessor,
  type Rename,
  type RenameCandidate,
  renameCandidates,
} from '../../schema/rename.js';
import type { Decider, RevisionOptions } from '../types.js';
import { flagName, flagPath, type NameSpec, readNameSpec } from './names.js';

export type DecisionOptions = Pick<RevisionOptions, 'renames' | 'renameValues' | 'drops' | 'noRename'>;

/** What was decided: the renames as operations, and the found schema after them. */
export interface Decided {
  readonly operations: readonly Operation[];
  readonly schema: Schema;
}

/** What a question is about, as data. */
export type DecisionCandidate =
  | RenameCandidate
  | {
      readonly kind: 'fill';
      readonly table: string;
      readonly column: string;
      readonly rows: number | undefined;
    };

/** One open question, with the flags that would settle it. */
export interface OpenDecision {
  readonly text: string;
  readonly candidate: DecisionCandidate;
  readonly flags: readonly string[];
}

/**
 * Decides all candidates between what was found and what is wanted.
 *
 * @param told renames that the models tell of; those that are done already count for nothing
 * @returns the decisions, and the questions that nobody answered
 * @throws DECISION_UNKNOWN for a flag that names nothing
 */
export async function decide(
  found: Schema,
  wanted: Schema,
  told: readonly Rename[],
  options: DecisionOptions,
  decider: Decider | undefined,
): Promise<{ readonly decided: Decided; readonly open: readonly OpenDecision[] }> {
  const flagged = readFlags(options);
  const open: OpenDecision[] = [];
  let renames: Rename[] = [];
  // Tables first: which columns are candidates, and what flags call them, depends on which table a table became.
  for (const kind of ['table', 'column', 'enumValue'] as const) {
    const { schema: before } = decided(found, renames);
    const own = flagged
      .filter((rename) => rename.kind === kind)
      .map((rename) => underPresentName(rename, renames, before, wanted));
    // Which table a flag means may hang on a question that is open, which has to be answered first.
    const isSettled = (name: string): boolean => open.length === 0 || isCertain(name, before, wanted);
    const understood = open.length === 0 ? own : own.filter((rename) => isIn(before, rename));
    requireKnown(
      own.filter((rename) => isSettled(ownerOf(rename))),
      before,
      wanted,
    );
    const modelled = told.filter((rename) => rename.kind === kind && stillToDo(rename, before, wanted));
    renames = [...renames, ...distinct([...modelled, ...understood])];
    checkRenames(renames);
    const drops = new Set(
      readDrops(options, renames, before, wanted).map(({ path }) => JSON.stringify(path)),
    );
    const { schema } = decided(found, renames);
    for (const candidate of renameCandidates(schema, wanted)) {
      if (candidate.kind !== kind) continue;
      const path = candidatePath(candidate);
      if (options.noRename || drops.has(JSON.stringify(path))) continue;
      const taken = new Set(
        renames.filter((rename) => sameScope(rename, candidate)).map((rename) => rename.to),
      );
      const to = candidate.to.filter((name) => !taken.has(name));
      if (to.length === 0) continue;
      const answer = await decider?.rename({ what: WORDS[kind], name: flagPath(path), to });
      if (answer === undefined) open.push(question(candidate, path, to));
      else if (answer !== null) renames = [...renames, renameOf(candidate, answer)];
    }
  }
  requireUsefulDrops(options, { renames, open, found, wanted });
  checkRenames(renames);
  return { decided: decided(found, renames), open };
}

const WORDS = { table: 'table', column: 'column', enumValue: 'enum value' } as const;

function decided(found: Schema, renames: readonly Rename[]): Decided {
  return applyRenames(found, renames);
}

/** @throws DECISION_NEEDED listing the questions and the flags that settle each */
export function requireDecided(open: readonly OpenDecision[]): void {
  if (open.length === 0) return;
  throw error('DECISION_NEEDED', {
    questions: open.map(({ text }) => text),
    candidates: open.map(({ candidate }) => candidate),
    flags: [...new Set(open.flatMap(({ flags }) => flags))],
  });
}

function readFlags(options: DecisionOptions): Rename[] {
  return [
    ...(options.renames ?? []).map((text) => readRename('--rename', text)),
    ...(options.renameValues ?? []).map((text) => readRename('--rename-value', text)),
  ];
}

function readRename(flag: '--rename' | '--rename-value', text: string): Rename {
  const { path, to } = readNameSpec(flag, text);
  const [first = '', second, ...more] = path;
  const form = flag === '--rename' ? 'T.C:NEW or T:NEW' : 'ENUM.V:NEW';
  if (to === undefined || more.length > 0 || (flag === '--rename-value' && second === undefined)) {
    throw error('DECISION_UNKNOWN', { flag: `${flag} ${text}`, problem: `expected ${form}` });
  }
  if (second === undefined) return { kind: 'table', name: first, to };
  return flag === '--rename'
    ? { kind: 'column', table: first, name: second, to }
    : { kind: 'enumValue', enum: first, name: second, to };
}

/** Whether a rename that the models tell of has not been carried out yet. */
function stillToDo(rename: Rename, found: Schema, wanted: Schema): boolean {
  switch (rename.kind) {
    case 'table':
      return has(found, rename.name) && !has(found, rename.to) && !has(wanted, rename.name);
    case 'column': {
      const model = byName(wanted.tables, rename.table);
      const columns = byName(found.tables, rename.table)?.columns ?? [];
      return (
        model !== undefined &&
        byName(columns, rename.name) !== undefined &&
        byName(columns, rename.to) === undefined &&
        byName(model.columns, rename.name) === undefined
      );
    }
    case 'enumValue':
      return byName(found.enums, rename.enum)?.values.includes(rename.name) ?? false;
    default:
      return rename satisfies never;
  }
}

function has(schema: Schema, table: string): boolean {
  return byName(schema.tables, table) !== undefined;
}

function namesOf(things: readonly { readonly name: string }[]): string[] {
  return things.map(({ name }) => name);
}

/** Whether a table or an enum has no part in any open question: both sides call it so, or neither does. */
function isCertain(name: string, found: Schema, wanted: Schema): boolean {
  const sides = [found, wanted].map((schema) => [
    has(schema, name),
    byName(schema.enums, name) !== undefined,
  ]);
  return deepEqual(sides[0], sides[1]);
}

function ownerOf(rename: Rename): string {
  if (rename.kind === 'table') return rename.name;
  return rename.kind === 'column' ? rename.table : rename.enum;
}

/** Whether a schema has what is to be renamed. */
function isIn(schema: Schema, rename: Rename): boolean {
  if (rename.kind === 'table') return has(schema, rename.name);
  if (rename.kind === 'column') return hasColumn(schema, rename.table, rename.name);
  return byName(schema.enums, rename.enum)?.values.includes(rename.name) ?? false;
}

/** A flag that speaks of nothing is a mistake that would else go unnoticed. */
function requireKnown(flagged: readonly Rename[], found: Schema, wanted: Schema): void {
  for (const rename of flagged) {
    const refuse = (problem: string): never => {
      throw error('DECISION_UNKNOWN', { flag: `${flagOf(rename)} ${renameText(rename)}`, problem });
    };
    // A name that stays can only be left by a chain of renames, and one that is there only be taken by one.
    const inScope = flagged.filter((other) => sameScope(other, { ...rename, to: [] } as RenameCandidate));
    const keeps = (names: readonly string[]): boolean =>
      names.includes(rename.name) && !inScope.some((other) => other.to === rename.name);
    const isTaken = (names: readonly string[]): boolean =>
      names.includes(rename.to) && !inScope.some((other) => other.name === rename.to);
    const requireFree = (before: readonly string[], after: readonly string[]): void => {
      if (keeps(after)) refuse(`the models still have '${rename.name}'`);
      if (isTaken(before)) refuse(`the database has '${rename.to}' already`);
    };
    if (rename.kind === 'table') {
      if (!has(found, rename.name)) refuse(`the database has no table '${rename.name}'`);
      if (!has(wanted, rename.to)) refuse(`the models have no table '${rename.to}'`);
      requireFree(namesOf(found.tables), namesOf(wanted.tables));
    } else if (rename.kind === 'column') {
      const old = byName(found.tables, rename.table);
      if (old === undefined) refuse(`the database has no table '${rename.table}'`);
      if (!byName(old?.columns ?? [], rename.name))
        refuse(`table '${rename.table}' has no column '${rename.name}'`);
      const model = byName(wanted.tables, rename.table);
      if (!byName(model?.columns ?? [], rename.to))
        refuse(`the model of '${rename.table}' has no column '${rename.to}'`);
      requireFree(namesOf(old?.columns ?? []), namesOf(model?.columns ?? []));
    } else {
      if (!byName(found.enums, rename.enum)?.values.includes(rename.name)) {
        refuse(`there is no value '${rename.name}' of enum '${rename.enum}'`);
      }
      const now = enumSuccessor(found, wanted, rename.enum)?.values ?? [];
      if (!now.includes(rename.to)) {
        refuse(`the models have no value '${rename.to}' of enum '${rename.enum}'`);
      }
      requireFree(byName(found.enums, rename.enum)?.values ?? [], now);
    }
  }
}

interface Outcome {
  readonly renames: readonly Rename[];
  readonly open: readonly OpenDecision[];
  readonly found: Schema;
  readonly wanted: Schema;
}

function requireUsefulDrops(options: DecisionOptions, { renames, open, found, wanted }: Outcome): void {
  const { schema } = decided(
    found,
    renames.filter(({ kind }) => kind === 'table'),
  );
  for (const { text, path, to } of readDrops(options, renames, schema, wanted)) {
    const refuse = (problem: string): never => {
      throw error('DECISION_UNKNOWN', { flag: `--drop ${text}`, problem });
    };
    if (to !== undefined || path.length > 2) refuse('expected T.C or T');
    const renamed = renames.find((rename) => JSON.stringify(pathOf(rename)) === JSON.stringify(path));
    if (renamed !== undefined) refuse(`it is renamed to '${renamed.to}'`);
    const [first = '', second] = path;
    if (open.length > 0 && !isCertain(first, schema, wanted)) continue;
    const table = byName(schema.tables, first);
    const asEnum = byName(schema.enums, first)?.values.includes(second ?? '') ?? false;
    if (asEnum) continue;
    if (table === undefined) refuse(`the database has no table '${first}'`);
    if (second !== undefined && !byName(table?.columns ?? [], second))
      refuse(`table '${first}' has no column '${second}'`);
    const model = byName(wanted.tables, first);
    const stays = second === undefined ? model : byName(model?.columns ?? [], second);
    if (stays !== undefined) refuse('the models still have it');
  }
}

function readDrops(
  options: DecisionOptions,
  renames: readonly Rename[],
  schema: Schema,
  wanted: Schema,
): (NameSpec & { readonly text: string })[] {
  return (options.drops ?? []).map((text) => {
    const spec = readNameSpec('--drop', text);
    const [table = '', column, ...more] = spec.path;
    if (column === undefined) return { ...spec, text };
    const value = foundEnum(table, schema, wanted);
    if (byName(schema.enums, value)?.values.includes(column)) return { ...spec, text, path: [value, column] };
    const goes = (name: string): boolean =>
      hasColumn(schema, name, column) && !hasColumn(wanted, name, column);
    return { ...spec, text, path: [presentTable(table, renames, goes), column, ...more] };
  });
}

/** A column's rename under the name that its table has by then, a value's under the enum's in the database. */
function underPresentName(
  rename: Rename,
  renames: readonly Rename[],
  schema: Schema,
  wanted: Schema,
): Rename {
  if (rename.kind === 'table') return rename;
  if (rename.kind === 'enumValue') return { ...rename, enum: foundEnum(rename.enum, schema, wanted) };
  const fits = (name: string): boolean =>
    hasColumn(schema, name, rename.name) && hasColumn(wanted, name, rename.to);
  return { ...rename, table: presentTable(rename.table, renames, fits) };
}

/**
 * The present name of the table that a flag means. Both of its names are understood: people read the old one
 * in the database and the new one in the models. Where tables exchange names, the one that fits is meant.
 */
function presentTable(name: string, renames: readonly Rename[], fits: (present: string) => boolean): string {
  const renamed = renames.find((rename) => rename.kind === 'table' && rename.name === name);
  return renamed === undefined || fits(name) ? name : renamed.to;
}

/** The enum of the database that a flag means, which may call it as the models do. */
function foundEnum(name: string, schema: Schema, wanted: Schema): string {
  if (byName(schema.enums, name) !== undefined) return name;
  return schema.enums.find((each) => enumSuccessor(schema, wanted, each.name)?.name === name)?.name ?? name;
}

function hasColumn(schema: Schema, table: string, column: string): boolean {
  return byName(byName(schema.tables, table)?.columns ?? [], column) !== undefined;
}

/** Each once: a flag may say what a model says as well. */
function distinct(renames: readonly Rename[]): Rename[] {
  return renames.filter((rename, i) => renames.findIndex((each) => deepEqual(each, rename)) === i);
}

function candidatePath(candidate: RenameCandidate): string[] {
  switch (candidate.kind) {
    case 'table':
      return [candidate.name];
    case 'column':
      return [candidate.table, candidate.name];
    case 'enumValue':
      return [candidate.enum, candidate.name];
    default:
      return candidate satisfies never;
  }
}

function sameScope(rename: Rename, candidate: RenameCandidate): boolean {
  if (rename.kind === 'table') return candidate.kind === 'table';
  if (rename.kind === 'column') return candidate.kind === 'column' && candidate.table === rename.table;
  return candidate.kind === 'enumValue' && candidate.enum === rename.enum;
}

function renameOf(candidate: RenameCandidate, to: string): Rename {
  return { ...candidate, to };
}

function flagOf(thing: { readonly kind: RenameCandidate['kind'] }): string {
  return thing.kind === 'enumValue' ? '--rename-value' : '--rename';
}

function pathOf(rename: Rename): string[] {
  return candidatePath({ ...rename, to: [] } as RenameCandidate);
}

function renameText(rename: Rename): string {
  return `${flagPath(pathOf(rename))}:${flagName(rename.to)}`;
}

function question(candidate: RenameCandidate, path: readonly string[], to: readonly string[]): OpenDecision {
  const name = flagPath(path);
  const goals = to.map((each) => `'${each}'`).join(' or ');
  return {
    text: `${WORDS[candidate.kind]} '${path.join('.')}' is gone: was it renamed to ${goals}, or dropped?`,
    candidate: { ...candidate, to } as RenameCandidate,
    flags: [
      ...to.map((each) => `${flagOf(candidate)} ${name}:${flagName(each)}`),
      `--drop ${name}`,
      '--no-rename',
    ],
  };
}
