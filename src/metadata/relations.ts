/**
 * Both sides of every relation: what it leads to, which property points back, and who holds the key. What is
 * said on one side only is completed on the other.
 */

import { enumerate } from '../base/text.js';
import type { BuildContext, EntityDraft, RelationDraft } from './draft.js';
import { relationNamed, spot } from './draft.js';
import type { RelationKind } from './entity.js';
import type { ManyToManyOptions, ToManyOptions, ToOneOptions } from './options.js';
import { classNamedBy, propertyNamedBy } from './paths.js';
import { didYouMean } from './problems.js';

const OPPOSITE: Readonly<Record<RelationKind, RelationKind>> = {
  'many-to-one': 'one-to-many',
  'one-to-many': 'many-to-one',
  'one-to-one': 'one-to-one',
  'many-to-many': 'many-to-many',
};

/** How a kind is written. */
export const DECORATOR_OF: Readonly<Record<RelationKind, string>> = {
  'many-to-one': '@ManyToOne',
  'one-to-many': '@OneToMany',
  'one-to-one': '@OneToOne',
  'many-to-many': '@ManyToMany',
};

const KEYS: Readonly<
  Record<Exclude<keyof ToOneOptions | keyof ToManyOptions | keyof ManyToManyOptions, 'eager' | 'lazy'>, true>
> = {
  cascade: true,
  nullable: true,
  onDelete: true,
  onUpdate: true,
  deferrable: true,
  createForeignKeyConstraints: true,
  index: true,
  comment: true,
  orphanedRowAction: true,
};

const CASCADES = ['insert', 'update', 'remove', 'soft-remove', 'recover'];
const ACTIONS = ['CASCADE', 'SET NULL', 'SET DEFAULT', 'RESTRICT', 'NO ACTION'];

/** Finds each relation's target and checks what can be checked on one side. */
export function resolveTargets(draft: EntityDraft, context: BuildContext): void {
  for (const relation of draft.relations) {
    checkOptions(draft, relation, context);
    resolveTarget(draft, relation, context);
  }
}

function resolveTarget(
  draft: EntityDraft,
  relation: RelationDraft,
  { problems, drafts }: BuildContext,
): void {
  const at = spot(draft, relation.property);
  const named = classNamedBy(relation.declaration.target);
  if ('problem' in named) {
    problems.add(at, named.problem, named.cure);
    return;
  }
  const target = drafts.get(named.target);
  if (target !== undefined) {
    relation.target = target;
    return;
  }
  const { name } = named.target as { readonly name: string };
  const twin = [...drafts.values()].some((other) => other.name === name);
  if (twin)
    problems.add(
      at,
      `its target ${name} is another class than the entity ${name}`,
      'The file was loaded twice: import the class from one place',
    );
  else
    problems.add(
      at,
      `its target ${name} is no entity of this configuration`,
      `Add ${name} or its file to \`entities\`, and see that it carries @Entity()`,
    );
}

function checkOptions(draft: EntityDraft, relation: RelationDraft, { problems }: BuildContext): void {
  const { declaration, path } = relation;
  const at = spot(draft, relation.property);
  const options = declaration.options as Readonly<Record<string, unknown>>;
  const decorator = DECORATOR_OF[declaration.relation];
  for (const key of ['eager', 'lazy']) {
    if (options[key] === undefined) continue;
    problems.add(
      at,
      `there is no option '${key}': nothing loads by itself`,
      `Ask for it: find({ relations: ${askedFor(path)} })`,
    );
  }
  const known = ['eager', 'lazy', ...Object.keys(KEYS)];
  problems.refuseUnknownKeys(at, decorator, options, known);
  for (const key of ['onDelete', 'onUpdate'] as const) {
    const action = options[key];
    if (action === undefined || ACTIONS.includes(action as string)) continue;
    problems.add(at, `${key} '${String(action)}' is no action`, `Give one of ${ACTIONS.join(', ')}`);
  }
  for (const cascade of Array.isArray(options.cascade) ? (options.cascade as unknown[]) : []) {
    if (CASCADES.includes(cascade as string)) continue;
    problems.add(at, `'${String(cascade)}' is no cascade`, `Give some of ${CASCADES.join(', ')}`);
  }
  const holdsKey = declaration.relation === 'many-to-one' || declaration.relation === 'one-to-one';
  if (holdsKey && options.onDelete === 'SET NULL' && options.nullable !== true) {
    problems.add(
      at,
      "onDelete 'SET NULL' on a relation that may not be null",
      'Add nullable: true, or choose another action',
    );
  }
}

/** `{ counters: { author: true } }` */
function askedFor(path: readonly string[]): string {
  return path.reduceRight((inner, name) => `{ ${name}: ${inner} }`, 'true');
}

/** Finds the property that points back, and decides who holds the key. Runs when all targets are known. */
export function pairSides(draft: EntityDraft, context: BuildContext): void {
  for (const relation of draft.relations) {
    if (relation.target === undefined) continue;
    findInverse(draft, relation, relation.target, context);
  }
  for (const relation of draft.relations) {
    if (relation.target === undefined) continue;
    decideOwner(draft, relation, relation.target, context);
  }
}

function findInverse(
  draft: EntityDraft,
  relation: RelationDraft,
  target: EntityDraft,
  { problems }: BuildContext,
): void {
  const { declaration } = relation;
  const at = spot(draft, relation.property);
  const wanted = OPPOSITE[declaration.relation];
  if (declaration.inverse === undefined) {
    const pointingBack =
      declaration.relation === 'one-to-many' ? undefined : inverseByTarget(draft, relation, target);
    if (pointingBack !== undefined) relation.inverse = pointingBack;
    else if (declaration.relation === 'one-to-many') {
      problems.add(
        at,
        'a @OneToMany names no inverse side',
        `Name it: @OneToMany(() => ${target.name}, (x) => x.…)`,
      );
    }
    return;
  }
  const property = propertyNamedBy(declaration.inverse);
  const inverse = relationNamed(target, property);
  if (inverse !== undefined && meansTwin(relation, inverse)) return;
  if (property === undefined) {
    problems.add(at, 'its inverse side names no property', `Read one: (x) => x.property of ${target.name}`);
  } else if (inverse === undefined) {
    const names = target.relations.map((r) => r.property);
    const near = didYouMean(property, names);
    const exists =
      target.groups.some((group) => group.property === property) ||
      target.columns.some(({ meta }) => meta.property === property);
    const what = exists ? 'which is no relation' : 'which does not exist';
    const add = `${near}, or add ${DECORATOR_OF[wanted]}(() => ${draft.name}) ${property} to ${target.name}`;
    problems.add(at, `its inverse side is ${target.name}.${property}, ${what}`, add);
  } else if (inverse.declaration.relation !== wanted) {
    const found = DECORATOR_OF[inverse.declaration.relation];
    problems.add(
      at,
      `its inverse side ${target.name}.${property} is a ${found}`,
      `Make it a ${DECORATOR_OF[wanted]}`,
    );
  } else if (inverse.target !== undefined && !sameFamily(inverse.target, draft)) {
    problems.add(
      at,
      `its inverse side ${target.name}.${property} leads to ${inverse.target.name}`,
      `Name a property of ${target.name} that leads to ${draft.name}`,
    );
  } else relation.inverse = property;
}

/**
 * Whether the other side points back to the same declaration at another place: one class may be embedded twice, or
 * in several entities, and only one of these relations can be meant.
 */
function meansTwin({ declaration, property, path }: RelationDraft, inverse: RelationDraft): boolean {
  if (path.length === 1 || inverse.target === undefined || inverse.declaration.inverse === undefined)
    return false;
  const meant = relationNamed(inverse.target, propertyNamedBy(inverse.declaration.inverse));
  return meant !== undefined && meant.declaration === declaration && meant.property !== property;
}

/** The one relation of the other side whose inverse is this one, where only that side says so. */
function inverseByTarget(
  draft: EntityDraft,
  { declaration, property }: RelationDraft,
  target: EntityDraft,
): string | undefined {
  const candidates = target.relations.filter(
    (other) =>
      other.target === draft &&
      other.declaration.relation === OPPOSITE[declaration.relation] &&
      other.declaration.inverse !== undefined &&
      propertyNamedBy(other.declaration.inverse) === property,
  );
  return candidates.length === 1 ? candidates[0]?.property : undefined;
}

function sameFamily(a: EntityDraft, b: EntityDraft): boolean {
  const above = (child: EntityDraft, ancestor: EntityDraft): boolean =>
    child.target === ancestor.target ||
    child.target.prototype instanceof (ancestor.target as new () => object);
  return above(a, b) || above(b, a);
}

function decideOwner(
  draft: EntityDraft,
  relation: RelationDraft,
  target: EntityDraft,
  context: BuildContext,
): void {
  const { group, declaration } = relation;
  switch (declaration.relation) {
    case 'many-to-one':
      relation.owning = true;
      return;
    case 'one-to-many':
      if (group.joinColumns !== undefined) {
        context.problems.add(
          spot(draft, relation.property),
          '@JoinColumn stands on a @OneToMany',
          'Put it on the @ManyToOne of the other side',
        );
      }
      return;
    case 'one-to-one':
      relation.owning = ownsBy(draft, relation, target, 'joinColumns', '@JoinColumn', context);
      return;
    case 'many-to-many':
      relation.owning = ownsBy(draft, relation, target, 'joinTable', '@JoinTable', context);
  }
}

/** Exactly one of the two sides must carry the decorator. */
function ownsBy(
  draft: EntityDraft,
  relation: RelationDraft,
  target: EntityDraft,
  mark: 'joinColumns' | 'joinTable',
  decorator: string,
  { problems }: BuildContext,
): boolean {
  const { group } = relation;
  const other = relationNamed(target, relation.inverse);
  const [here, there] = [
    group[mark] !== undefined,
    other !== undefined && other !== relation && other.group[mark] !== undefined,
  ];
  const at = spot(draft, relation.property);
  if (here && there) {
    const both = enumerate(
      [`${draft.name}.${relation.property}`, `${target.name}.${relation.inverse}`].sort(),
    );
    problems.add(
      at,
      `${decorator} stands on both sides (${both})`,
      'Leave it on the side that holds the key',
    );
  }
  if (!here && !there) {
    problems.add(
      at,
      `no side of the relation carries ${decorator}`,
      `Add ${decorator}() to the side that holds the key`,
    );
  }
  return here;
}
