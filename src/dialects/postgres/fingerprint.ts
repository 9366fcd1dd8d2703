/**
 * What the catalog says of objects, as one text: the same before and after a statement means that it has not
 * happened. Indexes that a failed attempt has left invalid count as absent; whether a constraint has been
 * validated is part of it.
 */

import type { Connection } from '../contract.js';
import { serverVersion } from './catalog.js';
import { quoteTable } from './literals.js';
import { enumText } from './types.js';

/** A table with all its columns, constraints and indexes, as `OutsideTransaction.objects` names it. */
export function tableObject(table: string): string {
  return `table ${table}`;
}

/** An enum with its values. */
export function enumObject(name: string): string {
  return `enum ${name}`;
}

/**
 * The state of objects, or of the whole schema when none are named.
 *
 * @param objects as `tableObject` and `enumObject` name them
 */
export async function fingerprint(connection: Connection, objects?: readonly string[]): Promise<string> {
  const version = await serverVersion(connection);
  const of = (prefix: string): string[] | undefined =>
    objects?.filter((each) => each.startsWith(prefix)).map((each) => each.slice(prefix.length));
  const tables = of('table ')?.map(quoteTable);
  const enums = of('enum ')?.map(enumText);
  const params = [
    tables === undefined ? null : JSON.stringify(tables),
    enums === undefined ? null : JSON.stringify(enums),
  ];
  const [[text] = []] = await connection.queryArrays(fingerprintSql(version), params);
  return String(text ?? '');
}

function fingerprintSql(version: number): string {
  const notNulls = version >= 180000 ? " AND k.contype <> 'n'" : '';
  const line = (...parts: readonly string[]): string => `json_build_array(${parts.join(', ')})::text`;
  return `WITH ns AS (
  SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
), rel AS (
  SELECT c.oid, ns.nspname || '.' || c.relname AS name, c.relkind, c.reloptions, c.relpersistence
  FROM pg_class c JOIN ns ON ns.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S') AND c.relpersistence <> 't'
    AND ($1::text IS NULL OR c.oid IN (SELECT to_regclass(t) FROM json_array_elements_text($1::json) AS t))
), line AS (
  SELECT ${line("'relation'", 'name', 'relkind', 'relpersistence', 'to_json(reloptions)', "CASE WHEN relkind IN ('v', 'm') THEN pg_get_viewdef(oid) END")} AS text FROM rel
  UNION ALL
  SELECT ${line("'column'", 'rel.name', 'a.attname', 'format_type(a.atttypid, a.atttypmod)', 'a.attnotnull', 'a.attidentity', 'a.attgenerated', 'a.attcollation::bigint', 'pg_get_expr(d.adbin, d.adrelid)')}
  FROM rel JOIN pg_attribute a ON a.attrelid = rel.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  UNION ALL
  SELECT ${line("'constraint'", 'rel.name', 'k.conname', 'k.convalidated', 'pg_get_constraintdef(k.oid)')}
  FROM rel JOIN pg_constraint k ON k.conrelid = rel.oid${notNulls}
  UNION ALL
  SELECT ${line("'index'", 'rel.name', 'pg_get_indexdef(i.indexrelid)')}
  FROM rel JOIN pg_index i ON i.indrelid = rel.oid AND i.indisvalid
  UNION ALL
  SELECT ${line("'trigger'", 'rel.name', 'pg_get_triggerdef(g.oid)', 'g.tgenabled')}
  FROM rel JOIN pg_trigger g ON g.tgrelid = rel.oid AND NOT g.tgisinternal
  UNION ALL
  SELECT ${line("'comment'", 'rel.name', 'n.objsubid', 'n.description')}
  FROM rel JOIN pg_description n ON n.objoid = rel.oid AND n.classoid = 'pg_class'::regclass
  UNION ALL
  SELECT ${line("'sequence'", 'rel.name', 's.seqtypid::bigint', 's.seqstart', 's.seqincrement', 's.seqmin', 's.seqmax', 's.seqcycle')}
  FROM rel JOIN pg_sequence s ON s.seqrelid = rel.oid
  UNION ALL
  SELECT ${line("'enum'", 'ns.nspname', 't.typname', '(SELECT json_agg(l.enumlabel ORDER BY l.enumsortorder) FROM pg_enum l WHERE l.enumtypid = t.oid)')}
  FROM pg_type t JOIN ns ON ns.oid = t.typnamespace AND t.typtype = 'e'
  WHERE $2::text IS NULL OR t.oid IN (SELECT to_regtype(t) FROM json_array_elements_text($2::json) AS t)
)
SELECT md5(coalesce(string_agg(text, E'\\n' ORDER BY text COLLATE "C"), '')) FROM line`;
}
