/** What a database refuses, in the same words and with the same facts on every database. */

import {
  Check,
  CheckViolationError,
  Column,
  DataSource,
  Entity,
  ForeignKeyViolationError,
  isLimbeckError,
  ManyToOne,
  NotNullViolationError,
  type One,
  PrimaryGeneratedColumn,
  QueryError,
  Unique,
  UniqueViolationError,
} from 'limbeck';
import { createDatabase, type DatabaseKind, type TestDatabase, testDatabases } from '../support/databases';

@Entity('shelves')
class Shelf {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 20, unique: true }) name!: string;
}

@Entity('volumes')
@Unique(['shelf', 'place'])
@Check('ck_volumes_place', 'place > 0')
class Volume {
  @PrimaryGeneratedColumn() id!: number;
  @ManyToOne(() => Shelf) shelf!: One<Shelf>;
  @Column('integer') place!: number;
}

describe.each(testDatabases())('on %s', (kind: DatabaseKind) => {
  let database: TestDatabase;
  let db: DataSource;
  beforeAll(async () => {
    database = await createDatabase(kind);
    db = await new DataSource({ url: database.url, entities: [Shelf, Volume] }).initialize();
    await db.createSchema();
    await db.getRepository(Shelf).save({ name: 'top' });
    await db.getRepository(Volume).save({ shelf: { id: 1 }, place: 1 });
  });
  afterAll(async () => {
    await db.destroy();
    await database.drop();
  });

  const failure = async (work: Promise<unknown>): Promise<Error> => {
    const cause = await work.then(
      () => new Error('nothing was thrown'),
      (thrown) => thrown,
    );
    return cause as Error;
  };

  test('a unique value is taken', async () => {
    const cause = await failure(db.getRepository(Shelf).save({ name: 'top' }));
    expect(cause).toBeInstanceOf(UniqueViolationError);
    expect(cause).toMatchObject({
      code: 'UNIQUE_VIOLATION',
      table: 'shelves',
      columns: ['name'],
      constraint: 'uq_shelves_name',
    });
  });

  test('several columns together are taken', async () => {
    const cause = await failure(db.getRepository(Volume).save({ shelf: { id: 1 }, place: 1 }));
    expect(cause).toMatchObject({
      code: 'UNIQUE_VIOLATION',
      table: 'volumes',
      columns: ['shelf_id', 'place'],
    });
  });

  test('a row that is referred to is not there', async () => {
    const cause = await failure(db.getRepository(Volume).save({ shelf: { id: 99 }, place: 5 }));
    expect(cause).toBeInstanceOf(ForeignKeyViolationError);
    expect(cause).toMatchObject({ code: 'FOREIGN_KEY_VIOLATION' });
  });

  test('a row is still referred to', async () => {
    expect(await failure(db.query('DELETE FROM shelves WHERE id = 1'))).toBeInstanceOf(
      ForeignKeyViolationError,
    );
  });

  test('a check is not met', async () => {
    const cause = await failure(db.getRepository(Volume).save({ shelf: { id: 1 }, place: -1 }));
    expect(cause).toBeInstanceOf(CheckViolationError);
    expect(cause).toMatchObject({ constraint: 'ck_volumes_place' });
  });

  test('NULL is not allowed', async () => {
    const cause = await failure(db.query('INSERT INTO volumes (shelf_id, place) VALUES (1, NULL)'));
    expect(cause).toBeInstanceOf(NotNullViolationError);
    expect(cause).toMatchObject({ columns: ['place'] });
  });

  test('what is no SQL is told with its text, and without values', async () => {
    const cause = await failure(db.query(kind === 'postgres' ? 'SELEC $1' : 'SELEC ?', ['s3cret']));
    expect(cause).toBeInstanceOf(QueryError);
    expect(cause.message).toContain('SELEC');
    expect(cause.message).not.toContain('s3cret');
  });

  test('a password is in no message', async () => {
    if (kind === 'sqlite') return;
    const url = new URL(database.url);
    url.password = 'Sw0rdfish';
    url.port = '1';
    const cause = await failure(new DataSource({ url: url.toString() }).initialize());
    expect(isLimbeckError(cause) && cause.code).toBe('CONNECTION_FAILED');
    expect(`${cause.message} ${cause.stack} ${JSON.stringify(cause)}`).not.toContain('Sw0rdfish');
  });

  test('a database that is not there is told by name', async () => {
    if (kind === 'sqlite') return;
    const url = new URL(database.url);
    url.pathname = '/no_such_database';
    const cause = await failure(new DataSource({ url: url.toString() }).initialize());
    expect(cause.message).toContain('no_such_database');
  });

  test('of a transaction that failed nothing stays, and the connection is good for the next one', async () => {
    await failure(
      db.transaction(async (manager) => {
        await manager.getRepository(Shelf).save({ name: 'low' });
        await manager.getRepository(Shelf).save({ name: 'top' });
      }),
    );
    expect(await db.getRepository(Shelf).countBy({ name: 'low' })).toBe(0);
    await db.transaction(async (manager) => {
      await manager.getRepository(Shelf).save({ name: 'low' });
      await manager
        .transaction(async (inner) => inner.getRepository(Shelf).save({ name: 'top' }))
        .catch(() => {});
      await manager.getRepository(Shelf).save({ name: 'lower' });
    });
    expect(await db.getRepository(Shelf).count()).toBe(3);
  });
});
