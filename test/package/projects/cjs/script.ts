// Migrations from code: the lines of the documentation, then the application, then back to where it began.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { migrations } from 'limbeck';
import { useNotes } from './app';
import config from './ormconfig';

async function main(): Promise<void> {
  const m = migrations(config);
  const made = await m.revision({ message: 'create notes', autogenerate: true });
  assert.ok(made);
  await m.upgrade('head');
  assert.equal(await m.revision({ message: 'nothing', autogenerate: true }), null);

  await useNotes();

  await m.downgrade('base');
  rmSync(made.path);
  for (const suffix of ['', '-wal', '-shm']) rmSync(`smoke.db${suffix}`, { force: true });
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
