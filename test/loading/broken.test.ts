/** Files that cannot be loaded, or export the wrong thing: one error that names the file and the user's line. */

import { library, Project } from './project';

let project: Project;
afterEach(() => project.remove());

type Files = Readonly<Record<string, string>>;

describe.each([
  ['commonjs', ''],
  ['module', '.js'],
] as const)('in a package of type %s', (type, suffix) => {
  const failure = (files: Files) => {
    project = new Project({ ...library(type, suffix), ...files });
    return project.load().error;
  };

  test.each<[string, Files, RegExp]>([
    [
      'throws, in a file that it imports',
      { 'settings.ts': "interface A {}\nexport const folder = '';\nthrow new Error('boom');" },
      /^Cannot load ormconfig\.ts: boom \(settings\.ts:3:7\)$/,
    ],
    [
      'is no TypeScript',
      { 'settings.ts': '\nexport const = 3;' },
      /^Cannot load ormconfig\.ts: settings\.ts\(2,14\): error TS1134: Variable declaration expected\./,
    ],
    [
      'imports a package that is not there',
      { 'ormconfig.ts': "import x from 'lodash';\nexport default x;" },
      /^Cannot load ormconfig\.ts: Cannot find (module|package) 'lodash'/,
    ],
    [
      'is a function that throws',
      { 'ormconfig.ts': 'export default async () => {\n  await null;\n  throw new TypeError(`no`);\n};' },
      /^Cannot load ormconfig\.ts: no \(ormconfig\.ts:3:9\)$/,
    ],
    ['throws no error', { 'ormconfig.ts': "throw 'no';" }, /^Cannot load ormconfig\.ts: no$/],
    [
      'has a tsconfig.json that is broken',
      { 'tsconfig.json': '{ "extends": "./gone.json" }' },
      /^Cannot load ormconfig\.ts: error TS5083: Cannot read file 'gone\.json'\.$/,
    ],
  ])('a configuration that %s', (_name, files, message) => {
    expect(failure(files)).toMatchObject({ code: 'MODULE_BROKEN', message: expect.stringMatching(message) });
  });
});

test.each<[string, string, string, RegExp]>([
  [
    'has no default export',
    'exports.config = {}; exports.__esModule = true;',
    'CONFIG_INVALID',
    /There is no default export\. Write: export default defineConfig\(/,
  ],
  [
    'exports a data source under its name',
    "exports.db = { [Symbol.for('limbeck.data-source')]: 1 }; exports.__esModule = true;",
    'CONFIG_INVALID',
    /There is no default export\. Write: export default db;/,
  ],
  ['exports a number', 'module.exports = 5;', 'CONFIG_INVALID', /must be an object, not a number/],
  [
    'exports a function without a result',
    'module.exports = () => {};',
    'CONFIG_INVALID',
    /The exported function returns nothing/,
  ],
  ['exports nothing in an array', 'module.exports = [];', 'CONFIG_INVALID', /The array is empty/],
  [
    'names two databases alike',
    "const c = { url: 'sqlite:a.db' };\nmodule.exports = [c, c];",
    'CONFIG_INVALID',
    /Two configurations are named 'default'/,
  ],
  [
    'matches no file',
    "module.exports = { url: 'sqlite:a.db', entities: ['entites/*.ts'] };",
    'ENTITIES_NOT_FOUND',
    /^No entity was found: no file ending in \.js or \.mjs or \.cjs matches 'entites\/\*\.ts' in \//,
  ],
  [
    'matches no entity',
    "module.exports = { url: 'sqlite:a.db', entities: ['*.js'] };",
    'ENTITIES_NOT_FOUND',
    /one file matches '\*\.js' in .*, but none exports a class with @Entity\(\)\.$/,
  ],
])('a configuration that %s', (_name, text, code, message) => {
  project = new Project({ 'package.json': '{}', 'ormconfig.js': text });
  expect(project.load().error).toMatchObject({ code, message: expect.stringMatching(message) });
});

describe('several databases', () => {
  const files = {
    'package.json': '{}',
    'ormconfig.js': `const of = (name) => ({ name, url: 'sqlite:' + name + '.db', entities: [__dirname + '/e.js'] });
      module.exports = async () => [of('one'), { [Symbol.for('limbeck.data-source')]: 1, options: of('two') }];`,
    'e.js':
      "const { Entity } = require('limbeck'); module.exports = class Only {}; Entity('only')(module.exports);",
  };

  test('are told apart by name', () => {
    project = new Project(files);
    expect(project.load([], ['two'])).toMatchObject({ names: ['one', 'two'], entities: ['Only'] });
  });

  test('and a name that there is not, or none, is an error', () => {
    project = new Project(files);
    expect(project.load([], ['tow']).error).toEqual({
      code: 'CONFIG_NAME_UNKNOWN',
      message: "No configuration is named 'tow'; there are 'one', 'two'.",
      hint: "Did you mean 'two'?",
    });
    expect(project.load().error).toMatchObject({ message: expect.stringMatching(/which one is meant\?$/) });
  });
});

test('without a configuration, the error says where it was looked for and what to do', () => {
  project = new Project({});
  expect(project.load().error).toEqual({
    code: 'CONFIG_MISSING',
    message: `No configuration was found: looked for ormconfig.{ts,mts,cts,js,mjs,cjs} in ${project.folder}.`,
    hint: 'Run `limbeck init` to make one, or name yours with -c FILE or in the variable LIMBECK_CONFIG.',
  });
});
