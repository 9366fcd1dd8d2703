/**
 * What Node will make of a file: CommonJS or ESM, TypeScript or JavaScript. Asked before a file is loaded, so
 * that the right loader is there and the right one of `require` and `import()` is used.
 */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { MODULE_EXTENSIONS, type ModuleExtension } from '../config.js';

export type ModuleFormat = 'commonjs' | 'module';

/** Whether a file needs a loader for TypeScript. */
export function isTypeScript(file: string): boolean {
  return /\.[cm]?ts$/.test(file);
}

/** By the extension where it says so, else by the nearest package.json, as Node does. */
export function moduleFormat(file: string): ModuleFormat {
  const extension = path.extname(file);
  if (extension === '.mts' || extension === '.mjs') return 'module';
  if (extension === '.cts' || extension === '.cjs') return 'commonjs';
  return packageType(path.dirname(file));
}

/** `type` of the nearest package.json upwards; CommonJS without one. */
export function packageType(directory: string): ModuleFormat {
  for (let folder = directory; ; folder = path.dirname(folder)) {
    const manifest = readManifest(path.join(folder, 'package.json'));
    if (manifest !== undefined) return manifest.type === 'module' ? 'module' : 'commonjs';
    if (folder === path.dirname(folder)) return 'commonjs';
  }
}

function readManifest(file: string): { readonly type?: unknown } | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as { type?: unknown };
  } catch {
    return undefined;
  }
}

/** The extensions that count beside a configuration: those of its own kind, its own first. */
export function siblingExtensions(extension: ModuleExtension): readonly ModuleExtension[] {
  const own = MODULE_EXTENSIONS.filter((other) => isTypeScript(other) === isTypeScript(extension));
  return [extension, ...own.filter((other) => other !== extension)];
}
