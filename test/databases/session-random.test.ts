/**
 * Random lives of a session: unique values change hands, rows come and go, statements fail, savepoints are taken
 * back. A plain model that knows nothing of entities says what must be in the database and in memory.
 */

import fc from 'fast-check';
import { DataSource, type Session } from 'limbeck';
import { databaseOf, replaceDatabase } from '../../src/data-source';
import { createDatabase, type DatabaseKind, type TestDatabase, testDatabases } from '../support/databases';
import { FaultyDatabase } from '../support/faults';
import { Badge, Board, Card, turnoverEntities } from './turnover-entities';

const STEPS = [
  'addBadge',
  'renameBadge',
  'swapBadges',
  'removeBadge',
  'replaceBadge',
  'addCard',
  'turnCards',
  'moveCard',
  'dropCard',
  'replaceCard',
  'expire',
  'refresh',
  'fail',
  'flush',
  'commit',
  'rollback',
  'savepoint',
] as const;
type Step = readonly [name: (typeof STEPS)[number], a: number, b: number];

const number = fc.integer({ min: 0, max: 30 });
const step: fc.Arbitrary<Step> = fc.tuple(fc.constantFrom(...STEPS), number, number);

/** What is meant: every badge by its code, every card by its text with its board and place. */
interface Model {
  readonly badges: Map<Badge, string>;
  readonly cards: Map<Card, { board: Board; place: number; text: string }>;
}

const copy = ({ badges, cards }: Model): Model => ({
  badges: new Map(badges),
  cards: new Map([...cards].map(([card, at]) => [card, { ...at }])),
});

const told = ({ badges, cards }: Model): readonly string[] =>
  [
    ...[...badges.values()].map((code) => `badge ${code}`),
    ...[...cards.values()].map(({ board, place, text }) => `card ${board.name} ${place} ${text}`),
  ].sort();

/** The same as the entities themselves say it. */
const held = ({ badges, cards }: Model): readonly string[] =>
  [
    ...[...badges.keys()].map(({ code }) => `badge ${code}`),
    ...[...cards.keys()].map(
      (card) => `card ${(card.board as Board | undefined)?.name} ${card.place} ${card.text}`,
    ),
  ].sort();

const at = <T>(list: Iterable<T>, i: number): T | undefined => {
  const all = [...list];
  return all[i % Math.max(1, all.length)];
};

class Life {
  model: Model = { badges: new Map(), cards: new Map() };
  committed: Model = copy(this.model);
  #next = 0;
  readonly #session: Session;
  readonly #boards: readonly Board[];
  readonly #faulty: FaultyDatabase;

  constructor(session: Session, boards: readonly Board[], faulty: FaultyDatabase) {
    this.#session = session;
    this.#boards = boards;
    this.#faulty = faulty;
  }

  async take([name, a, b]: Step, depth = 0): Promise<void> {
    const session = this.#session;
    const { badges, cards } = this.model;
    const [badge, other] = [at(badges.keys(), a), at(badges.keys(), b)];
    const [card, mate] = [at(cards.keys(), a), at(cards.keys(), b)];
    const fresh = `n${this.#next++}`;
    switch (name) {
      case 'addBadge':
        this.#addBadge(fresh);
        break;
      case 'renameBadge':
        if (badge !== undefined) this.#rename(badge, fresh);
        break;
      case 'swapBadges': {
        if (badge === undefined || other === undefined) break;
        const [one, two] = [badges.get(badge) as string, badges.get(other) as string];
        this.#rename(badge, two);
        this.#rename(other, one);
        break;
      }
      case 'removeBadge':
        if (badge === undefined) break;
        session.remove(badge);
        badges.delete(badge);
        break;
      case 'replaceBadge': {
        if (badge === undefined) break;
        const code = badges.get(badge) as string;
        session.remove(badge);
        badges.delete(badge);
        this.#addBadge(code);
        break;
      }
      case 'addCard':
        this.#addCard(at(this.#boards, b) as Board, fresh);
        break;
      case 'turnCards': {
        if (card === undefined || mate === undefined) break;
        const [one, two] = [cards.get(card), cards.get(mate)] as const;
        if (one === undefined || two === undefined) break;
        this.#place(card, two.board, two.place);
        const { board, place } = this.#was(one);
        if (card !== mate) this.#place(mate, board, place);
        break;
      }
      case 'moveCard':
        if (card !== undefined) {
          const board = at(this.#boards, b) as Board;
          this.#place(card, board, this.#free(board));
        }
        break;
      case 'dropCard':
        if (card === undefined) break;
        session.remove(card);
        cards.delete(card);
        break;
      case 'replaceCard': {
        if (card === undefined) break;
        const { board, place } = cards.get(card) as { board: Board; place: number };
        session.remove(card);
        cards.delete(card);
        this.#addCard(board, fresh, place);
        break;
      }
      case 'expire':
        await session.flush();
        session.expireAll();
        break;
      case 'refresh':
        await session.flush();
        if (badge !== undefined) await session.refresh(badge);
        break;
      case 'fail': {
        const before = session.changes().length;
        this.#faulty.set({ at: 1 + (a % 8), after: b % 2 === 0 });
        const failed = await session.flush().then(
          () => false,
          () => true,
        );
        this.#faulty.set(undefined);
        if (failed) expect(session.changes()).toHaveLength(before);
        break;
      }
      case 'flush':
        await session.flush();
        break;
      case 'commit':
        if (depth > 0) break;
        await session.commit();
        this.committed = copy(this.model);
        break;
      case 'rollback':
        if (depth > 0) break;
        await session.rollback();
        this.model = copy(this.committed);
        break;
      case 'savepoint':
        await this.#savepoint(a, b, depth);
        break;
    }
    expect(held(this.model)).toEqual(told(this.model));
  }

  /** Some steps, which are kept or taken back; a savepoint inside one, too. */
  async #savepoint(a: number, b: number, depth: number): Promise<void> {
    const before = copy(this.model);
    const steps: Step[] = [
      [STEPS[a % 10] as Step[0], b, a],
      ['flush', 0, 0],
      [STEPS[b % 10] as Step[0], a, b],
    ];
    if (depth === 0 && a % 3 === 0) steps.push(['savepoint', b, a + 1]);
    try {
      await this.#session.savepoint(async () => {
        for (const each of steps) await this.take(each, depth + 1);
        if (b % 2 === 0) throw new Error('taken back');
      });
    } catch (cause) {
      if ((cause as Error).message !== 'taken back') throw cause;
      this.model = before;
    }
  }

  #addBadge(code: string): void {
    const badge = this.#session.add(Object.assign(new Badge(), { code }));
    this.model.badges.set(badge, code);
  }

  #rename(badge: Badge, code: string): void {
    badge.code = code;
    this.model.badges.set(badge, code);
  }

  #addCard(board: Board, text: string, place = this.#free(board)): void {
    const card = this.#session.add(Object.assign(new Card(), { board, place, text }));
    this.model.cards.set(card, { board, place, text });
  }

  #place(card: Card, board: Board, place: number): void {
    const meant = this.model.cards.get(card) as { text: string };
    Object.assign(card, { board, place });
    this.model.cards.set(card, { board, place, text: meant.text });
  }

  #was<T>(value: T): T {
    return value;
  }

  #free(board: Board): number {
    const places = [...this.model.cards.values()]
      .filter((each) => each.board === board)
      .map(({ place }) => place);
    for (let place = 1; ; place++) if (!places.includes(place)) return place;
  }
}

describe.each(testDatabases())('on %s', (kind: DatabaseKind) => {
  let database: TestDatabase;
  let db: DataSource;
  let faulty: FaultyDatabase;

  beforeAll(async () => {
    database = await createDatabase(kind);
    db = await new DataSource({ url: database.url, entities: turnoverEntities }).initialize();
    await db.createSchema();
    await db.getRepository(Board).insert([{ name: 'left' }, { name: 'right' }]);
    faulty = new FaultyDatabase(databaseOf(db));
    replaceDatabase(db, faulty.front);
  });
  afterAll(async () => {
    await db.destroy();
    await database.drop();
  });

  async function stored(): Promise<readonly string[]> {
    const badges = await db.getRepository(Badge).find();
    const cards = await db.getRepository(Card).find({ relations: { board: true } });
    return [
      ...badges.map(({ code }) => `badge ${code}`),
      ...cards.map(({ board, place, text }) => `card ${board.name} ${place} ${text}`),
    ].sort();
  }

  test('memory and database hold what the model says', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        await db.query('DELETE FROM cards');
        await db.query('DELETE FROM badges');
        await using session = db.session();
        const life = new Life(session, (await session.find(Board)) as Board[], faulty);
        for (const each of steps) {
          await life.take(each);
          if (each[0] === 'commit' || each[0] === 'rollback')
            expect(await stored()).toEqual(told(life.committed));
        }
        await life.take(['commit', 0, 0]);
        expect(await stored()).toEqual(told(life.model));
        expect(session.changes()).toEqual([]);
      }),
      { numRuns: Number(process.env.LIMBECK_RUNS ?? (kind === 'sqlite' ? 100 : 15)) },
    );
  }, 120_000);
});
