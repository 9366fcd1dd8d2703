/**
 * The catalog in one statement: every kind of object as one JSON text, however many tables there are. What later
 * versions added to the catalog is asked for only where the server has it ("53. System Catalogs").
 */

import type { Connection, SqlValue } from '../contract.js';

/** A schema-qualified name as the catalog has it. */
export type QualifiedName = readonly [schema: string, name: string];

export interface CatalogTable {
  readonly oid: number;
  readonly name: QualifiedName;
  readonly unlogged: boolean;
  readonly options: readonly string[];
  readonly comment: string | null;
}

export interface CatalogColumn {
  readonly table: number;
  readonly number: number;
  readonly name: string;
  /** As `format_type` says it. */
  readonly type: string;
  /** The oid of the enum that the type is, or is an array of. */
  readonly enum: number | null;
  readonly array: boolean;
  readonly notNull: boolean;
  readonly default: string | null;
  /** 's' stored, 'v' virtual, '' not generated. */
  readonly generated: string;
  /** 'a' always, 'd' by default, '' no identity. */
  readonly identity: string;
  /** The collation's oid, and whether it is another one than the type's own. */
  readonly collation: number;
  readonly collated: boolean;
  readonly comment: string | null;
  /** The sequence that belongs to the column, as `regclass` prints it. */
  readonly sequence: string | null;
}

export interface CatalogConstraint {
  readonly table: number;
  readonly name: string;
  readonly kind: 'p' | 'u' | 'c' | 'f' | 'x';
  readonly columns: readonly number[] | null;
  readonly deferrable: boolean;
  readonly deferred: boolean;
  readonly nullsNotDistinct: boolean;
  /** A check's expression, an exclusion's definition. */
  readonly text: string | null;
  readonly target: QualifiedName | null;
  /** The oid of the table that is referred to, and numbers of its columns. */
  readonly targetTable: number;
  readonly targetNumbers: readonly number[] | null;
  /** Their names, where the table is none that is looked at. */
  readonly targetColumns: readonly string[] | null;
  readonly onUpdate: string;
  readonly onDelete: string;
  readonly match: string;
  readonly partialSet: boolean;
}

export interface CatalogIndex {
  readonly table: number;
  readonly name: string;
  readonly method: string;
  readonly unique: boolean;
  readonly nullsNotDistinct: boolean;
  readonly keyCount: number;
  /** Column numbers; 0 for an expression. */
  readonly keys: string;
  readonly flags: string;
  /** Oids, as vectors are written: with blanks between them. */
  readonly classes: string;
  readonly collations: string;
  /** Of each key, the expression or null. */
  readonly expressions: readonly (string | null)[] | null;
  /** Present with expressions: where a collation is said, only this text tells. */
  readonly definition: string | null;
  readonly predicate: string | null;
  readonly options: readonly string[] | null;
}

export interface CatalogEnum {
  readonly oid: number;
  readonly name: QualifiedName;
  readonly values: readonly string[];
}

export interface CatalogView {
  readonly oid: number;
  readonly name: QualifiedName;
  readonly materialized: boolean;
  readonly query: string;
}

export interface CatalogSequence {
  readonly name: QualifiedName;
  readonly start: number;
  readonly increment: number;
}

export interface CatalogTrigger {
  readonly table: number;
  readonly name: string;
  readonly text: string;
}

/** Everything of the schemas that are looked at. */
export interface Catalog {
  readonly defaultSchema: string;
  readonly tables: readonly CatalogTable[];
  readonly columns: readonly CatalogColumn[];
  readonly constraints: readonly CatalogConstraint[];
  readonly indexes: readonly CatalogIndex[];
  readonly enums: readonly CatalogEnum[];
  readonly views: readonly CatalogView[];
  readonly sequences: readonly CatalogSequence[];
  readonly triggers: readonly CatalogTrigger[];
  /** Names of operator classes that are no type's default, and of collations, by oid. */
  readonly operatorClasses: ReadonlyMap<number, string>;
  readonly collations: ReadonlyMap<number, string>;
}

const versions = new WeakMap<Connection, number>();

/** The server's version as a number, 170010 for 17.10; asked once a connection. */
export async function serverVersion(connection: Connection): Promise<number> {
  const known = versions.get(connection);
  if (known !== undefined) return known;
  const [[text] = []] = await connection.queryArrays("SELECT current_setting('server_version_num')");
  const version = Number(text);
  versions.set(connection, version);
  return version;
}

/** Reads the catalog; the default schema always, of the others those named, or all. */
export async function readCatalog(
  connection: Connection,
  schemas: readonly string[] | undefined,
): Promise<Catalog> {
  const version = await serverVersion(connection);
  const scope = schemas === undefined ? null : JSON.stringify(schemas);
  const parts = partsOf(version);
  const [[defaultSchema, ...texts] = []] = await connection.queryArrays(parts.sql, [scope]);
  const list = <T>(part: CatalogPart): T[] => {
    const index = PARTS.indexOf(part);
    const keys = parts.keys[index] ?? [];
    const rows = JSON.parse(String(texts[index] ?? '[]')) as unknown[][];
    return rows.map((row) => {
      const object: Record<string, unknown> = {};
      for (let i = 0; i < keys.length; i++) object[keys[i] as string] = row[i];
      return object as T;
    });
  };
  const names = (part: CatalogPart): Map<number, string> =>
    new Map(list<{ oid: number; name: string }>(part).map(({ oid, name }) => [oid, name]));
  return {
    defaultSchema: schemaName(defaultSchema),
    tables: list('tables'),
    columns: list('columns'),
    constraints: list('constraints'),
    indexes: list('indexes'),
    enums: list('enums'),
    views: list('views'),
    sequences: list('sequences'),
    triggers: list('triggers'),
    operatorClasses: names('operatorClasses'),
    collations: names('collations'),
  };
}

const PARTS = [
  ...(['tables', 'columns', 'constraints', 'indexes', 'enums', 'views', 'sequences', 'triggers'] as const),
  ...(['operatorClasses', 'collations'] as const),
];
type CatalogPart = (typeof PARTS)[number];

/** Nothing is the default where `search_path` names no schema that exists. */
function schemaName(value: SqlValue | undefined): string {
  return typeof value === 'string' ? value : 'public';
}

/** Objects of an extension are made and dropped with it ("36.17"). */
const ofExtension = (catalog: string, oid: string): string =>
  `EXISTS (SELECT FROM pg_depend e WHERE e.classid = '${catalog}'::regclass AND e.objid = ${oid} AND e.deptype = 'e')`;

/** What is selected of one kind of object; rows come as arrays, for a key in each would be most of the text. */
interface Selection {
  readonly from: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly order?: string;
}

function selectionText({ from, fields, order }: Selection): string {
  const sorted = order === undefined ? '' : ` ORDER BY ${order}`;
  return `(SELECT json_agg(json_build_array(${Object.values(fields).join(', ')})${sorted})::text FROM ${from})`;
}

interface CatalogParts {
  readonly sql: string;
  /** The keys of each part's rows. */
  readonly keys: readonly (readonly string[])[];
}

const byVersion = new Map<number, CatalogParts>();

function partsOf(version: number): CatalogParts {
  const known = byVersion.get(version);
  if (known !== undefined) return known;
  const selections = selectionsOf(version);
  const list = PARTS.map((part) => selections[part]);
  const parts = {
    sql: `${COMMON}\nSELECT current_schema(),\n  ${list.map(selectionText).join(',\n  ')}`,
    keys: list.map(({ fields }) => Object.keys(fields)),
  };
  byVersion.set(version, parts);
  return parts;
}

const comment = (catalog: string, oid: string, column = '0'): string =>
  `(SELECT description FROM pg_description WHERE objoid = ${oid} AND classoid = '${catalog}'::regclass AND objsubid = ${column})`;

/** Schemas and tables that are looked at, and the sequences that columns own. */
const COMMON = `WITH ns AS MATERIALIZED (
  SELECT oid, nspname FROM pg_namespace
  WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
    AND ($1::text IS NULL OR nspname = current_schema() OR nspname IN (SELECT json_array_elements_text($1::json)))
), rel AS MATERIALIZED (
  SELECT c.oid, ns.nspname, c.relname, c.relpersistence, c.reloptions
  FROM pg_class c JOIN ns ON ns.oid = c.relnamespace
  WHERE c.relkind = 'r' AND NOT c.relispartition AND c.relpersistence <> 't'
    AND NOT ${ofExtension('pg_class', 'c.oid')}
), owned AS MATERIALIZED (
  SELECT p.refobjid, p.refobjsubid, min(p.objid)::regclass::text AS sequence
  FROM pg_depend p JOIN pg_class s ON s.oid = p.objid AND s.relkind = 'S'
  WHERE p.classid = 'pg_class'::regclass AND p.refclassid = 'pg_class'::regclass AND p.deptype = 'a'
    AND p.refobjsubid > 0
  GROUP BY p.refobjid, p.refobjsubid
)`;

const COLUMNS = `rel JOIN pg_attribute a ON a.attrelid = rel.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    LEFT JOIN pg_description n ON n.objoid = a.attrelid AND n.classoid = 'pg_class'::regclass AND n.objsubid = a.attnum
    LEFT JOIN owned o ON o.refobjid = a.attrelid AND o.refobjsubid = a.attnum`;

const CONSTRAINTS = `rel JOIN pg_constraint k ON k.conrelid = rel.oid AND k.contype IN ('p', 'u', 'c', 'f', 'x') AND k.conparentid = 0
    LEFT JOIN pg_index i ON i.indexrelid = k.conindid AND k.contype = 'u'
    LEFT JOIN pg_class r ON r.oid = k.confrelid LEFT JOIN pg_namespace rn ON rn.oid = r.relnamespace`;

const INDEXES = `rel JOIN pg_index i ON i.indrelid = rel.oid AND i.indisvalid AND i.indislive
    JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam
    WHERE NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))`;

/** Names of a foreign key's columns in a table that is not looked at. */
const TARGET_COLUMNS = `CASE WHEN k.contype = 'f' AND k.confrelid NOT IN (SELECT oid FROM rel) THEN (
      SELECT json_agg(f.attname ORDER BY n.ord) FROM unnest(k.confkey) WITH ORDINALITY AS n (num, ord)
      JOIN pg_attribute f ON f.attrelid = k.confrelid AND f.attnum = n.num) END`;

const INDEX_EXPRESSIONS = `CASE WHEN i.indexprs IS NOT NULL THEN (
      SELECT json_agg(CASE WHEN i.indkey[n] = 0 THEN pg_get_indexdef(i.indexrelid, n + 1, false) END ORDER BY n)
      FROM generate_series(0, i.indnkeyatts - 1) AS n) END`;

function selectionsOf(version: number): Readonly<Record<CatalogPart, Selection>> {
  const nulls = version >= 150000 ? 'i.indnullsnotdistinct' : 'false';
  return {
    tables: {
      from: 'rel',
      fields: {
        oid: 'rel.oid::bigint',
        name: 'json_build_array(nspname, relname)',
        unlogged: "relpersistence = 'u'",
        options: "coalesce(to_json(reloptions), '[]')",
        comment: comment('pg_class', 'rel.oid'),
      },
    },
    columns: {
      from: COLUMNS,
      fields: {
        table: 'rel.oid::bigint',
        number: 'a.attnum',
        name: 'a.attname',
        type: 'format_type(a.atttypid, a.atttypmod)',
        enum: "CASE WHEN t.typtype = 'e' THEN t.oid::bigint WHEN e.typtype = 'e' THEN e.oid::bigint END",
        array: 'e.oid IS NOT NULL',
        notNull: 'a.attnotnull',
        default: 'pg_get_expr(d.adbin, d.adrelid)',
        generated: 'a.attgenerated',
        identity: 'a.attidentity',
        collation: 'a.attcollation::bigint',
        collated: 'a.attcollation <> t.typcollation',
        comment: 'n.description',
        sequence: 'o.sequence',
      },
      order: 'a.attrelid, a.attnum',
    },
    constraints: {
      from: CONSTRAINTS,
      fields: {
        table: 'rel.oid::bigint',
        name: 'k.conname',
        kind: 'k.contype',
        columns: 'to_json(k.conkey)',
        deferrable: 'k.condeferrable',
        deferred: 'k.condeferred',
        nullsNotDistinct: `coalesce(${nulls}, false)`,
        text: "CASE k.contype WHEN 'c' THEN pg_get_expr(k.conbin, k.conrelid) WHEN 'x' THEN pg_get_constraintdef(k.oid) END",
        target: "CASE WHEN k.contype = 'f' THEN json_build_array(rn.nspname, r.relname) END",
        targetTable: 'k.confrelid::bigint',
        targetNumbers: 'to_json(k.confkey)',
        targetColumns: TARGET_COLUMNS,
        onUpdate: 'k.confupdtype',
        onDelete: 'k.confdeltype',
        match: 'k.confmatchtype',
        partialSet: version >= 150000 ? 'k.confdelsetcols IS NOT NULL' : 'false',
      },
    },
    indexes: {
      from: INDEXES,
      fields: {
        table: 'rel.oid::bigint',
        name: 'x.relname',
        method: 'm.amname',
        unique: 'i.indisunique',
        nullsNotDistinct: nulls,
        keyCount: 'i.indnkeyatts',
        keys: 'i.indkey::text',
        flags: 'i.indoption::text',
        classes: 'i.indclass::text',
        collations: 'i.indcollation::text',
        expressions: INDEX_EXPRESSIONS,
        definition:
          'CASE WHEN i.indexprs IS NOT NULL AND NOT i.indcollation::oid[] <@ ARRAY[0, 100]::oid[] THEN pg_get_indexdef(i.indexrelid) END',
        predicate: 'pg_get_expr(i.indpred, i.indrelid)',
        options: 'to_json(x.reloptions)',
      },
    },
    enums: {
      from: `pg_type t JOIN ns ON ns.oid = t.typnamespace AND t.typtype = 'e' AND NOT ${ofExtension('pg_type', 't.oid')}`,
      fields: {
        oid: 't.oid::bigint',
        name: 'json_build_array(ns.nspname, t.typname)',
        values:
          '(SELECT json_agg(l.enumlabel ORDER BY l.enumsortorder) FROM pg_enum l WHERE l.enumtypid = t.oid)',
      },
    },
    views: {
      from: `pg_class c JOIN ns ON ns.oid = c.relnamespace AND c.relkind IN ('v', 'm') AND NOT ${ofExtension('pg_class', 'c.oid')}`,
      fields: {
        oid: 'c.oid::bigint',
        name: 'json_build_array(ns.nspname, c.relname)',
        materialized: "c.relkind = 'm'",
        query: 'pg_get_viewdef(c.oid)',
      },
    },
    sequences: {
      from: `pg_class c JOIN ns ON ns.oid = c.relnamespace AND c.relkind = 'S' JOIN pg_sequence s ON s.seqrelid = c.oid
    WHERE c.relpersistence <> 't' AND NOT EXISTS (SELECT FROM pg_depend p WHERE p.classid = 'pg_class'::regclass AND p.objid = c.oid AND p.deptype IN ('a', 'i', 'e'))`,
      fields: {
        name: 'json_build_array(ns.nspname, c.relname)',
        start: 's.seqstart',
        increment: 's.seqincrement',
      },
    },
    triggers: {
      from: `pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid JOIN ns ON ns.oid = c.relnamespace
    WHERE NOT g.tgisinternal AND c.relkind IN ('r', 'v') AND NOT c.relispartition AND NOT ${ofExtension('pg_class', 'c.oid')}`,
      fields: { table: 'c.oid::bigint', name: 'g.tgname', text: 'pg_get_triggerdef(g.oid)' },
    },
    operatorClasses: {
      from: 'pg_opclass WHERE NOT opcdefault',
      fields: { oid: 'oid::bigint', name: 'opcname' },
    },
    collations: {
      from: `pg_collation WHERE oid IN (
      SELECT a.attcollation FROM rel JOIN pg_attribute a ON a.attrelid = rel.oid
      UNION SELECT unnest(i.indcollation::oid[]) FROM rel JOIN pg_index i ON i.indrelid = rel.oid)`,
      fields: { oid: 'oid::bigint', name: 'collname' },
    },
  };
}
