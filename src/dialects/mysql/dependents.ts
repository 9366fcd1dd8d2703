/**
 * Views and triggers that a plan would leave broken. MySQL looks at them only when they are used next, long after what
 * cannot be undone; so what names a table or a column that goes, or gets another name, is found in their texts before.
 */

import { error } from '../../base/error-codes.js';
import { type Token, tokenize } from '../../base/sql-tokens.js';
import { deepEqual } from '../../base/structure.js';
import type { Schema, Table, Trigger, View } from '../../schema/model.js';
import { byName } from '../../schema/model.js';

/**
 * Refuses what would leave something broken that stands at both ends of a plan.
 *
 * @throws DEPENDENT_BROKEN naming it
 */
export function refuseBroken(before: Schema, after: Schema): void {
  const lost = before.tables.flatMap((table): Loss[] => {
    const now = byName(after.tables, table.name);
    if (now === undefined) return [{ table, columns: undefined }];
    const columns = table.columns.filter(({ name }) => byName(now.columns, name) === undefined);
    return columns.length === 0 ? [] : [{ table, columns: columns.map(({ name }) => name) }];
  });
  if (lost.length === 0) return;
  for (const view of before.views) {
    if (deepEqual(view, byName(after.views, view.name))) refuseView(view, lost);
  }
  for (const trigger of before.triggers) {
    if (after.triggers.some((each) => deepEqual(each, trigger))) refuseTrigger(trigger, lost);
  }
}

/** A table that goes, or columns of it. */
interface Loss {
  readonly table: Table;
  readonly columns: readonly string[] | undefined;
}

function refuseView({ name, query }: View, lost: readonly Loss[]): void {
  const tokens = tokenize(query);
  for (const { table, columns } of lost) {
    const aliases = aliasesOf(table.name, tokens);
    if (aliases.length === 0) continue;
    if (columns === undefined) refuse(`view '${name}'`, `it reads '${table.name}'`);
    const used = columns.find((column) => isQualified(column, aliases, tokens));
    if (used !== undefined) refuse(`view '${name}'`, `it reads '${table.name}.${used}'`);
  }
}

function refuse(object: string, reason: string): never {
  throw error('DEPENDENT_BROKEN', { object, reason });
}

function isName(token: Token | undefined): token is Token {
  return token?.kind === 'word' || token?.kind === 'quoted';
}

/** By what names a query speaks of a table; none where it does not. The server prints one before every column. */
function aliasesOf(table: string, tokens: readonly Token[]): string[] {
  const names = tokens.flatMap((token, i) => {
    const before = tokens[i - 1]?.text.toLowerCase() ?? '';
    if (!isName(token) || token.value !== table || !/^(?:from|join|straight_join|,|\()$/.test(before))
      return [];
    const isAs = tokens[i + 1]?.text.toLowerCase() === 'as' && tokens[i + 1]?.kind === 'word';
    const alias = tokens[i + (isAs ? 2 : 1)];
    // A table is not a column: those have a dot before or behind them.
    if (tokens[i + 1]?.text === '.') return [];
    return isName(alias) && (isAs || !AFTER_TABLE.has(alias.text.toLowerCase()))
      ? [table, alias.value]
      : [table];
  });
  return [...new Set(names)];
}

/** Words that may stand behind a table that has no alias. */
const AFTER_TABLE: ReadonlySet<string> = new Set(
  [
    'where',
    'join',
    'left',
    'right',
    'inner',
    'cross',
    'natural',
    'straight_join',
    'on',
    'using',
    'group',
    'having',
  ].concat([
    'order',
    'limit',
    'union',
    'except',
    'intersect',
    'window',
    'for',
    'into',
    'procedure',
    'lock',
    'partition',
    'use',
    'force',
    'ignore',
  ]),
);

function isQualified(column: string, aliases: readonly string[], tokens: readonly Token[]): boolean {
  return tokens.some(
    (token, i) =>
      isName(token) &&
      token.value.toLowerCase() === column.toLowerCase() &&
      tokens[i - 1]?.text === '.' &&
      aliases.includes(tokens[i - 2]?.value ?? ''),
  );
}

/** The columns of its own row are told by NEW and OLD; the rest of a trigger's text is its own affair. */
function refuseTrigger({ name, table: on, sql }: Trigger, lost: readonly Loss[]): void {
  const columns = lost.find(({ table }) => table.name === on)?.columns ?? [];
  const used = Object.values(sql).flatMap((text) => {
    const tokens = tokenize(text);
    return columns.filter((column) =>
      ['new', 'old'].some((row) =>
        tokens.some(
          (token, i) =>
            isName(token) &&
            token.value.toLowerCase() === column.toLowerCase() &&
            tokens[i - 1]?.text === '.' &&
            tokens[i - 2]?.value.toLowerCase() === row,
        ),
      ),
    );
  });
  if (used[0] !== undefined) refuse(`trigger '${name}'`, `it uses '${on}.${used[0]}'`);
}
