/**
 * Random edits of random graphs, flushed, committed and rolled back at random: the database always holds what a
 * plain model in memory says, and a rollback gives entities back exactly what they held at the last commit.
 */

import fc from 'fast-check';
import { DataSource, type QueryEntry, type Session } from 'limbeck';
import { createDatabase, type DatabaseKind, type TestDatabase, testDatabases } from '../support/databases';
import { entities, Label, Line, Order, Person, Player, Team } from './saving-entities';

const STEPS = [
  'addPerson',
  'rename',
  'setBoss',
  'removePerson',
  'addOrder',
  'addLine',
  'editLine',
  'dropLine',
  'link',
  'unlink',
  'removeOrder',
  'addTeam',
  'setCaptain',
  'flush',
  'commit',
  'commit',
  'rollback',
] as const;
type Step = readonly [name: (typeof STEPS)[number], a: number, b: number];

const step: fc.Arbitrary<Step> = fc.tuple(
  fc.constantFrom(...STEPS),
  fc.integer({ min: 0, max: 50 }),
  fc.integer({ min: 0, max: 50 }),
);

/** The entities that are there, which are the model as well: what their properties say is what rows must hold. */
interface World {
  people: Person[];
  orders: Order[];
  teams: Team[];
}

const at = <T>(list: readonly T[], i: number): T | undefined => list[i % Math.max(1, list.length)];

function bySorted(list: readonly string[]): readonly string[] {
  return [...list].sort();
}

/** The world in words that name no generated key. */
function told({ people, orders, teams }: World): readonly string[] {
  return bySorted([
    ...people.map(({ name, boss }) => `person ${name} < ${boss?.name ?? '-'}`),
    ...orders.flatMap(({ customer, lines, labels }) => [
      `order ${customer}`,
      ...lines.map(({ place, article }) => `line ${customer} ${place} ${article}`),
      ...labels.map(({ name }) => `label ${customer} ${name}`),
    ]),
    ...teams.flatMap(({ name, captain, players }) => [
      `team ${name} ${captain?.name ?? '-'}`,
      ...players.map((player) => `player ${name} ${player.name}`),
    ]),
  ]);
}

async function stored(db: DataSource): Promise<readonly string[]> {
  return told({
    people: (await db.getRepository(Person).find({ relations: { boss: true } })) as Person[],
    orders: (await db.getRepository(Order).find({ relations: { lines: true, labels: true } })) as Order[],
    teams: (await db.getRepository(Team).find({ relations: { captain: true, players: true } })) as Team[],
  });
}

class Play {
  world: World = { people: [], orders: [], teams: [] };
  #committed: World = { people: [], orders: [], teams: [] };
  #picture: readonly string[] = [];
  readonly #session: Session;
  readonly #labels: readonly Label[];
  #next = 0;

  constructor(session: Session, labels: readonly Label[]) {
    this.#session = session;
    this.#labels = labels;
  }

  get committed(): readonly string[] {
    return this.#picture;
  }

  async take([name, a, b]: Step): Promise<void> {
    const { people, orders, teams } = this.world;
    const session = this.#session;
    const [person, order, team] = [at(people, a), at(orders, a), at(teams, a)];
    const label = at(this.#labels, b) as Label;
    const fresh = `n${this.#next++}`;
    switch (name) {
      case 'addPerson': {
        const boss = b % 3 === 0 ? null : (at(people, b) ?? null);
        people.push(session.add(Object.assign(new Person(), { name: fresh, boss })));
        break;
      }
      case 'rename':
        if (person !== undefined) person.name = fresh;
        break;
      case 'setBoss':
        if (person !== undefined) person.boss = b % 4 === 0 ? null : (at(people, b) as never);
        break;
      case 'removePerson':
        if (person === undefined) break;
        for (const each of people) if (each.boss === person) each.boss = null;
        session.remove(person);
        people.splice(people.indexOf(person), 1);
        break;
      case 'addOrder':
        orders.push(session.add(Object.assign(new Order(), { customer: fresh, lines: [], labels: [label] })));
        break;
      case 'addLine':
        order?.lines.push(Object.assign(new Line(), { place: this.#next, article: fresh }) as never);
        break;
      case 'editLine': {
        const line = order && at(order.lines, b);
        if (line !== undefined) line.article = fresh;
        break;
      }
      case 'dropLine':
        if (order !== undefined && order.lines.length > 0) order.lines.splice(b % order.lines.length, 1);
        break;
      case 'link':
        if (order !== undefined && !order.labels.includes(label as never)) order.labels.push(label as never);
        break;
      case 'unlink':
        if (order !== undefined)
          order.labels = order.labels.filter((each) => each !== (label as unknown)) as never;
        break;
      case 'removeOrder':
        if (order === undefined) break;
        session.remove(order);
        orders.splice(orders.indexOf(order), 1);
        break;
      case 'addTeam': {
        const players = Array.from({ length: 1 + (b % 3) }, (_, i) =>
          Object.assign(new Player(), { name: `${fresh}.${i}` }),
        );
        teams.push(
          session.add(Object.assign(new Team(), { name: fresh, players, captain: at(players, b) })) as Team,
        );
        break;
      }
      case 'setCaptain':
        if (team !== undefined) team.captain = b % 3 === 0 ? null : (at(team.players, b) as never);
        break;
      case 'flush':
        await session.flush();
        break;
      case 'commit':
        await session.commit();
        this.keep();
        break;
      case 'rollback':
        await session.rollback();
        this.world = this.#copy(this.#committed);
        expect(told(this.world)).toEqual(this.#picture);
        expect(session.changes()).toEqual([]);
        break;
    }
  }

  keep(): void {
    this.#committed = this.#copy(this.world);
    this.#picture = told(this.world);
  }

  #copy({ people, orders, teams }: World): World {
    return { people: [...people], orders: [...orders], teams: [...teams] };
  }
}

type Tally = Readonly<Record<string, number>>;

/** How many rows of each table `changes()` says that a flush will write. */
function foretold(session: Session): Tally {
  const tally: Record<string, number> = {};
  for (const { kind, table } of session.changes()) {
    const verb = { link: 'insert', unlink: 'delete' }[kind as string] ?? kind;
    tally[`${verb} ${table}`] = (tally[`${verb} ${table}`] ?? 0) + 1;
  }
  return tally;
}

/** How many rows of each table statements have written. */
function written(statements: readonly QueryEntry[]): Tally {
  const tally: Record<string, number> = {};
  for (const { sql, rows = 0 } of statements) {
    const told = /^(INSERT INTO|UPDATE|DELETE FROM) [`"]?(\w+)/.exec(sql);
    if (told === null || rows === 0) continue;
    const name = `${told[1]?.split(' ')[0]?.toLowerCase()} ${told[2]}`;
    tally[name] = (tally[name] ?? 0) + rows;
  }
  return tally;
}

describe.each(testDatabases())('on %s', (kind: DatabaseKind) => {
  let database: TestDatabase;
  let db: DataSource;
  let sent = 0;
  let log: QueryEntry[] = [];

  beforeAll(async () => {
    database = await createDatabase(kind);
    db = await new DataSource({
      url: database.url,
      entities,
      logger: (entry) => {
        if (entry.kind !== 'query') return;
        sent += 1;
        log.push(entry);
      },
    }).initialize();
    await db.createSchema();
    await db.getRepository(Label).insert(['x', 'y', 'z'].map((name) => ({ name })));
  });
  afterAll(async () => {
    await db.destroy();
    await database.drop();
  });

  async function empty(): Promise<void> {
    await db.query('UPDATE people SET boss_id = NULL');
    await db.query('UPDATE teams SET captain_id = NULL');
    for (const table of ['people', 'order_lines', 'orders_labels', 'orders', 'players', 'teams'])
      await db.query(`DELETE FROM ${table}`);
  }

  test('the database holds what the entities say, and a rollback takes both back', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        await empty();
        await using session = db.session();
        const play = new Play(session, (await session.find(Label)) as Label[]);
        for (const each of steps) {
          const isFlush = each[0] === 'flush' || each[0] === 'commit';
          log = [];
          const said = isFlush ? foretold(session) : {};
          expect(log).toEqual([]);
          await play.take(each);
          if (isFlush) expect(written(log)).toEqual(said);
          if (each[0] === 'rollback' || each[0] === 'commit')
            expect(await stored(db)).toEqual(play.committed);
        }
        await play.take(['commit', 0, 0]);
        expect(await stored(db)).toEqual(play.committed);
        const before = sent;
        expect(session.changes()).toEqual([]);
        await session.flush();
        await db.getRepository(Order).save(play.world.orders);
        expect(sent).toBe(before);
      }),
      { numRuns: kind === 'sqlite' ? 60 : 12 },
    );
  }, 120_000);
});
