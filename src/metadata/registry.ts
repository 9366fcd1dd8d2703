/** From drafts without mistakes to frozen metadata, and the look-up by class. */

import { error } from '../base/error-codes.js';
import { lazy } from '../base/lazy.js';
import { compact, freeze } from '../base/structure.js';
import { nearestName } from '../base/text.js';
import type { Table, View } from '../schema/model.js';
import { normalizeTable } from '../schema/normalize.js';
import { type EntityDraft, type RelationDraft, relationNamed, type TableDraft } from './draft.js';
import type {
  CascadeOption,
  ColumnMetadata,
  EntityClass,
  EntityMetadata,
  EntityRegistry,
  RelationMetadata,
  TablePart,
} from './entity.js';
import { actions } from './tables.js';

const ALL_CASCADES: readonly CascadeOption[] = ['insert', 'update', 'remove', 'soft-remove', 'recover'];

/** Freezes all drafts. They hold no mistakes, so every relation has its target. */
export function makeRegistry(
  drafts: ReadonlyMap<object, EntityDraft>,
  joinTables: readonly Table[],
  views: ReadonlyMap<EntityDraft, View | undefined>,
): EntityRegistry {
  const tables = new Map<TableDraft, () => Table>();
  const tableOf = (draft: TableDraft): (() => Table) => {
    const made = tables.get(draft) ?? lazy(() => freeze(tableFrom(draft)));
    tables.set(draft, made);
    return made;
  };
  const byClass = new Map<object, EntityMetadata>();
  for (const draft of drafts.values()) {
    byClass.set(draft.target, metadataFrom(draft, tableOf(draft.table), views.get(draft)));
  }
  const entities = Object.freeze([...byClass.values()]);
  const sorted = joinTables.map(normalizeTable).sort((a, b) => (a.name < b.name ? -1 : 1));
  return Object.freeze({
    entities,
    joinTables: freeze(sorted),
    get<T extends object>(target: EntityClass<T>): EntityMetadata<T> {
      const found = byClass.get(target);
      // The map's key is the class whose metadata it holds.
      if (found !== undefined) return found as EntityMetadata<T>;
      const known = entities.map((entity) => entity.name);
      const entity = typeof target === 'function' && target.name !== '' ? target.name : String(target);
      throw error('ENTITY_UNKNOWN', { entity, known, nearest: nearestName(entity, known) });
    },
  });
}

function tableFrom(draft: TableDraft): Table {
  const { owner: _owner, columns, ...rest } = draft;
  return normalizeTable({ ...rest, columns: [...columns.values()] });
}

function metadataFrom(draft: EntityDraft, table: () => Table, view: View | undefined): EntityMetadata {
  const columns = Object.freeze(draft.columns.map(({ meta }) => freezeColumn(meta)));
  const { renamedFrom, orderBy } = draft.options;
  const metadata: EntityMetadata = {
    target: draft.target,
    name: draft.name,
    tableName: draft.tableName,
    columns,
    primaryColumns: Object.freeze(columns.filter((column) => column.primary)),
    relations: Object.freeze(draft.relations.map(relationFrom)),
    // The migration side asks for it, an application hardly ever.
    get table() {
      return table();
    },
    virtualColumns: Object.freeze(draft.virtualColumns.map((column) => Object.freeze(column))),
    relationIds: freeze(draft.relationIds),
    embeddeds: Object.freeze(draft.embeddeds.map((embedded) => Object.freeze(embedded))),
    listeners: freeze([...draft.listeners]),
    children: Object.freeze(draft.children.map((child) => child.target)),
    ...compact({
      discriminator: discriminatorFrom(draft),
      renamedFrom,
      orderBy: orderBy === undefined ? undefined : freeze({ ...orderBy }),
      parent: draft.parent?.target,
      parts: partsOf(draft),
      view: view === undefined ? undefined : freeze({ ...view }),
      tree: draft.tree === undefined ? undefined : freeze(draft.tree),
    }),
  };
  return Object.freeze(metadata);
}

/** The tables of the classes from the family's first one down, where each has its own. */
function partsOf(draft: EntityDraft): EntityMetadata['parts'] {
  const isJoined =
    draft.extended !== undefined || draft.children.some((child) => child.extended !== undefined);
  if (!isJoined) return undefined;
  const parts: TablePart[] = [];
  for (let owner: EntityDraft | undefined = draft; owner !== undefined; owner = owner.extended) {
    const { target, tableName, table } = owner;
    parts.unshift({ target, tableName, columns: Object.freeze([...table.columns.keys()]) });
  }
  return Object.freeze(parts.map((part) => Object.freeze(part)));
}

/** The user's own transformers stay as they are: they may keep state. */
function freezeColumn(column: ColumnMetadata): ColumnMetadata {
  Object.freeze(column.path);
  freeze(column.type);
  freeze(column.default);
  Object.freeze(column.transformers);
  return Object.freeze(column);
}

function discriminatorFrom(draft: EntityDraft): EntityMetadata['discriminator'] {
  if (draft.discriminator === undefined) return undefined;
  const values = [draft, ...draft.children].map((member) => member.discriminator?.value ?? member.name);
  return freeze({ ...draft.discriminator, values });
}

function relationFrom(draft: RelationDraft): RelationMetadata {
  const { declaration, joinTable, inverse, path, property } = draft;
  const { options } = declaration;
  const target = draft.target as EntityDraft;
  return Object.freeze({
    path: freeze([...path]),
    property,
    kind: declaration.relation,
    target: target.target,
    owning: draft.owning,
    nullable: isNullable(draft, target),
    joinColumns: freeze([...joinColumnsOf(draft, target)]),
    cascade: Object.freeze(cascades(options.cascade)),
    ...compact({
      inverse,
      joinTable: joinTable === undefined ? undefined : freeze(joinTable),
      onDelete: actions(options).onDelete,
      orphanedRowAction: options.orphanedRowAction,
    }),
  });
}

/** The side without the key of a one-to-one may always find nothing. */
function isNullable({ declaration, owning }: RelationDraft, _target: EntityDraft): boolean {
  if (declaration.relation === 'one-to-one' && !owning) return true;
  return declaration.options.nullable === true;
}

/** The side without the key is found through the columns of the other. */
function joinColumnsOf(draft: RelationDraft, target: EntityDraft): RelationDraft['joinColumns'] {
  if (draft.owning || draft.inverse === undefined) return draft.joinColumns;
  const inverse = relationNamed(target, draft.inverse);
  return inverse?.joinColumns ?? [];
}

function cascades(cascade: boolean | readonly CascadeOption[] | undefined): readonly CascadeOption[] {
  if (cascade === true) return ALL_CASCADES;
  return Array.isArray(cascade) ? [...(cascade as readonly CascadeOption[])] : [];
}
