import { Dice, RandomSchema } from './random-schema.js';
import { bench, closeBenches } from './schema-support.js';
import { settle } from '../../../src/dialects/postgres/settle.js';
afterEach(closeBenches);
test('x', async () => {
  const dice = new Dice(27);
  const a = RandomSchema.make(dice);
  const db = await bench();
  await db.create(a);
  const t = a.tables.find((x) => x.name === "'); DROP TABLE x; --")!;
  const c = t.columns.find((x) => x.name === ':')!;
  const found = (await db.introspect()).tables.find((x) => x.name === t.name)!.columns.find((x) => x.name === ':')!;
  console.log(JSON.stringify(t.columns, null, 1), found);
  console.log(await settle(db, [
    { kind: 'generated', sql: c.generated!.sql, table: t, column: c },
    { kind: 'generated', sql: found.generated!.sql, table: t, column: c },
  ], a));
});
