// An application: it brings its database up to date, writes, and reads with a relation.
import assert from 'node:assert/strict';
import { DataSource, Like, migrations } from 'limbeck';
import { Folder } from './entities/folder.js';
import { Note } from './entities/note.js';
import config from './ormconfig.js';

export async function useNotes(): Promise<void> {
  await migrations(config).upgrade('head');
  await using db = new DataSource(config);
  await db.initialize();
  await db.transaction(async (manager) => {
    const folder = await manager.getRepository(Folder).save({ name: 'Tools' });
    await manager.getRepository(Note).save({ title: 'Alembic', body: null, folder });
  });
  const [note] = await db
    .getRepository(Note)
    .find({ where: { title: Like('Al%') }, relations: { folder: true } });
  assert.ok(note);
  assert.deepEqual([note.title, note.body, note.folder.name], ['Alembic', null, 'Tools']);
  await db.getRepository(Note).delete({ title: 'Alembic' });
  assert.equal(await db.getRepository(Note).count(), 0);
}
