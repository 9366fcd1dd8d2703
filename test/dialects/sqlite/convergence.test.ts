/** Any schema that SQLite can hold, made by our DDL, reads back as what it was: autogenerate finds nothing. */

import fc from 'fast-check';
import { samenessOf } from '../../../src/dialects/shared/sameness.js';
import { sqlite } from '../../../src/dialects/sqlite/index.js';
import { diff } from '../../../src/schema/diff.js';
import { EMPTY_SCHEMA } from '../../../src/schema/model.js';
import { reconcile } from '../../../src/schema/reconcile.js';
import { arbitrarySchema } from '../../support/arbitrary-schema.js';

test('what was created and read back differs in nothing', async () => {
  await fc.assert(
    fc.asyncProperty(arbitrarySchema({ forSqlite: true }), async (wanted) => {
      const database = await sqlite.open({ url: 'sqlite::memory:', mode: 'create' });
      try {
        const { connection } = await database.acquire('write');
        for (const step of sqlite.plan(EMPTY_SCHEMA, diff(EMPTY_SCHEMA, wanted)).steps) {
          if (step.kind === 'statement') await connection.run(step.sql);
        }
        const found = await sqlite.introspect(connection, []);
        expect(found.tables.map((table) => table.options?.['sqlite.unmodelled'])).toEqual(
          found.tables.map(() => undefined),
        );
        const enums = wanted.enums.filter(({ name }) => found.enums.some((each) => each.name === name));
        // An enum that no column uses is nowhere in a SQLite database.
        expect(diff(reconcile(found, wanted, samenessOf(sqlite.canonical)), { ...wanted, enums })).toEqual(
          [],
        );
      } finally {
        await database.close();
      }
    }),
    { numRuns: 150 },
  );
}, 60_000);
