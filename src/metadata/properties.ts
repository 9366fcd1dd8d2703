/**
 * The columns that an entity's own properties declare, those of embedded objects among them. Relations keep
 * their place in the order; their columns come later, when every entity's own columns are known.
 */

import { sqlText } from '../ast/sql-text.js';
import { kindOfName, typeOfKind, unknownType } from '../schema/type-names.js';
import { collect } from './collect.js';
import { makeColumn } from './columns.js';
import type { DeclarationOf } from './declarations.js';
import type { BuildContext, ColumnDraft, EntityDraft, PropertyGroup, RelationDraft } from './draft.js';
import { relationNamed, spot } from './draft.js';
import { classNamedBy, propertyNamedBy } from './paths.js';
import { ownDeclarations } from './store.js';

/** What stands in one property's place: its columns, or the relation whose columns will. */
export type PropertySlot =
  | { readonly columns: readonly ColumnDraft[] }
  | { readonly relation: RelationDraft };

interface Surroundings {
  readonly outer: readonly string[];
  readonly prefix: string;
  readonly prefixes: readonly string[];
  /** Classes around it, to refuse an object that holds itself. */
  readonly classes: readonly object[];
}

/** Fills the draft's own columns and everything that depends on no other entity. */
export function readProperties(draft: EntityDraft, context: BuildContext): readonly PropertySlot[] {
  const surroundings: Surroundings = { outer: [], prefix: '', prefixes: [], classes: [draft.target] };
  const slots = draft.groups.flatMap((group) => readGroup(draft, group, surroundings, context));
  draft.columns = slots.flatMap((slot) => ('columns' in slot ? slot.columns : []));
  nameRelationsOfIds(draft);
  return slots;
}

function readGroup(
  draft: EntityDraft,
  group: PropertyGroup,
  around: Surroundings,
  context: BuildContext,
): readonly PropertySlot[] {
  const owner = around.classes.at(-1) ?? draft.target;
  const { outer, prefix, prefixes } = around;
  const path = [...outer, group.property];
  const at = spot(draft, path.join('.'));
  if (group.column !== undefined) {
    const place = { owner, table: draft.tableName, at, outer, prefix, prefixes };
    return [{ columns: [makeColumn(group, place, context)] }];
  }
  if (group.embedded !== undefined) return readEmbedded(draft, group.embedded, around, context);
  if (group.relation !== undefined) return readRelation(draft, group, group.relation, path, around, context);
  if (group.virtual !== undefined) readVirtual(draft, group.virtual, path, context);
  if (group.relationId !== undefined) {
    const relation = propertyNamedBy(group.relationId.relation) ?? '';
    draft.relationIds.push({ path, property: path.join('.'), relation });
  }
  return [];
}

function readRelation(
  draft: EntityDraft,
  group: PropertyGroup,
  declaration: DeclarationOf<'relation'>,
  path: readonly string[],
  { prefix, prefixes }: Surroundings,
  { problems }: BuildContext,
): readonly PropertySlot[] {
  const property = path.join('.');
  if (declaration.tree !== undefined && path.length > 1) {
    const problem = 'the parent and the children of a tree stand inside an embedded object';
    problems.add(spot(draft, property), problem, 'Put them on the entity');
    return [];
  }
  const relation: RelationDraft = {
    declaration,
    group,
    path,
    property,
    naming: { prefix, prefixes },
    owning: false,
    joinColumns: [],
  };
  draft.relations.push(relation);
  return [{ relation }];
}

/** An embedded class names its own relations first, for it does not know where it stands. */
function nameRelationsOfIds(draft: EntityDraft): void {
  draft.relationIds.forEach((each, i) => {
    const beside = [...each.path.slice(0, -1), each.relation].join('.');
    if (relationNamed(draft, beside) !== undefined) draft.relationIds[i] = { ...each, relation: beside };
  });
}

function readVirtual(
  draft: EntityDraft,
  { options }: DeclarationOf<'virtual'>,
  path: readonly string[],
  { problems }: BuildContext,
): void {
  const property = path.join('.');
  const at = spot(draft, property);
  if (typeof options?.query !== 'function') {
    problems.add(at, 'a virtual column has no query', 'Give it one: { query: (alias) => `SELECT …` }');
    return;
  }
  const kind = typeof options.type === 'string' ? kindOfName(options.type) : undefined;
  if (options.type !== undefined && kind === undefined) {
    const { problem, cure } = unknownType(options.type);
    problems.add(at, problem, cure);
  }
  draft.virtualColumns.push({
    path,
    property,
    query: (alias) => sqlText(options.query(alias)),
    ...(kind === undefined ? {} : { type: typeOfKind(kind) }),
  });
}

function readEmbedded(
  draft: EntityDraft,
  declaration: DeclarationOf<'embedded'>,
  around: Surroundings,
  context: BuildContext,
): readonly PropertySlot[] {
  const path = [...around.outer, declaration.property];
  const at = spot(draft, path.join('.'));
  const named = classNamedBy(declaration.target);
  if ('problem' in named) {
    context.problems.add(at, named.problem, named.cure);
    return [];
  }
  const { target } = named;
  if (around.classes.includes(target)) {
    context.problems.add(at, 'an embedded object holds itself', 'Use a relation, or a json column');
    return [];
  }
  const collected = collect(target, at, context.problems);
  if (collected.groups.length === 0 && ownDeclarations(target).length === 0) {
    const { name } = target as { readonly name: string };
    context.problems.add(
      at,
      `the class ${name} has no columns to embed`,
      `Give ${name} @Embeddable() and its properties @Column`,
    );
  }
  draft.embeddeds.push({ path, target: target as EntityDraft['target'] });
  draft.keys.push(...collected.keys.map(({ key }) => ({ key, path })));
  draft.listeners.push(...collected.listeners.map((listener) => ({ ...listener, path })));
  const inner = {
    outer: path,
    prefix: around.prefix + prefixOf(declaration, context),
    prefixes: [...around.prefixes, ...ownPrefix(declaration)],
    classes: [...around.classes, target],
  };
  return collected.groups.flatMap((group) => readGroup(draft, group, inner, context));
}

function prefixOf({ options, property }: DeclarationOf<'embedded'>, { naming }: BuildContext): string {
  if (options.prefix === false || options.prefix === '') return '';
  return typeof options.prefix === 'string' ? options.prefix : `${naming.column([property])}_`;
}

/** The word that an embedded object adds to names; none where it is to add nothing. */
function ownPrefix({ options, property }: DeclarationOf<'embedded'>): readonly string[] {
  if (options.prefix === false || options.prefix === '') return [];
  return [typeof options.prefix === 'string' ? options.prefix : property];
}
