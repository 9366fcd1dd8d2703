/** What may be written at all. */

import { error } from '../../base/error-codes.js';
import type { EntityMap } from './entity-map.js';

/** @throws VIEW_READ_ONLY where a view stands in the place of a table */
export function requireWritable({ meta }: EntityMap, method: string): void {
  const { view, name } = meta;
  if (view !== undefined) throw error('VIEW_READ_ONLY', { entity: name, view: view.name, method });
}
