/** PostgreSQL as a dialect: the pack's parts put together. */

import { lazy } from '../../base/lazy.js';
import { splitTableName } from '../../schema/table-names.js';
import type { Dialect } from '../contract.js';
import { postgresCanonical } from './canonical.js';
import { postgresCodec } from './codecs.js';
import { postgresConditions } from './conditions.js';
import { openPostgres } from './database.js';
import { translatePostgresError } from './errors.js';
import { literalText, quoteIdentifier, quoteTable } from './literals.js';
import { MAX_PARAMETERS } from './parameters.js';
import { revisionTransactions } from './revision-transactions.js';
import { describePostgresUrl } from './url.js';
import { writeForms } from './write-forms.js';

const planning = lazy(() => require('./plan.js') as typeof import('./plan.js'));
const impacts = lazy(() => require('./impact.js') as typeof import('./impact.js'));

export const postgres: Dialect = {
  name: 'postgres',
  capabilities: {
    transactionalDdl: true,
    schemas: true,
    comments: true,
    enumTypes: true,
    sequences: true,
    exclusions: true,
    uniqueConstraints: true,
    arrays: true,
    materializedViews: true,
    lockOuterJoins: false,
    returning: true,
    tellsInsertId: false,
    isolationLevels: true,
    nullsAreLow: false,
    nullsKeyword: true,
    cursors: true,
    exactDecimals: true,
    danglingForeignKeys: false,
    maxIdentifierBytes: 63,
    roundTrips: true,
    maxParameters: MAX_PARAMETERS,
  },
  canonical: postgresCanonical,
  revisions: revisionTransactions,
  open: (options) => openPostgres(options, atVersion),
  quoteIdentifier,
  quoteTable,
  // MERGE … RETURNING from 17 on; an older server says so itself.
  kysely: { classes: 'Postgres', returning: ['insert', 'update', 'delete', 'merge'] },
  emptyRow: 'DEFAULT VALUES',
  literal: literalText,
  placeholder: (index) => `$${index + 1}`,
  // Several reads see one state only at this level.
  begin: { read: 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', write: 'BEGIN' },
  frame({ isolation, readOnly }) {
    const level = isolation === undefined ? '' : ` ISOLATION LEVEL ${isolation}`;
    return { begin: [`BEGIN${level}${readOnly === true ? ' READ ONLY' : ''}`], after: [] };
  },
  codec: postgresCodec,
  conditions: postgresConditions,
  rowLock({ strength, onLocked }, table) {
    const of = table === undefined ? '' : ` OF ${quoteIdentifier(splitTableName(table).name)}`;
    return ` FOR ${STRENGTHS[strength]}${of}${onLocked === undefined ? '' : ON_LOCKED[onLocked]}`;
  },
  writeForms,
  // Migrations and tests alone need these; an application that only queries starts without them.
  introspect: async (connection, scope) => (await import('./introspect.js')).introspect(connection, scope),
  settle: async (connection, questions, schema) =>
    (await import('./settle.js')).settle(connection, questions, schema),
  plan: (before, operations, options) => planning().planPostgres(before, operations, options),
  impact: (before, operation) => impacts().impactPostgres(before, operation),
  rowEstimate: (table) =>
    `SELECT reltuples FROM pg_catalog.pg_class WHERE oid = to_regclass(${literalText(quoteTable(table))})`,
  async tableExists(connection, name) {
    const { schema, name: table } = splitTableName(name);
    // Not to_regclass, which would find a table of any schema of the search path.
    const sql = `
      SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname = coalesce($1, current_schema()) AND c.relname = $2 AND c.relkind IN ('r', 'p')`;
    return (await connection.queryArrays(sql, [schema ?? null, table])).length > 0;
  },
  revisionScript(lines) {
    // Our own connections have it on; who runs a script may not, and then a backslash would be an escape.
    const hasBackslash = lines.some((line) => line.includes('\\'));
    const settings = [
      // psql takes its encoding from the locale.
      ...(lines.some((line) => /[^\0-\x7f]/.test(line)) ? ["SET LOCAL client_encoding = 'UTF8';"] : []),
      ...(hasBackslash ? ['SET LOCAL standard_conforming_strings = on;'] : []),
      // The session's zone counts between timestamps with and without one, and in a default that says now.
      ...(lines.some((line) => /\btimestamp|^\s*(?:insert|update|merge|with)\b/i.test(line))
        ? ["SET LOCAL TimeZone = 'UTC';"]
        : []),
    ];
    // A revision in several transactions says so for each of them.
    const body = lines.flatMap((line) => (line === 'BEGIN;' ? [line, ...settings] : [line]));
    return ['BEGIN;', ...settings, '', ...body, '', 'COMMIT;'];
  },
  scratch: async (url) => (await import('./scratch.js')).createScratch(url),
  describe: describePostgresUrl,
  translateError: (cause, sql) => translatePostgresError(cause, sql === undefined ? {} : { sql }),
};

const STRENGTHS = {
  share: 'SHARE',
  update: 'UPDATE',
  noKeyUpdate: 'NO KEY UPDATE',
  keyShare: 'KEY SHARE',
} as const;
const ON_LOCKED = { nowait: ' NOWAIT', skip_locked: ' SKIP LOCKED' } as const;

/** The dialect of a server that has said its version: what is planned for it is what it understands. */
function atVersion(serverVersion: number): Dialect {
  return {
    ...postgres,
    plan: (before, operations, options) =>
      planning().planPostgres(before, operations, { ...options, serverVersion }),
    impact: (before, operation) => impacts().impactPostgres(before, operation, serverVersion),
  };
}
