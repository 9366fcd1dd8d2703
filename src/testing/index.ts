/** The public names of `limbeck/testing`; no logic of its own. */

export { migrationTests } from './migration-tests.js';
export type { TestRunner } from './runner.js';
export type { ConfigLike } from './test-config.js';
export { type TestDatabase, type TestDatabaseOptions, useTestDatabase } from './use-test-database.js';
