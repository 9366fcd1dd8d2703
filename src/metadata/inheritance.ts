/**
 * Families of classes: finds the root of each `@ChildEntity`, whose table it shares or extends by one of its own,
 * and the column that says of which class a row is. Abstract bases need nothing of this; their properties are simply inherited.
 */

import { ofKind } from './collect.js';
import { makeColumn } from './columns.js';
import type { DeclarationOf } from './declarations.js';
import type { BuildContext, ColumnDraft, EntityDraft } from './draft.js';
import { spot } from './draft.js';
import type { TableInheritanceOptions } from './options.js';
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
  draft.parent = ancestors[0] ?? root;
  if (isJoined(root)) draft.extended = draft.parent;
  else shareTable(draft, root, problems);
  for (const ancestor of ancestors.slice(0, ancestors.indexOf(root) + 1)) ancestor.children.push(draft);
}

function shareTable(draft: EntityDraft, root: EntityDraft, problems: BuildContext['problems']): void {
  const { name, schema, comment, renamedFrom } = draft.options;
  if ([name, schema, comment, renamedFrom].some((option) => option !== undefined)) {
    const cure = "Leave them out, or give it one of its own: @TableInheritance({ pattern: 'CTI' })";
    problems.add(spot(draft), '@ChildEntity has options of a table, but shares that of its parent', cure);
  }
  draft.root = root;
  draft.tableName = root.tableName;
  draft.table = root.table;
}

function inheritanceOf({ target }: EntityDraft): TableInheritanceOptions {
  return ofKind(ownDeclarations(target), 'tableInheritance')[0]?.options ?? {};
}

/** Whether every class of the family has a table. */
function isJoined(root: EntityDraft): boolean {
  return inheritanceOf(root).pattern === 'CTI';
}

/** Gives every class of a family the discriminator. Runs when the classes' own columns are known. */
export function addDiscriminators(context: BuildContext): void {
  for (const draft of context.drafts.values()) {
    if (!isRoot(draft)) continue;
    checkPattern(draft, context);
    if (!isJoined(draft) || inheritanceOf(draft).column !== undefined) addDiscriminator(draft, context);
  }
}

const PATTERNS = ['STI', 'CTI', undefined];
const KEYS = ['pattern', 'column', 'value'];

function checkPattern(root: EntityDraft, { problems }: BuildContext): void {
  const options = inheritanceOf(root);
  problems.refuseUnknownKeys(spot(root), '@TableInheritance', options, KEYS);
  if (PATTERNS.includes(options.pattern)) return;
  problems.add(
    spot(root),
    `there is no pattern '${String(options.pattern)}' of inheritance`,
    "Say 'STI' for one table, or 'CTI' for one for each class",
  );
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
  const child = ofKind(ownDeclarations(draft.target), 'childEntity')[0];
  const given = child === undefined ? inheritanceOf(draft).value : child.value;
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
  const given = inheritanceOf(root).column;
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
  const place = { owner: root.target, table: root.tableName, at, outer: [], prefix: '', prefixes: [] };
  const made = asDiscriminator(makeColumn({ property, column }, place, context));
  return { ...made, meta: { ...made.meta, path: [], property: made.meta.name, update: false } };
}
