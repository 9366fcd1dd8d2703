/** Hard values, in through a repository and out again: the same on every database, exact, or a typed error. */

import { Column, DataSource, Entity, IsNull, PrimaryColumn } from 'limbeck';
import { isLimbeckError } from '../../src/base/errors';
import { createDatabase, type DatabaseKind, type TestDatabase, testDatabases } from '../support/databases';
import { CASES, Hard, refused } from './hard-values';

@Entity('hard_keys')
class HardKey {
  @PrimaryColumn('bigint') big!: bigint;
  @PrimaryColumn('varchar', { length: 50 }) text!: string;
  @PrimaryColumn('uuid') uuid!: string;
  @PrimaryColumn('timestamp') at!: Date;
  @Column('integer', { default: 0 }) count!: number;
}

@Entity('wide_numbers')
class WideNumber {
  @PrimaryColumn('integer') id!: number;
  @Column('decimal', { precision: 38, scale: 18 }) wide!: string;
}

describe.each(testDatabases())('on %s', (kind: DatabaseKind) => {
  let database: TestDatabase;
  let source: DataSource;
  beforeAll(async () => {
    database = await createDatabase(kind);
    source = await new DataSource({
      url: database.url,
      entities: [Hard, HardKey, WideNumber],
    }).initialize();
    await source.createSchema();
  });
  afterAll(async () => {
    await source.destroy();
    await database.drop();
  });

  test.each(CASES.map(([field, value, back = value]) => [field, value, back] as const))(
    '%s: %p',
    async (field, value, back) => {
      const hard = source.getRepository(Hard);
      const values = (): never => ({ [field]: value }) as never;
      if (back === refused) {
        // Whichever way it goes in, and as a condition.
        const { id } = (await hard.save({})) as Hard;
        const ways: (() => Promise<unknown>)[] = [
          () => hard.save(values()),
          () => hard.insert(values()),
          () => hard.update({ id }, values()),
          () => hard.save(Object.assign(new Hard(), { id }, values())),
        ];
        // A text that is only longer than its column is found nowhere, which is no mistake.
        const isLong =
          typeof value === 'string' && ['short', 'fixed'].includes(field) && !/[\0\ud800 ]/.test(value);
        if (!isLong) ways.push(() => hard.findBy(values()));
        for (const way of ways) {
          const failure = await (async () => way())().catch((cause: unknown) => cause);
          expect(isLimbeckError(failure) && failure.code).toBe('VALUE_INVALID');
        }
        return;
      }
      const { id } = (await hard.save(values())) as Hard;
      const inserted = values();
      await hard.insert(inserted);
      const updated = (await hard.save({})) as Hard;
      await hard.update({ id: updated.id }, values());
      const saved = await hard.findOneByOrFail({ id: ((await hard.save({})) as Hard).id });
      Object.assign(saved, values());
      await hard.save(saved);
      for (const each of [id, (inserted as Hard).id, updated.id, saved.id]) {
        const found = await hard.findOneByOrFail({ id: each });
        expect(found[field]).toEqual(back);
        expect(Object.is(found[field], -0)).toBe(false);
        // The same value as a condition finds the row, as does what came back.
        for (const condition of [value, back]) {
          expect((await hard.findOneBy({ id: each, [field]: condition } as never))?.id).toBe(each);
        }
      }
    },
  );

  test('hard values as keys', async () => {
    const keys = source.getRepository(HardKey);
    const rows = [
      {
        big: 9007199254740993n,
        text: "it's \\ 😀",
        uuid: '0B9C1D5E-8F0A-4B0E-9A55-0242AC120002',
        at: new Date(-1),
      },
      {
        big: -9223372036854775808n,
        text: '',
        uuid: 'ffffffff-ffff-4fff-8fff-ffffffffffff',
        at: new Date('0001-01-01T00:00:00Z'),
      },
      {
        big: 9223372036854775807n,
        text: '%_',
        uuid: '00000000-0000-4000-8000-000000000000',
        at: new Date('9999-12-31T23:59:59.999Z'),
      },
    ];
    await keys.insert(rows.map((row) => ({ ...row })));
    for (const row of rows) {
      const found = await keys.findOneByOrFail(row);
      expect(found).toEqual({ ...row, uuid: row.uuid.toLowerCase(), count: 0 });
      found.count = 1;
      await keys.save(found);
      expect(await keys.countBy({ ...row, count: 1 })).toBe(1);
      expect(await keys.update(row, { count: 2 })).toEqual({ affected: 1 });
    }
    expect(await keys.count()).toBe(3);
    await keys.remove(await keys.find());
    expect(await keys.count()).toBe(0);
  });

  test('a decimal of 38 digits is exact, or refused where numbers have 15', async () => {
    const numbers = source.getRepository(WideNumber);
    const wide = '12345678901234567890.123456789012345678';
    const saved = numbers.insert({ id: 1, wide });
    if (kind === 'sqlite') {
      await expect(saved).rejects.toMatchObject({ code: 'VALUE_INVALID' });
      return;
    }
    await saved;
    expect((await numbers.findOneByOrFail({ wide })).wide).toBe(wide);
  });

  test('JSON of very many levels is exact, or refused by name', async () => {
    let deep: unknown = 1;
    for (let level = 0; level < 60; level++) deep = [deep];
    const hard = source.getRepository(Hard);
    const saved = await (async () => hard.save({ json: deep }))().catch((cause: unknown) => cause);
    if (isLimbeckError(saved)) expect([kind, saved.code]).toEqual(['mysql', 'VALUE_INVALID']);
    else expect((await hard.findOneByOrFail({ id: (saved as Hard).id })).json).toEqual(deep);
  });

  test('NULL is no JSON null: what is null is NULL, a null inside stays', async () => {
    const hard = source.getRepository(Hard);
    const { id } = (await hard.save({ json: null })) as Hard;
    expect(await hard.countBy({ id, json: IsNull() })).toBe(1);
    expect((await hard.findOneByOrFail({ id })).json).toBeNull();
    const inside = (await hard.save({ json: [null] })) as Hard;
    expect(await hard.countBy({ id: inside.id, json: IsNull() })).toBe(0);
  });

  test('JSON with the key __proto__ changes no prototype', async () => {
    const hard = source.getRepository(Hard);
    const json = JSON.parse('{"__proto__":{"polluted":true}}');
    const { id } = (await hard.save({ json })) as Hard;
    const found = (await hard.findOneByOrFail({ id })).json as object;
    expect(Object.getPrototypeOf(found)).toBe(Object.prototype);
    expect(Object.keys(found)).toEqual(['__proto__']);
    expect((found as { polluted?: unknown }).polluted).toBeUndefined();
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});
