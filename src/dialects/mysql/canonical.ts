/**
 * The words in which MySQL's definitions are compared: equal text means that the server cannot tell the two apart.
 * What words do not decide is settled by the server's own printer (`settle.ts`).
 */

import { tokenize } from '../../base/sql-tokens.js';
import type { Column, ColumnType, Index, Schema, Table } from '../../schema/model.js';
import { byName } from '../../schema/model.js';
import type { CanonicalForms } from '../contract.js';
import { canonicalDefault, momentOf } from './defaults.js';
import { canonicalExpression } from './expressions.js';
import type { Flavour } from './flavour.js';
import {
  canonicalNative,
  DEFAULT_LENGTH,
  decimalShape,
  fractionOf,
  logicalOfNative,
  nativeTextOf,
} from './types.js';
import { canonicalQuery } from './view-text.js';

/** The canonical forms of a server. */
export function canonicalForms(flavour: Flavour): CanonicalForms {
  return {
    type: (type, schema) => canonicalType(type, schema, flavour),
    autoIncrement: (column) => (column.autoIncrement === undefined ? '' : 'auto_increment'),
    columnOptions: (column) => columnOptions(column, flavour),
    indexOptions,
    default: canonicalDefault,
    expression: (sql) => (isQuery(sql) ? canonicalQuery(sql) : canonicalExpression(sql)),
    collation: (collation) => {
      const name = canonicalCollation(collation ?? '');
      return name === canonicalCollation(flavour.databaseCollation ?? '') ? '' : name;
    },
    comment: (comment) => comment ?? '',
    tableOptions: (table) => tableOptions(table, flavour),
  };
}

/** A view's query, beside the expressions that have no verb. */
function isQuery(sql: string): boolean {
  return /^(?:select|with|\()/i.test(sql.trim()) && tokenize(sql).some(({ text }) => /^select$/i.test(text));
}

function canonicalType(type: ColumnType, schema: Schema, flavour: Flavour): string {
  switch (type.kind) {
    case 'char':
      return `char(${type.length ?? 1})`;
    case 'varchar':
      return `varchar(${type.length ?? DEFAULT_LENGTH})`;
    case 'decimal': {
      const { precision, scale } = decimalShape(type);
      return `decimal(${precision},${scale})`;
    }
    case 'time':
      return `time(${fractionOf(type)})`;
    // Both are DATETIME in UTC.
    case 'timestamp':
    case 'timestamptz':
      return `timestamp(${fractionOf(type)})`;
    case 'simple-array':
      return 'text';
    case 'enum':
      return `enum ${JSON.stringify(byName(schema.enums, type.name)?.values ?? type.name)}`;
    // Has no text here; it must still be comparable, so that the plan can say what is missing.
    case 'array':
      return `array ${JSON.stringify(type.of)}`;
    case 'native': {
      const text = nativeTextOf(type.sql, flavour);
      if (text === undefined) return JSON.stringify(type.sql);
      const { type: logical, values } = logicalOfNative(text);
      if (logical.kind === 'native') return `native ${canonicalNative(text)}`;
      return values === undefined
        ? canonicalType(logical, schema, flavour)
        : `enum ${JSON.stringify(values)}`;
    }
    default:
      return type.kind;
  }
}

function columnOptions({ options = {}, type, collation }: Column, flavour: Flavour): string {
  const native = type.kind === 'native' ? logicalOfNative(nativeTextOf(type.sql, flavour) ?? '') : undefined;
  const onUpdate = options['mysql.onUpdate'];
  const charset = canonicalCharset(String(options['mysql.charset'] ?? ''));
  const zerofill = options['mysql.zerofill'] === true || (native?.type.kind !== 'native' && native?.zerofill);
  const unsigned =
    zerofill || options['mysql.unsigned'] === true || (native?.type.kind !== 'native' && native?.unsigned);
  const isNow =
    onUpdate === true || (typeof onUpdate === 'string' && momentOf(onUpdate) === 'current_timestamp');
  const parts = [
    ...(unsigned ? ['unsigned'] : []),
    ...(zerofill ? ['zerofill'] : []),
    // A collation says its character set.
    ...(charset === '' || collation !== undefined || charset === flavour.databaseCharset
      ? []
      : [`charset=${charset}`]),
    ...(onUpdate === undefined || onUpdate === false ? [] : [`on update ${isNow ? 'now' : onUpdate}`]),
    ...(options['mysql.invisible'] === true ? ['invisible'] : []),
  ];
  return parts.join(' ');
}

function indexOptions({ method, options = {} }: Index): string {
  const kind = (method ?? 'btree').toLowerCase();
  // InnoDB makes a tree of what is asked to be a hash ("CREATE INDEX").
  const words = kind === 'btree' || kind === 'hash' ? [] : [kind === 'rtree' ? 'spatial' : kind];
  const parser = options['mysql.parser'];
  if (parser !== undefined) words.push(`parser=${String(parser).toLowerCase()}`);
  if (options['mysql.invisible'] === true) words.push('invisible');
  return words.join(' ');
}

function tableOptions({ options = {} }: Table, flavour: Flavour): string {
  const engine = String(options['mysql.engine'] ?? 'InnoDB').toLowerCase();
  const collation = canonicalCollation(String(options['mysql.collation'] ?? ''));
  const charset = canonicalCharset(String(options['mysql.charset'] ?? ''));
  const format = String(options['mysql.rowFormat'] ?? 'default').toLowerCase();
  const isUsualCollation =
    collation === '' || collation === canonicalCollation(flavour.databaseCollation ?? '');
  return [
    ...(engine === 'innodb' ? [] : [`engine=${engine}`]),
    ...(charset === '' || charset === 'utf8mb4' || collation !== '' ? [] : [`charset=${charset}`]),
    ...(isUsualCollation ? [] : [`collation=${collation}`]),
    ...(format === 'default' ? [] : [`row_format=${format}`]),
  ].join(' ');
}

/** `utf8` means the three-byte one, by whatever name a version tells it. */
function canonicalCharset(name: string): string {
  const lower = name.toLowerCase();
  return lower === 'utf8' ? 'utf8mb3' : lower;
}

function canonicalCollation(name: string): string {
  return name.toLowerCase().replace(/^utf8_/, 'utf8mb3_');
}
