/**
 * Logical types ↔ PostgreSQL's type text: what DDL declares, and what `format_type` gives back ("8. Data
 * Types"). Text that no logical type says stays native, in one spelling, so that two of them can be compared.
 */

import { error } from '../../base/error-codes.js';
import type { ColumnType, Enum } from '../../schema/model.js';
import { quoteTable } from './literals.js';

/** Digits of a second that a column keeps where nobody says: those of a JavaScript Date. */
export const DEFAULT_PRECISION = 3;

/** What PostgreSQL keeps where the type text says no precision ("8.5. Date/Time Types"). */
const SERVER_PRECISION = 6;

/**
 * The type text of a column.
 *
 * @throws CAPABILITY_MISSING for native types of other databases
 */
export function typeText(type: ColumnType): string {
  switch (type.kind) {
    case 'double':
      return 'double precision';
    case 'json':
      return 'jsonb';
    case 'blob':
      return 'bytea';
    case 'simple-array':
      return 'text';
    case 'char':
    case 'varchar':
      return type.length === undefined ? type.kind : `${type.kind}(${type.length})`;
    case 'decimal':
      return `numeric${parameters(type.precision, type.precision === undefined ? undefined : type.scale)}`;
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return `${type.kind}(${type.precision ?? DEFAULT_PRECISION})`;
    case 'enum':
      return enumText(type.name);
    case 'array':
      return `${typeText(type.of)}[]`;
    case 'native':
      return nativeText(type.sql);
    default:
      return type.kind;
  }
}

/**
 * Names that mean a type of the server's own wherever they stand without a schema, since `pg_catalog` is searched
 * first ("5.10.5"), quoted or not.
 */
const BUILT_IN: ReadonlySet<string> = new Set([
  ...['abstime', 'aclitem', 'any', 'anyarray', 'anyelement', 'anyenum', 'anyrange', 'bit', 'bool', 'box'],
  ...['bpchar', 'bytea', 'char', 'cid', 'cidr', 'circle', 'cstring', 'date', 'daterange', 'float4', 'float8'],
  ...['inet', 'int2', 'int2vector', 'int4', 'int4range', 'int8', 'int8range', 'internal', 'interval', 'json'],
  ...[
    'jsonb',
    'jsonpath',
    'line',
    'lseg',
    'macaddr',
    'macaddr8',
    'money',
    'name',
    'numeric',
    'numrange',
    'oid',
  ],
  ...[
    'oidvector',
    'path',
    'point',
    'polygon',
    'record',
    'refcursor',
    'regclass',
    'regproc',
    'regtype',
    'text',
  ],
  ...['tid', 'time', 'timestamp', 'timestamptz', 'timetz', 'trigger', 'tsquery', 'tsrange', 'tstzrange'],
  ...['tsvector', 'txid_snapshot', 'unknown', 'uuid', 'varbit', 'varchar', 'void', 'xid', 'xid8', 'xml'],
]);

/** An enum as SQL text. */
export function enumText(name: string): string {
  return BUILT_IN.has(name) ? `"public".${quoteTable(name)}` : quoteTable(name);
}

function parameters(...values: readonly (number | undefined)[]): string {
  const given = values.filter((value) => value !== undefined);
  return given.length === 0 ? '' : `(${given.join(',')})`;
}

function nativeText(sql: Readonly<Record<string, string>>): string {
  const text = nativeTextOf(sql);
  if (text !== undefined) return text;
  const object = Object.entries(sql).map(([database, name]) => `${name} (${database})`);
  throw error('CAPABILITY_MISSING', {
    database: 'PostgreSQL',
    feature: 'such native type',
    object: object.join(', '),
  });
}

function nativeTextOf(sql: Readonly<Record<string, string>>): string | undefined {
  if (Object.hasOwn(sql, 'postgres')) return sql.postgres;
  return Object.hasOwn(sql, 'default') ? sql.default : undefined;
}

/**
 * The type in one spelling: equal text means that PostgreSQL makes the same type of both.
 *
 * @param enums those that a native type may name
 */
export function canonicalType(type: ColumnType, enums: readonly Enum[] = []): string {
  switch (type.kind) {
    case 'enum':
      return 'enum';
    case 'array': {
      // A declared number of dimensions means nothing ("8.15.1").
      const { of } = type;
      if (of.kind === 'array') return canonicalType(of, enums);
      return `${of.kind === 'enum' ? `enum ${JSON.stringify(of.name)}` : canonicalType(of, enums)}[]`;
    }
    case 'native': {
      const text = nativeTextOf(type.sql);
      if (text === undefined) return JSON.stringify(type.sql);
      const known = parseType(text);
      if (known.kind !== 'native') return canonicalType(known, enums);
      const name = enums.find((each) => each.name === known.sql.postgres)?.name;
      return name === undefined ? `native ${known.sql.postgres}` : `enum ${JSON.stringify(name)}`;
    }
    case 'char':
      return `char(${type.length ?? 1})`;
    case 'decimal':
      return type.precision === undefined ? 'numeric' : `numeric(${type.precision},${type.scale ?? 0})`;
    default:
      return typeText(type);
  }
}

type Make = (first: number | undefined, second: number | undefined) => ColumnType | undefined;

const plain =
  (type: ColumnType): Make =>
  (first) =>
    first === undefined ? type : undefined;

const text =
  (kind: 'char' | 'varchar'): Make =>
  (length, second) => {
    if (second !== undefined) return undefined;
    if (length === undefined) return kind === 'char' ? { kind, length: 1 } : { kind };
    return { kind, length };
  };

const moment =
  (kind: 'time' | 'timestamp' | 'timestamptz'): Make =>
  (given, second) => {
    if (second !== undefined) return undefined;
    const precision = given ?? SERVER_PRECISION;
    return precision === DEFAULT_PRECISION ? { kind } : { kind, precision };
  };

const decimal: Make = (precision, scale) => {
  if (precision === undefined) return { kind: 'decimal' };
  return { kind: 'decimal', precision, scale: scale ?? 0 };
};

const float: Make = (bits, second) => {
  if (second !== undefined) return undefined;
  return { kind: bits !== undefined && bits < 25 ? 'real' : 'double' };
};

/** Names of types as people and the catalog write them ("Table 8.1. Data Types"). */
const MAKERS: ReadonlyMap<string, Make> = new Map([
  ...['smallint', 'int2'].map((name) => [name, plain({ kind: 'smallint' })] as const),
  ...['integer', 'int', 'int4'].map((name) => [name, plain({ kind: 'integer' })] as const),
  ...['bigint', 'int8'].map((name) => [name, plain({ kind: 'bigint' })] as const),
  ...['real', 'float4'].map((name) => [name, plain({ kind: 'real' })] as const),
  ...['double precision', 'float8'].map((name) => [name, plain({ kind: 'double' })] as const),
  ...['boolean', 'bool'].map((name) => [name, plain({ kind: 'boolean' })] as const),
  ['text', plain({ kind: 'text' })],
  ['date', plain({ kind: 'date' })],
  ['jsonb', plain({ kind: 'json' })],
  ['uuid', plain({ kind: 'uuid' })],
  ['bytea', plain({ kind: 'blob' })],
  ['float', float],
  ...['character varying', 'char varying', 'varchar', 'national character varying'].map(
    (name) => [name, text('varchar')] as const,
  ),
  ...['character', 'char', 'national character', 'nchar'].map((name) => [name, text('char')] as const),
  ...['numeric', 'decimal', 'dec'].map((name) => [name, decimal] as const),
  ...['time', 'time without time zone'].map((name) => [name, moment('time')] as const),
  ...['timestamp', 'timestamp without time zone'].map((name) => [name, moment('timestamp')] as const),
  ...['timestamptz', 'timestamp with time zone'].map((name) => [name, moment('timestamptz')] as const),
]);

/** Other names of types that stay native. */
const NATIVE_ALIASES: ReadonlyMap<string, string> = new Map([
  ['bit', 'bit(1)'],
  ['varbit', 'bit varying'],
  ['timetz', 'time with time zone'],
]);

/**
 * The logical type that a type text means; native, in one spelling, where none does.
 *
 * @example parseType('character varying(20)[]') // { kind: 'array', of: { kind: 'varchar', length: 20 } }
 */
export function parseType(written: string): ColumnType {
  const known = parsed.get(written);
  if (known !== undefined) return known;
  const type = parse(written);
  // A database says few different types, and each of them very often.
  if (parsed.size > 1000) parsed.clear();
  parsed.set(written, type);
  return type;
}

const parsed = new Map<string, ColumnType>();

function parse(written: string): ColumnType {
  const spelled = spelling(written);
  const [, base = spelled, brackets = ''] = /^([\s\S]*?)((?:\[\d*\])+)$/.exec(spelled) ?? [];
  const element = knownType(base) ?? { kind: 'native', sql: { postgres: nativeSpelling(base) } };
  // Of several dimensions only one is kept in mind, as by the server.
  return brackets === '' ? element : { kind: 'array', of: element };
}

/** Words in lower case with single blanks between them; what stands in double quotes stays. */
function spelling(written: string): string {
  const parts = written.trim().split(/("(?:[^"]|"")*")/);
  return parts
    .map((part, i) => {
      if (i % 2 === 0) {
        return part
          .toLowerCase()
          .replace(/\s+/g, ' ')
          .replace(/\s*([(),[\].])\s*/g, '$1')
          .replace(/\barray\b(?=$|\[)/, '[]');
      }
      return /^"[a-z_][a-z0-9_]*"$/.test(part) && part !== '"char"' ? part.slice(1, -1) : part;
    })
    .join('')
    .replace(/^(?:public|pg_catalog)\./, '')
    .replace(/ \[/g, '[')
    .trim();
}

function knownType(spelled: string): ColumnType | undefined {
  const match = /^([a-z][a-z0-9 ]*?)(?:\((-?\d+)(?:,(-?\d+))?\))?( ?with(?:out)? time zone)?$/.exec(spelled);
  if (!match) return undefined;
  const [, name = '', first, second, zone = ''] = match;
  const make = MAKERS.get(`${name}${zone === '' ? '' : ` ${zone.trim()}`}`);
  const number = (digits: string | undefined): number | undefined =>
    digits === undefined ? undefined : Number(digits);
  return make?.(number(first), number(second));
}

function nativeSpelling(spelled: string): string {
  const alias = NATIVE_ALIASES.get(spelled);
  if (alias !== undefined) return alias;
  return spelled
    .replace(/^varbit\(/, 'bit varying(')
    .replace(/^timetz(\(\d+\))$/, 'time$1 with time zone')
    .replace(/\)(with)/, ') $1');
}
