/** Which files a glob or a folder means, beside a configuration of one extension or another. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { filesInFolder, filesMatching } from '../../src/loading/files';

let root: string;
beforeAll(() => {
  // Brackets and blanks are legal in a folder's name, and mean something in a glob.
  root = path.join(mkdtempSync(path.join(tmpdir(), 'limbeck-files-')), '(my) [app]');
  for (const folder of ['entities/deep', 'entities/node_modules/x', 'both', 'entities.ts']) {
    mkdirSync(path.join(root, folder), { recursive: true });
  }
  const names = [
    ...[
      'b.ts',
      'a.ts',
      'a.js',
      'a.d.ts',
      'a.js.map',
      'm.mts',
      'm.d.mts',
      'deep/c.ts',
      'deep/c.js',
      'x.entity.ts',
    ],
    'node_modules/x/index.ts',
  ].map((name) => `entities/${name}`);
  for (const name of [...names, 'both/a.ts', 'both/a.mts', 'both/a.cts', 'both/b.mjs', 'both/README.md']) {
    writeFileSync(path.join(root, name), '');
  }
});
afterAll(() => rmSync(path.dirname(root), { recursive: true, force: true }));

test.each<[string[], '.ts' | '.js' | '.mjs', string[]]>([
  [['entities/*.ts'], '.ts', ['entities/a.ts', 'entities/b.ts', 'entities/x.entity.ts']],
  [['./entities/*.ts'], '.ts', ['entities/a.ts', 'entities/b.ts', 'entities/x.entity.ts']],
  [['entities/*.ts'], '.js', ['entities/a.js']],
  [['entities/*.js'], '.ts', ['entities/a.ts', 'entities/b.ts', 'entities/x.entity.ts']],
  [['entities/*'], '.js', ['entities/a.js']],
  [['entities/*'], '.ts', ['entities/a.ts', 'entities/b.ts', 'entities/m.mts', 'entities/x.entity.ts']],
  [['entities/*.{ts,js}'], '.js', ['entities/a.js']],
  [['entities/**/*.ts'], '.js', ['entities/a.js', 'entities/deep/c.js']],
  [['entities/deep', 'entities/a.ts', 'entities/a*.ts'], '.ts', ['entities/a.ts', 'entities/deep/c.ts']],
  [['entities/*.entity.ts'], '.ts', ['entities/x.entity.ts']],
  [['entities/*.mts'], '.ts', ['entities/m.mts']],
  [['entities/*.ts', '!entities/b.ts'], '.ts', ['entities/a.ts', 'entities/x.entity.ts']],
  [['nowhere/*.ts'], '.ts', []],
  [[], '.ts', []],
])('%j beside %s', async (globs, extension, files) => {
  expect(await filesMatching(globs, root, extension)).toEqual(files.map((file) => path.join(root, file)));
});

test('of several files with one stem, the configuration’s own extension counts', () => {
  const names = (extension: '.ts' | '.cts' | '.js' | '.mjs'): string[] =>
    filesInFolder(path.join(root, 'both'), extension).map((file) => path.basename(file));
  expect(names('.ts')).toEqual(['a.ts']);
  expect(names('.cts')).toEqual(['a.cts']);
  expect(names('.js')).toEqual(['b.mjs']);
});

test('a folder that is not there has no files', () => {
  expect(filesInFolder(path.join(root, 'gone'), '.ts')).toEqual([]);
});
