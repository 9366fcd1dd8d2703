/**
 * From a working directory to configurations: finds `ormconfig.*`, loads it, and takes what it exports, a
 * configuration, a data source, an array of named ones, or a function that makes one of these.
 */

import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { error } from '../base/error-codes.js';
import { nearestName } from '../base/text.js';
import { isDataSource, MODULE_EXTENSIONS, type ResolvedConfig, resolveConfig } from '../config.js';
import { brokenModule, loadModule } from './modules.js';

/**
 * The configuration's file.
 *
 * @param cwd where to look
 * @param explicit a file or its folder, from `-c`; the variable LIMBECK_CONFIG counts where it is not given
 * @returns an absolute path
 * @throws CONFIG_MISSING saying where it looked
 */
export function findConfig(cwd: string, explicit: string | undefined = process.env.LIMBECK_CONFIG): string {
  const place = path.resolve(cwd, explicit ?? '.');
  if (statSync(place, { throwIfNoEntry: false })?.isDirectory()) {
    const names = MODULE_EXTENSIONS.map((extension) => `ormconfig${extension}`);
    const name = names.find((candidate) => existsSync(path.join(place, candidate)));
    if (name !== undefined) return path.join(place, name);
    throw error('CONFIG_MISSING', {
      searched: [`ormconfig.{${MODULE_EXTENSIONS.map((e) => e.slice(1)).join(',')}} in ${place}`],
    });
  }
  if (existsSync(place)) return place;
  throw error('CONFIG_MISSING', { searched: [place] });
}

/**
 * Loads a file and checks what it exports.
 *
 * @param file an absolute path
 * @returns one configuration, or several with distinct names
 * @throws CONFIG_INVALID · MODULE_BROKEN · TYPESCRIPT_MISSING
 */
export async function loadConfig(file: string): Promise<readonly ResolvedConfig[]> {
  const exports = await loadModule(file);
  const raw = await callIfFunction(exports.default, file);
  if (raw === undefined || raw === null)
    throw error('CONFIG_INVALID', { file, problems: [withoutDefault(exports)] });
  const list = Array.isArray(raw) ? (raw as unknown[]) : [raw];
  if (list.length === 0)
    throw error('CONFIG_INVALID', { file, problems: [{ key: '', problem: 'The array is empty.' }] });
  const configs = list.map((one) => resolveConfig(isDataSource(one) ? one.options : one, file));
  checkNames(configs, file);
  return configs;
}

async function callIfFunction(value: unknown, file: string): Promise<unknown> {
  try {
    return typeof value === 'function' ? await (value as () => unknown)() : await value;
  } catch (cause) {
    throw brokenModule(file, cause);
  }
}

function withoutDefault(exports: Readonly<Record<string, unknown>>) {
  if ('default' in exports && typeof exports.default === 'function') {
    return { key: '', problem: 'The exported function returns nothing.' };
  }
  const named = Object.keys(exports).find((name) => isDataSource(exports[name]));
  const example =
    named === undefined
      ? "export default defineConfig({ url: 'sqlite:library.db' });"
      : `export default ${named};`;
  return { key: '', problem: `There is no default export. Write: ${example}` };
}

function checkNames(configs: readonly ResolvedConfig[], file: string): void {
  const names = configs.map((config) => config.name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice === undefined) return;
  const problem = `Two configurations are named '${twice}'. Give each its own name.`;
  throw error('CONFIG_INVALID', { file, problems: [{ key: 'name', problem }] });
}

/**
 * The configuration that a command is for.
 *
 * @param name from `-n`; may be left out where there is one only, or one named `default`
 * @throws CONFIG_NAME_UNKNOWN naming those that there are
 */
export function pickConfig(configs: readonly ResolvedConfig[], name: string | undefined): ResolvedConfig {
  const names = configs.map((config) => config.name);
  const [only] = configs;
  if (name === undefined && configs.length === 1 && only !== undefined) return only;
  const found = configs.find((config) => config.name === (name ?? 'default'));
  if (found !== undefined) return found;
  throw error('CONFIG_NAME_UNKNOWN', { name, names, nearest: name && nearestName(name, names) });
}
