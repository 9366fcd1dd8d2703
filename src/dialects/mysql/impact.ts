/**
 * What each change costs those who use a MariaDB or MySQL meanwhile: the ALGORITHM and LOCK that the plan asks for, which
 * the server grants or refuses (test/dialects/mysql/online-clauses.test.ts). Where the plan asks for none, a copy that
 * keeps writers out is assumed.
 */

import type { Schema } from '../../schema/model.js';
import type { Operation } from '../../schema/operations.js';
import { type Impact, impactsOn, type Work } from '../shared/impact.js';
import { type StatementWords, tableOf, wordsOf } from '../shared/statement-words.js';
import type { Flavour } from './flavour.js';
import { planMysql } from './plan.js';

type Cost = Omit<Impact, 'tables'>;

/** Nobody has the table open meanwhile ("Metadata Locking"). */
const EXCLUSIVE: Cost = { lock: 'EXCLUSIVE metadata lock', blocks: 'reads and writes', work: 'catalog' };
const COPY: Cost = { lock: 'ALGORITHM=COPY, LOCK=SHARED', blocks: 'writes', work: 'rewrite' };

/** What an operation costs, one entry a lock. */
export function impactMysql(flavour: Flavour, before: Schema, operation: Operation): readonly Impact[] {
  const impacts = wordsOf(planMysql(flavour, before, [operation]).steps).flatMap((statement) => {
    const cost = costOf(statement);
    return cost === undefined ? [] : [{ ...cost, tables: tablesOf(statement, operation) }];
  });
  const known = new Set(before.tables.map(({ name }) => name));
  return impactsOn(impacts, (table) => known.has(table));
}

function costOf({ text }: StatementWords): Cost | undefined {
  if (/^(?:CREATE|DROP|ALTER) (?:OR REPLACE )?(?:VIEW|SEQUENCE)\b/.test(text)) return undefined;
  if (/^UPDATE\b/.test(text)) return { lock: 'row locks', blocks: 'writes', work: 'rewrite' };
  if (!text.startsWith('ALTER TABLE')) return EXCLUSIVE;
  const asked = /, ALGORITHM = (\w+)(?:, LOCK = (\w+))?$/.exec(text.replaceAll(' ,', ','));
  if (asked === null) return /^ALTER TABLE \S+ RENAME TO\b/.test(text) ? EXCLUSIVE : COPY;
  const [, algorithm = '', lock = 'NONE'] = asked;
  return {
    lock: `ALGORITHM=${algorithm}, LOCK=${lock}`,
    blocks: lock === 'NONE' ? 'nothing' : 'writes',
    work: workOf(algorithm, text),
  };
}

function workOf(algorithm: string, text: string): Work {
  if (algorithm === 'INSTANT') return 'catalog';
  if (algorithm === 'INPLACE' && /\b(?:MODIFY|CHANGE|ADD|DROP) COLUMN\b/.test(text)) return 'rewrite';
  return /\bADD (?:UNIQUE |FULLTEXT |SPATIAL )?(?:INDEX|KEY|CONSTRAINT)\b/.test(text)
    ? 'index build'
    : 'catalog';
}

function tablesOf({ table, references }: StatementWords, operation: Operation): string[] {
  const keys = operation.kind === 'createTable' ? operation.table.foreignKeys.map((key) => key.refTable) : [];
  return [table ?? tableOf(operation), references, ...keys].filter((name) => name !== undefined);
}
