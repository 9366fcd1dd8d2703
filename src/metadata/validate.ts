/**
 * Mistakes that only the whole shows: one name for two things, keys to columns that are not unique, names that
 * are too long, properties that do not exist, and classes of which no instance can be made.
 */

import { byteLength } from '../base/text.js';
import type { Index, Table } from '../schema/model.js';
import type { BuildContext, EntityDraft, RelationDraft, TableDraft } from './draft.js';
import { propertyNames, spot } from './draft.js';
import { didYouMean } from './problems.js';
import { validateExtended } from './validate-family.js';
import { refuseKeysToViews } from './views.js';

/** Looks at all entities and join tables together. */
export function validate(joinTables: readonly Table[], context: BuildContext): void {
  const drafts = [...context.drafts.values()];
  const roots = drafts.filter((draft) => draft.root === draft);
  refuseSharedTables(roots, joinTables, context);
  refuseSharedNames(roots, joinTables, context);
  refuseLongNames(roots, context);
  refuseEnumsThatDiffer(drafts, context);
  const tables = new Map(roots.map((root) => [root.tableName, root.table]));
  for (const root of roots) checkForeignKeys(root, tables, context);
  for (const draft of drafts) {
    checkNamedProperties(draft, context);
    checkInstance(draft, context);
    validateExtended(draft, context);
  }
  refuseKeysToViews(context);
}

function refuseSharedTables(
  roots: readonly EntityDraft[],
  joinTables: readonly Table[],
  { problems }: BuildContext,
): void {
  const owners = new Map<string, string>();
  for (const root of roots) {
    const other = owners.get(root.tableName);
    if (other !== undefined) {
      problems.add(
        spot(root),
        `its table '${root.tableName}' is that of ${other} as well`,
        "Give one of the two another name: @Entity('…')",
      );
    } else owners.set(root.tableName, root.name);
  }
  for (const table of joinTables) {
    const owner = owners.get(table.name);
    if (owner !== undefined) {
      problems.add(
        { entity: owner },
        `its table '${table.name}' is that of a many-to-many relation as well`,
        "Name the relation's table: @JoinTable({ name: '…' })",
      );
    } else owners.set(table.name, `the join table ${table.name}`);
  }
}

interface NamedThings {
  readonly name: string;
  readonly uniques: readonly { readonly name: string }[];
  readonly checks: readonly { readonly name: string }[];
  readonly foreignKeys: readonly { readonly name: string }[];
  readonly indexes: readonly { readonly name: string }[];
  readonly exclusions: readonly { readonly name: string }[];
  readonly primaryKey?: { readonly name: string };
}

function namesIn(table: NamedThings): string[] {
  const { uniques, checks, foreignKeys, indexes, exclusions, primaryKey } = table;
  const all = [
    ...uniques,
    ...checks,
    ...foreignKeys,
    ...indexes,
    ...exclusions,
    ...(primaryKey ? [primaryKey] : []),
  ];
  return all.map((thing) => thing.name);
}

/** Some databases keep one list of names for all constraints and indexes, so every name is used once. */
function refuseSharedNames(
  roots: readonly EntityDraft[],
  joinTables: readonly Table[],
  { problems }: BuildContext,
): void {
  const owners = new Map<string, string>();
  const tables: readonly (NamedThings & { readonly owner?: string })[] = [
    ...roots.map((root) => root.table),
    ...joinTables,
  ];
  for (const table of tables) {
    for (const name of namesIn(table)) {
      const other = owners.get(name);
      if (other !== undefined) {
        const where = other === table.name ? 'twice in the table' : `in table '${other}' as well`;
        problems.add(
          { entity: table.owner ?? table.name },
          `the constraint or index '${name}' stands ${where}`,
          'Give one of the two a name of its own',
        );
      } else owners.set(name, table.name);
    }
  }
}

function refuseLongNames(
  roots: readonly EntityDraft[],
  { problems, maxIdentifierBytes }: BuildContext,
): void {
  for (const root of roots) {
    const names = [root.tableName, ...root.table.columns.keys(), ...namesIn(root.table)];
    for (const name of names) {
      if (name.trim() === '')
        problems.add(spot(root), 'a name is empty', 'Give it a name, or leave the name out');
      const length = byteLength(name);
      if (length <= maxIdentifierBytes) continue;
      problems.add(
        spot(root),
        `the name '${name}' has ${length} bytes, a database takes ${maxIdentifierBytes}`,
        'Shorten it, or leave it out to have it cut',
      );
    }
  }
}

/** Two columns may share an enum type by its name; then its values are the same. */
function refuseEnumsThatDiffer(drafts: readonly EntityDraft[], { problems }: BuildContext): void {
  const seen = new Map<string, { readonly values: string; readonly owner: string }>();
  for (const draft of drafts) {
    for (const { meta } of draft.columns) {
      const type = meta.type.kind === 'array' ? meta.type.of : meta.type;
      if (type.kind !== 'enum' || meta.enumValues === undefined) continue;
      const values = meta.enumValues.join(', ');
      const other = seen.get(type.name);
      const owner = `${draft.name}.${meta.property}`;
      if (other === undefined) seen.set(type.name, { values, owner });
      else if (other.values !== values) {
        problems.add(
          spot(draft, meta.property),
          `its enum '${type.name}' has other values than that of ${other.owner}`,
          'Give both the same values, or one another enumName',
        );
      }
    }
  }
}

function checkForeignKeys(
  root: EntityDraft,
  tables: ReadonlyMap<string, TableDraft>,
  { problems }: BuildContext,
): void {
  for (const { name, refTable, refColumns } of root.table.foreignKeys) {
    const table = tables.get(refTable);
    if (root.view !== undefined || table === undefined || isKey(table, refColumns)) continue;
    problems.add(
      spot(root),
      `foreign key '${name}' refers to ${refTable} (${refColumns.join(', ')}), which no key makes unique`,
      'Refer to the primary key, or make those columns @Unique',
    );
  }
}

function isKey(table: TableDraft, columns: readonly string[]): boolean {
  const wanted = [...columns].sort().join('\n');
  const same = (key: readonly string[]): boolean => [...key].sort().join('\n') === wanted;
  if (same(table.primaryKey?.columns ?? []) || table.uniques.some((unique) => same(unique.columns)))
    return true;
  return table.indexes.some(
    (index) => index.unique && index.where === undefined && same(columnsOfIndex(index)),
  );
}

function columnsOfIndex(index: Index): readonly string[] {
  return index.columns.map((part) => ('column' in part ? part.column : '\0'));
}

function checkNamedProperties(draft: EntityDraft, { problems }: BuildContext): void {
  const properties = draft.columns.map((c) => c.meta.property);
  for (const property of Object.keys(draft.options.orderBy ?? {})) {
    if (properties.includes(property)) continue;
    problems.add(
      spot(draft),
      `orderBy names '${property}', which is no column`,
      didYouMean(property, properties),
    );
  }
  const relations = draft.relations.map((r) => r.property);
  for (const { property, relation } of draft.relationIds) {
    if (relations.includes(relation)) continue;
    problems.add(
      spot(draft, property),
      `@RelationId names '${relation}', which is no relation`,
      didYouMean(relation, relations),
    );
  }
  const roles = ['createDate', 'updateDate', 'deleteDate', 'version'] as const;
  for (const role of roles) {
    const found = draft.columns.filter((c) => c.meta.role === role);
    if (found.length < 2 || role === 'createDate' || role === 'updateDate') continue;
    problems.add(spot(draft, found[1]?.meta.property), `the entity has a second ${role} column`, 'Keep one');
  }
}

/** Rows become entities by `new E()`: it must work, and must not set what was not loaded. */
function checkInstance(draft: EntityDraft, { problems }: BuildContext): void {
  const entity = instanceOf(draft.target, spot(draft), problems);
  for (const relation of draft.relations) {
    const isOwn = relation.path.length === 1;
    if (isOwn && entity?.[relation.property] !== undefined) refuseInitial(draft, relation, problems);
  }
  for (const { path, target } of draft.embeddeds) checkEmbedded(draft, path, target, problems);
  const known = propertyNames(draft);
  if (known.some((name) => name.split('.').includes('__proto__'))) {
    // Setting it would change the prototype of an entity, and a condition on it would come from no literal.
    problems.add(
      spot(draft, '__proto__'),
      'a property cannot be called so: objects know their prototype by that name',
      "Give the property another name; its column may keep it: @Column({ name: '__proto__' })",
    );
  }
  for (const { method, path = [] } of draft.listeners) {
    const property = [...path, method].join('.');
    if (known.includes(property))
      problems.add(
        spot(draft, property),
        'a listener has the name of a column',
        'Give the method another name',
      );
  }
}

/** The objects inside it are made as those of the entity are. */
function checkEmbedded(
  draft: EntityDraft,
  path: readonly string[],
  target: EntityDraft['target'],
  problems: BuildContext['problems'],
): void {
  const embedded = instanceOf(target, spot(draft, path.join('.')), problems);
  for (const relation of draft.relations) {
    const isInside =
      relation.path.length === path.length + 1 && path.every((name, i) => relation.path[i] === name);
    if (isInside && embedded?.[relation.path.at(-1) as string] !== undefined)
      refuseInitial(draft, relation, problems);
  }
}

function refuseInitial(
  draft: EntityDraft,
  { property, path }: RelationDraft,
  problems: BuildContext['problems'],
): void {
  const cure = `Write ${path.at(-1)}!: with its type and no value, so that a relation that was not loaded stays unset`;
  problems.add(spot(draft, property), 'the relation has an initial value', cure);
}

function instanceOf(
  target: EntityDraft['target'],
  at: Parameters<BuildContext['problems']['add']>[0],
  problems: BuildContext['problems'],
): Record<string, unknown> | undefined {
  try {
    return new (target as new () => Record<string, unknown>)();
  } catch (cause) {
    const { name } = target as { readonly name: string };
    const reason = cause instanceof Error ? cause.message : String(cause);
    problems.add(
      at,
      `new ${name}() throws (${reason})`,
      'Rows become entities by new without arguments: make them optional, and do work that needs values elsewhere',
    );
    return undefined;
  }
}
