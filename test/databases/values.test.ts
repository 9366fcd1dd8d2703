/** Hard values, in through a repository and out again: the same on every database, exact, or a typed error. */

import { DataSource } from 'limbeck';
import { isLimbeckError } from '../../src/base/errors';
import { createDatabase, type DatabaseKind, type TestDatabase, testDatabases } from '../support/databases';
import { CASES, Hard, refused } from './hard-values';

describe.each(testDatabases())('on %s', (kind: DatabaseKind) => {
  let database: TestDatabase;
  let source: DataSource;
  beforeAll(async () => {
    database = await createDatabase(kind);
    source = await new DataSource({ url: database.url, entities: [Hard] }).initialize();
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
      let id: number;
      try {
        ({ id } = (await hard.save({ [field]: value } as never)) as Hard);
      } catch (cause) {
        expect([isLimbeckError(cause) && cause.code, back]).toEqual(['VALUE_INVALID', refused]);
        return;
      }
      const found = await hard.findOneByOrFail({ id });
      expect(found[field]).toEqual(back);
      // The same value as a condition finds the row.
      if (!['json', 'list', 'double', 'real'].includes(field)) {
        expect((await hard.findOneBy({ id, [field]: value } as never))?.id).toBe(id);
      }
    },
  );

  test('a NUL in a text is kept, or refused', async () => {
    const hard = source.getRepository(Hard);
    const saved = await hard.save({ long: 'a\0b' }).catch((cause) => cause);
    if (isLimbeckError(saved)) expect(saved.code).toBe('VALUE_INVALID');
    else expect((await hard.findOneByOrFail({ id: saved.id })).long).toBe('a\0b');
  });
});
