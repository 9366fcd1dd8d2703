/** One column of the catalog as a column of the model. */

import type { Column, ColumnType } from '../../schema/model.js';
import type { Catalog, CatalogColumn, CatalogTable } from './catalog.js';
import { readDefault, unescapeQuotes } from './defaults.js';
import { toPortable } from './expressions.js';
import type { Flavour } from './flavour.js';
import { hasCharacters, parseType } from './types.js';

/** A column; the name of an enum is still to be found. */
export interface DescribedColumn {
  readonly column: Column;
  /** The values where the column is an enum. */
  readonly values?: readonly string[];
}

export interface ColumnPlace {
  readonly flavour: Flavour;
  /** A check keeps it to JSON. */
  readonly isJson: boolean;
}

export function describeColumn(
  source: CatalogColumn,
  table: CatalogTable,
  catalog: Catalog,
  { flavour, isJson }: ColumnPlace,
): DescribedColumn {
  const parsed = parseType({ text: source.type, charset: source.charset, isJson }, flavour.name);
  const { type, values } = parsed;
  const generated = readGenerated(source, flavour);
  const value = generated
    ? undefined
    : readDefault({ text: source.default, extra: source.extra }, type, flavour);
  const letters =
    isJson || !hasCharacters(type, flavour) ? {} : describeLetters(source, type, table, catalog);
  const options = {
    ...(parsed.declared !== undefined && { 'mysql.declared': parsed.declared }),
    ...(parsed.unsigned && { 'mysql.unsigned': true }),
    ...(parsed.zerofill && { 'mysql.zerofill': true }),
    ...(letters.charset !== undefined && { 'mysql.charset': letters.charset }),
    ...(/\bon update\b/i.test(source.extra) && { 'mysql.onUpdate': 'CURRENT_TIMESTAMP' }),
    ...(/\binvisible\b/i.test(source.extra) && { 'mysql.invisible': true }),
  };
  const column: Column = {
    name: source.name,
    type,
    nullable: source.nullable,
    ...(value && { default: value }),
    ...(generated && { generated }),
    ...(/\bauto_increment\b/i.test(source.extra) && { autoIncrement: 'increment' }),
    ...(letters.collation !== undefined && { collation: letters.collation }),
    ...(source.comment !== '' && { comment: source.comment }),
    ...(Object.keys(options).length > 0 && { options }),
  };
  return values === undefined ? { column } : { column, values };
}

function readGenerated({ extra, generated }: CatalogColumn, flavour: Flavour): Column['generated'] {
  const kind = /\b(virtual|stored|persistent)(?: generated)?\b/i.exec(extra)?.[1]?.toLowerCase();
  if (kind === undefined || generated === '') return undefined;
  return {
    sql: toPortable(flavour.mariadb ? generated : unescapeQuotes(generated)),
    stored: kind !== 'virtual',
  };
}

/** Character set and collation, where they are not what the column would have anyway. */
function describeLetters(
  { charset, collation }: CatalogColumn,
  type: ColumnType,
  table: CatalogTable,
  { defaultCollations }: Catalog,
): { readonly charset?: string; readonly collation?: string } {
  if (collation === undefined || charset === undefined || collation === table.collation) return {};
  if (type.kind === 'enum' && collation === 'utf8mb4_bin') return {};
  const sameCharset = table.collation.split('_')[0] === charset;
  if (sameCharset) return { collation };
  return collation === defaultCollations.get(charset) ? { charset } : { charset, collation };
}
