/**
 * Random schemas and pairs of them for property tests; they shrink to small ones.
 *
 * `forSqlite` keeps to what SQLite can hold and would give back. What comes out is valid (no column, key or
 * enum is missing), frozen, and not in normal form: lists stand in the order in which things were made.
 */

import type fc from 'fast-check';
import type { Schema } from '../../src/schema/model';
import { changeDraft } from './arbitrary-changes';
import { type Choices, fromChoices } from './arbitrary-choices';
import { draftOf, finished, type SchemaOptions } from './arbitrary-draft';
import { addEnum, addObject } from './arbitrary-objects';
import { addForeignKey, addTable } from './arbitrary-tables';

export type { SchemaOptions } from './arbitrary-draft';

const EMPTY: Schema = { tables: [], enums: [], views: [], sequences: [], triggers: [] };

/** A valid schema that may use everything the model has, or everything SQLite has. */
export function arbitrarySchema(options: SchemaOptions = {}): fc.Arbitrary<Schema> {
  return fromChoices((choices) => randomSchema(choices, options));
}

/** Two schemas; mostly the second one is the first after some changes, sometimes it is another one. */
export function arbitrarySchemaPair(
  options: SchemaOptions = {},
): fc.Arbitrary<readonly [a: Schema, b: Schema]> {
  return fromChoices((choices) => {
    const a = randomSchema(choices, options);
    return [
      a,
      choices.chance(12) ? randomSchema(choices, options) : changedSchema(choices, a, options),
    ] as const;
  }, 1000);
}

/** Builds one schema from decisions, for tests that need more than one kind of randomness from one tape. */
export function randomSchema(c: Choices, options: SchemaOptions = {}): Schema {
  const draft = draftOf(EMPTY, options);
  for (let i = c.below(4); i > 0; i--) addEnum(c, draft);
  for (let i = c.between(0, options.maxTables ?? 6); i > 0; i--) addTable(c, draft);
  for (const table of draft.tables) {
    for (let i = c.below(3); i > 0; i--) addForeignKey(c, draft, table);
  }
  if (options.objects !== false) for (let i = c.below(4); i > 0; i--) addObject(c, draft);
  return finished(draft);
}

/** The schema after one to six random changes of any kind. */
export function changedSchema(c: Choices, schema: Schema, options: SchemaOptions = {}): Schema {
  const draft = draftOf(schema, options);
  for (let i = c.between(1, 6); i > 0; i--) changeDraft(c, draft);
  return finished(draft);
}
