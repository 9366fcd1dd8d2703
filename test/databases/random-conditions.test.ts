/**
 * Random conditions on random rows: what the database finds is what plain JavaScript works out, for the condition, for
 * its opposite, and for "unknown"; the three together are all rows, each once. As every database is held to the same
 * answers, they agree with each other.
 *
 * RANDOM_RUNS says how many conditions a database is asked (10,000), RANDOM_SEED from where on.
 */

import { inspect } from 'node:util';
import * as fc from 'fast-check';
import { DataSource, type EntityClass, Not } from 'limbeck';
import { labelWhere } from '../../src/query/conditions/where-shape';
import { writeWhere } from '../../src/query/conditions/where-sql';
import type { EntityMap } from '../../src/query/mapping/entity-map';
import { collectValues } from '../../src/query/shape-cache';
import { StatementWriter } from '../../src/query/statement';
import { createDatabase, type DatabaseKind, type TestDatabase, testDatabases } from '../support/databases';
import { Badge, entities, Note, Owner, Slot, Tag, Thing } from './condition-entities';
import { arbitraryConditions, COLUMNS, type Condition, type EntityName } from './random-conditions';

const RUNS = Number(process.env.RANDOM_RUNS ?? 10_000);
const SEED = Number(process.env.RANDOM_SEED ?? 1);
/** Conditions that are asked of one set of rows. */
const BATCH = 2_500;
/** Asked at the same time: the pool has as many connections. */
const AT_ONCE = 8;

type Row = Record<string, any>;
type Rows = Record<EntityName, Row[]>;

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Rows that refer to each other as objects; a quarter of what may be NULL is. */
function randomRows(seed: number): Rows {
  const random = randomNumbers(seed);
  const pick = (list: readonly any[]): any => list[Math.floor(random() * list.length)];
  const maybe = (list: readonly any[]): any => (list.length === 0 || random() < 0.25 ? null : pick(list));
  const values = (columns: Record<string, { values: readonly any[] }>, keys: readonly string[]): Row =>
    Object.fromEntries(
      Object.entries(columns)
        .filter(([name]) => !keys.includes(name))
        .map(([name, { values: list }]) => [name, maybe(list)]),
    );
  const owner = COLUMNS.owner.id?.values.map((id) => ({
    id,
    ...values(COLUMNS.owner, ['id']),
    things: [],
  })) as Row[];
  const slot = [
    [1, 'a'],
    [1, 'b'],
    [2, 'a'],
    [2, ''],
  ].map(([line, place]) => ({ line, place, ...values(COLUMNS.slot, ['line', 'place']), things: [] }) as Row);
  const tag = COLUMNS.tag.name?.values.map((name) => ({
    name,
    ...values(COLUMNS.tag, ['name']),
    things: [],
  })) as Row[];
  const thing: Row[] = [];
  for (let id = 0; id < 40; id++) {
    const row: Row = {
      id,
      ...values(COLUMNS.thing, ['id']),
      maker: values(COLUMNS.maker, []),
      owner: maybe(owner),
      slot: maybe(slot),
      parent: maybe(thing),
      tags: tag.filter(() => random() < 0.4),
      children: [],
      notes: [],
      badge: null,
    };
    row.owner?.things.push(row);
    row.slot?.things.push(row);
    row.parent?.children.push(row);
    for (const each of row.tags) each.things.push(row);
    thing.push(row);
  }
  const note: Row[] = [];
  for (let id = 1; id <= 50; id++) {
    const row: Row = { id, ...values(COLUMNS.note, []), thing: maybe(thing), isDeleted: random() < 0.25 };
    row.thing?.notes.push(row);
    note.push(row);
  }
  const badge = COLUMNS.badge.id?.values.map((id, i) => {
    const row: Row = { id, ...values(COLUMNS.badge, ['id']), thing: thing[i * 7] };
    row.thing.badge = row;
    return row;
  }) as Row[];
  return { owner, slot, tag, thing, note, badge };
}

async function store(source: DataSource, rows: Rows): Promise<void> {
  const made = new Map<Row, object>();
  const make = (Target: new () => object, row: Row): object => {
    const entity = Object.assign(new Target(), row) as Row;
    for (const name of ['things', 'children', 'notes', 'badge', 'isDeleted']) delete entity[name];
    for (const name of ['owner', 'slot', 'parent', 'thing'])
      if (entity[name]) entity[name] = made.get(entity[name]);
    if (entity.tags) entity.tags = entity.tags.map((each: Row) => made.get(each));
    if (row.isDeleted) entity.deletedAt = new Date(0);
    made.set(row, entity);
    return entity;
  };
  const save = async (Target: EntityClass, list: readonly Row[]): Promise<void> => {
    const repository = source.getRepository<any>(Target as never);
    await repository.save(list.map((row) => make(Target as new () => object, row)));
  };
  await save(Owner, rows.owner);
  await save(Slot, rows.slot);
  await save(Tag, rows.tag);
  await save(Thing, rows.thing);
  await save(Note, rows.note);
  await save(Badge, rows.badge);
}

/** Deletes what the last batch has stored, members before those they refer to. */
async function clear(source: DataSource): Promise<void> {
  for (const table of ['badges', 'notes', 'things_tags', 'things', 'tags', 'slots', 'owners']) {
    if (table === 'things') await source.query('UPDATE things SET parent_id = NULL');
    await source.query(`DELETE FROM ${table}`);
  }
}

/** The keys of the rows for which nobody knows whether a condition holds. */
async function unknownTo(source: DataSource, map: EntityMap, where: unknown): Promise<number[]> {
  const writer = new StatementWriter(map.dialect);
  const opposite = Not(where as never);
  const text = writeWhere(map, opposite, map.sql, writer);
  const params = writer.binder()(collectValues((shape) => labelWhere(map, opposite, shape)));
  const rows = await source.query(`SELECT id FROM ${map.sql} WHERE (${text}) IS NULL`, params);
  return rows.map(({ id }) => Number(id));
}

describe.each(testDatabases())('on %s', (kind: DatabaseKind) => {
  let database: TestDatabase;
  let source: DataSource;
  let map: EntityMap;
  beforeAll(async () => {
    // The default collation of the other databases: every byte counts, blanks at the end too.
    database = await createDatabase(kind, { collation: 'utf8mb4_nopad_bin' });
    source = await new DataSource({ url: database.url, entities }).initialize();
    await source.createSchema();
    map = (source.getRepository(Thing) as unknown as { map: EntityMap }).map;
  });
  afterAll(async () => {
    await source.destroy();
    await database.drop();
  });

  const keysOf = async (where: unknown): Promise<number[]> =>
    (await source.getRepository(Thing).find({ where: where as never, select: { id: true } })).map(
      ({ id }) => id,
    );

  async function check({ where, holds }: Condition, rows: Rows): Promise<void> {
    const expected = new Map<boolean | null, number[]>([
      [true, []],
      [false, []],
      [null, []],
    ]);
    for (const row of rows.thing) expected.get(holds(row))?.push(row.id);
    const found = await Promise.all([keysOf(where), keysOf(Not(where)), unknownTo(source, map, where)]);
    const sorted = found.map((keys) => keys.sort((a, b) => a - b));
    const condition = inspect(where, { depth: 20 });
    expect({ condition, rows: sorted }).toEqual({
      condition,
      rows: [expected.get(true), expected.get(false), expected.get(null)],
    });
  }

  test(`${RUNS} random conditions find what they mean`, async () => {
    for (let batch = 0; batch * BATCH < RUNS; batch++) {
      const rows = randomRows(SEED + batch);
      await clear(source);
      await store(source, rows);
      const condition = arbitraryConditions(kind === 'sqlite', (name) => rows[name]);
      await fc.assert(
        fc.asyncProperty(fc.array(condition, { minLength: AT_ONCE, maxLength: AT_ONCE }), async (list) => {
          await Promise.all(list.map((each) => check(each, rows)));
        }),
        { numRuns: Math.ceil(Math.min(BATCH, RUNS - batch * BATCH) / AT_ONCE), seed: SEED + batch },
      );
    }
  }, 600_000);

  test('random orders and pages of what is found', async () => {
    const rows = randomRows(SEED);
    await clear(source);
    await store(source, rows);
    const { thing } = COLUMNS;
    const ordered = Object.keys(thing).filter((name) => name !== 'id' && thing[name]?.ordered);
    const term = fc.tuple(fc.constantFrom(...ordered), fc.constantFrom('asc' as const, 'desc' as const));
    const page = fc.record({ skip: fc.nat(50), take: fc.nat(50) }, { requiredKeys: [] });
    const terms = fc.uniqueArray(term, { maxLength: 3, selector: ([name]) => name });
    const condition = arbitraryConditions(kind === 'sqlite', (name) => rows[name]);
    await fc.assert(
      fc.asyncProperty(condition, terms, page, async ({ where, holds }, order, { skip = 0, take }) => {
        const compare = (a: Row, b: Row): number => {
          for (const [name, direction] of order) {
            const sign = direction === 'asc' ? 1 : -1;
            const [x, y] = [a[name], b[name]];
            // In ascending order NULL is the largest value on PostgreSQL, the smallest elsewhere.
            const nulls = (Number(x === null) - Number(y === null)) * (kind === 'postgres' ? 1 : -1);
            const difference = x === null || y === null ? nulls : (thing[name]?.compare(x, y) ?? 0);
            if (difference !== 0) return sign * difference;
          }
          return a.id - b.id;
        };
        const met = rows.thing.filter((row) => holds(row) === true).sort(compare);
        const expected = met.slice(skip, take === undefined ? undefined : skip + take);
        const options = {
          where,
          order: { ...Object.fromEntries(order), id: 'asc' },
          skip,
          ...(take !== undefined && { take }),
        };
        const found = await source.getRepository(Thing).find(options as never);
        expect((found as Row[]).map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
      }),
      { numRuns: Math.ceil(RUNS / 20), seed: SEED },
    );
  }, 600_000);
});
