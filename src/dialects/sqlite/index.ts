/** SQLite as a dialect: the pack's parts put together. */

import { lazy } from '../../base/lazy.js';
import type { Dialect } from '../contract.js';
import { sqliteCanonical } from './canonical.js';
import { sqliteCodec } from './codecs.js';
import { sqliteConditions } from './conditions.js';
import { openSqlite } from './database.js';
import { translateSqliteError } from './errors.js';
import { literalText, quoteIdentifier } from './literals.js';
import { revisionTransactions } from './revision-transactions.js';
import { describeSqliteUrl } from './url.js';
import { writeForms } from './write-forms.js';

const planning = lazy(() => require('./plan.js') as typeof import('./plan.js'));
const impacts = lazy(() => require('./impact.js') as typeof import('./impact.js'));

export const sqlite: Dialect = {
  name: 'sqlite',
  capabilities: {
    transactionalDdl: true,
    schemas: false,
    danglingForeignKeys: true,
    comments: false,
    enumTypes: false,
    sequences: false,
    exclusions: false,
    uniqueConstraints: true,
    arrays: false,
    materializedViews: false,
    lockOuterJoins: true,
    returning: true,
    tellsInsertId: true,
    isolationLevels: false,
    nullsAreLow: true,
    nullsKeyword: true,
    cursors: false,
    exactDecimals: false,
    // SQLite has no limit of its own; names that fit here fit the other databases.
    maxIdentifierBytes: 63,
    roundTrips: false,
    maxParameters: 32_766,
  },
  canonical: sqliteCanonical,
  revisions: revisionTransactions,
  open: (options) => openSqlite(options, sqlite),
  quoteIdentifier,
  quoteTable: quoteIdentifier,
  kysely: { classes: 'Sqlite', returning: ['insert', 'update', 'delete'] },
  emptyRow: 'DEFAULT VALUES',
  literal: literalText,
  placeholder: () => '?',
  // A write that began as a read may find that another one was faster and cannot wait for it.
  begin: { read: 'BEGIN', write: 'BEGIN IMMEDIATE' },
  // The reading connections of a file cannot write anyway; in memory there is the writers' one alone.
  frame: ({ readOnly }) =>
    readOnly === true
      ? { begin: ['PRAGMA query_only = ON', 'BEGIN'], after: ['PRAGMA query_only = OFF'] }
      : { begin: ['BEGIN IMMEDIATE'], after: [] },
  codec: sqliteCodec,
  conditions: sqliteConditions,
  // Who writes has the whole database to itself.
  rowLock: () => '',
  writeForms,
  // Migrations alone need these two; an application that only queries starts without them.
  introspect: async (connection, { ignoreTables }) =>
    (await import('./introspect.js')).introspect(connection, ignoreTables),
  plan: (before, operations) => planning().planSqlite(before, operations),
  impact: (before, operation) => impacts().impactSqlite(before, operation),
  async tableExists(connection, name) {
    const sql = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND lower(name) = lower(?)";
    return (await connection.queryArrays(sql, [name])).length > 0;
  },
  revisionScript(lines, suspendsForeignKeys) {
    const body = ['BEGIN;', '', ...lines, '', 'COMMIT;'];
    if (!suspendsForeignKeys) return body;
    // Inside a transaction the pragma does nothing.
    return ['PRAGMA foreign_keys = OFF;', ...body, 'PRAGMA foreign_key_check;', 'PRAGMA foreign_keys = ON;'];
  },
  scratch: async () => ({ url: 'sqlite::memory:', drop: async () => {} }),
  describe: describeSqliteUrl,
  translateError: (cause, sql) => translateSqliteError(cause, sql === undefined ? {} : { sql }),
};
