/** Files of applied revisions that are not what they were: told apart, and refused before anything runs. */

import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DataSource, type Migrations, migrations } from 'limbeck';
import { createDatabase, type TestDatabase, testDatabases } from '../support/databases';

describe.each(testDatabases())('%s: the files of applied revisions', (kind) => {
  let database: TestDatabase;
  let folder: string;
  let commands: Migrations;

  beforeEach(async () => {
    database = await createDatabase(kind);
    folder = mkdtempSync(path.join(tmpdir(), 'limbeck-integrity-'));
    mkdirSync(path.join(folder, 'migrations'));
    writeFileSync(path.join(folder, 'package.json'), '{}');
    commands = migrations({ url: database.url, migrations: path.join(folder, 'migrations'), entities: [] });
    write('a', []);
    write('b', ['a']);
    write('c', ['b']);
    await commands.upgrade('head');
    // What a run that is refused must not have made.
    write('d', ['c']);
  });
  afterEach(async () => {
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  const at = (name: string): string => path.join(folder, 'migrations', name);
  function write(id: string, downs: readonly string[], name = `${id}_first.js`): void {
    writeFileSync(
      at(name),
      `exports.revision = '${id}';
exports.downRevision = ${JSON.stringify(downs)};
exports.upgrade = (op) => op.createTable('${id}', { columns: { id: { type: 'integer', primary: true } } });
exports.downgrade = (op) => op.dropTable('${id}');\n`,
    );
  }
  function edit(name: string, change: (text: string) => string): void {
    writeFileSync(at(name), change(readFileSync(at(name), 'utf8')));
  }
  async function tables(): Promise<string[]> {
    const source = new DataSource({ url: database.url });
    await source.initialize();
    try {
      const found = await Promise.all(
        ['a', 'b', 'c', 'd', 'x'].map(async (name) => {
          const one = source.query(`SELECT * FROM ${name}`);
          return one.then(
            () => [name],
            () => [],
          );
        }),
      );
      return found.flat();
    } finally {
      await source.destroy();
    }
  }
  /** The failure of every command that acts on the files. */
  async function expectRefused(expected: object): Promise<void> {
    await expect(commands.upgrade('head')).rejects.toMatchObject(expected);
    await expect(commands.downgrade('-1')).rejects.toMatchObject(expected);
    expect(await tables()).toEqual(['a', 'b', 'c']);
    expect((await commands.current()).map(({ revision }) => revision)).toEqual(['c']);
  }

  test('that are the same are no matter, whatever their line endings and byte order mark', async () => {
    edit('b_first.js', (text) => `\uFEFF${text.replaceAll('\n', '\r\n')}`);
    await commands.upgrade('head');
    expect(await tables()).toEqual(['a', 'b', 'c', 'd']);
  });

  test('edited', async () => {
    edit('b_first.js', (text) => text.replace('integer', 'bigint'));
    await expectRefused({
      code: 'REVISION_EDITED',
      context: { changes: [{ kind: 'edited', revision: 'b', path: at('b_first.js') }] },
      hint: expect.stringContaining('limbeck repair b'),
    });
    await expect(commands.repair('c')).rejects.toMatchObject({ code: 'REPAIR_NEEDLESS' });
    expect(await commands.repair('b')).toMatchObject({ repaired: [{ kind: 'edited', revision: 'b' }] });
    await commands.upgrade('head');
    expect(await tables()).toEqual(['a', 'b', 'c', 'd']);
  });

  test('renamed', async () => {
    renameSync(at('b_first.js'), at('b_second.js'));
    await expectRefused({ code: 'REVISION_RENAMED', message: expect.stringContaining('b_second.js') });
    await commands.repair(['b']);
    await commands.upgrade('head');
  });

  test('deleted, with what stood on them put on what is left', async () => {
    rmSync(at('b_first.js'));
    edit('c_first.js', (text) => text.replace('["b"]', '["a"]'));
    await expectRefused({
      code: 'REVISION_DELETED',
      context: {
        changes: [
          { kind: 'deleted', revision: 'b' },
          { kind: 'reordered', revision: 'c' },
        ],
      },
    });
    await commands.repair(['b', 'c']);
    await commands.upgrade('head');
    expect(await tables()).toEqual(['a', 'b', 'c', 'd']);
  });

  test('put behind one that came late, which would otherwise never run', async () => {
    write('x', ['a']);
    edit('b_first.js', (text) => text.replace('["a"]', '["x"]'));
    await expectRefused({
      code: 'REVISION_REORDERED',
      context: { changes: [{ kind: 'reordered', revision: 'b', from: ['a'], to: ['x'] }] },
    });
  });

  test('compiled since, which says the same in another text', async () => {
    const text = readFileSync(at('b_first.js'), 'utf8');
    rmSync(at('b_first.js'));
    const typescript = { url: database.url, migrations: path.join(folder, 'compiled') };
    mkdirSync(typescript.migrations);
    for (const id of ['a', 'c', 'd']) {
      writeFileSync(path.join(typescript.migrations, `${id}_first.ts`), readFileSync(at(`${id}_first.js`)));
    }
    writeFileSync(path.join(typescript.migrations, 'b_first.ts'), `${text}// another text\n`);
    await migrations(typescript).upgrade('head');
    expect(await tables()).toEqual(['a', 'b', 'c', 'd']);
  });

  test('that a stamp counts as applied are on record as well', async () => {
    await commands.downgrade('base');
    await commands.stamp('b');
    edit('b_first.js', (text) => text.replace('integer', 'bigint'));
    await expect(commands.upgrade('head')).rejects.toMatchObject({ code: 'REVISION_EDITED' });
    await commands.stamp('base');
    await commands.upgrade('head');
    expect(await tables()).toEqual(['a', 'b', 'c', 'd']);
  });
});
