/**
 * The migration commands as plain functions that return data; the command line and `migrations()` are their
 * two doors. Each file holds those of one purpose.
 */

import type { MigrationEnvironment } from '../environment.js';
import type { Migrations } from '../types.js';
import { CommandContext } from './context.js';
import { diagramCommands } from './diagrams.js';
import { differenceCommands } from './difference.js';
import { driftCommands } from './drift.js';
import { listingCommands } from './listing.js';
import { pictureCommands } from './pictures.js';
import { planningCommands } from './planning.js';
import { revisionCommands } from './revisions.js';
import { runningCommands } from './running.js';
import { teamCommands } from './teams.js';

/** The commands for one environment. */
export function migrationCommands(environment: MigrationEnvironment): Migrations {
  const context = new CommandContext(environment);
  return {
    ...revisionCommands(context),
    ...teamCommands(context),
    ...differenceCommands(context),
    ...driftCommands(context),
    ...planningCommands(context),
    ...runningCommands(context),
    ...listingCommands(context),
    ...pictureCommands(context),
    ...diagramCommands(context),
  };
}
