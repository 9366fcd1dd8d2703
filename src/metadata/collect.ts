/**
 * From classes to drafts: gathers what stands on a class and on those it extends, property by property. A
 * property that a subclass declares again replaces the inherited one.
 */

import { error } from '../base/error-codes.js';
import { compact } from '../base/structure.js';
import type { Declaration, DeclarationOf, KeyDeclaration } from './declarations.js';
import type { EntityDraft, KeyDraft, PropertyGroup, TableDraft } from './draft.js';
import type { EntityClass, ListenerMetadata } from './entity.js';
import { flatOptions } from './native-options.js';
import type { EntityOptions, ViewEntityOptions } from './options.js';
import type { Problems, Spot } from './problems.js';
import { classChain, ownDeclarations } from './store.js';
import { treeRelation } from './tree-relations.js';

const MAIN_KINDS = ['column', 'relation', 'embedded', 'virtual', 'relationId'] as const;
type MainKind = (typeof MAIN_KINDS)[number];

const SIDE_KINDS = ['generated', 'joinColumn', 'joinTable'] as const;

const ENTITY_KEYS: Readonly<Record<keyof EntityOptions, true>> = {
  name: true,
  schema: true,
  comment: true,
  renamedFrom: true,
  orderBy: true,
  withoutRowid: true,
  sqlite: true,
  postgres: true,
  mysql: true,
};

/** What one class and its ancestors declare. */
export interface Collected {
  readonly groups: readonly PropertyGroup[];
  readonly keys: readonly KeyDraft[];
  readonly listeners: readonly ListenerMetadata[];
}

function isMain(declaration: Declaration): declaration is DeclarationOf<MainKind> {
  return (MAIN_KINDS as readonly string[]).includes(declaration.kind);
}

const KEY_KINDS = ['index', 'unique', 'check', 'foreignKey', 'exclusion'];

function isKey(declaration: Declaration): declaration is KeyDeclaration {
  return KEY_KINDS.includes(declaration.kind);
}

const ENTITY_KINDS: readonly Declaration['kind'][] = ['entity', 'childEntity', 'viewEntity'];

/** Whether a class stands for rows: it carries `@Entity`, `@ChildEntity` or `@ViewEntity` itself. */
export function isEntityClass(value: unknown): value is EntityClass {
  return (
    typeof value === 'function' && ownDeclarations(value).some(({ kind }) => ENTITY_KINDS.includes(kind))
  );
}

/** Whether a class carries `@EventSubscriber`. */
export function isSubscriberClass(value: unknown): value is new () => object {
  return typeof value === 'function' && ownDeclarations(value).some(({ kind }) => kind === 'subscriber');
}

/** Gathers the declarations of a class with those it inherits. */
export function collect(target: object, at: Spot, problems: Problems): Collected {
  const groups = new Map<string, PropertyGroup>();
  const keys: KeyDraft[] = [];
  const listeners = new Map<string, ListenerMetadata>();
  for (const owner of classChain(target)) {
    const own = ownDeclarations(owner).map((declaration) => treeRelation(declaration, owner, target));
    for (const [property, group] of ownGroups(own, at, problems)) groups.set(property, group);
    keys.push(...ownKeys(own));
    for (const { event, property } of ofKind(own, 'listener')) {
      listeners.set(`${event} ${property}`, { event, method: property });
    }
    for (const { property, problem, cure } of ofKind(own, 'misplaced')) {
      problems.add({ entity: at.entity, property: property ?? at.property }, problem, cure);
    }
  }
  return { groups: [...groups.values()], keys, listeners: [...listeners.values()] };
}

/** Decorators of one property run from the bottom up; here they stand as they are read. */
function ownKeys(own: readonly Declaration[]): KeyDraft[] {
  return own.filter(isKey).map((key) => ({ key, path: [] }));
}

/** The declarations of one kind. */
export function ofKind<K extends Declaration['kind']>(
  list: readonly Declaration[],
  kind: K,
): DeclarationOf<K>[] {
  return list.filter((declaration): declaration is DeclarationOf<K> => declaration.kind === kind);
}

function ownGroups(own: readonly Declaration[], at: Spot, problems: Problems): Map<string, PropertyGroup> {
  const groups = new Map<string, PropertyGroup>();
  for (const main of own.filter(isMain)) {
    const present = groups.get(main.property);
    if (present === undefined) groups.set(main.property, newGroup(main));
    else twice(present, main, at, problems);
  }
  for (const kind of SIDE_KINDS) for (const side of ofKind(own, kind)) addSide(groups, side, at, problems);
  return groups;
}

function newGroup(main: DeclarationOf<MainKind>): PropertyGroup {
  return { property: main.property, [main.kind]: main };
}

function nameOf(kind: string): string {
  const names: Record<string, string> = {
    column: '@Column',
    relation: 'a relation',
    embedded: '@Embedded',
    virtual: '@VirtualColumn',
    relationId: '@RelationId',
    generated: '@Generated',
    joinColumn: '@JoinColumn',
    joinTable: '@JoinTable',
  };
  return names[kind] ?? kind;
}

function twice(present: PropertyGroup, again: DeclarationOf<MainKind>, at: Spot, problems: Problems): void {
  const first = MAIN_KINDS.find((kind) => present[kind] !== undefined) ?? 'column';
  const here = { entity: at.entity, property: again.property };
  if (first === again.kind)
    problems.add(here, `the property is declared twice as ${nameOf(first)}`, 'Keep one of the two');
  else if ([first, again.kind].includes('relation')) {
    const other = nameOf(first === 'relation' ? again.kind : first);
    problems.add(
      here,
      `the property is a relation and carries ${other}`,
      `Leave ${other} out: the relation makes its own column, @JoinColumn names it`,
    );
  } else
    problems.add(
      here,
      `the property carries ${nameOf(first)} and ${nameOf(again.kind)}`,
      'Keep one of the two',
    );
}

function addSide(
  groups: Map<string, PropertyGroup>,
  side: DeclarationOf<(typeof SIDE_KINDS)[number]>,
  at: Spot,
  problems: Problems,
): void {
  const group = groups.get(side.property);
  const needed = side.kind === 'generated' ? 'column' : 'relation';
  if (group?.[needed] === undefined) {
    const cure = `Add ${needed === 'column' ? '@Column()' : 'the relation, as @ManyToOne(() => Author)'}, or leave it out`;
    problems.add(
      { entity: at.entity, property: side.property },
      `${nameOf(side.kind)} stands on no ${needed}`,
      cure,
    );
    return;
  }
  if (side.kind === 'joinColumn') group.joinColumns = [...(group.joinColumns ?? []), side];
  else if (side.kind === 'joinTable') group.joinTable = side;
  else group.generated = side;
}

/** How tables are called that do not say it all themselves. */
export interface TableNames {
  readonly table: (className: string) => string;
  readonly defaultSchema: string;
}

/**
 * A draft for each class, with nothing but names and declarations.
 *
 * @throws METADATA_INVALID never by itself: mistakes are collected
 */
export function draftEntities(
  classes: readonly EntityClass[],
  names: TableNames,
  problems: Problems,
): Map<object, EntityDraft> {
  const drafts = new Map<object, EntityDraft>();
  for (const target of new Set(classes)) {
    if (typeof target !== 'function') throw error('ENTITY_UNKNOWN', { entity: String(target), known: [] });
    const own = ownDeclarations(target);
    const name = target.name === '' ? '(anonymous class)' : target.name;
    if (!isEntityClass(target)) {
      problems.add(
        { entity: name },
        'the class is among the entities but carries no @Entity()',
        'Add @Entity(), or leave it out of `entities`',
      );
      continue;
    }
    const entities = ofKind(own, 'entity');
    if (entities.length > 1)
      problems.add({ entity: name }, 'the class carries @Entity twice', 'Keep one of the two');
    const view = ofKind(own, 'viewEntity')[0]?.options;
    if (view !== undefined) checkView(own, view, { entity: name }, problems);
    const options = entities[0]?.options ?? ofKind(own, 'childEntity')[0]?.options ?? tableOptions(view);
    problems.refuseUnknownKeys({ entity: name }, '@Entity', options, Object.keys(ENTITY_KEYS));
    const collected = collect(target, { entity: name }, problems);
    const table = options.name ?? names.table(name);
    const isDefault = options.schema === undefined || options.schema === names.defaultSchema;
    const tableName = isDefault ? table : `${options.schema}.${table}`;
    drafts.set(target, newDraft(target, name, options, tableName, collected, view));
  }
  return drafts;
}

const VIEW_KEYS: Readonly<Record<keyof ViewEntityOptions, true>> = {
  name: true,
  schema: true,
  expression: true,
  materialized: true,
  dependsOn: true,
  orderBy: true,
};

function checkView(
  own: readonly Declaration[],
  options: ViewEntityOptions,
  at: Spot,
  problems: Problems,
): void {
  problems.refuseUnknownKeys(at, '@ViewEntity', options, Object.keys(VIEW_KEYS));
  if (own.some(({ kind }) => kind === 'entity' || kind === 'childEntity' || kind === 'tableInheritance')) {
    problems.add(at, 'the class carries @ViewEntity and is a table as well', 'Keep one of the two');
  }
}

function tableOptions(view: ViewEntityOptions | undefined): EntityOptions {
  if (view === undefined) return {};
  const { name, schema, orderBy } = view;
  return compact({ name, schema, orderBy }) as EntityOptions;
}

function newDraft(
  target: EntityClass,
  name: string,
  options: EntityOptions,
  tableName: string,
  { groups, keys, listeners }: Collected,
  view: ViewEntityOptions | undefined,
): EntityDraft {
  const draft = {
    target,
    name,
    options,
    tableName,
    groups,
    keys: [...keys],
    listeners: [...listeners],
    relations: [],
    virtualColumns: [],
    relationIds: [],
    embeddeds: [],
    columns: [],
    children: [],
    table: newTable(name, tableName, options),
    ...(view === undefined ? {} : { view }),
  } as unknown as EntityDraft;
  draft.root = draft;
  return draft;
}

function newTable(owner: string, name: string, options: EntityOptions): TableDraft {
  const native = nativeOptions(options);
  return {
    name,
    owner,
    columns: new Map(),
    uniques: [],
    checks: [],
    foreignKeys: [],
    indexes: [],
    exclusions: [],
    ...(options.comment === undefined ? {} : { comment: options.comment }),
    ...(Object.keys(native).length === 0 ? {} : { options: native }),
  };
}

/** The options of a table that single databases know. */
function nativeOptions(options: EntityOptions): Record<string, string | number | boolean> {
  const { sqlite, postgres, mysql, withoutRowid } = options;
  return flatOptions({
    sqlite: { ...(withoutRowid === undefined ? {} : { withoutRowid }), ...sqlite },
    postgres,
    mysql,
  });
}
