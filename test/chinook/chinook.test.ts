/** The public Chinook database: described exactly as it is, then changed for real, with every row in place. */

import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { migrations } from '../../src/index.js';
import { chinook } from './entities.js';

const SOURCE = path.resolve(__dirname, '../../../shared/data/chinook/Chinook_Sqlite.sqlite');
const present = existsSync(SOURCE);
if (!present) console.warn(`Chinook is not at ${SOURCE}: its tests are skipped.`);

(present ? describe : describe.skip)('Chinook', () => {
  let folder: string;
  let file: string;
  const config = (entities: readonly (new () => object)[] = chinook) => ({
    url: `sqlite:${file}`,
    entities,
    migrations: path.join(folder, 'migrations'),
  });

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'limbeck-chinook-'));
    mkdirSync(path.join(folder, 'migrations'));
    file = path.join(folder, 'chinook.db');
    copyFileSync(SOURCE, file);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is described by entities so exactly that check finds nothing', async () => {
    expect((await migrations(config()).check()).changes).toEqual([]);
  });

  it('is not written to by check and diff', async () => {
    const before = new Database(file, { readonly: true }).pragma('schema_version', { simple: true });
    await migrations(config()).diff();
    const database = new Database(file, { readonly: true });
    expect(database.pragma('schema_version', { simple: true })).toBe(before);
    expect(database.pragma('journal_mode', { simple: true })).toBe('delete');
  });
});
