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
export async function scratchConfig(config: Config): Promise<ScratchConfig> {
  const { url } = resolveConfig(config);
  const dialect = await dialectFor(url);
  const scratch = await dialect.scratch?.(url);
  if (scratch === undefined) {
    throw error('CAPABILITY_MISSING', {
      database: dialect.name,
      feature: 'test database',
      object: 'the test kit',
    });
  }
  // Not a spread: where the configuration stands is remembered under a symbol that a spread leaves behind.
  const parts = Object.getOwnPropertyDescriptors(config);
  const scratchUrl = { value: scratch.url, enumerable: true };
  return {
    config: Object.defineProperties({}, { ...parts, url: scratchUrl }) as Config,
    drop: () => scratch.drop(),
  };
}

/** A configuration of a test database, and what takes that database away again when all have closed it. */
export interface ScratchConfig {
  readonly config: Config;
  drop(): Promise<void>;
}
