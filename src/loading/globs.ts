/** The modules of a configuration's globs. Without globs nothing of the loader is loaded itself. */

import type { ModuleExtension } from '../config.js';
import type { LoadedModule } from './modules.js';

/** @throws MODULE_BROKEN */
export async function loadGlobs(
  globs: readonly string[],
  directory: string,
  extension: ModuleExtension,
): Promise<readonly LoadedModule[]> {
  if (globs.length === 0) return [];
  const { filesMatching } = await import('./files.js');
  const { loadModules } = await import('./modules.js');
  return loadModules(await filesMatching(globs, directory, extension));
}
