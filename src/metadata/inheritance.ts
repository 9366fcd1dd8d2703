/**
 * One table for a family of classes: finds the root of each `@ChildEntity` and the column that says of which
 * class a row is. Abstract bases need nothing of this; their properties are simply inherited.
 */

import { kindOfName, typeOfKind, unknownType } from '../schema/type-names.js';
import { ofKind } from './collect.js';
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
  const values = new Map<string, string>();
  for (const draft of [root, ...root.children]) {
    const value = discriminatorValue(draft);
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

/** The value that a row of the class has in the discriminator column. */
function discriminatorValue(draft: EntityDraft): string {
  const child = ofKind(ownDeclarations(draft.target), 'childEntity')[0];
  return String(child?.value ?? draft.name);
}

function asDiscriminator({ meta, ...rest }: ColumnDraft): ColumnDraft {
  return { ...rest, meta: { ...meta, role: 'discriminator' } };
}

function discriminatorColumn(root: EntityDraft, { naming, problems }: BuildContext): ColumnDraft {
  const given = ofKind(ownDeclarations(root.target), 'tableInheritance')[0]?.options.column;
  const options = typeof given === 'string' ? { name: given } : (given ?? {});
  const wanted = options.name ?? 'type';
  const present = root.columns.find((c) => c.meta.property === wanted || c.meta.name === wanted);
  if (present !== undefined) return asDiscriminator(present);
  const kind = kindOfName(options.type ?? 'varchar');
  if (kind === undefined) {
    const { problem, cure } = unknownType(String(options.type));
    problems.add(spot(root), problem, cure);
  }
  const name = options.name ?? naming.column([wanted]);
  const isString = kind === 'varchar' || kind === 'char';
  const type = typeOfKind(kind ?? 'varchar', isString ? { length: options.length ?? 255 } : {});
  return {
    meta: {
      path: [],
      property: name,
      name,
      type,
      role: 'discriminator',
      primary: false,
      nullable: false,
      select: true,
      insert: true,
      update: false,
      transformers: [],
    },
    column: { name, type, nullable: false },
    options: {},
  };
}
