/**
 * Finds the files that a glob or a folder means. Files count that have the same kind of extension as the
 * configuration: beside `ormconfig.ts` TypeScript, beside a compiled `ormconfig.js` what `tsc` made of it.
 * So one configuration works from sources and from a build, and never loads an entity twice.
 */

import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { lazy } from '../base/lazy.js';
import { MODULE_EXTENSIONS, type ModuleExtension } from '../config.js';
import { siblingExtensions } from './module-kind.js';

const globbing = lazy(() => require('tinyglobby') as typeof import('tinyglobby'));

/**
 * The modules in a folder, not below it; a missing folder has none.
 *
 * @returns absolute paths, sorted
 */
export function filesInFolder(folder: string, extension: ModuleExtension): readonly string[] {
  let names: string[];
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    names = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw cause;
  }
  return choose(
    names.map((name) => path.join(folder, name)),
    extension,
  );
}

/**
 * The modules that match globs; a glob that is a folder means everything below it.
 *
 * @param globs relative to the directory, or absolute
 * @returns absolute paths, sorted
 */
export async function filesMatching(
  globs: readonly string[],
  directory: string,
  extension: ModuleExtension,
): Promise<readonly string[]> {
  if (globs.length === 0) return [];
  const { glob } = globbing();
  const patterns = globs.map((one) => pattern(one, directory, extension));
  const found = await glob(patterns, {
    cwd: directory,
    absolute: true,
    expandDirectories: false,
    ignore: ['**/node_modules/**'],
  });
  return choose(found.map(path.normalize), extension);
}

const TYPESCRIPT_TO_JAVASCRIPT: Readonly<Record<string, string>> = { ts: 'js', mts: 'mjs', cts: 'cjs' };

/** `entities/*.ts` beside a compiled configuration is `entities/*.js`, and the other way round. */
function pattern(glob: string, directory: string, extension: ModuleExtension): string {
  const slashed = path.sep === '\\' ? glob.replaceAll('\\', '/') : glob;
  if (isFolder(path.resolve(directory, glob))) return `${slashed.replace(/\/+$/, '')}/**/*`;
  const [, stem, written] = /^(.*)\.([cm]?[jt]s)$/s.exec(slashed) ?? [];
  if (stem === undefined || written === undefined) return slashed;
  if (siblingExtensions(extension).some((own) => own === `.${written}`)) return slashed;
  const pairs = Object.entries(TYPESCRIPT_TO_JAVASCRIPT);
  const other = TYPESCRIPT_TO_JAVASCRIPT[written] ?? pairs.find(([, js]) => js === written)?.[0];
  return `${stem}.${other}`;
}

function isFolder(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Modules of the right kind; declarations never; of several with one stem, the configuration's own extension. */
function choose(files: readonly string[], extension: ModuleExtension): readonly string[] {
  const ranked = siblingExtensions(extension);
  const byStem = new Map<string, string>();
  for (const file of [...files].sort()) {
    if (/\.d\.[cm]?ts$/.test(file)) continue;
    const found = MODULE_EXTENSIONS.find((known) => known === path.extname(file));
    if (found === undefined || !ranked.includes(found)) continue;
    const stem = file.slice(0, -found.length);
    const rival = byStem.get(stem);
    const rank = (other: string): number => ranked.indexOf(path.extname(other) as ModuleExtension);
    if (rival === undefined || rank(file) < rank(rival)) byStem.set(stem, file);
  }
  return [...byStem.values()].sort();
}
