/** The peers of `bench/peers`, those that are installed there (`node bench/peers/install.mjs`). */

import { createRequire } from 'node:module';
import path from 'node:path';
import type { Place } from './places.js';
import type { Candidate } from './workloads.js';

const PEERS = ['drizzle', 'kysely', 'mikro-orm', 'typeorm'];

/** What a peer's file holds: how it does the workloads on each database that it can do them on. */
type Peer = Readonly<Partial<Record<Place['name'], Candidate>>>;

export function installedPeers(place: Place['name']): Candidate[] {
  const folder = path.resolve(__dirname, '../peers');
  const load = createRequire(path.join(folder, 'package.json'));
  return PEERS.flatMap((name) => {
    try {
      const { [place]: candidate } = load(`./${name}.cjs`) as Peer;
      return candidate === undefined ? [] : [candidate];
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw cause;
      console.log(`(without ${name}: node bench/peers/install.mjs)`);
      return [];
    }
  });
}
