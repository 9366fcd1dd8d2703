// A test of an application, run by jest: its modules live in a context of their own, where there is no import().
const { rmSync } = require('node:fs');
const { DataSource } = require('limbeck');
const config = require('./ormconfig').default;

afterAll(() => {
  for (const suffix of ['', '-wal', '-shm']) rmSync(`smoke.db${suffix}`, { force: true });
});

test('entities are found by their glob, written and read', async () => {
  const db = await new DataSource(config).initialize();
  const { Note } = require('./entities/note');
  await db.createSchema();
  expect(await db.getRepository(Note).find()).toEqual([]);
  await db.destroy();
});
