/** The public names of `limbeck`; no logic of its own. */

import 'reflect-metadata';

export { type SqlFragment, type SqlIdentifier, sql } from './ast/sql.js';
export * from './base/errors.js';
export { type Config, defineConfig, type LogEntry, type Logger } from './config.js';
export * from './decorators/index.js';
export type { Draft, Loaded, Many, NotLoaded, One } from './metadata/relation-types.js';
export type * from './migration/operations-api.js';
export type {
  Difference,
  MigrationEvent,
  Migrations,
  RevisionEntry,
  RevisionOptions,
  RevisionResult,
  RunOptions,
  RunResult,
  RunStep,
} from './migration/types.js';
export { type MigrationsOptions, migrations } from './migrations.js';
export type { Schema } from './schema/model.js';
export type { NamingStrategy } from './schema/naming.js';
export type { Operation, OperationKind, OperationOf } from './schema/operations.js';
