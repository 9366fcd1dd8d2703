/**
 * The words in which MySQL's definitions are compared: equal text means that the server cannot tell the two apart.
 * What words do not decide is settled by the server's own printer (`settle.ts`).
 */

import { tokenize } from '../../base/sql-tokens.js';
import type { Column, ColumnType, Index, Schema, Table } from '../../schema/model.js';
import { byName } from '../../schema/model.js';
import type { CanonicalForms } from '../contract.js';
import { defaultEnumName } from './column-checks.js';
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
    type: (type, schema, place) => canonicalType(type, schema, flavour, place),
    // `DATETIME`, as people write it, keeps no fraction.
    serves: (found, wanted) => leavesPrecisionOpen(wanted) && isMoment(found) && found.precision === 0,
    // InnoDB refuses at once either way ("FOREIGN KEY Constraints").
    action: (action) => (action === 'RESTRICT' ? '' : (action ?? '')),
    autoIncrement: (column) => (column.autoIncrement === undefined ? '' : 'auto_increment'),
    columnOptions: (column) => columnOptions(column, flavour),
    indexOptions,
    uniquesAreIndexes: true,
    default: canonicalDefault,
    expression: (sql) => (isQuery(sql) ? canonicalQuery(sql) : canonicalExpression(sql)),
    collation: (collation) => {
      const name = canonicalCollation(collation ?? '');
      return name === canonicalCollation(flavour.databaseCollation ?? '') ? '' : name;
    },
    comment: (comment) => canonicalComment(comment ?? ''),
    tableOptions: (table) => tableOptions(table, flavour),
  };
}

type Moment = Extract<ColumnType, { readonly kind: 'time' | 'timestamp' | 'timestamptz' }>;

function isMoment(type: ColumnType): type is Moment {
  return type.kind === 'time' || type.kind === 'timestamp' || type.kind === 'timestamptz';
}

function leavesPrecisionOpen(type: ColumnType): boolean {
  return isMoment(type) && type.precision === undefined;
}

/** Comments are kept in three-byte UTF-8; what it cannot hold becomes a question mark. */
function canonicalComment(comment: string): string {
  return comment.replace(/[\u{10000}-\u{10ffff}]/gu, '?');
}

/** A view's query, beside the expressions that have no verb. */
function isQuery(sql: string): boolean {
  return /^(?:select|with|\()/i.test(sql.trim()) && tokenize(sql).some(({ text }) => /^select$/i.test(text));
}

type Place = Parameters<CanonicalForms['type']>[2];

function canonicalType(type: ColumnType, schema: Schema, flavour: Flavour, place: Place): string {
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
      if (values === undefined) return canonicalType(logical, schema, flavour, place);
      // Read back, it has the name that an enum gets there.
      const name = place && ` ${JSON.stringify(defaultEnumName(place.table.name, place.column.name))}`;
      return `enum ${JSON.stringify(values)}${name ?? ''}`;
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
