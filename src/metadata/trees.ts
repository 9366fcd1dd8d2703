/**
 * `@Tree`: what a class says of how its rows hang together, and the table or column that keeps it beside the key of
 * the parent.
 */

import type { Column, Table } from '../schema/model.js';
import { ofKind } from './collect.js';
import type { DeclarationOf } from './declarations.js';
import type { BuildContext, ColumnDraft, EntityDraft } from './draft.js';
import { spot } from './draft.js';
import type { TreeKind, TreeMetadata } from './entity.js';
import type { TreeKindName, TreeOptions } from './options.js';
import { classChain, ownDeclarations } from './store.js';

const KINDS: Readonly<Record<TreeKindName, TreeKind | undefined>> = {
  adjacency: 'adjacency',
  'adjacency-list': 'adjacency',
  'closure-table': 'closure',
  'materialized-path': 'path',
  'nested-set': undefined,
};

const OPTION_KEYS: Readonly<Record<keyof TreeOptions, true>> = {
  closureTableName: true,
  ancestorColumnName: true,
  descendantColumnName: true,
};

/** The first class of a family that is the tree, whose tables it stands in. */
function ownerOf(draft: EntityDraft): EntityDraft {
  const { parent } = draft;
  return parent === undefined || treeOf(parent) === undefined ? draft : ownerOf(parent);
}

function treeOf(draft: EntityDraft): DeclarationOf<'tree'> | undefined {
  return classChain(draft.target)
    .flatMap((owner) => ofKind(ownDeclarations(owner), 'tree'))
    .at(-1);
}

/** Tells what is wrong with a tree, and gives its class the columns that no property declares. */
export function addTreeColumns(draft: EntityDraft, context: BuildContext): void {
  const tree = treeOf(draft);
  const [parent, children] = (['parent', 'children'] as const).map((side) =>
    draft.relations.find(({ declaration }) => declaration.tree === side),
  );
  const { problems } = context;
  const level = draft.columns.find((column) => column.meta.role === 'treeLevel');
  if (tree === undefined) {
    const used = parent?.declaration.property ?? children?.declaration.property ?? level?.meta.property;
    if (used !== undefined)
      problems.add(
        spot(draft, used),
        'it belongs to a tree, but the class is none',
        "Add @Tree('closure-table') to the class",
      );
    return;
  }
  const kind = kindOf(tree, draft, context);
  if (kind === undefined) return;
  if (parent === undefined || children === undefined) {
    const missing =
      parent === undefined ? '@TreeParent() parent!: One<…> | null' : '@TreeChildren() children!: Many<…>';
    problems.add(spot(draft), `the tree has no ${missing.slice(0, missing.indexOf('('))}`, `Add ${missing}`);
    return;
  }
  const { property, options } = parent.declaration;
  if (kind !== 'adjacency' && (options.onDelete === 'SET NULL' || options.onDelete === 'SET DEFAULT'))
    problems.add(
      spot(draft, property),
      `onDelete '${options.onDelete}' moves rows where nobody can keep the ${kind === 'path' ? 'paths' : 'closure table'}`,
      "Use 'CASCADE', or leave it out and move the children first, or use @Tree('adjacency')",
    );
  const key = draft.columns.filter((column) => column.meta.primary).map((column) => column.meta.name);
  const named = parent.joinColumns.map(({ referenced }) => referenced).sort();
  if (kind === 'closure' && named.join() !== [...key].sort().join())
    problems.add(
      spot(draft, property),
      'the parent is not named by its primary key',
      'Leave referencedColumnName out',
    );
  if (level !== undefined && kind === 'adjacency')
    problems.add(
      spot(draft, level.meta.property),
      'an adjacency list keeps no levels',
      "Take it off, or use @Tree('closure-table') or @Tree('materialized-path')",
    );
  const path = context.naming.treePath?.() ?? 'mpath';
  if (kind === 'path') addPath(draft, path, context);
  const owner = ownerOf(draft);
  draft.tree = {
    kind,
    owner: owner.target,
    parent: property,
    children: children.declaration.property,
    ...(kind === 'path' ? { path } : {}),
    ...(level === undefined ? {} : { level: level.meta.name }),
    ...(kind === 'closure' ? { closure: closureOf(draft, owner, tree, context) } : {}),
  };
}

function kindOf(
  { type, options }: DeclarationOf<'tree'>,
  draft: EntityDraft,
  { problems }: BuildContext,
): TreeKind | undefined {
  problems.refuseUnknownKeys(spot(draft), '@Tree', options, Object.keys(OPTION_KEYS));
  const kind = KINDS[type];
  if (kind !== undefined) return kind;
  const known = "'closure-table', 'materialized-path' or 'adjacency'";
  if (type === 'nested-set')
    problems.add(
      spot(draft),
      'a nested set numbers every row anew for one that is inserted, and holds one root alone',
      `Use ${known}: they read a subtree in one statement as well`,
    );
  else problems.add(spot(draft), `there is no tree of type '${String(type)}'`, `Give one of ${known}`);
  return undefined;
}

function addPath(draft: EntityDraft, name: string, { naming }: BuildContext): void {
  const at = draft.columns.findIndex((column) => column.meta.name === name);
  const present = draft.columns[at];
  const upkeep = { role: 'treePath', insert: false, update: false } as const;
  if (present !== undefined) {
    draft.columns[at] = { ...present, meta: { ...present.meta, ...upkeep } };
    return;
  }
  const isVarchar = naming.implicit?.treePath === 'varchar';
  const type = { kind: isVarchar ? 'varchar' : 'text' } as const;
  const empty = { kind: 'literal', value: '' } as const;
  const column: ColumnDraft = {
    meta: {
      path: [],
      property: name,
      name,
      type,
      primary: false,
      nullable: true,
      select: false,
      transformers: [],
      ...upkeep,
    },
    column: { name, type, nullable: true, ...(isVarchar ? { default: empty } : {}) },
    options: {},
  };
  draft.columns.push(column);
}

function closureOf(
  draft: EntityDraft,
  owner: EntityDraft,
  { options }: DeclarationOf<'tree'>,
  { naming, cut }: BuildContext,
): NonNullable<TreeMetadata['closure']> {
  const key = draft.columns.filter((column) => column.meta.primary);
  const table = naming.closureTable?.(owner.tableName, options.closureTableName) ?? options.closureTableName;
  const named = ({ meta }: ColumnDraft, end: 'ancestor' | 'descendant'): string =>
    naming.closureColumn?.(meta.path.at(-1) ?? meta.name, end) ?? `${meta.name}_${end}`;
  return {
    table: cut(table ?? `${owner.tableName}_closure`),
    ancestors: key.map((each) => options.ancestorColumnName?.(each.meta) ?? named(each, 'ancestor')),
    descendants: key.map((each) => options.descendantColumnName?.(each.meta) ?? named(each, 'descendant')),
  };
}

/** The closure table of a tree: a row for every pair of a row and one above it, and of every row with itself. */
export function makeClosureTables(draft: EntityDraft, { naming, cut }: BuildContext): Table[] {
  const closure = draft.tree?.closure;
  if (closure === undefined || draft.tree?.owner !== draft.target) return [];
  const { table, ancestors, descendants } = closure;
  const key = draft.columns.filter((column) => column.meta.primary);
  const columns = [ancestors, descendants].flatMap((names) =>
    names.map((name, i): Column => {
      const { type, collation } = (key[i] as ColumnDraft).column;
      return { name, type, nullable: false, ...(collation === undefined ? {} : { collation }) };
    }),
  );
  const foreignKey = (names: readonly string[]) => ({
    name: cut(naming.foreignKey(table, names, draft.tableName)),
    columns: names,
    refTable: draft.tableName,
    refColumns: key.map(({ meta }) => meta.name),
    onDelete: 'CASCADE' as const,
  });
  const index = (names: readonly string[]) => ({
    name: cut(naming.index(table, names)),
    columns: names.map((column) => ({ column })),
    unique: false,
  });
  return [
    {
      name: table,
      columns,
      primaryKey: {
        name: cut(naming.primaryKey(table, [...ancestors, ...descendants])),
        columns: [...ancestors, ...descendants],
      },
      uniques: [],
      checks: [],
      foreignKeys: [foreignKey(ancestors), foreignKey(descendants)],
      indexes:
        naming.implicit?.joinTableIndexes === 'both'
          ? [index(ancestors), index(descendants)]
          : [index(descendants)],
      exclusions: [],
    },
  ];
}
