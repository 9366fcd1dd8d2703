// Migrations from code, under ts-node, with its type check on: the five lines of the documentation, and a row.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { DataSource, migrations } from 'limbeck';
import { Note } from './entities/note';
import config from './ormconfig';

async function main(): Promise<void> {
  const m = migrations(config);
  const made = await m.revision({ message: 'create notes', autogenerate: true });
  assert.ok(made);
  await m.upgrade('head');
  assert.equal(await m.revision({ message: 'nothing', autogenerate: true }), null);

  await using db = new DataSource(config);
  await db.initialize();
  const notes = db.getRepository(Note);
  await notes.save(notes.create({ title: 'Alembic', body: null }));
  assert.deepEqual(
    (await notes.find()).map(({ title, body }) => ({ title, body })),
    [{ title: 'Alembic', body: null }],
  );
  await db.destroy();

  await m.downgrade('base');
  rmSync(made.path);
  rmSync('smoke.db');
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
