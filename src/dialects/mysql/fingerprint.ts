/**
 * What the catalog says of certain objects, as text to compare: their CREATE statements without what rows change.
 *
 * Plans name the objects of a statement here too, so that the two agree: `table:books`, `view:v`, `trigger:t`,
 * `sequence:s`.
 */

import type { Connection, SqlValue } from '../contract.js';
import { literalText, quoteIdentifier as quote } from './literals.js';

export type ObjectKind = 'table' | 'view' | 'trigger' | 'sequence';

/** The name under which a statement says what it changes. */
export function objectName(kind: ObjectKind, name: string): string {
  return `${kind}:${name}`;
}

/** Text of what there is of some objects, or of all; an object that is not there has none. */
export async function fingerprint(connection: Connection, objects?: readonly string[]): Promise<string> {
  const present = await presentObjects(connection, objects);
  const texts: string[] = [];
  for (const object of [...present].sort()) texts.push(`${object}\n${await createText(connection, object)}`);
  // What no plan makes, but a statement of one's own may.
  if (objects === undefined)
    for (const routine of await routines(connection)) texts.push(JSON.stringify(routine));
  return texts.join('\n\n');
}

/** Procedures, functions and events by what they do. */
async function routines(connection: Connection): Promise<SqlValue[][]> {
  return connection.queryArrays(
    `SELECT routine_type, routine_name, routine_definition FROM information_schema.routines WHERE routine_schema = DATABASE()
     UNION ALL SELECT 'EVENT', event_name, event_definition FROM information_schema.events WHERE event_schema = DATABASE()
     ORDER BY 1, 2`,
  );
}

const KIND_OF_TYPE: Readonly<Record<string, ObjectKind>> = {
  'BASE TABLE': 'table',
  'SYSTEM VERSIONED': 'table',
  VIEW: 'view',
  SEQUENCE: 'sequence',
};

async function presentObjects(
  connection: Connection,
  asked: readonly string[] | undefined,
): Promise<Set<string>> {
  const wanted = asked && new Set(asked);
  if (wanted?.size === 0) return new Set();
  const names = wanted && [...wanted].map((object) => literalText(object.slice(object.indexOf(':') + 1)));
  const among = (column: string): string =>
    names === undefined ? '' : ` AND ${column} IN (${names.join(', ')})`;
  const rows = [
    ...(await connection.queryArrays(
      `SELECT table_type, table_name FROM information_schema.tables WHERE table_schema = DATABASE()${among('table_name')}`,
    )),
    ...(await connection.queryArrays(
      `SELECT 'TRIGGER', trigger_name FROM information_schema.triggers WHERE trigger_schema = DATABASE()${among('trigger_name')}`,
    )),
  ];
  const found = rows.map(([type, name]) =>
    objectName(KIND_OF_TYPE[String(type).toUpperCase()] ?? 'trigger', String(name)),
  );
  return new Set(found.filter((object) => wanted === undefined || wanted.has(object)));
}

/** Where the text stands in the row that SHOW CREATE gives. */
const TEXT_AT: Readonly<Record<ObjectKind, number>> = { table: 1, view: 1, trigger: 2, sequence: 1 };

async function createText(connection: Connection, object: string): Promise<string> {
  const at = object.indexOf(':');
  const [kind, name] = [object.slice(0, at) as ObjectKind, object.slice(at + 1)];
  const [row] = await connection.queryArrays(`SHOW CREATE ${kind.toUpperCase()} ${quote(name)}`);
  return withoutCounter(String((row as SqlValue[] | undefined)?.[TEXT_AT[kind]] ?? ''));
}

/** The next key is no part of a definition: it is behind the last parenthesis, before anything that people write. */
export function withoutCounter(text: string): string {
  return text.replace(/^(\) ENGINE=\w+) AUTO_INCREMENT=\d+/m, '$1');
}
