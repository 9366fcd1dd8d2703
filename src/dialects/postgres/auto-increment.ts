/**
 * From one way of making keys to another: a sequence of the column's own (serial), an identity, or none. The names
 * of such sequences are the server's choice, so only the server can tell them, and the next key is carried over:
 * one that was given is never given again.
 */

import { cutToBytes } from '../../base/text.js';
import type { AutoIncrement, Column } from '../../schema/model.js';
import { splitTableName } from '../../schema/table-names.js';
import { identityText } from './ddl.js';
import { literalText, quoteIdentifier as quote, quoteTable } from './literals.js';

/** The statement that changes how a column makes its keys. */
export function switchText(
  table: string,
  column: Column,
  from: AutoIncrement | undefined,
  to: AutoIncrement | undefined,
): string {
  const alter = `ALTER TABLE ${quoteTable(table)} ALTER COLUMN ${quote(column.name)}`;
  if (from === 'identity' && to === undefined) return `${alter} DROP IDENTITY IF EXISTS`;
  const place = `${literalText(quoteTable(table))}, ${literalText(column.name)}`;
  const run = (sql: string): string => `  EXECUTE ${literalText(sql)};`;
  const lines = [
    'DECLARE',
    '  own text; next bigint := 1; top bigint;',
    'BEGIN',
    // Whoever else inserts meanwhile would take keys that nobody counts.
    run(`LOCK TABLE ${quoteTable(table)} IN ACCESS EXCLUSIVE MODE`),
    ...(from === undefined ? [] : takeAway(place, run, alter)),
    ...(to === undefined
      ? []
      : [
          run(`SELECT max(${quote(column.name)}) FROM ${quoteTable(table)}`).replace(/;$/, ' INTO top;'),
          '  next := greatest(next, coalesce(top, 0) + 1, 1);',
          ...(to === 'identity'
            ? [run(`${alter} SET NOT NULL`), run(`${alter} ADD ${identityText(column)}`)]
            : makeSerial(table, column, run, alter)),
          `  own := pg_get_serial_sequence(${place});`,
          '  SELECT seqmax INTO top FROM pg_sequence WHERE seqrelid = own::regclass;',
          // Where the last key has been given there is no next one.
          '  PERFORM setval(own::regclass, least(next, top), next > top);',
        ]),
    'END',
  ];
  return `DO ${literalText(lines.join('\n'))}`;
}

/** Reads where the sequence stands, and drops it with what uses it. */
function takeAway(place: string, run: (sql: string) => string, alter: string): string[] {
  return [
    `  own := pg_get_serial_sequence(${place});`,
    '  IF own IS NOT NULL THEN',
    "    EXECUTE 'SELECT last_value + is_called::integer FROM ' || own INTO next;",
    '  END IF;',
    run(`${alter} DROP IDENTITY IF EXISTS`),
    run(`${alter} DROP DEFAULT`),
    `  own := pg_get_serial_sequence(${place});`,
    "  IF own IS NOT NULL THEN EXECUTE 'DROP SEQUENCE ' || own; END IF;",
  ];
}

/** A sequence under the first name that is free, as the server names those of serial columns. */
function makeSerial(table: string, column: Column, run: (sql: string) => string, alter: string): string[] {
  const place = quoteTable(table);
  const bare = cutToBytes(`${splitTableName(table).name}_${column.name}`, 55);
  return [
    '  FOR i IN 0 .. 1000 LOOP',
    `    SELECT format('%I.%I', n.nspname, ${literalText(`${bare}_seq`)} || CASE WHEN i = 0 THEN '' ELSE i::text END)`,
    `      INTO own FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = ${literalText(place)}::regclass;`,
    '    EXIT WHEN to_regclass(own) IS NULL;',
    '  END LOOP;',
    `  EXECUTE 'CREATE SEQUENCE ' || own || ${literalText(` AS ${column.type.kind} OWNED BY ${place}.${quote(column.name)}`)};`,
    `  EXECUTE format(${literalText(`${alter.replaceAll('%', '%%')} SET DEFAULT nextval(%L::regclass)`)}, own);`,
    run(`${alter} SET NOT NULL`),
  ];
}

/** A serial column's sequence counts in a type of its own ("CREATE SEQUENCE"), which an identity's does not. */
export function widenSequenceText(table: string, column: Column): string {
  const place = `${literalText(quoteTable(table))}, ${literalText(column.name)}`;
  const body = `BEGIN EXECUTE 'ALTER SEQUENCE ' || pg_get_serial_sequence(${place}) || ${literalText(` AS ${column.type.kind}`)}; END`;
  return `DO ${literalText(body)}`;
}
