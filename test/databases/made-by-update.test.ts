/** What a database makes of a row by itself, shown on its entity after an UPDATE as after an INSERT. */

import { Column, DataSource, Entity, PrimaryGeneratedColumn } from 'limbeck';
import { createDatabase, type TestDatabase, testDatabases } from '../support/databases';

@Entity('sums')
class Sum {
  @PrimaryGeneratedColumn() id!: number;
  @Column('integer') a!: number;
  @Column('integer', { asExpression: 'a * 2', generatedType: 'STORED' }) twice!: number;
}

@Entity('plain_sums')
class PlainSum {
  @PrimaryGeneratedColumn() id!: number;
  @Column('integer') a!: number;
}

@Entity('touched')
class Touched {
  @PrimaryGeneratedColumn() id!: number;
  @Column('integer') a!: number;
  @Column('timestamp', { default: new Date(0).toISOString(), onUpdate: 'CURRENT_TIMESTAMP' }) at!: Date;
}

describe.each(testDatabases())('on %s', (kind) => {
  let base: TestDatabase;
  let db: DataSource;
  const log: string[] = [];

  beforeAll(async () => {
    base = await createDatabase(kind);
    db = await new DataSource({
      url: base.url,
      entities: kind === 'mysql' ? [Sum, PlainSum, Touched] : [Sum, PlainSum],
      logger: (entry) => {
        if (entry.kind === 'query') log.push(entry.sql);
      },
    }).initialize();
    await db.createSchema();
  });
  afterAll(async () => {
    await db.destroy();
    await base.drop();
  });
  beforeEach(() => {
    log.length = 0;
  });

  test('a generated column of one entity, of many, and of one that was never read', async () => {
    const sums = db.getRepository(Sum);
    const one = await sums.save({ a: 2 });
    one.a = 5;
    await sums.save(one);
    expect(one.twice).toBe(10);
    await sums.save(one);
    const many = await sums.save([{ a: 1 }, { a: 2 }, { a: 3 }]);
    for (const each of many) each.a += 10;
    log.length = 0;
    await sums.save(many);
    expect(many.map(({ twice }) => twice)).toEqual([22, 24, 26]);
    expect(log.filter((sql) => sql.startsWith('SELECT'))).toHaveLength(1);
    expect((await sums.save({ id: one.id, a: 50 })).twice).toBe(100);
    await using session = db.session();
    const held = (await session.get(Sum, one.id)) as Sum;
    held.a = 7;
    await session.flush();
    expect(held.twice).toBe(14);
  });

  test('a rollback gives back what was shown before', async () => {
    const sums = db.getRepository(Sum);
    const one = await sums.save({ a: 2 });
    one.a = 3;
    await expect(
      db.transaction(async () => {
        await sums.save(one);
        expect(one.twice).toBe(6);
        throw new Error('stop');
      }),
    ).rejects.toThrow('stop');
    expect(one.twice).toBe(4);
    await sums.save(one);
    expect(await sums.findOneByOrFail({ id: one.id })).toEqual(one);
  });

  test('who has no such column is not read', async () => {
    const one = await db.getRepository(PlainSum).save({ a: 2 });
    log.length = 0;
    await db.getRepository(PlainSum).save(Object.assign(one, { a: 3 }));
    expect(log).toHaveLength(1);
  });

  if (kind !== 'mysql') return;
  test('a column with ON UPDATE', async () => {
    const one = await db.getRepository(Touched).save({ a: 2 });
    expect(one.at).toEqual(new Date(0));
    await db.getRepository(Touched).save(Object.assign(one, { a: 3 }));
    expect(one.at.getTime()).toBeGreaterThan(0);
    expect(await db.getRepository(Touched).findOneByOrFail({ id: one.id })).toEqual(one);
  });
});
