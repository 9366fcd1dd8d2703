/**
 * Rows that refer to each other → batches in which no row comes before one that it needs. Whole classes stand
 * together where that is possible, so that few statements write many rows. What runs in a circle is cut where a
 * key may be NULL for a while.
 */

import { error } from '../../base/error-codes.js';
import type { EntityMap, MappedRelation } from '../../query/mapping/entity-map.js';
import type { Subject } from './subject.js';

/** A row's need of another one: its column refers to it. */
export interface Need {
  readonly subject: Subject;
  readonly relation: MappedRelation;
}

/** Rows of one class that need nothing of each other. */
export interface Batch {
  readonly map: EntityMap;
  readonly subjects: Subject[];
}

export interface Order {
  readonly batches: readonly Batch[];
  /** Needs that were cut because they ran in a circle. */
  readonly cut: readonly CutNeed[];
}

export interface CutNeed {
  readonly subject: Subject;
  readonly relation: MappedRelation;
  /** Its columns are NULL for a while, or the database does not mind that what they refer to is not there. */
  readonly kind: 'null' | 'free';
}

/** How a circle may be cut at a need, if at all. */
export type Cut = CutNeed['kind'] | undefined;

/** Subjects by class, in the order in which the classes and they themselves came. */
export function byClass(subjects: Iterable<Subject>): Batch[] {
  const batches = new Map<EntityMap, Batch>();
  for (const subject of subjects) {
    const batch = batches.get(subject.map);
    if (batch === undefined) batches.set(subject.map, { map: subject.map, subjects: [subject] });
    else batch.subjects.push(subject);
  }
  return [...batches.values()];
}

/**
 * Puts rows after those that they need (Kahn's algorithm, a class at a time).
 *
 * @param needsOf what a row needs of the others; needs of rows that are not among the subjects do not count
 * @param cutOf asked only where needs run in a circle
 * @throws SAVE_CYCLE naming the way round
 */
export function orderByNeeds(
  subjects: readonly Subject[],
  needsOf: (subject: Subject) => readonly Need[],
  cutOf: (subject: Subject, need: Need) => Cut,
): Order {
  const needs = new Map<Subject, Need[]>();
  for (const subject of subjects) {
    const own = needsOf(subject);
    if (own.length > 0) needs.set(subject, [...own]);
  }
  if (needs.size === 0) return { batches: byClass(subjects), cut: [] };
  return new Ordering(subjects, needs, cutOf).run();
}

class Ordering {
  readonly #needs: Map<Subject, Need[]>;
  readonly #cutOf: (subject: Subject, need: Need) => Cut;
  readonly #dependents = new Map<Subject, Subject[]>();
  readonly #ready = new Map<EntityMap, Subject[]>();
  /** How many rows of a class are still to come, ready or not. */
  readonly #left = new Map<EntityMap, number>();
  readonly #pending = new Set<Subject>();
  readonly #batches: Batch[] = [];
  readonly #cut: CutNeed[] = [];

  constructor(
    subjects: readonly Subject[],
    needs: Map<Subject, Need[]>,
    cutOf: (subject: Subject, need: Need) => Cut,
  ) {
    this.#needs = needs;
    this.#cutOf = cutOf;
    for (const subject of subjects) {
      const { map } = subject;
      this.#pending.add(subject);
      this.#left.set(map, (this.#left.get(map) ?? 0) + 1);
      if (!this.#ready.has(map)) this.#ready.set(map, []);
    }
    for (const [subject, own] of needs) {
      const real = own.filter((need) => this.#pending.has(need.subject));
      needs.set(subject, real);
      for (const need of real) this.#addDependent(need.subject, subject);
    }
    for (const subject of subjects) if (this.#isReady(subject)) this.#ready.get(subject.map)?.push(subject);
  }

  run(): Order {
    while (this.#pending.size > 0) {
      const map = this.#nextClass();
      if (map === undefined) this.#cutCircle();
      else this.#take(map);
    }
    return { batches: this.#batches, cut: this.#cut };
  }

  #addDependent(needed: Subject, subject: Subject): void {
    const known = this.#dependents.get(needed);
    if (known === undefined) this.#dependents.set(needed, [subject]);
    else known.push(subject);
  }

  #isReady(subject: Subject): boolean {
    return (this.#needs.get(subject)?.length ?? 0) === 0;
  }

  /** A class of which every row is ready, else the first of which some are. */
  #nextClass(): EntityMap | undefined {
    let some: EntityMap | undefined;
    for (const [map, ready] of this.#ready) {
      if (ready.length === 0) continue;
      if (ready.length === this.#left.get(map)) return map;
      some ??= map;
    }
    return some;
  }

  #take(map: EntityMap): void {
    const subjects = this.#ready.get(map) as Subject[];
    this.#ready.set(map, []);
    this.#left.set(map, (this.#left.get(map) as number) - subjects.length);
    this.#batches.push({ map, subjects });
    for (const subject of subjects) this.#pending.delete(subject);
    for (const subject of subjects) {
      for (const dependent of this.#dependents.get(subject) ?? []) this.#release(dependent, subject);
    }
  }

  #release(dependent: Subject, needed: Subject): void {
    const needs = this.#needs.get(dependent) as Need[];
    // A row may need another one by two relations.
    const left = needs.filter(({ subject }) => subject !== needed);
    if (left.length === needs.length) return;
    this.#needs.set(dependent, left);
    if (left.length === 0) this.#ready.get(dependent.map)?.push(dependent);
  }

  /** Nothing is ready, so every row waits for another one: whoever follows the needs comes round. */
  #cutCircle(): void {
    const circle = this.#findCircle();
    const cuts = circle.map(({ subject, need }) => this.#cutOf(subject, need));
    const place = cuts.includes('free') ? cuts.indexOf('free') : cuts.indexOf('null');
    const at = circle[place];
    const kind = cuts[place];
    if (at === undefined || kind === undefined) throw this.#cycleError(circle);
    this.#cut.push({ subject: at.subject, relation: at.need.relation, kind });
    const left = (this.#needs.get(at.subject) as Need[]).filter((need) => need !== at.need);
    this.#needs.set(at.subject, left);
    if (left.length === 0) this.#ready.get(at.subject.map)?.push(at.subject);
  }

  #findCircle(): { readonly subject: Subject; readonly need: Need }[] {
    const way: { subject: Subject; need: Need }[] = [];
    const places = new Map<Subject, number>();
    let subject = this.#pending.values().next().value as Subject;
    while (!places.has(subject)) {
      places.set(subject, way.length);
      const need = (this.#needs.get(subject) as Need[])[0] as Need;
      way.push({ subject, need });
      subject = need.subject;
    }
    return way.slice(places.get(subject) as number);
  }

  #cycleError(circle: readonly { readonly subject: Subject; readonly need: Need }[]): Error {
    const steps = circle.map(
      ({ subject, need }) => `${subject.map.meta.name}.${need.relation.meta.property}`,
    );
    return error('SAVE_CYCLE', { entities: [...steps, circle[0]?.subject.map.meta.name as string] });
  }
}
