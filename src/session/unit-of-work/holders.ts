/**
 * Who was on the other side of a one-to-one that nobody has loaded, and that is replaced or emptied: one query a
 * relation, whatever the number of entities. Without it the new one would meet the old one's key, and null would
 * mean nothing.
 */

import type { Connection } from '../../dialects/contract.js';
import { lateFor, loadLate } from '../../query/find/late-loading.js';
import type { EntityMap, MappedRelation, Values } from '../../query/mapping/entity-map.js';
import { nested, relatedOf, setRelated } from '../../query/mapping/related.js';
import type { Graph } from './graph.js';
import { isHeldBy, type List, nameOf } from './lists.js';

/** Whether the database must be asked who was there. */
function isUnasked({ subject, relation, members, before, isWhole }: List): boolean {
  if (relation.toMany || isWhole || subject.action !== 'save' || subject.knowledge === 'new') return false;
  // Whom the entity put there before was the only one.
  if (before !== undefined && before.size > 0) return false;
  const [member] = members;
  return member === undefined || !isHeldBy(subject.entity, relation, member);
}

/** Whether an unasked relation is in a graph. */
export function hasUnasked({ lists }: Graph): boolean {
  for (const list of lists) if (isUnasked(list)) return true;
  return false;
}

/** The answers of one unit of work, whose graph may be made more than once. */
export class Holders {
  readonly #known = new Map<Values, Map<string, Values | null>>();

  /** Completes a graph by those who were there and no longer are. @throws RELATION_REQUIRED */
  async ask(connection: Connection, graph: Graph): Promise<void> {
    const lists = graph.lists.filter(isUnasked);
    for (const group of byRelation(lists.filter((list) => this.#of(list) === undefined))) {
      await this.#load(connection, group);
    }
    const instances = new Instances(graph);
    for (const list of lists) graph.learn(list, instances.of(list.relation.target, this.#of(list) ?? null));
    graph.complete();
  }

  #of({ subject, relation }: List): Values | null | undefined {
    return this.#known.get(subject.entity)?.get(relation.meta.property);
  }

  async #load(connection: Connection, { map, relation, lists }: Group): Promise<void> {
    const { property, path } = relation.meta;
    const entities = lists.map(({ subject }) => subject.entity);
    const given = entities.map((entity) => relatedOf(entity, relation));
    try {
      // What a date of deletion hides holds its key all the same.
      await loadLate(connection, map, entities, lateFor(map, nested([[path, { withDeleted: true }]])));
      for (const entity of entities) {
        const known = this.#known.get(entity) ?? new Map<string, Values | null>();
        this.#known.set(entity, known.set(property, relatedOf(entity, relation) as Values | null));
      }
    } finally {
      entities.forEach((entity, i) => {
        setRelated(entity, relation, given[i]);
      });
    }
  }
}

interface Group {
  readonly map: EntityMap;
  readonly relation: MappedRelation;
  readonly lists: List[];
}

function byRelation(lists: readonly List[]): Group[] {
  const groups: Group[] = [];
  for (const list of lists) {
    const { relation, subject } = list;
    const group = groups.find((each) => each.relation === relation && each.map === subject.map);
    if (group === undefined) groups.push({ map: subject.map, relation, lists: [list] });
    else group.lists.push(list);
  }
  return groups;
}

/** Of a row of which the unit has an instance already, that one is meant. */
class Instances {
  readonly #graph: Graph;
  readonly #byRoot = new Map<EntityMap, ReadonlyMap<unknown, Values>>();

  constructor(graph: Graph) {
    this.#graph = graph;
  }

  of(map: EntityMap, found: Values | null): Values | null {
    return found === null ? null : (this.#namesOf(map.root).get(nameOf(map, found)) ?? found);
  }

  #namesOf(root: EntityMap): ReadonlyMap<unknown, Values> {
    let names = this.#byRoot.get(root);
    if (names === undefined) {
      const own = [...this.#graph.subjects.values()].filter(({ map }) => map.root === root);
      names = new Map(own.map(({ map, entity }) => [nameOf(map, entity), entity]));
      this.#byRoot.set(root, names);
    }
    return names;
  }
}
