/**
 * What MySQL cannot say of an index, in the index's own comment: the name of a primary key, which the server
 * calls PRIMARY; that a unique index is an index, where the server knows no difference to a constraint; and the
 * parser of a FULLTEXT index, which no table of information_schema has.
 */

import type { Index, PrimaryKey, Table } from '../../schema/model.js';
import { defaultName } from '../../schema/naming.js';

const NAME = 'limbeck:name=';
const INDEX = 'limbeck:index';
const PARSER = 'limbeck:parser=';

/** The note of a primary key whose name is not the one that it would get. */
export function primaryKeyNote(key: PrimaryKey, table: Table): string | undefined {
  return key.name === defaultName('pk', table.name) ? undefined : `${NAME}${key.name}`;
}

/** The name of a table's primary key. */
export function primaryKeyName(note: string, table: string): string {
  return note.startsWith(NAME) ? note.slice(NAME.length) : defaultName('pk', table);
}

/** The note of an index that would be read as a unique constraint, or whose parser no catalog tells. */
export function indexNote(index: Index): string | undefined {
  const parser = index.options?.['mysql.parser'];
  if (parser !== undefined) return `${PARSER}${parser}`;
  return looksLikeUnique(index) ? INDEX : undefined;
}

/** The parser of a FULLTEXT index. */
export function notedParser(note: string): string | undefined {
  return note.startsWith(PARSER) ? note.slice(PARSER.length) : undefined;
}

/** Whether an index that looks like a unique constraint was made as an index. */
export function isNotedIndex(note: string): boolean {
  return note === INDEX;
}

/** Whether nothing but a note tells an index from a unique constraint. */
export function looksLikeUnique(index: Index): boolean {
  const isPlain = (part: Index['columns'][number]): boolean =>
    'column' in part && part.length === undefined && part.order === undefined;
  return index.unique && index.columns.every(isPlain) && index.options === undefined;
}
