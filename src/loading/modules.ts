/**
 * Loads a user's module, TypeScript or JavaScript, CommonJS or ESM, and turns whatever goes wrong into one
 * error that names the file and the user's own line.
 */

import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import { error } from '../base/error-codes.js';
import { isLimbeckError, type LimbeckError } from '../base/errors.js';
import { isTypeScript, moduleFormat } from './module-kind.js';
import { registerTypeScript } from './typescript.js';

/** What a module exports; CommonJS without a `default` has its whole export there. */
export type ModuleExports = Readonly<Record<string, unknown>>;

export interface LoadedModule {
  readonly file: string;
  readonly exports: ModuleExports;
}

/**
 * Loads modules one after the other: in what order they run never depends on a disk's speed.
 *
 * @param files absolute paths
 * @throws MODULE_BROKEN naming the first that cannot be loaded · TYPESCRIPT_MISSING
 */
export async function loadModules(files: readonly string[]): Promise<readonly LoadedModule[]> {
  const modules: LoadedModule[] = [];
  for (const file of files) modules.push({ file, exports: await loadModule(file) });
  return modules;
}

/**
 * Loads one module; an error of Limbeck's that it throws comes through as it is.
 *
 * @param file an absolute path
 * @throws MODULE_BROKEN · TYPESCRIPT_MISSING
 */
export async function loadModule(file: string): Promise<ModuleExports> {
  try {
    if (isTypeScript(file)) registerTypeScript(file);
    return toExports(moduleFormat(file) === 'module' ? await importModule(file) : await requireModule(file));
  } catch (cause) {
    throw brokenModule(file, cause);
  }
}

/** A real `import()`: what it names is known at run time alone, so nobody turns it into `require()`. */
function importModule(file: string): Promise<unknown> {
  return import(pathToFileURL(file).href);
}

async function requireModule(file: string): Promise<unknown> {
  try {
    return require(file);
  } catch (cause) {
    // JavaScript in ESM syntax and without `"type": "module"`: newer Nodes can tell, but not always load it so.
    const code = (cause as NodeJS.ErrnoException | null)?.code;
    const isEsm = code === 'ERR_REQUIRE_ESM' || code === 'ERR_REQUIRE_ASYNC_MODULE';
    if (isEsm && !isTypeScript(file)) return importModule(file);
    throw cause;
  }
}

function toExports(loaded: unknown): ModuleExports {
  if (typeof loaded !== 'object' || loaded === null) return { default: loaded };
  const exports = loaded as Record<string, unknown>;
  const inner = exports.default;
  // `import()` of transpiled CommonJS: its exports are the default's properties.
  if (typeof inner === 'object' && inner !== null && '__esModule' in inner) return inner as ModuleExports;
  const isModule = '__esModule' in exports || Object.prototype.toString.call(exports) === '[object Module]';
  return isModule ? exports : { default: exports, ...exports };
}

/**
 * What went wrong while a user's file was loaded or run.
 *
 * @returns errors of Limbeck's own as they are
 */
export function brokenModule(file: string, cause: unknown): LimbeckError {
  if (isLimbeckError(cause)) return cause;
  const stack = cause instanceof Error || hasStack(cause) ? String(cause.stack) : '';
  const message = messageOf(cause);
  const reason = shorten(message);
  const at = firstUserLine(stack, file);
  // A diagnostic of TypeScript's names its place itself, and so does Node where an import is missing.
  const isTold = /\(\d+,\d+\): error TS|imported from/.test(reason);
  const context = { file: relative(file), reason, at: isTold ? undefined : at, cure: cureFor(message) };
  return error('MODULE_BROKEN', context, { cause });
}

function hasStack(value: unknown): value is { readonly stack: unknown } {
  return typeof value === 'object' && value !== null && 'stack' in value;
}

function messageOf(cause: unknown): string {
  if (typeof cause !== 'object' || cause === null) return String(cause);
  // `diagnosticText` is ts-node's; from the thread of the hooks it comes as an object that is no error.
  const { message, diagnosticText } = cause as { message?: unknown; diagnosticText?: unknown };
  return typeof message === 'string'
    ? message
    : typeof diagnosticText === 'string'
      ? diagnosticText
      : inspect(cause);
}

/** Without what only a stack trace needs, and with paths as the user writes them. */
function shorten(message: string): string {
  return message
    .replace(/^⨯ Unable to compile TypeScript:\s*/, '')
    .replace(/\nRequire stack:[\s\S]*$/, '')
    .replace(
      / imported from (\S.*)$/s,
      (_, importer: string) => ` imported from ${relative(importer.trim())}`,
    )
    .replace(
      /(['"])(\/[^'"]*|[A-Z]:\\[^'"]*)\1/g,
      (_, quote: string, name: string) => quote + relative(name) + quote,
    )
    .trim();
}

function cureFor(message: string): string | undefined {
  const missing = /Cannot find (?:module|package) '([^'./][^']*)'/.exec(message)?.[1];
  if (missing !== undefined && !path.isAbsolute(missing)) {
    return `Install it: npm install ${missing.split('/', missing.startsWith('@') ? 2 : 1).join('/')}`;
  }
  if (/^Cannot access '[A-Z]\w*' before initialization/.test(message)) {
    return 'Two files import each other: type a relation as One<T> or Many<T>, imported as a type.';
  }
  if (/does not provide an export named/.test(message))
    return 'Import what is only a type as one: import { type … }.';
  // Only of a ts-node that was there before us; ours is told to ignore it.
  return /error TS5011/.test(message)
    ? 'Add "rootDir": "." to the compilerOptions of tsconfig.json.'
    : undefined;
}

const OWN_FOLDER = path.dirname(__dirname);

/** The first place in a stack that is in none of the packages, relative to the working directory. */
function firstUserLine(stack: string, file: string): string | undefined {
  for (const line of stack.split('\n')) {
    // A frame (`at f (/a/b.ts:3:5)`), or the line above a syntax error (`/a/b.js:3`).
    const [, place, row, column] =
      /^\s*at (?:.*\()?((?:file:\/\/|\/|[A-Za-z]:\\)[^()]*?):(\d+):(\d+)\)?$/.exec(line) ??
      /^((?:file:\/\/|\/|[A-Za-z]:\\).*?):(\d+)$/.exec(line) ??
      [];
    if (place === undefined) continue;
    const name = place.startsWith('file:') ? fileURLToPath(place.replace(/[?#].*$/, '')) : place;
    if (name.includes(`${path.sep}node_modules${path.sep}`) || name.startsWith(OWN_FOLDER + path.sep))
      continue;
    const where = `${relative(name)}:${row}${column === undefined ? '' : `:${column}`}`;
    return where === relative(file) ? undefined : where;
  }
  return undefined;
}

/** Below the working directory a path is shown without it. */
function relative(file: string): string {
  const shown = path.relative(process.cwd(), file);
  return shown === '' || shown.startsWith('..') || path.isAbsolute(shown) ? file : shown;
}
