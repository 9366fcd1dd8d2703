/** Whoever holds the only writer of a database and asks elsewhere is told, and does not wait for himself. */

import { DataSource } from 'limbeck';
import { createDatabase, type DatabaseKind, type TestDatabase, testDatabases } from '../support/databases';
import { entities, Label } from './saving-entities';

const codeOf = (run: () => Promise<unknown>): Promise<unknown> =>
  run().then(
    () => 'done',
    (cause: { code?: string }) => cause.code ?? cause,
  );

const label = (name: string, weight = 0): Label => Object.assign(new Label(), { name, weight });

type Place = DatabaseKind | ':memory:';

describe.each<Place>([...testDatabases(), ':memory:'])('on %s', (place) => {
  let database: TestDatabase | undefined;
  let db: DataSource;
  const hasOneWriter = place === 'sqlite' || place === ':memory:';
  /** What comes of a write by somebody else, while the flow holds the writer. */
  const written = hasOneWriter ? 'DATABASE_HELD' : 'done';
  const read = place === ':memory:' ? 'DATABASE_HELD' : 'done';

  beforeAll(async () => {
    database = place === ':memory:' ? undefined : await createDatabase(place);
    db = await new DataSource({
      url: database?.url ?? 'sqlite::memory:',
      entities,
      // A call that waits for itself ends with POOL_TIMEOUT, and not with that of the test.
      pool: { acquireTimeoutMs: 2_000 },
    }).initialize();
    await db.createSchema();
  });
  afterAll(async () => {
    await db.destroy();
    await database?.drop();
  });
  beforeEach(async () => {
    await db.query('DELETE FROM labels');
    await db.getRepository(Label).insert({ name: 'a', weight: 1 });
  });

  const labels = () => db.getRepository(Label);
  const names = async (): Promise<string[]> =>
    (await labels().find({ order: { name: 'asc' } })).map(({ name }) => name);

  test('a session that has written: repositories, transactions, SQL and other sessions', async () => {
    await using session = db.session();
    await using other = db.session();
    session.add(label('s'));
    await session.flush();
    expect(await codeOf(() => labels().save(label('b')))).toBe(written);
    expect(await codeOf(() => labels().insert({ name: 'c' }))).toBe(written);
    expect(await codeOf(() => labels().update({ name: 'a' }, { weight: 2 }))).toBe(written);
    expect(await codeOf(() => db.transaction(async () => {}))).toBe(written);
    expect(await codeOf(() => db.query(`UPDATE labels SET weight = 3 WHERE name = 'a'`))).toBe(written);
    other.add(label('o'));
    expect(await codeOf(() => other.commit())).toBe(written);
    expect(await codeOf(() => labels().find())).toBe(read);
    expect(await codeOf(() => db.transaction(() => labels().find(), { readOnly: true }))).toBe(read);
    await session.manager.getRepository(Label).save(label('m'));
    await session.commit();
    expect(await codeOf(() => labels().save(label('d')))).toBe('done');
    await other.commit();
    expect(await names()).toEqual(expect.arrayContaining(['a', 'd', 'm', 'o', 's']));
  });

  test('however far down the flow the session is used, and whatever opened its transaction', async () => {
    await using session = db.session();
    const deep = async (): Promise<void> => {
      await new Promise(setImmediate);
      await session.manager.getRepository(Label).save(label('s'));
      await new Promise(setImmediate);
    };
    await deep();
    expect(await codeOf(() => labels().save(label('b')))).toBe(written);
    await session.rollback();
    expect(await codeOf(() => labels().save(label('b')))).toBe('done');
    session.add(label('q'));
    // The query flushes.
    await session.find(Label);
    expect(await codeOf(() => labels().save(label('c')))).toBe(written);
    await session.close();
    expect(await codeOf(() => labels().save(label('c')))).toBe('done');
  });

  test('not what runs beside it: who waits for the end of the session gets his turn', async () => {
    const session = db.session();
    session.add(label('s'));
    await Promise.all([session.commit(), labels().save(label('b')), labels().find()]);
    const [one, two] = [db.session(), db.session()];
    one.add(label('one'));
    two.add(label('two'));
    await Promise.all([one.commit(), two.commit()]);
    expect(await names()).toEqual(['a', 'b', 'one', 's', 'two']);
    await Promise.all([session.close(), one.close(), two.close()]);
  });

  test('nor another flow, which waits', async () => {
    let start: () => void = () => {};
    const elsewhere = new Promise<void>((resolve) => {
      start = resolve;
    }).then(() => labels().save(label('elsewhere')));
    const work = async (): Promise<void> => {
      await using session = db.session();
      session.add(label('s'));
      await session.flush();
      start();
      await new Promise((resolve) => setTimeout(resolve, 20));
      await session.commit();
    };
    await Promise.all([work(), elsewhere]);
    expect(await names()).toEqual(['a', 'elsewhere', 's']);
  });

  test('a commit that fails leaves the session holding, until it is rolled back', async () => {
    await using session = db.session();
    session.add(label('s'));
    await session.flush();
    session.add(label('a'));
    expect(await codeOf(() => session.commit())).toBe('UNIQUE_VIOLATION');
    expect(await codeOf(() => labels().save(label('b')))).toBe(written);
    await session.rollback();
    expect(await codeOf(() => labels().save(label('b')))).toBe('done');
  });

  test("Kysely's startTransaction()", async () => {
    const kysely = db.kysely<{ labels: Label }>();
    const trx = await kysely.startTransaction().execute();
    await trx.insertInto('labels').values({ name: 'k', weight: 1 }).execute();
    expect(await codeOf(() => labels().save(label('b')))).toBe(written);
    expect(await codeOf(() => labels().find())).toBe(read);
    await trx.commit().execute();
    expect(await codeOf(() => labels().save(label('b')))).toBe('done');
    const second = await kysely.startTransaction().execute();
    await second.rollback().execute();
    expect(await codeOf(() => labels().save(label('c')))).toBe('done');
    expect(await names()).toEqual(['a', 'b', 'c', 'k']);
  });
});
