/**
 * One table for a family of classes: finds the root of each `@ChildEntity` and the column that says of which
 * class a row is. Abstract bases need nothing of this; their properties are simply inherited.
 */

import { ofKind } from './collect.js';
import { makeColumn } from './columns.js';
import type { DeclarationOf } from './declarations.js';
import type { BuildContext, ColumnDraft, EntityDraft } from './draft.js';
import { spot } from './draft.js';
import { classChain, ownDeclarations } from './store.js';

/** Joins children to their parents and gives them the root's table. Runs before columns are read. */
export function linkFamilies(context: BuildContext): void {
  for (const draft of context.drafts.values()) {
    const own = ownDeclarations(draft.target);
    const isChild = ofKind(own, 'childEntity').length > 0;
    if (isChild && ofKind(own, 'entity').length > 0) {
      context.problems.add(
        spot(draft),
        'the class carries @Entity and @ChildEntity',
        'Keep @ChildEntity alone: it shares the table of its parent',
      );
    }
    if (isChild) linkChild(draft, context);
  }
}

function isRoot(draft: EntityDraft): boolean {
  return ofKind(ownDeclarations(draft.target), 'tableInheritance').length > 0;
}

function linkChild(draft: EntityDraft, { drafts, problems }: BuildContext): void {
  const ancestors = classChain(draft.target)
    .slice(0, -1)
    .reverse()
    .map((owner) => drafts.get(owner))
    .filter((found) => found !== undefined);
  const root = ancestors.find(isRoot);
  if (root === undefined) {
    const cure =
      "Put @TableInheritance({ column: 'type' }) on the entity that it extends, and that into `entities`";
    problems.add(spot(draft), '@ChildEntity extends no entity with @TableInheritance', cure);
    return;
  }
  draft.root = root;
  draft.parent = ancestors[0] ?? root;
  draft.tableName = root.tableName;
  draft.table = root.table;
  for (const ancestor of ancestors.slice(0, ancestors.indexOf(root) + 1)) ancestor.children.push(draft);
}

/** Gives every class of a family the discriminator. Runs when the classes' own columns are known. */
export function addDiscriminators(context: BuildContext): void {
  for (const draft of context.drafts.values()) if (isRoot(draft)) addDiscriminator(draft, context);
}

function addDiscriminator(root: EntityDraft, context: BuildContext): void {
  const made = discriminatorColumn(root, context);
  const values = new Map<string | number, string>();
  for (const draft of [root, ...root.children]) {
    const value = discriminatorValue(draft, made, context);
    const other = values.get(value);
    if (other !== undefined) {
      context.problems.add(
        spot(draft),
        `its discriminator value '${value}' is that of ${other} as well`,
        "Give it its own: @ChildEntity('…')",
      );
    }
    values.set(value, draft.name);
    draft.discriminator = { column: made.meta.name, value };
    const present = draft.columns.findIndex((c) => c.meta.name === made.meta.name);
    if (present === -1) draft.columns.push(made);
    else draft.columns[present] = asDiscriminator(draft.columns[present] as ColumnDraft);
  }
}

const NUMBERS = ['smallint', 'integer', 'bigint'];

/** The value that a row of the class has in the discriminator column; of the root too, should it have rows. */
function discriminatorValue(
  draft: EntityDraft,
  { meta }: ColumnDraft,
  { problems }: BuildContext,
): string | number {
  const own = ownDeclarations(draft.target);
  const given = ofKind(own, 'childEntity')[0]?.value ?? ofKind(own, 'tableInheritance')[0]?.options.value;
  if (!NUMBERS.includes(meta.type.kind)) return String(given ?? draft.name);
  if (Number.isSafeInteger(Number(given))) return Number(given);
  // A first class that never has rows of its own needs no number.
  if (given !== undefined || draft.parent !== undefined) {
    const problem = `its discriminator column '${meta.name}' holds numbers, its value is '${given ?? draft.name}'`;
    problems.add(spot(draft), problem, 'Give it a whole number: @ChildEntity(1)');
  }
  return draft.name;
}

/** A class has its parent's columns first and in their order, so that both find them in the same places. */
export function alignColumns(draft: EntityDraft): void {
  const { parent } = draft;
  if (parent === undefined) return;
  const places = new Map(parent.columns.map((column, i) => [column.meta.name, i]));
  const place = ({ meta }: ColumnDraft): number => places.get(meta.name) ?? places.size;
  draft.columns.sort((a, b) => place(a) - place(b));
}

function asDiscriminator({ meta, ...rest }: ColumnDraft): ColumnDraft {
  return { ...rest, meta: { ...meta, role: 'discriminator' } };
}

function discriminatorColumn(root: EntityDraft, context: BuildContext): ColumnDraft {
  const given = ofKind(ownDeclarations(root.target), 'tableInheritance')[0]?.options.column;
  const { name, ...options } = typeof given === 'string' ? { name: given } : (given ?? {});
  const property = name ?? 'type';
  const present = root.columns.find((c) => c.meta.property === property || c.meta.name === property);
  if (present !== undefined) return asDiscriminator(present);
  const isString = ['varchar', 'char', undefined].includes(options.type as string | undefined);
  const column: DeclarationOf<'column'> = {
    kind: 'column',
    property,
    flavor: 'regular',
    decorator: '@TableInheritance',
    options: {
      type: 'varchar',
      ...(isString ? { length: 255 } : {}),
      ...options,
      ...(name === undefined ? {} : { name }),
    } as DeclarationOf<'column'>['options'],
  };
  const at = spot(root);
  const place = { owner: root.target, table: root.tableName, at, outer: [], prefix: '' };
  const made = asDiscriminator(makeColumn({ property, column }, place, context));
  return { ...made, meta: { ...made.meta, path: [], property: made.meta.name, update: false } };
}
