/** Unique values that change hands within one flush, and deleted rows whose key or name a new one takes. */

import { DataSource } from 'limbeck';
import { createDatabase, type DatabaseKind, type TestDatabase, testDatabases } from '../support/databases';
import { Badge, Board, Card, Coin, turnoverEntities } from './turnover-entities';

const codeOf = (run: () => unknown): Promise<unknown> =>
  (async () => run())().then(
    () => 'nothing was thrown',
    (cause: { code?: string }) => cause.code ?? cause,
  );

const made = <T extends object>(target: new () => T, values: Partial<T>): T =>
  Object.assign(new target(), values);

describe.each(testDatabases())('on %s', (kind: DatabaseKind) => {
  let database: TestDatabase;
  let db: DataSource;
  let log: string[] = [];
  const statements = (): string[] => {
    const said = log.map((sql) => sql.replace('START TRANSACTION', 'BEGIN').split(' ')[0] as string);
    log = [];
    return said.filter((word) => !['BEGIN', 'COMMIT', 'SELECT'].includes(word));
  };

  beforeAll(async () => {
    database = await createDatabase(kind);
    db = await new DataSource({
      url: database.url,
      entities: turnoverEntities,
      logger: (entry) => {
        if (entry.kind === 'query') log.push(entry.sql);
      },
    }).initialize();
    await db.createSchema();
  });
  afterAll(async () => {
    await db.destroy();
    await database.drop();
  });
  beforeEach(async () => {
    for (const table of ['badges', 'coins', 'cards', 'boards']) await db.query(`DELETE FROM ${table}`);
  });

  const badges = async (): Promise<string[]> =>
    (await db.getRepository(Badge).find({ order: { id: 'asc' } })).map(
      ({ code, number, price, version }) => `${code} ${number ?? '-'} ${Number(price)} v${version}`,
    );

  describe('two rows swap', () => {
    test('a unique column that may not be NULL, with versions that count one write', async () => {
      const [a, b] = await db.getRepository(Badge).save([
        { code: 'a', number: 1n, price: '1.50' },
        { code: 'b', number: 2n, price: '2.50' },
      ]);
      if (a === undefined || b === undefined) throw new Error('two badges');
      [a.code, b.code] = [b.code, a.code];
      log = [];
      await db.getRepository(Badge).save([a, b]);
      expect(statements()).toEqual(['UPDATE', 'UPDATE', 'UPDATE']);
      expect(await badges()).toEqual(['b 1 1.5 v2', 'a 2 2.5 v2']);
      // And what they remember is what was written.
      log = [];
      await db.getRepository(Badge).save([a, b]);
      expect(log).toEqual([]);
    });

    test.each(['number', 'price'] as const)('one that may be NULL: %s', async (property) => {
      await db.getRepository(Badge).save([
        { code: 'a', number: 1n, price: '1.50' },
        { code: 'b', number: 2n, price: '2.50' },
      ]);
      await using session = db.session();
      const [a, b] = await session.find(Badge, { order: { id: 'asc' } });
      if (a === undefined || b === undefined) throw new Error('two badges');
      const values = [a[property], b[property]];
      Object.assign(a, { [property]: values[1] });
      Object.assign(b, { [property]: values[0] });
      log = [];
      await session.commit();
      expect(statements()).toEqual(['UPDATE', 'UPDATE', 'UPDATE']);
      const stored = await db.getRepository(Badge).find({ order: { id: 'asc' } });
      expect(stored.map((each) => String(Number(each[property])))).toEqual(
        [values[1], values[0]].map((value) => String(Number(value))),
      );
    });

    test('places in a list, all of them turned round', async () => {
      const { id } = await db.getRepository(Board).save({
        name: 'one',
        cards: [1, 2, 3, 4, 5].map((place) => ({ place, text: `was ${place}` })),
      });
      await using session = db.session();
      const board = await session.findOneOrFail(Board, { where: { id }, relations: { cards: true } });
      for (const card of board.cards) card.place = 6 - card.place;
      await session.commit();
      const cards = await db.getRepository(Card).find({ order: { place: 'asc' } });
      expect(cards.map(({ text }) => text)).toEqual(['was 5', 'was 4', 'was 3', 'was 2', 'was 1']);
      // The one in the middle stays where it is.
      expect(cards.map(({ version }) => version)).toEqual([2, 2, 1, 2, 2]);
    });

    test('places moved up by one, with a new card in front', async () => {
      const { id } = await db.getRepository(Board).save({
        name: 'one',
        cards: [1, 2, 3].map((place) => ({ place, text: `was ${place}` })),
      });
      await using session = db.session();
      const board = await session.findOneOrFail(Board, { where: { id }, relations: { cards: true } });
      for (const card of board.cards) card.place += 1;
      board.cards.push(made(Card, { place: 1, text: 'new' }));
      await session.commit();
      const cards = await db.getRepository(Card).find({ order: { place: 'asc' } });
      expect(cards.map(({ place, text }) => `${place} ${text}`)).toEqual([
        '1 new',
        '2 was 1',
        '3 was 2',
        '4 was 3',
      ]);
    });

    test('their owners: cards of the same place change boards, one of them to a new board', async () => {
      const [a, b] = await db.getRepository(Board).save([
        { name: 'a', cards: [{ place: 1, text: 'a1' }] },
        { name: 'b', cards: [{ place: 1, text: 'b1' }] },
      ]);
      await using session = db.session();
      const cards = await session.find(Card, { order: { text: 'asc' }, relations: { board: true } });
      const [ofA, ofB] = cards;
      if (ofA === undefined || ofB === undefined || a === undefined || b === undefined)
        throw new Error('two');
      [ofA.board, ofB.board] = [ofB.board, ofA.board];
      await session.commit();
      const boardsOf = async (): Promise<string[]> =>
        (await db.getRepository(Card).find({ order: { text: 'asc' }, relations: { board: true } })).map(
          ({ text, place, board }) => `${text} ${place} ${board.name}`,
        );
      expect(await boardsOf()).toEqual(['a1 1 b', 'b1 1 a']);
      ofA.board = session.add(made(Board, { name: 'c' }));
      const { board } = ofB;
      ofB.board = await session.findOneByOrFail(Board, { name: 'b' });
      session.remove(board);
      await session.commit();
      expect(await boardsOf()).toEqual(['a1 1 c', 'b1 1 b']);
    });

    test('what no row can hold meanwhile is refused by name, and nothing is sent', async () => {
      const [a, b] = await db.getRepository(Coin).save([
        { code: 'a', side: true },
        { code: 'b', side: false },
      ]);
      if (a === undefined || b === undefined) throw new Error('two coins');
      [a.side, b.side] = [b.side, a.side];
      log = [];
      expect(await codeOf(() => db.getRepository(Coin).save([a, b]))).toBe('UNIQUE_SWAP');
      expect(log).toEqual([]);
    });

    test('a boolean that may be NULL', async () => {
      const coins = db.getRepository(Coin);
      const [a, b] = await coins.save([
        { code: 'a', side: true, isMain: true },
        { code: 'b', side: false, isMain: false },
      ]);
      if (a === undefined || b === undefined) throw new Error('two coins');
      [a.isMain, b.isMain] = [b.isMain, a.isMain];
      await coins.save([a, b]);
      expect((await coins.find({ order: { code: 'asc' } })).map(({ isMain }) => isMain)).toEqual([
        false,
        true,
      ]);
    });

    test('a key', async () => {
      const coins = db.getRepository(Coin);
      const [a, b] = await coins.save([
        { code: 'a', side: true, weight: 1 },
        { code: 'b', side: false, weight: 2 },
      ]);
      if (a === undefined || b === undefined) throw new Error('two coins');
      [a.code, b.code] = [b.code, a.code];
      await coins.save([a, b]);
      expect(
        (await coins.find({ order: { code: 'asc' } })).map(({ code, weight }) => `${code}${weight}`),
      ).toEqual(['a2', 'b1']);
    });

    test('the other side of a one-to-one', async () => {
      const [x, y] = await db.getRepository(Board).save([{ name: 'x' }, { name: 'y' }]);
      const coins = db.getRepository(Coin);
      await coins.save([
        { code: 'a', side: true, board: x as Board },
        { code: 'b', side: false, board: y as Board },
      ]);
      await using session = db.session();
      const [a, b] = await session.find(Coin, { order: { code: 'asc' }, relations: { board: true } });
      if (a === undefined || b === undefined) throw new Error('two coins');
      [a.board, b.board] = [b.board, a.board];
      await session.commit();
      const found = await coins.find({ order: { code: 'asc' }, relations: { board: true } });
      expect(found.map(({ board }) => board?.name)).toEqual(['y', 'x']);
    });
  });

  describe('what a row gives up another one takes', () => {
    test('a new row the value of one that is renamed: in order, without a detour', async () => {
      await db.getRepository(Badge).save({ code: 'a' });
      await using session = db.session();
      const a = await session.findOneByOrFail(Badge, { code: 'a' });
      a.code = 'was a';
      session.add(made(Badge, { code: 'a' }));
      log = [];
      await session.commit();
      expect(statements()).toEqual(['UPDATE', 'INSERT']);
      expect((await badges()).map((each) => each.split(' ')[0])).toEqual(['was', 'a']);
    });

    test('a new row the value of one that is deleted', async () => {
      await db.getRepository(Badge).save([{ code: 'a' }, { code: 'b' }]);
      await using session = db.session();
      const [a, b] = await session.find(Badge, { order: { id: 'asc' } });
      if (a === undefined || b === undefined) throw new Error('two badges');
      session.remove(a);
      b.code = 'a';
      session.add(made(Badge, { code: 'b' }));
      expect(session.changes().map((each) => each.kind)).toEqual(['delete', 'update', 'insert']);
      log = [];
      await session.commit();
      expect(statements()).toEqual(['DELETE', 'UPDATE', 'INSERT']);
      expect((await badges()).map((each) => each.split(' ')[0])).toEqual(['a', 'b']);
    });

    test('a new row the key of one that is deleted, and the session has the new one', async () => {
      await db.getRepository(Coin).save({ code: 'a', side: true, weight: 1, nick: 'n' });
      await using session = db.session();
      const old = await session.findOneByOrFail(Coin, { code: 'a' });
      session.remove(old);
      const fresh = session.add(made(Coin, { code: 'a', side: true, weight: 2, nick: 'n' }));
      log = [];
      await session.flush();
      expect(statements()).toEqual(['DELETE', 'INSERT']);
      expect(await session.get(Coin, 'a')).toBe(fresh);
      expect(session.contains(old)).toBe(false);
      await session.rollback();
      expect(await session.get(Coin, 'a')).toBe(old);
      expect(old.weight).toBe(1);
      expect(session.contains(fresh)).toBe(false);
    });

    test('members of a list are replaced by new ones of the same places', async () => {
      const boards = db.getRepository(Board);
      const board = await boards.save({
        name: 'one',
        cards: [1, 2].map((place) => ({ place, text: 'old' })),
      });
      board.cards = [1, 2].map((place) => made(Card, { place, text: 'new' }));
      log = [];
      await boards.save(board);
      expect(statements()).toEqual(['DELETE', 'INSERT']);
      const cards = await db.getRepository(Card).find();
      expect(cards.map(({ text }) => text)).toEqual(['new', 'new']);
    });

    test('a board that goes leaves its name to another one, and its cards move there', async () => {
      await db.getRepository(Board).save({
        name: 'one',
        cards: [
          { place: 1, text: 'a' },
          { place: 2, text: 'b' },
        ],
      });
      await using session = db.session();
      const old = await session.findOneOrFail(Board, { where: { name: 'one' }, relations: { cards: true } });
      const fresh = session.add(made(Board, { name: 'one', cards: [] }));
      for (const card of old.cards) fresh.cards.push(card as Card);
      old.cards = [];
      session.remove(old);
      await session.commit();
      const stored = await db
        .getRepository(Board)
        .find({ relations: { cards: { order: { place: 'asc' } } } });
      expect(stored.map(({ id, name, cards }) => [id, name, cards.map(({ text }) => text)])).toEqual([
        [fresh.id, 'one', ['a', 'b']],
      ]);
    });
  });

  test('what fails on the way is taken back, and is written when the cause is gone', async () => {
    const [a, b] = await db.getRepository(Badge).save([{ code: 'a' }, { code: 'b' }]);
    if (a === undefined || b === undefined) throw new Error('two badges');
    await using session = db.session();
    session.addAll([a, b]);
    [a.code, b.code] = ['b', 'a'];
    await db.query(
      'UPDATE badges SET version = 7 WHERE id = ?'.replace('?', kind === 'postgres' ? '$1' : '?'),
      [b.id],
    );
    expect(await codeOf(() => session.commit())).toBe('OPTIMISTIC_LOCK');
    expect(await badges()).toEqual(['a - 0 v1', 'b - 0 v7']);
    await db.query('UPDATE badges SET version = 1');
    await session.commit();
    expect(await badges()).toEqual(['b - 0 v2', 'a - 0 v2']);
  });
});
