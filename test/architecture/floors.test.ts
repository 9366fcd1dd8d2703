/** The floors of DESIGN.md, section 1, kept: on the real sources, and on made-up ones that prove the check bites. */

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { FLOORS, findViolations, type Sources, stronglyConnected } from './floors';
import { readSource } from './imports';

const root = path.resolve(__dirname, '../..');

function readSources(folder: string): Sources {
  const files = readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => path.posix.join(folder, file.split(path.sep).join('/')));
  return new Map(files.map((file) => [file, readFileSync(path.join(root, file), 'utf8')]));
}

const house = (files: Record<string, string>): Sources =>
  new Map(Object.entries(files).map(([file, text]) => [`src/${file}`, text]));

describe('the sources', () => {
  const sources = readSources('src');

  test('are found', () => {
    expect(sources.size).toBeGreaterThan(0);
    expect([...sources.keys()]).toContain('src/index.ts');
  });

  test('keep to the floors, the packs, the lazy packages and 500 lines, without circles', () => {
    expect(findViolations(sources)).toEqual([]);
  });
});

describe('a house in order', () => {
  test('has no violations', () => {
    const sources = house({
      'base/errors.ts': '',
      'base/text.ts': "import { error } from './errors.js';",
      'schema/model.ts': "import type { LimbeckError } from '../base/errors';",
      'ast/sql.ts': "import type { Schema } from '../schema/model.js';",
      'dialects/contract.ts': "import type { Schema } from '../schema/model.js';",
      'dialects/shared/plan.ts': "import type { Dialect } from '../contract.js';",
      'dialects/sqlite/index.ts':
        "import { plan } from '../shared/plan.js'; import type D from 'better-sqlite3';",
      'dialects/sqlite/open.ts': "export function open() { return require('better-sqlite3'); }",
      'dialects/registry.ts': "import { sqlite } from './sqlite/index.js'; if (a === 'mysql') b();",
      'loading/register.ts': "const load = async () => import('ts-node');",
      'data-source.ts': "import { load } from './loading/register.js';",
      'migrations.ts': "import { DataSource } from './data-source.js';",
      'cli/main.ts': "import { m } from '../migrations.js'; require('../../package.json');",
      'index.ts':
        "export { DataSource } from './data-source.js'; export type { Schema } from './schema/model.js';",
    });
    expect(findViolations(sources)).toEqual([]);
  });

  test('gives every room of DESIGN.md a floor, base the lowest', () => {
    expect(Math.min(...Object.values(FLOORS))).toBe(FLOORS.base);
    expect(FLOORS.schema).toBeLessThan(FLOORS.ast as number);
    expect(FLOORS.metadata).toBe(FLOORS.dialects);
  });
});

describe('a violation is found and named:', () => {
  const cases: [name: string, files: Record<string, string>, violations: string[]][] = [
    [
      'an import upward',
      { 'base/a.ts': "import { b } from '../schema/b.js';", 'schema/b.ts': '' },
      ['src/base/a.ts:1 imports upward: base (floor 0) -> src/schema/b.ts (floor 1)'],
    ],
    [
      'an import upward of a type only',
      { 'schema/a.ts': "\nimport type { B } from '../ast/b.js';", 'ast/b.ts': '' },
      ['src/schema/a.ts:2 imports upward: schema (floor 1) -> src/ast/b.ts (floor 2)'],
    ],
    [
      'an import sideways between rooms that are blind to each other',
      { 'metadata/a.ts': "export * from '../dialects/contract.js';", 'dialects/contract.ts': '' },
      ['src/metadata/a.ts:1 imports sideways: metadata (floor 3) -> src/dialects/contract.ts (floor 3)'],
    ],
    [
      'a lazy import, which counts like any other',
      { 'query/a.ts': "export const f = () => import('../migration/b.js');", 'migration/b.ts': '' },
      ['src/query/a.ts:1 imports sideways: query (floor 4) -> src/migration/b.ts (floor 4)'],
    ],
    [
      'a module of ours required in any other way than by lazy()',
      {
        'query/a.ts': [
          "const b = lazy(() => require('./b.js') as typeof import('./b.js'));",
          "const c = lazy(() => require('./b.js'));",
          "const d = () => require('./b.js');",
          "const e = lazy(() => require('./b.js').b);",
        ].join('\n'),
        'query/b.ts': '',
      },
      [
        "src/query/a.ts:3 requires './b.js' by itself: let lazy() of base/lazy.ts do it",
        "src/query/a.ts:4 requires './b.js' by itself: let lazy() of base/lazy.ts do it",
      ],
    ],
    [
      'a type imported in place',
      { 'query/a.ts': "export type T = import('../session/b.js').B;", 'session/b.ts': '' },
      ['src/query/a.ts:1 imports upward: query (floor 4) -> src/session/b.ts (floor 5)'],
    ],
    [
      'a require upward',
      { 'config.ts': "const b = lazy(() => require('./data-source.js'));", 'data-source.ts': '' },
      ['src/config.ts:1 imports upward: config.ts (floor 6) -> src/data-source.ts (floor 7)'],
    ],
    [
      'a circle, types counted',
      {
        'base/a.ts': "import { b } from './b.js';",
        'base/b.ts': "import { c } from './c.js';",
        'base/c.ts': "import type { A } from './a.js';",
      },
      ['circle of 3: src/base/a.ts, src/base/b.ts, src/base/c.ts'],
    ],
    [
      'a file that imports itself',
      { 'base/a.ts': "import { b } from './a.js';" },
      ['circle of 1: src/base/a.ts'],
    ],
    [
      'a pack reached from outside',
      { 'migration/a.ts': "import { b } from '../dialects/mysql/b.js';", 'dialects/mysql/b.ts': '' },
      ["src/migration/a.ts:1 reaches into the pack 'mysql': src/dialects/mysql/b.ts"],
    ],
    [
      'a pack reached from another pack',
      { 'dialects/postgres/a.ts': "import { b } from '../mysql/b.js';", 'dialects/mysql/b.ts': '' },
      ["src/dialects/postgres/a.ts:1 reaches into the pack 'mysql': src/dialects/mysql/b.ts"],
    ],
    [
      'a pack reached from what the packs share',
      { 'dialects/shared/a.ts': "import type { B } from '../mysql/b.js';", 'dialects/mysql/b.ts': '' },
      ["src/dialects/shared/a.ts:1 reaches into the pack 'mysql': src/dialects/mysql/b.ts"],
    ],
    [
      'a pack that asks the registry',
      { 'dialects/mysql/a.ts': "import { b } from '../registry.js';", 'dialects/registry.ts': '' },
      [
        'src/dialects/mysql/a.ts:1 leaves its pack for src/dialects/registry.ts: ' +
          'only contract.ts and shared/ are there for packs',
      ],
    ],
    [
      "a dialect's name compared, switched on or looked for outside dialects/",
      {
        'query/a.ts':
          "if (d.name === 'sqlite') a();\nswitch (d) { case 'mysql': b(); }\n['postgres'].includes(d);",
      },
      [
        "src/query/a.ts:1 asks for the dialect 'sqlite': ask its capabilities instead",
        "src/query/a.ts:2 asks for the dialect 'mysql': ask its capabilities instead",
        "src/query/a.ts:3 asks for the dialect 'postgres': ask its capabilities instead",
      ],
    ],
    [
      'a driver loaded at the top, by import, subpath, re-export or require',
      {
        'dialects/mysql/a.ts': [
          "import mysql from 'mysql2/promise';",
          "export { Pool } from 'pg';",
          "const { Kysely } = require('kysely');",
          "import { type Validator } from 'class-validator';",
        ].join('\n'),
      },
      [
        "src/dialects/mysql/a.ts:1 loads 'mysql2/promise' at the top: import its types, require it when needed",
        "src/dialects/mysql/a.ts:2 loads 'pg' at the top: import its types, require it when needed",
        "src/dialects/mysql/a.ts:3 loads 'kysely' at the top: import its types, require it when needed",
        "src/dialects/mysql/a.ts:4 loads 'class-validator' at the top: import its types, require it when needed",
      ],
    ],
    [
      'a file that is too long',
      { 'base/a.ts': '//\n'.repeat(501), 'base/b.ts': '//\n'.repeat(500) },
      ['src/base/a.ts has 501 lines (at most 500)'],
    ],
    [
      'a room without a floor',
      { 'utils/a.ts': '' },
      ["src/utils/a.ts stands in the room 'utils', which has no floor"],
    ],
    [
      'an import of nothing, of what is outside src/, and of the package by its own name',
      { 'base/a.ts': "import '../gone.js';\nimport '../../test/x.js';\nimport 'limbeck';" },
      [
        "src/base/a.ts:1 imports '../gone.js', which is no file of src/",
        "src/base/a.ts:2 imports '../../test/x.js', which is no file of src/",
        "src/base/a.ts:3 imports the package by its own name ('limbeck')",
      ],
    ],
    [
      'a check that is silenced',
      { 'base/a.ts': '// @ts-ignore\n' },
      ['src/base/a.ts silences a check with @ts-ignore'],
    ],
  ];

  test.each(cases)('%s', (_name, files, violations) => {
    expect(findViolations(house(files))).toEqual(violations);
  });
});

test('imports are read with line, kind and laziness', () => {
  const text = [
    "import type { A } from './a.js';",
    "import b = require('./b.js');",
    "const c = createRequire(__filename)('./c.js');",
    "class D { load() { return require('./d.js'); } }",
  ].join('\n');
  const eager = { typeOnly: false, lazy: false, bareRequire: false };
  expect(readSource('src/x.ts', text).imports).toEqual([
    { ...eager, specifier: './a.js', line: 1, typeOnly: true },
    { ...eager, specifier: './b.js', line: 2 },
    { ...eager, specifier: './c.js', line: 3 },
    { ...eager, specifier: './d.js', line: 4, lazy: true, bareRequire: true },
  ]);
});

test('strongly connected components are told apart', () => {
  const targets = new Map([
    ['a', ['b']],
    ['b', ['c', 'd']],
    ['c', ['a']],
    ['d', ['e']],
    ['e', ['d']],
    ['f', []],
  ]);
  const components = stronglyConnected(targets).map((component) => component.sort().join(''));
  expect(components.sort()).toEqual(['abc', 'de', 'f']);
});
