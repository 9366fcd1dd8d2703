/** Rows that hang together as a tree: one parent, any number of children. */

import type {
  ColumnOptions,
  SpecialColumnOptions,
  TreeChildrenOptions,
  TreeKindName,
  TreeOptions,
  TreeParentOptions,
} from '../metadata/options.js';
import type { ColumnDecorator, EntityDecorator, SelfRelationDecorator } from './checks.js';
import { columnDecorator } from './column.js';
import { onClass, onProperty } from './declare.js';

/**
 * Rows of the class are a tree, read with `getTreeRepository()`. Beside the key of the parent, which is all that
 * `'adjacency'` keeps, Limbeck keeps a closure table or a path of keys (`mpath`), and both with every save.
 *
 * ```ts
 * @Entity('categories')
 * @Tree('closure-table')
 * export class Category {
 *   @PrimaryGeneratedColumn() id!: number;
 *   @TreeParent() parent!: One<Category> | null;
 *   @TreeChildren() children!: Many<Category>;
 * }
 * // categories_closure (id_ancestor, id_descendant), both keys ON DELETE CASCADE
 * ```
 */
export function Tree(type: TreeKindName, options: TreeOptions = {}): EntityDecorator {
  return onClass('@Tree', () => ({ kind: 'tree', type, options }));
}

/** The row above this one, null for a root: `@TreeParent({ onDelete: 'CASCADE' }) parent!: One<Category> | null`. */
export function TreeParent(options: TreeParentOptions = {}): SelfRelationDecorator<'one'> {
  return onProperty('@TreeParent', ({ property }) => ({
    kind: 'relation',
    property,
    relation: 'many-to-one',
    tree: 'parent',
    target: undefined,
    options: { ...options, nullable: true },
  }));
}

/** The rows below this one: `@TreeChildren({ cascade: true }) children!: Many<Category>`. */
export function TreeChildren(options: TreeChildrenOptions = {}): SelfRelationDecorator<'many'> {
  return onProperty('@TreeChildren', ({ property }) => ({
    kind: 'relation',
    property,
    relation: 'one-to-many',
    tree: 'children',
    target: undefined,
    options,
  }));
}

/** How many rows stand above this one; kept with every save, of a closure table or a path. */
export function TreeLevelColumn(
  options: Pick<SpecialColumnOptions, 'name' | 'comment' | 'select' | 'renamedFrom'> = {},
): ColumnDecorator<number, false> {
  return columnDecorator('@TreeLevelColumn', 'treeLevel', { ...options, type: 'integer' } as ColumnOptions);
}
