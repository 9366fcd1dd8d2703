/** The one place that names concrete dialects: from the scheme of a URL to the pack, loaded when first needed. */

import { error } from '../base/error-codes.js';
import type { Dialect } from './contract.js';

const DIALECTS: Readonly<Record<string, () => Promise<Dialect>>> = {
  sqlite: async () => (await import('./sqlite/index.js')).sqlite,
  postgres: async () => (await import('./postgres/index.js')).postgres,
  postgresql: async () => (await import('./postgres/index.js')).postgres,
  mysql: async () => (await import('./mysql/index.js')).mysql,
  mariadb: async () => (await import('./mysql/index.js')).mariadb,
};

/**
 * The dialect that a URL asks for.
 *
 * @throws URL_INVALID when the scheme is not one of ours
 */
export async function dialectFor(url: string): Promise<Dialect> {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase() ?? '';
  const load = Object.hasOwn(DIALECTS, scheme) ? DIALECTS[scheme] : undefined;
  if (load === undefined) {
    const known = Object.keys(DIALECTS).map((name) => `${name}:`);
    throw error('URL_INVALID', { problem: `'${scheme}:' is none of ${known.join(', ')}` });
  }
  return load();
}
