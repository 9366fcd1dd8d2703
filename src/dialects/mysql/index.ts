/** MySQL and MariaDB as dialects: the pack's parts put together for one flavour of server. */

import { lazy } from '../../base/lazy.js';
import type { ColumnType } from '../../schema/model.js';
import type { Connection, Dialect } from '../contract.js';
import { canonicalForms } from './canonical.js';
import { forClient } from './client-script.js';
import { mysqlCodec } from './codecs.js';
import { mysqlConditions } from './conditions.js';
import { openMysql } from './database.js';
import { translateMysqlError } from './errors.js';
import { type Flavour, MARIADB_10_11, MYSQL_8 } from './flavour.js';
import { literalText, quoteIdentifier } from './literals.js';
import { revisionTransactions } from './revision-transactions.js';
import { rowLock, treeLock } from './row-lock.js';
import { SQL_MODE } from './session.js';
import { READS_ONLY, WRITES_AGAIN } from './statement-kinds.js';
import { describeMysqlUrl } from './url.js';
import { writeForms } from './write-forms.js';

const planning = lazy(() => require('./plan.js') as typeof import('./plan.js'));
const impacts = lazy(() => require('./impact.js') as typeof import('./impact.js'));

const TEMPORAL: ReadonlySet<ColumnType['kind']> = new Set(['date', 'time', 'timestamp', 'timestamptz']);

/** The dialect of a server. */
export function makeMysql(flavour: Flavour): Dialect {
  return {
    name: flavour.name,
    capabilities: {
      transactionalDdl: false,
      schemas: false,
      // Keys may dangle while foreign_key_checks is off.
      danglingForeignKeys: true,
      comments: true,
      enumTypes: false,
      sequences: flavour.mariadb,
      exclusions: false,
      uniqueConstraints: false,
      arrays: false,
      materializedViews: false,
      lockOuterJoins: true,
      // INSERT … RETURNING of MariaDB 10.5 and newer; MySQL has none.
      returning: flavour.mariadb,
      tellsInsertId: true,
      isolationLevels: true,
      nullsAreLow: true,
      nullsKeyword: false,
      cursors: false,
      exactDecimals: true,
      // The server counts 64 characters; names of this length fit every database.
      maxIdentifierBytes: 63,
      roundTrips: true,
      maxParameters: 65_535,
    },
    canonical: canonicalForms(flavour),
    revisions: revisionTransactions(flavour),
    open: (options) => openMysql(options, makeMysql),
    quoteIdentifier,
    quoteTable: quoteIdentifier,
    kysely: { classes: 'Mysql', returning: flavour.mariadb ? ['insert', 'delete'] : [] },
    emptyRow: '() VALUES ()',
    literal: literalText,
    placeholder: () => '?',
    begin: { read: 'START TRANSACTION READ ONLY', write: 'START TRANSACTION' },
    frame({ isolation, readOnly }) {
      // Without SESSION it holds for the next transaction alone ("SET TRANSACTION", Transaction Characteristic Scope).
      const level = isolation === undefined ? [] : [`SET TRANSACTION ISOLATION LEVEL ${isolation}`];
      if (readOnly !== true) return { begin: [...level, 'START TRANSACTION'], after: [] };
      // DDL ends a transaction before it runs, so the session as well must be read-only to have it refused.
      return { begin: [READS_ONLY, ...level, 'START TRANSACTION READ ONLY'], after: [WRITES_AGAIN] };
    },
    codec: (type, options) => mysqlCodec(type, options, flavour),
    conditions: mysqlConditions(flavour),
    orderKey,
    // The server says a moment as text; the driver would put it together from numbers, slower than all else in a row.
    readAs: (column, { kind }) => (TEMPORAL.has(kind) ? `CAST(${column} AS CHAR)` : undefined),
    rowLock: (lock) => rowLock(flavour, lock),
    writeForms: { ...writeForms(flavour.name), treeLock: treeLock(flavour) },
    tableExists,
    // Migrations and tests alone need these; an application that only queries starts without them.
    introspect: async (connection, scope) =>
      (await import('./introspect.js')).introspect(flavour, connection, scope),
    settle: async (connection, questions, schema) =>
      (await import('./settle.js')).settle(flavour, connection, questions, schema),
    plan: (before, operations, options) => planning().planMysql(flavour, before, operations, options),
    impact: (before, operation) => impacts().impactMysql(flavour, before, operation),
    rowEstimate: (table) =>
      `SELECT table_rows FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ${literalText(table)}`,
    revisionScript(lines, suspendsForeignKeys) {
      // DDL commits by itself, so a transaction would promise what it cannot keep.
      const settings = [
        'SET NAMES utf8mb4;',
        `SET SESSION sql_mode = ${literalText(SQL_MODE)};`,
        "SET SESSION time_zone = '+00:00';",
      ];
      const body = [...settings, '', ...lines.flatMap(forClient)];
      if (!suspendsForeignKeys) return body;
      return ['SET SESSION foreign_key_checks = 0;', ...body, '', 'SET SESSION foreign_key_checks = 1;'];
    },
    scratch: async (url) => (await import('./scratch.js')).scratchDatabase(url),
    describe: describeMysqlUrl,
    translateError: (cause, sql) => translateMysqlError(cause, sql === undefined ? {} : { sql }),
  };
}

/** An enum is ordered by the place of its value, but compared as text; a FLOAT equals no decimal number. */
function orderKey(sql: string, { kind }: ColumnType): string {
  if (kind === 'enum') return `(${sql} + 0)`;
  return kind === 'real' ? `(${sql} + 0E0)` : sql;
}

async function tableExists(connection: Connection, name: string): Promise<boolean> {
  const sql = `SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?
    AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')`;
  return (await connection.queryArrays(sql, [name])).length > 0;
}

/** Until a server has said who it is: MySQL 8.0. */
export const mysql = makeMysql(MYSQL_8);

/** Until a server has said who it is: MariaDB 10.11. */
export const mariadb = makeMysql(MARIADB_10_11);
