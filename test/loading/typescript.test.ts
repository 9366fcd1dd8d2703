/**
 * TypeScript is loaded as it stands, whatever tsconfig.json says: each case is a project of its own, loaded by
 * the build in a process of its own.
 */

import { cpSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { library, modules, Project } from './project';

const LEGACY = { experimentalDecorators: true, emitDecoratorMetadata: true, strict: true };
const tsconfig = (compilerOptions: object): Record<string, string> => ({
  'tsconfig.json': JSON.stringify({ compilerOptions }),
});

let project: Project;
afterEach(() => project.remove());

const EVERYTHING = { extension: '.ts', names: ['default'], entities: ['Author', 'Book'], revisions: ['aa'] };

describe('CommonJS', () => {
  test.each<[string, Record<string, string>, '' | '.js']>([
    ['without a tsconfig.json', {}, ''],
    [
      'module node16, imports ending in .js',
      tsconfig({ ...LEGACY, module: 'node16', target: 'es2022' }),
      '.js',
    ],
    ['module commonjs, target es2023', tsconfig({ ...LEGACY, module: 'commonjs', target: 'es2023' }), ''],
    [
      'a bundler’s settings',
      tsconfig({
        ...LEGACY,
        module: 'esnext',
        moduleResolution: 'bundler',
        target: 'esnext',
        verbatimModuleSyntax: true,
      }),
      '',
    ],
    [
      'what TypeScript 6 deprecates',
      tsconfig({ ...LEGACY, module: 'commonjs', moduleResolution: 'node', target: 'es5', baseUrl: '.' }),
      '',
    ],
    ['standard decorators, target esnext', tsconfig({ module: 'nodenext', target: 'esnext' }), ''],
  ])('%s', (_name, config, suffix) => {
    project = new Project({ ...library('commonjs', suffix), ...config });
    expect(project.load()).toMatchObject({ ...EVERYTHING, file: path.join(project.folder, 'ormconfig.ts') });
  });

  test.each([
    ['legacy decorators', { ...LEGACY, module: 'commonjs', target: 'es2023' }],
    ['standard decorators', { module: 'nodenext', target: 'esnext' }],
  ])('where swc is installed, %s', (_name, options) => {
    project = new Project({ ...library('commonjs', ''), ...tsconfig(options) });
    project.link('node_modules/@swc/core', path.join(modules, '@swc/core'));
    expect(project.load()).toMatchObject(EVERYTHING);
  });
});

describe('ESM', () => {
  test.each<[string, Record<string, string>, '' | '.js' | '.ts']>([
    ['without a tsconfig.json', {}, '.js'],
    [
      'module nodenext, legacy decorators',
      tsconfig({ ...LEGACY, module: 'nodenext', target: 'es2022' }),
      '.js',
    ],
    ['module nodenext, standard decorators', tsconfig({ module: 'nodenext', target: 'esnext' }), '.js'],
    [
      'imports without an extension',
      tsconfig({ ...LEGACY, module: 'esnext', moduleResolution: 'bundler', target: 'esnext' }),
      '',
    ],
    [
      'imports ending in .ts',
      tsconfig({ module: 'nodenext', allowImportingTsExtensions: true, noEmit: true, target: 'es2024' }),
      '.ts',
    ],
    ['module commonjs, which the package contradicts', tsconfig({ ...LEGACY, module: 'commonjs' }), '.js'],
  ])('%s', (_name, config, suffix) => {
    project = new Project({ ...library('module', suffix), ...config });
    expect(project.load()).toMatchObject({ ...EVERYTHING, file: path.join(project.folder, 'ormconfig.ts') });
  });
});

describe('a loader that is there already is left alone:', () => {
  const tsx = ['--import', pathToFileURL(path.join(modules, 'tsx/dist/loader.mjs')).href];
  const register = ['-r', path.join(modules, 'ts-node/register/transpile-only')];
  const esm = [
    '--no-warnings',
    '--loader',
    pathToFileURL(path.join(modules, 'ts-node/esm/transpile-only.mjs')).href,
  ];

  test.each<[string, 'commonjs' | 'module', '' | '.js', string[]]>([
    ['tsx', 'commonjs', '', tsx],
    ['tsx', 'module', '.js', tsx],
    ['ts-node/register', 'commonjs', '', register],
    ['ts-node/esm', 'module', '.js', esm],
  ])('%s in a package of type %s', (_name, type, suffix, node) => {
    const module = type === 'module' ? 'nodenext' : 'node16';
    const config = tsconfig({ ...LEGACY, module, target: 'es2022', rootDir: '.' });
    project = new Project({ ...library(type, suffix), ...config });
    expect(project.load(node)).toMatchObject(EVERYTHING);
  });
});

test('a configuration of the other format than its package is loaded too', () => {
  const { 'ormconfig.ts': text = '', 'settings.ts': settings = '', ...rest } = library('commonjs', '');
  project = new Project({
    ...rest,
    'settings.mts': settings,
    'ormconfig.mts': text.replace('./settings', './settings.mjs'),
    ...tsconfig({ ...LEGACY, module: 'nodenext', target: 'es2022' }),
  });
  expect(project.load()).toMatchObject({ ...EVERYTHING, extension: '.mts' });
});

test('beside a compiled configuration, globs mean what was compiled', () => {
  project = new Project({
    'package.json': '{}',
    'ormconfig.js':
      "exports.default = { url: 'sqlite:x.db', entities: ['entities/*.ts'] }; exports.__esModule = true;",
    'entities/book.js':
      "const { Entity } = require('limbeck'); class Book {} exports.Book = Book; Entity('b')(Book);",
    'entities/book.ts': 'this is not loaded',
    'entities/book.d.ts': 'this neither',
    'migrations/aa_first.js': "exports.revision = 'aa';",
  });
  expect(project.load()).toMatchObject({ extension: '.js', entities: ['Book'], revisions: ['aa'] });
});

test('without ts-node the error has the install line', () => {
  project = new Project({});
  // A copy, for a link would find the packages of this repository.
  const dist = path.join(project.folder, 'node_modules/limbeck-alone/dist');
  cpSync(path.join(modules, '../dist'), dist, { recursive: true });
  project.link('node_modules/reflect-metadata', path.join(modules, 'reflect-metadata'));
  const probe = `require('limbeck-alone/dist/loading/modules.js').loadModule('${project.folder}/ormconfig.ts')
    .catch(({ code, message, hint }) => console.log(JSON.stringify({ error: { code, message, hint } })));`;
  project.write({ 'ormconfig.ts': 'export default {};', 'probe.cjs': probe });
  expect(project.load().error).toEqual({
    code: 'TYPESCRIPT_MISSING',
    message: `Loading ${project.folder}/ormconfig.ts needs the package 'typescript'.`,
    hint: 'Install it: npm install -D ts-node typescript',
  });
});
