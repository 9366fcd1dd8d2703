/**
 * Makes Node load TypeScript: ts-node's `register` for CommonJS, its hooks for ESM, both transpile-only. Called
 * before the first `.ts` file of each format is loaded; where the process has a loader already (ts-node, tsx,
 * jest, bun), nothing is registered.
 *
 * The user's own ts-node, TypeScript and tsconfig.json are used. Only what Node or ts-node cannot follow is
 * overridden, see `emitOptions`.
 */

import { register } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as TsNode from 'ts-node';
import type * as TypeScript from 'typescript';
import { error } from '../base/error-codes.js';
import { type ModuleFormat, moduleFormat } from './module-kind.js';
import { findFrom, findPeer } from './peers.js';
import { withoutStatsWarning } from './stats-warning.js';

const registered = new Set<ModuleFormat>();

/**
 * Sees to it that a TypeScript file can be loaded; does nothing the second time.
 *
 * @throws TYPESCRIPT_MISSING with the install line
 */
export function registerTypeScript(file: string): void {
  const format = moduleFormat(file);
  if (registered.has(format) || isHandled(format)) return;
  const options = transpilerOptions(file, format);
  if (format === 'commonjs') withoutStatsWarning(() => requireTsNode(file).register(options));
  else registerHooks(file, options);
  registered.add(format);
}

function registerHooks(file: string, options: TsNode.RegisterOptions): void {
  const data = { tsNode: resolvePeer('ts-node', file), options };
  register(pathToFileURL(require.resolve('./esm-hooks.js')), { data });
  // The hooks run in a thread of their own, so ts-node's source maps are not known to this one.
  process.setSourceMapsEnabled(true);
}

function requireTsNode(file: string): typeof TsNode {
  return require(resolvePeer('ts-node', file)) as typeof TsNode;
}

function resolvePeer(name: string, file: string): string {
  const found = findPeer(name, file);
  if (found === undefined) throw error('TYPESCRIPT_MISSING', { file, package: name });
  return found;
}

/**
 * Loaders that hook into `import()` from a thread of their own: only the words that started Node tell of them.
 * `ts-node --esm` is none of them, its loader does nothing from Node 20 on.
 */
const ESM_LOADER = /(?:^|=|node_modules[\\/])(?:tsx|ts-node[\\/]esm|@swc-node|@oxc-node)(?:[\\/.]|$)/;

function isHandled(format: ModuleFormat): boolean {
  if ('bun' in process.versions || 'deno' in process.versions) return true;
  const extensions = require.extensions as Partial<NodeJS.RequireExtensions>;
  // jest brings a `require` of its own, which transforms every file and has no extensions.
  if (extensions['.js'] === undefined) return true;
  if (format === 'module') return nodeWords().some((word) => ESM_LOADER.test(word));
  // Node's own stripping of types is no loader in this sense: it refuses decorators.
  const isNative = extensions['.ts']?.name === 'loadTS';
  return Symbol.for('ts-node.register.instance') in process || (extensions['.ts'] !== undefined && !isNative);
}

const nodeWords = (): string[] => [...process.execArgv, ...(process.env.NODE_OPTIONS ?? '').split(/\s+/)];

/**
 * Complaints about tsconfig.json that do not touch what one file becomes: they are the compiler's to make, and
 * TypeScript 6 makes them about settings that were fine for years (5011: `rootDir` not stated).
 */
const IGNORED_DIAGNOSTICS = [
  1286, 1287, 1295, 5011, 5051, 5052, 5053, 5055, 5069, 5070, 5071, 5074, 5090, 5091, 5095, 5096, 5097, 5098,
  5101, 5102, 5103, 5104, 5105, 5107, 5108, 5109, 5110,
];

function transpilerOptions(file: string, format: ModuleFormat): TsNode.RegisterOptions {
  const compiler = resolvePeer('typescript', file);
  const settings = readSettings(require(compiler) as typeof TypeScript, path.dirname(file));
  return {
    compiler,
    cwd: path.dirname(file),
    projectSearchDir: path.dirname(file),
    transpileOnly: true,
    // ts-node has swc compile every decorator as a legacy one.
    ...(settings?.experimentalDecorators === false || findFrom('@swc/core', file) === undefined
      ? {}
      : { swc: true }),
    // Colours have no place in an error's message.
    pretty: false,
    ignoreDiagnostics: IGNORED_DIAGNOSTICS,
    // Imports with and without an extension, `./author.js` for author.ts included, in both formats.
    experimentalSpecifierResolution: 'node',
    experimentalResolver: true,
    compilerOptions: emitOptions(settings, format),
  };
}

/** What of a tsconfig.json decides what is emitted. */
interface Settings {
  readonly experimentalDecorators: boolean;
  readonly isNewerThanEs2022: boolean;
}

/** undefined where there is no tsconfig.json, or one that ts-node will complain about. */
function readSettings(ts: typeof TypeScript, directory: string): Settings | undefined {
  const file = ts.findConfigFile(directory, ts.sys.fileExists);
  if (file === undefined) return undefined;
  const { config } = ts.readConfigFile(file, ts.sys.readFile);
  // Which files belong to the project is not asked: finding them takes long in a big one.
  const host = { ...ts.sys, readDirectory: () => [] };
  const { options } = ts.parseJsonConfigFileContent(config, host, path.dirname(file));
  return {
    experimentalDecorators: options.experimentalDecorators === true,
    isNewerThanEs2022: (options.target ?? ts.ScriptTarget.ES2022) > ts.ScriptTarget.ES2022,
  };
}

/** Settings that stand whatever tsconfig.json says, and those that stand in for a missing one. */
function emitOptions(settings: Settings | undefined, format: ModuleFormat): Record<string, unknown> {
  const decorators = { experimentalDecorators: true, emitDecoratorMetadata: true, esModuleInterop: true };
  return {
    // By Node's own rule for each file; a bundler's `esnext` or `preserve` would not load.
    module: 'node16',
    moduleResolution: 'node16',
    // From ES2023 on TypeScript leaves decorators to the engine, which has none; ts-node's swc would take ES3.
    ...(settings === undefined || settings.isNewerThanEs2022 ? { target: 'es2022' } : {}),
    ...(settings === undefined ? decorators : {}),
    // Excludes `import` in a file that becomes CommonJS.
    ...(format === 'commonjs' ? { verbatimModuleSyntax: false } : {}),
  };
}
