/** Which language a new migration file is written in: by its extension, and for `.js` by the nearest package.json. */

import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Language } from './file.js';

/** The language of files of an extension in a folder. */
export async function languageOf(folder: string, extension: string): Promise<Language> {
  switch (extension) {
    case '.mjs':
      return 'module';
    case '.cjs':
      return 'commonjs';
    case '.js':
      return (await isModuleScope(folder)) ? 'module' : 'commonjs';
    default:
      return 'typescript';
  }
}

async function isModuleScope(folder: string): Promise<boolean> {
  for (let at = folder; ; at = dirname(at)) {
    try {
      const manifest: unknown = JSON.parse(await readFile(join(at, 'package.json'), 'utf8'));
      return (manifest as { type?: unknown }).type === 'module';
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') return false;
    }
    if (dirname(at) === at) return false;
  }
}
