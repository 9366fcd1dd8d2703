/** The configuration of an application, turned to a database that tests have to themselves. */

import { error } from '../base/error-codes.js';
import { type Config, isDataSource, resolveConfig } from '../config.js';
import { dialectFor } from '../dialects/registry.js';

/** A configuration, or anything that carries one. */
export type ConfigLike = Config | { readonly options: Config };

/** The configuration itself. */
export function configOf(config: ConfigLike): Config {
  return isDataSource(config) ? (config.options as Config) : (config as Config);
}

/**
 * The same configuration with another database; the one that it names is never opened.
 *
 * @throws CAPABILITY_MISSING where the database has none to give
 */
export async function scratchConfig(config: Config): Promise<Config> {
  const { url } = resolveConfig(config);
  const dialect = await dialectFor(url);
  const scratch = dialect.scratchUrl?.(url);
  if (scratch === undefined) {
    throw error('CAPABILITY_MISSING', {
      database: dialect.name,
      feature: 'test database',
      object: 'the test kit',
    });
  }
  // Not a spread: where the configuration stands is remembered under a symbol that a spread leaves behind.
  const parts = Object.getOwnPropertyDescriptors(config);
  return Object.defineProperties({}, { ...parts, url: { value: scratch, enumerable: true } }) as Config;
}
