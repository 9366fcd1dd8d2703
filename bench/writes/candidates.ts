/** Who is compared, the one first with whom the others are. */

import { driver } from './driver.js';
import { builds } from './limbeck.js';
import { installedPeers } from './peers.js';
import type { Candidate } from './workloads.js';

export function candidates(): readonly Candidate[] {
  return [driver, ...builds(), ...installedPeers()];
}
