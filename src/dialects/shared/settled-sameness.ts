/**
 * Compares like with like where words differ: what no canonical form can decide, the database itself is asked,
 * all of it at once. Both sides of a comparison go through the same printer, with the columns as they are to be.
 */

import type { Column, Schema, Table } from '../../schema/model.js';
import { byName } from '../../schema/model.js';
import type { Sameness } from '../../schema/reconcile.js';
import type { Connection, Dialect, ExpressionQuestion } from '../contract.js';
import { type SettledPlace, type SettledTexts, samenessOf } from './sameness.js';

/** How a database sees definitions, and what it could not be asked about. */
export interface SettledSameness {
  readonly sameness: Sameness;
  /** What cannot be compared, in words; it counts as unchanged. */
  readonly incomparable: readonly string[];
}

/**
 * The sameness of a dialect for two schemas; asks the database once, and only where words differ.
 *
 * @param connection absent where no database is at hand: then words alone decide
 */
export async function settledSameness(
  dialect: Dialect,
  connection: Connection | undefined,
  found: Schema,
  wanted: Schema,
): Promise<SettledSameness> {
  const plain = samenessOf(dialect.canonical);
  const open = openQuestions(dialect, found, wanted, plain);
  if (connection === undefined || dialect.settle === undefined || open.length === 0) {
    return { sameness: plain, incomparable: [] };
  }
  const questions = open.flatMap(({ asked }) => asked);
  const answers = await dialect.settle(
    connection,
    questions.map(({ question }) => question),
    wanted,
  );
  const texts = new Map<string, string>();
  if ('denied' in answers) {
    for (const { asked, object } of open)
      for (const { key } of asked) texts.set(key, `cannot compare ${object}`);
  } else {
    questions.forEach(({ key, prefix }, i) => {
      const answer = answers[i];
      if (answer !== undefined) texts.set(key, prefix + dialect.canonical.expression(answer));
    });
  }
  const settled: SettledTexts = {
    text: (place, canonical) => texts.get(keyOf(place, canonical)) ?? canonical,
  };
  return {
    sameness: samenessOf(dialect.canonical, settled),
    incomparable:
      'denied' in answers
        ? [...new Set(open.map(({ object }) => `${object} cannot be compared (${answers.denied})`))]
        : [],
  };
}

/** Expressions that are the same or not; only together do they say something. */
interface OpenQuestion {
  /** What is in question, for people. */
  readonly object: string;
  readonly asked: readonly AskedExpression[];
}

interface AskedExpression {
  readonly question: ExpressionQuestion;
  /** Place and canonical text, by which the answer is found again. */
  readonly key: string;
  /** What the canonical text says before the expression. */
  readonly prefix: string;
}

function keyOf(place: SettledPlace, canonical: string): string {
  return JSON.stringify([place.kind, place.owner, 'column' in place ? place.column : '', canonical]);
}

function openQuestions(dialect: Dialect, found: Schema, wanted: Schema, sameness: Sameness): OpenQuestion[] {
  const open: OpenQuestion[] = [];
  const tables = new Map(found.tables.map((table) => [table.name, table]));
  for (const model of wanted.tables) {
    const table = tables.get(model.name);
    if (table === undefined) continue;
    for (const column of model.columns) {
      const old = byName(table.columns, column.name);
      if (old === undefined) continue;
      for (const part of ['default', 'generated'] as const) {
        open.push(
          ...columnQuestion(
            dialect,
            part,
            { old, table, schema: found },
            { column, model, schema: wanted },
            sameness,
          ),
        );
      }
    }
    open.push(...expressionQuestions(table, model, sameness));
  }
  for (const view of wanted.views) {
    const old = byName(found.views, view.name);
    if (old === undefined) continue;
    const place = { kind: 'view', owner: view.name } as const;
    const texts = [old.query, view.query].map((sql) => ({ sql, canonical: sameness.expression(sql, place) }));
    if (texts[0]?.canonical === texts[1]?.canonical) continue;
    const asked = texts.map(({ sql, canonical }) => ({
      question: { kind: 'view', sql } as const,
      key: keyOf(place, canonical),
      prefix: '',
    }));
    open.push({ object: `view '${view.name}'`, asked });
  }
  return open;
}

/** A default or a generated value that both sides have, in other words. */
function columnQuestion(
  dialect: Dialect,
  part: 'default' | 'generated',
  found: { readonly old: Column; readonly table: Table; readonly schema: Schema },
  wanted: { readonly column: Column; readonly model: Table; readonly schema: Schema },
  sameness: Sameness,
): OpenQuestion[] {
  const { column, model } = wanted;
  const place: SettledPlace = { kind: part, owner: model.name, column: column.name };
  const texts = [
    { column: found.old, text: sameness.columnPart(part, found.old, found.table, found.schema) },
    { column, text: sameness.columnPart(part, column, model, wanted.schema) },
  ];
  if (texts[0]?.text === texts[1]?.text || texts.some(({ text }) => text === '')) return [];
  const asked = texts.flatMap(({ column: each, text }): AskedExpression[] => {
    const sql = part === 'default' ? defaultSql(dialect, each) : each.generated?.sql;
    if (sql === undefined) return [];
    const prefix = part === 'default' ? '' : each.generated?.stored ? 'stored ' : 'virtual ';
    return [{ question: { kind: part, sql, table: model, column }, key: keyOf(place, text), prefix }];
  });
  return asked.length < 2 ? [] : [{ object: `the ${part} of '${model.name}.${column.name}'`, asked }];
}

function defaultSql(dialect: Dialect, column: Column): string | undefined {
  return column.default?.kind === 'literal' ? dialect.literal(column.default.value) : column.default?.sql;
}

/** Checks, index expressions and predicates of a table that only one side has in these words. */
function expressionQuestions(table: Table, model: Table, sameness: Sameness): OpenQuestion[] {
  const kinds = ['check', 'index', 'predicate', 'exclusion'] as const;
  return kinds.flatMap((kind): OpenQuestion[] => {
    const place = { kind, owner: model.name } as const;
    const byText = (of: Table): Map<string, string> =>
      new Map(expressionsOf(kind, of).map((sql) => [sameness.expression(sql, place), sql]));
    const here = byText(table);
    const there = byText(model);
    const only = (a: Map<string, string>, b: Map<string, string>): [string, string][] =>
      [...a].filter(([text]) => !b.has(text));
    const [gone, fresh] = [only(here, there), only(there, here)];
    if (gone.length === 0 || fresh.length === 0) return [];
    const asked = [...gone, ...fresh].map(([text, sql]) => ({
      question: { kind, sql, table: model },
      key: keyOf(place, text),
      prefix: '',
    }));
    return [{ object: `${WORDS[kind]} of '${model.name}'`, asked }];
  });
}

const WORDS = {
  check: 'a check',
  index: 'an index expression',
  predicate: 'an index condition',
  exclusion: 'an exclusion',
} as const;

function expressionsOf(kind: keyof typeof WORDS, table: Table): string[] {
  switch (kind) {
    case 'check':
      return table.checks.map((check) => check.expression);
    case 'index':
      return table.indexes.flatMap((index) =>
        index.columns.flatMap((part) => ('expression' in part ? [part.expression] : [])),
      );
    case 'predicate':
      return [...table.indexes, ...table.exclusions].flatMap(({ where }) =>
        where === undefined ? [] : [where],
      );
    case 'exclusion':
      return table.exclusions.map((exclusion) => exclusion.elements);
    default:
      return kind satisfies never;
  }
}
