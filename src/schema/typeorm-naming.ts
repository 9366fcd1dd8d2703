/**
 * The names that TypeORM gives where none is given: for databases that it has made, which are then described as they
 * are. Constraints and indexes are named by a hash of their table and their columns, sorted.
 */

import { crypto } from '../base/crypto.js';
import { type NamingStrategy, snakeCaseNaming } from './naming.js';

/** TypeORM's rules for letters, which are not those of `snakeCase`. */
function snake(text: string): string {
  return text
    .replace(/([A-Z])([A-Z])([a-z])/g, '$1_$2$3')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase();
}

function camel(text: string): string {
  return text.replace(/^([A-Z])|[\s-_](\w)/g, (_match, first?: string, later?: string) =>
    later === undefined ? (first ?? '').toLowerCase() : later.toUpperCase(),
  );
}

function title(text: string): string {
  return text.replace(/\w\S*/g, (word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase());
}

const bare = (table: string): string => table.slice(table.lastIndexOf('.') + 1);

const schemaOf = (table: string): string => table.slice(0, table.lastIndexOf('.') + 1);

function hashed(prefix: string, table: string, parts: readonly string[], length: number): string {
  const hash = crypto()
    .createHash('sha1')
    .update([bare(table), ...parts].join('_'));
  return prefix + hash.digest('hex').slice(0, length);
}

const sorted = (columns: readonly string[] = []): string[] => [[...columns].sort().join('_')];

/** TypeORM's `DefaultNamingStrategy`, and the indexes that it makes by itself. */
export const typeormNaming: NamingStrategy = {
  table: (className) => snake(className),
  column: (path) => embedded(path.slice(0, -1), path[path.length - 1] as string),
  embedded,
  joinColumn: (property, referencedColumn, referencedProperty) =>
    camel(`${property}_${referencedProperty ?? referencedColumn}`),
  joinTable: (ownerTable, property, targetTable) =>
    schemaOf(ownerTable) + snake(`${bare(ownerTable)}_${property.replaceAll('.', '_')}_${bare(targetTable)}`),
  joinTableColumn: (entityName, referencedColumn, table) =>
    camel(`${bare(table ?? snake(entityName))}_${referencedColumn}`),
  joinTableTwin: (column, place) => `${column}_${place}`,
  primaryKey: (table, columns) => hashed('PK_', table, sorted(columns), 27),
  unique: (table, columns) => hashed('UQ_', table, sorted(columns), 27),
  uniqueIndex: (table, columns) => hashed('IDX_', table, sorted(columns), 26),
  relationUnique: (table, columns) => hashed('REL_', table, sorted(columns), 26),
  index: (table, columns, where) =>
    hashed('IDX_', table, [...sorted(columns), ...(where === undefined ? [] : [where])], 26),
  foreignKey: (table, columns) => hashed('FK_', table, sorted(columns), 27),
  check: (table, part, expression) => hashed('CHK_', table, [expression ?? part], 26),
  exclusion: (table, hash, expression) => hashed('XCL_', table, [expression ?? hash], 26),
  enumType: (table, column) => `${bare(table)}_${column.toLowerCase()}_enum`,
  enumName: snakeCaseNaming.enumType,
  closureTable: (table, given) => `${given === undefined ? table : schemaOf(table) + given}_closure`,
  closureColumn: (property, end) => `${property}_${end}`,
  treePath: () => 'mpath',
  implicit: {
    toOneIndexes: false,
    oneToOneUniques: 'with-foreign-key',
    discriminatorIndex: true,
    versionDefault: false,
    treePath: 'varchar',
    joinTableIndexes: 'both',
    joinTableOnUpdate: 'CASCADE',
    joinTableActions: 'own-side',
  },
};

function embedded(prefixes: readonly string[], name: string): string {
  return prefixes.length === 0 ? name : camel(prefixes.join('_')) + title(name);
}
