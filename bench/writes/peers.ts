/**
 * The peers of `bench/peers`, those that are installed there (`npm install --prefix bench/peers`).
 * LIMBECK_PEERS=kysely,drizzle takes some of them only; LIMBECK_PEERS= takes none.
 */

import { createRequire } from 'node:module';
import path from 'node:path';
import type { Candidate } from './workloads.js';

const ALL = 'drizzle,kysely,mikro-orm,typeorm';

export function installedPeers(): Candidate[] {
  const folder = path.resolve(__dirname, '../peers');
  const load = createRequire(path.join(folder, 'package.json'));
  const wanted = (process.env.LIMBECK_PEERS ?? ALL).split(',').filter((name) => name !== '');
  return wanted.flatMap((name) => {
    try {
      return [(load(`./${name}-writes.cjs`) as { candidate: Candidate }).candidate];
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw cause;
      console.log(`(without ${name}: npm install --prefix bench/peers)`);
      return [];
    }
  });
}
