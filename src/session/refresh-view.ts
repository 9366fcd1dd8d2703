/** REFRESH of a materialized view. */

import { error } from '../base/error-codes.js';
import type { EntityMap } from '../query/mapping/entity-map.js';
import type { Runner } from './transactions.js';

/** @throws OPTION_INVALID for what is no materialized view · CAPABILITY_MISSING */
export async function refreshView(
  { meta, sql, dialect }: EntityMap,
  runner: Runner,
  { concurrently }: { readonly concurrently?: boolean },
): Promise<void> {
  if (meta.view?.materialized !== true) {
    const problem = `'${meta.name}' is no materialized view: say @ViewEntity({ materialized: true })`;
    throw error('OPTION_INVALID', { option: 'refreshMaterializedView', problem });
  }
  if (!dialect.capabilities.materializedViews) {
    throw error('CAPABILITY_MISSING', {
      database: dialect.name,
      feature: 'materialized views',
      object: `'${meta.view.name}'`,
    });
  }
  const text = `REFRESH MATERIALIZED VIEW ${concurrently === true ? 'CONCURRENTLY ' : ''}${sql}`;
  await runner.write((connection) => connection.run(text));
}
