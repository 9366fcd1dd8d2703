/** The entity classes of a configuration: those it names itself, and those that the files of its globs export. */

import { error } from '../base/error-codes.js';
import type { ResolvedConfig } from '../config.js';
import { isEntityClass } from '../metadata/collect.js';
import type { EntityClass } from '../metadata/entity.js';
import { loadGlobs } from './globs.js';
import { siblingExtensions } from './module-kind.js';

/**
 * Loads the files and picks the entities out of their exports; a class exported twice counts once.
 *
 * @returns classes in the order of the configuration, then of the files
 * @throws ENTITIES_NOT_FOUND when there is none at all · MODULE_BROKEN
 */
export async function loadEntities(config: ResolvedConfig): Promise<readonly EntityClass[]> {
  const { entityGlobs: globs, directory, extension } = config;
  const modules = await loadGlobs(globs, directory, extension);
  const exported = modules.flatMap((module) => Object.values(module.exports)).filter(isEntityClass);
  const classes = [...new Set([...config.entityClasses, ...exported])];
  if (classes.length > 0) return classes;
  throw error('ENTITIES_NOT_FOUND', {
    globs,
    directory,
    extensions: siblingExtensions(extension),
    files: modules.length,
  });
}
