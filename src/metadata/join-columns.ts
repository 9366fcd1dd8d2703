/**
 * The columns in which a to-one relation keeps its key: named after the property and the column they refer to,
 * of its type, one for each column of a composite key. A column declared beside the relation is used as it is.
 */

import { deepEqual } from '../base/structure.js';
import type { Column } from '../schema/model.js';
import type { BuildContext, ColumnDraft, EntityDraft, RelationDraft } from './draft.js';
import { spot } from './draft.js';
import type { JoinColumnMetadata } from './entity.js';
import type { JoinColumnOptions } from './options.js';
import { didYouMean, type Spot } from './problems.js';

const KEYS: Readonly<Record<keyof JoinColumnOptions, true>> = {
  name: true,
  referencedColumnName: true,
  foreignKeyConstraintName: true,
  renamedFrom: true,
};

/** A column of the other entity with what is said about the one that refers to it. */
export interface Reference {
  readonly referenced: ColumnDraft;
  readonly options: JoinColumnOptions;
}

/**
 * Pairs what `@JoinColumn` says with the columns that the key refers to.
 *
 * @returns nothing where that cannot be done; a mistake was told then
 */
export function references(
  target: EntityDraft,
  given: readonly JoinColumnOptions[],
  at: Spot,
  { problems }: BuildContext,
): readonly Reference[] {
  for (const options of given) problems.refuseUnknownKeys(at, '@JoinColumn', options, Object.keys(KEYS));
  const primary = target.columns.filter((c) => c.meta.primary);
  const named = given.filter((options) => options.referencedColumnName !== undefined);
  if (named.length === 0) return positional(target, primary, given, at, problems);
  if (named.length < given.length) {
    problems.add(
      at,
      'some of its join columns name what they refer to and some do not',
      'Give every @JoinColumn a referencedColumnName',
    );
    return [];
  }
  const found = named.map((options) => ({
    options,
    referenced: columnNamed(target, options.referencedColumnName),
  }));
  for (const { options, referenced } of found) {
    if (referenced !== undefined) continue;
    const name = options.referencedColumnName ?? '';
    problems.add(
      at,
      `there is no column ${target.name}.${name} to refer to`,
      didYouMean(
        name,
        target.columns.map((c) => c.meta.property),
      ),
    );
  }
  return found.every((item): item is Reference => item.referenced !== undefined)
    ? inOrderOfKey(found, primary)
    : [];
}

/** MySQL finds the key that is referred to only in the order of its columns. */
function inOrderOfKey(found: readonly Reference[], primary: readonly ColumnDraft[]): readonly Reference[] {
  const places = found.map(({ referenced }) => primary.indexOf(referenced));
  if (found.length !== primary.length || new Set(places).size < found.length || places.includes(-1)) {
    return found;
  }
  return [...found].sort((a, b) => primary.indexOf(a.referenced) - primary.indexOf(b.referenced));
}

function columnNamed(target: EntityDraft, name: string | undefined): ColumnDraft | undefined {
  const { columns } = target;
  const named = (is: (meta: ColumnDraft['meta']) => boolean): ColumnDraft | undefined =>
    columns.find(({ meta }) => is(meta));
  return (
    named((meta) => meta.property === name) ??
    named((meta) => meta.name === name) ??
    // TypeORM knows a column inside an embedded object by its last name.
    named(({ path, role }) => path.length > 1 && path.at(-1) === name && role !== 'relation')
  );
}

function positional(
  target: EntityDraft,
  primary: readonly ColumnDraft[],
  given: readonly JoinColumnOptions[],
  at: Spot,
  problems: BuildContext['problems'],
): readonly Reference[] {
  if (given.length > 0 && given.length !== primary.length && primary.length > 0) {
    const keys = primary.map((c) => c.meta.property).join(', ');
    problems.add(
      at,
      `it has ${given.length} join columns for the ${primary.length} columns of ${target.name}'s key (${keys})`,
      'Give one @JoinColumn for each, with its referencedColumnName',
    );
    return [];
  }
  return primary.map((referenced, i) => ({ referenced, options: given[i] ?? {} }));
}

/** Fills in a relation's join columns and gives back those that no property declares. */
export function joinColumns(
  draft: EntityDraft,
  relation: RelationDraft,
  context: BuildContext,
): ColumnDraft[] {
  const { group, target } = relation;
  if (target === undefined) return [];
  const at = spot(draft, relation.property);
  // Decorators run from the bottom up; several @JoinColumn are read from the top.
  const given = [...(group.joinColumns ?? [])].reverse().flatMap((join) => join.columns);
  const pairs = references(target, given, at, context);
  const made = pairs.map((pair) => joinColumn(draft, relation, pair, context));
  relation.joinColumns = made.map(({ metadata }) => metadata);
  checkNulls(draft, relation, made, context);
  return made.flatMap(({ column }) => (column === undefined ? [] : [column]));
}

interface MadeColumn {
  readonly metadata: JoinColumnMetadata;
  /** Absent where a property declares the column. */
  readonly column?: ColumnDraft;
  readonly declared?: ColumnDraft;
}

/**
 * A relation may be null as soon as one column of its key may: others of it may be shared with what is never null, as
 * a `tenantId`, and stay when the relation is set to null.
 */
function checkNulls(
  draft: EntityDraft,
  relation: RelationDraft,
  made: readonly MadeColumn[],
  { problems }: BuildContext,
): void {
  if (draft.view !== undefined) return;
  const at = spot(draft, relation.property);
  const nullable = relation.declaration.options.nullable === true;
  const declared = made.flatMap((each) => each.declared ?? []);
  const fixed = declared.filter(({ meta }) => !meta.nullable);
  const wrong = nullable
    ? fixed.length === made.length
      ? fixed
      : []
    : declared.filter(({ meta }) => meta.nullable);
  for (const { meta } of wrong) {
    problems.add(
      at,
      `its column ${draft.name}.${meta.property} is ${meta.nullable ? 'nullable' : 'not nullable'}, the relation is ${nullable ? 'nullable' : 'not'}`,
      'Say nullable: true on both or on neither',
    );
  }
  const { onDelete } = relation.declaration.options;
  if (nullable && wrong.length === 0 && fixed[0] !== undefined && onDelete === 'SET NULL') {
    problems.add(
      at,
      `onDelete 'SET NULL' sets ${draft.name}.${fixed[0].meta.property} to NULL as well, which may not be`,
      'Choose another action',
    );
  }
}

function joinColumn(
  draft: EntityDraft,
  relation: RelationDraft,
  { referenced, options }: Reference,
  context: BuildContext,
): MadeColumn {
  const name = nameOf(relation, options.name, referenced, context);
  const { renamedFrom } = options;
  const metadata = {
    column: name,
    referenced: referenced.meta.name,
    ...(renamedFrom === undefined ? {} : { renamedFrom }),
  };
  const declared = draft.columns.find((c) => c.meta.name === name);
  if (declared !== undefined) {
    // What a view shows has the type and the NULLs that its query gives it.
    if (draft.view === undefined) compareDeclared(draft, relation, declared, referenced, context);
    return { metadata, declared };
  }
  return { metadata, column: madeColumn(relation, name, referenced) };
}

/** Inside an embedded object a column has its prefix, as every other one there. */
function nameOf(
  { declaration: { property }, naming: { prefix, prefixes } }: RelationDraft,
  given: string | undefined,
  { meta }: ColumnDraft,
  { naming, cut }: BuildContext,
): string {
  const name = given ?? naming.joinColumn(property, meta.name, meta.path.at(-1) ?? meta.name);
  if (prefixes.length === 0) return name;
  if (naming.embedded !== undefined) return cut(naming.embedded(prefixes, name));
  return given === undefined ? cut(prefix + name) : prefix + name;
}

function madeColumn(
  { declaration, path, property }: RelationDraft,
  name: string,
  referenced: ColumnDraft,
): ColumnDraft {
  const { type, enumValues, as, transformers } = referenced.meta;
  const nullable = declaration.options.nullable === true;
  const { collation } = referenced.column;
  const { comment } = declaration.options;
  const column: Column = {
    name,
    type,
    nullable,
    ...(collation === undefined ? {} : { collation }),
    ...(comment === undefined ? {} : { comment }),
  };
  return {
    meta: {
      path,
      property,
      name,
      type,
      ...(enumValues === undefined ? {} : { enumValues }),
      ...(as === undefined ? {} : { as }),
      role: 'relation',
      primary: false,
      nullable,
      select: true,
      insert: true,
      update: true,
      transformers,
    },
    column,
    options: {},
  };
}

/** A column that a property declares serves the relation only if it could have been made for it. */
function compareDeclared(
  draft: EntityDraft,
  relation: RelationDraft,
  declared: ColumnDraft,
  referenced: ColumnDraft,
  { problems }: BuildContext,
): void {
  const at = spot(draft, relation.property);
  const [own, other] = [declared.meta.type, referenced.meta.type];
  if (!deepEqual(own, other)) {
    problems.add(
      at,
      `its column is ${draft.name}.${declared.meta.property} of type ${own.kind}, but it refers to one of type ${other.kind}`,
      'Give both columns the same type',
    );
  }
}
