/**
 * The names of column types: logical ones, the same on every database, and TypeORM's aliases for them.
 * `@Column` and migration files resolve them here, so that both know the same words.
 */

import { nearestName } from '../base/text.js';
import type { ColumnType } from './model.js';

/** Every name that a type may be given by, with the logical type it means. */
export const TYPE_NAMES = {
  smallint: 'smallint',
  int2: 'smallint',
  tinyint: 'smallint',
  integer: 'integer',
  int: 'integer',
  int4: 'integer',
  mediumint: 'integer',
  bigint: 'bigint',
  int8: 'bigint',
  real: 'real',
  float4: 'real',
  double: 'double',
  // A JavaScript number is a double: the wider of the two things that databases call float keeps it exact.
  float: 'double',
  float8: 'double',
  'double precision': 'double',
  decimal: 'decimal',
  dec: 'decimal',
  numeric: 'decimal',
  fixed: 'decimal',
  boolean: 'boolean',
  bool: 'boolean',
  char: 'char',
  character: 'char',
  nchar: 'char',
  'national char': 'char',
  varchar: 'varchar',
  'character varying': 'varchar',
  'varying character': 'varchar',
  'national varchar': 'varchar',
  nvarchar: 'varchar',
  varchar2: 'varchar',
  text: 'text',
  tinytext: 'text',
  mediumtext: 'text',
  longtext: 'text',
  ntext: 'text',
  clob: 'text',
  date: 'date',
  time: 'time',
  'time without time zone': 'time',
  timestamp: 'timestamp',
  datetime: 'timestamp',
  datetime2: 'timestamp',
  'timestamp without time zone': 'timestamp',
  timestamptz: 'timestamptz',
  datetimeoffset: 'timestamptz',
  'timestamp with time zone': 'timestamptz',
  json: 'json',
  jsonb: 'json',
  'simple-json': 'json',
  uuid: 'uuid',
  blob: 'blob',
  tinyblob: 'blob',
  mediumblob: 'blob',
  longblob: 'blob',
  bytea: 'blob',
  binary: 'blob',
  varbinary: 'blob',
  enum: 'enum',
  'simple-enum': 'enum',
  'simple-array': 'simple-array',
} as const;

/** A name that a column type may be given by. */
export type TypeName = keyof typeof TYPE_NAMES;

/** The logical type that a name means. */
export type KindOfName<N extends TypeName> = (typeof TYPE_NAMES)[N];

/** Kinds of types that have a name; arrays and native types are said otherwise. */
export type NamedKind = KindOfName<TypeName>;

/** Type text by the database's name; `default` for those that are not named. */
export interface NativeTypeMap {
  readonly postgres?: string;
  readonly mysql?: string;
  readonly mariadb?: string;
  readonly sqlite?: string;
  readonly default?: string;
}

/** What a type's name leaves open. */
export interface TypeParameters {
  readonly length?: number | undefined;
  readonly precision?: number | undefined;
  readonly scale?: number | undefined;
  /** Name of the enum type where the type is one. */
  readonly enumName?: string | undefined;
  readonly array?: boolean | undefined;
}

/** Why there is no such type, and what to write instead. */
export interface TypeProblem {
  readonly problem: string;
  readonly cure: string;
}

export function isTypeName(name: string): name is TypeName {
  return Object.hasOwn(TYPE_NAMES, name);
}

/** The logical type of a name, whatever the case of its letters. */
export function kindOfName(name: string): NamedKind | undefined {
  const lower = name.toLowerCase();
  return isTypeName(lower) ? TYPE_NAMES[lower] : undefined;
}

/** A class in the place of a type's name → what is meant. */
const TYPE_OF_CLASS: Readonly<Record<string, string>> = {
  String: 'varchar',
  Number: 'integer',
  Boolean: 'boolean',
  Date: 'timestamp',
  BigInt: 'bigint',
  Buffer: 'blob',
  Object: 'json',
  Array: 'simple-array',
};

/** Why a type's name is none, with the nearest one. */
export function unknownType(type: unknown): TypeProblem {
  if (typeof type === 'function') {
    const meant = TYPE_OF_CLASS[type.name] ?? 'json';
    return { problem: `the class ${type.name} is no column type`, cure: `Write type: '${meant}'` };
  }
  const name = String(type);
  const problem = `there is no column type '${name}'`;
  const called = /^\s*([a-z][a-z0-9 ]*?)\s*\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)\s*$/i.exec(name);
  const base = called?.[1]?.toLowerCase();
  if (called && base !== undefined && isTypeName(base)) {
    const kind = TYPE_NAMES[base];
    const parameters =
      kind === 'char' || kind === 'varchar'
        ? `length: ${called[2]}`
        : `precision: ${called[2]}${called[3] === undefined ? '' : `, scale: ${called[3]}`}`;
    return { problem, cure: `Write type: '${base}', ${parameters}` };
  }
  if (name === 'array' || name.endsWith('[]')) {
    const element = name.slice(0, -2);
    return { problem, cure: `Write type: '${isTypeName(element) ? element : 'integer'}', array: true` };
  }
  const near = nearestName(name, Object.keys(TYPE_NAMES));
  const native = `for a type of one database write type: { postgres: '${name}', default: 'text' }`;
  return {
    problem,
    cure: near === undefined ? `F${native.slice(1)}` : `Did you mean '${near}'? Else ${native}`,
  };
}

/** The column type of a kind with its parameters; parameters that a kind does not have are left out. */
export function typeOfKind(kind: NamedKind, parameters: TypeParameters = {}): ColumnType {
  const { length, precision, scale, enumName, array } = parameters;
  const single = ((): ColumnType => {
    switch (kind) {
      case 'char':
      case 'varchar':
        return length === undefined ? { kind } : { kind, length };
      case 'decimal':
        return {
          kind,
          ...(precision === undefined ? {} : { precision }),
          ...(scale === undefined ? {} : { scale }),
        };
      case 'time':
      case 'timestamp':
      case 'timestamptz':
        return precision === undefined ? { kind } : { kind, precision };
      case 'enum':
        return { kind, name: enumName ?? '' };
      default:
        return { kind };
    }
  })();
  return array === true ? { kind: 'array', of: single } : single;
}
