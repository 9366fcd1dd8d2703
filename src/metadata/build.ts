/**
 * From decorated classes to a frozen registry: what decorators declared is completed, named, checked and made
 * into tables. Needs no database and no driver. All mistakes of all classes are told at once.
 */

import { deepEqual } from '../base/structure.js';
import type { Table } from '../schema/model.js';
import { fitName, MAX_IDENTIFIER_BYTES, type NamingStrategy, snakeCaseNaming } from '../schema/naming.js';
import { draftEntities } from './collect.js';
import type { BuildContext, ColumnDraft, EntityDraft, RelationDraft } from './draft.js';
import type { EntityClass, EntityRegistry } from './entity.js';
import { addDiscriminators, alignColumns, linkFamilies } from './inheritance.js';
import { joinColumns } from './join-columns.js';
import { makeJoinTables } from './join-tables.js';
import { addDeclaredKeys } from './keys.js';
import { Problems } from './problems.js';
import { type PropertySlot, readProperties } from './properties.js';
import { makeRegistry } from './registry.js';
import { pairSides, resolveTargets } from './relations.js';
import { addColumns, addImpliedKeys } from './tables.js';
import { addTreeColumns, makeClosureTables } from './trees.js';
import { validate } from './validate.js';
import { makeView } from './views.js';

export interface BuildOptions {
  /** How names are made where none is given; snake case by default. */
  readonly naming?: NamingStrategy | undefined;
  /** What the database has not, and what therefore may be called otherwise. */
  readonly lacks?: { readonly uniqueConstraints: boolean; readonly enumTypes: boolean } | undefined;
  /** Longest name in bytes; 63 by default, so that one migration fits every database. */
  readonly maxIdentifierBytes?: number | undefined;
  /** The schema that tables live in when they name none, so naming it says nothing; `public` by default. */
  readonly defaultSchema?: string | undefined;
}

/**
 * Builds the metadata of all entities of a configuration.
 *
 * @param classes each carries `@Entity` or `@ChildEntity`; the same class twice counts once
 * @throws METADATA_INVALID with every mistake in its message and as data in `context.problems`
 */
export function buildEntities(classes: readonly EntityClass[], options: BuildOptions = {}): EntityRegistry {
  const naming = namingFor(options);
  const maxIdentifierBytes = options.maxIdentifierBytes ?? MAX_IDENTIFIER_BYTES;
  const problems = new Problems();
  const cut = (name: string): string => fitName(name, maxIdentifierBytes);
  const { defaultSchema = 'public' } = options;
  const names = { table: (className: string) => cut(naming.table(className)), defaultSchema };
  const drafts = draftEntities(classes, names, problems);
  const context: BuildContext = { naming, maxIdentifierBytes, problems, drafts, cut };
  const joinTables = complete([...drafts.values()], context);
  const views = new Map([...drafts.values()].map((draft) => [draft, makeView(draft, context)]));
  validate(joinTables, context);
  problems.throwAll();
  return makeRegistry(drafts, joinTables, views);
}

function namingFor({ naming = snakeCaseNaming, lacks }: BuildOptions): NamingStrategy {
  const { uniqueIndex, enumName } = naming;
  return {
    ...naming,
    ...(lacks?.uniqueConstraints && uniqueIndex !== undefined ? { unique: uniqueIndex } : {}),
    ...(lacks?.enumTypes && enumName !== undefined ? { enumType: enumName } : {}),
  };
}

/** Every step for all entities before the next: relations look at the columns of other entities. */
function complete(drafts: readonly EntityDraft[], context: BuildContext): Table[] {
  linkFamilies(context);
  // Parents before children, so that a family's table begins with what all its classes have.
  const ordered = [...drafts].sort((a, b) => depth(a) - depth(b));
  const slots = new Map(ordered.map((draft) => [draft, readProperties(draft, context)]));
  for (const draft of ordered) resolveTargets(draft, context);
  for (const draft of ordered) pairSides(draft, context);
  for (const draft of ordered) placeJoinColumns(draft, slots.get(draft) ?? [], context);
  addDiscriminators(context);
  for (const draft of ordered) addTreeColumns(draft, context);
  for (const draft of ordered) alignColumns(draft);
  for (const draft of ordered) addColumns(draft, context);
  for (const draft of ordered) addDeclaredKeys(draft, context);
  for (const draft of ordered) addImpliedKeys(draft, context);
  return ordered.flatMap((draft) => [
    ...makeJoinTables(draft, context),
    ...makeClosureTables(draft, context),
  ]);
}

function depth(draft: EntityDraft): number {
  return draft.parent === undefined ? 0 : depth(draft.parent) + 1;
}

/** Puts join columns where their relation stands among the properties. */
function placeJoinColumns(draft: EntityDraft, slots: readonly PropertySlot[], context: BuildContext): void {
  const made = new Map<RelationDraft, ColumnDraft[]>();
  for (const relation of draft.relations) {
    const holdsKey = relation.owning && relation.declaration.relation !== 'many-to-many';
    if (holdsKey) made.set(relation, shareColumns(joinColumns(draft, relation, context), [...made.values()]));
  }
  draft.columns = slots.flatMap((slot) =>
    'columns' in slot ? slot.columns : (made.get(slot.relation) ?? []),
  );
}

/** Those that no earlier relation has made; what two relations share is NOT NULL where one of them may not be null. */
function shareColumns(columns: readonly ColumnDraft[], earlier: readonly ColumnDraft[][]): ColumnDraft[] {
  return columns.filter((column) => {
    const isTwin = (other: ColumnDraft): boolean =>
      other.meta.name === column.meta.name && deepEqual(other.meta.type, column.meta.type);
    const list = earlier.find((each) => each.some(isTwin));
    if (list === undefined) return true;
    const place = list.findIndex(isTwin);
    const present = list[place] as ColumnDraft;
    if (!column.meta.nullable) {
      const meta = { ...present.meta, nullable: false };
      list[place] = { ...present, meta, column: { ...present.column, nullable: false } };
    }
    return false;
  });
}
