/**
 * The journal: what was run, and with which content. Of a revision that runs in one transaction it holds a
 * single row, written with it; of one that no transaction holds, a row for each step, from which a later run
 * resumes.
 */

import { createHash } from 'node:crypto';
import type { Connection, Dialect, SqlValue } from '../dialects/contract.js';
import type { Table } from '../schema/model.js';
import { JOURNAL_TABLE } from './environment.js';
import { createTableSql } from './version-table.js';

const journalTable: Table = {
  name: JOURNAL_TABLE,
  columns: [
    { name: 'revision', type: { kind: 'varchar', length: 32 }, nullable: false },
    { name: 'step', type: { kind: 'integer' }, nullable: false },
    { name: 'checksum', type: { kind: 'char', length: 64 }, nullable: false },
    { name: 'state', type: { kind: 'varchar', length: 16 }, nullable: false },
    { name: 'cursor', type: { kind: 'text' }, nullable: true },
    { name: 'at', type: { kind: 'varchar', length: 32 }, nullable: false },
  ],
  primaryKey: { name: `pk_${JOURNAL_TABLE}`, columns: ['revision', 'step'] },
  uniques: [],
  checks: [],
  foreignKeys: [],
  indexes: [],
  exclusions: [],
};

/** What a row of step 0 says of its revision. */
export type RevisionState = 'upgrade' | 'downgrade' | 'done';
export type StepState = 'running' | 'done';

/** One step of a revision that is under way. */
export interface StepRow {
  readonly step: number;
  readonly checksum: string;
  readonly state: StepState;
  readonly cursor: string | null;
}

/** The file of a revision when it was applied. */
export interface AppliedFile {
  readonly revision: string;
  readonly checksum: string;
  /** Its name without folders; undefined where an earlier release wrote the row. */
  readonly name: string | undefined;
  readonly downRevisions: readonly string[];
  readonly dependsOn: readonly string[];
}

/** A revision that was begun and not finished. */
export interface UnfinishedRevision {
  readonly revision: string;
  readonly direction: 'upgrade' | 'downgrade';
}

/** The SHA-256 of a step's text, in hexadecimal. */
export function checksumOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export class Journal {
  readonly #dialect: Dialect;
  readonly #table: string;

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
    this.#table = dialect.quoteTable(JOURNAL_TABLE);
  }

  async ensure(connection: Connection): Promise<void> {
    if (await this.#dialect.tableExists(connection, JOURNAL_TABLE)) return;
    for (const sql of createTableSql(this.#dialect, journalTable)) await connection.run(sql);
  }

  /** Records that a revision was applied with this content; its steps are of no more interest. */
  async applied(connection: Connection, { revision, checksum, ...file }: AppliedFile): Promise<void> {
    await this.forget(connection, revision);
    const cursor = JSON.stringify(file);
    await this.#insert(connection, { revision, step: 0, checksum, state: 'done', cursor });
  }

  /** The files of all revisions on record as applied; none where there is no journal. Writes nothing. */
  async appliedFiles(connection: Connection): Promise<AppliedFile[]> {
    if (!(await this.#dialect.tableExists(connection, JOURNAL_TABLE))) return [];
    const cursor = this.#dialect.quoteIdentifier('cursor');
    const rows = await connection.queryArrays(
      `SELECT revision, checksum, ${cursor} FROM ${this.#table} WHERE step = 0 AND state = 'done' ORDER BY revision`,
    );
    return rows.map(([revision, checksum, text]) => {
      const file = (text === null ? {} : JSON.parse(String(text))) as Partial<AppliedFile>;
      return {
        revision: String(revision),
        checksum: String(checksum).trim(),
        name: file.name,
        downRevisions: file.downRevisions ?? [],
        dependsOn: file.dependsOn ?? [],
      };
    });
  }

  /** Takes everything about a revision away. */
  async forget(connection: Connection, revision: string): Promise<void> {
    await connection.run(`DELETE FROM ${this.#table} WHERE revision = ${this.#place(0)}`, [revision]);
  }

  /** The revision that was begun and not finished, if there is one. Writes nothing. */
  async unfinished(connection: Connection): Promise<UnfinishedRevision | undefined> {
    if (!(await this.#dialect.tableExists(connection, JOURNAL_TABLE))) return undefined;
    const [row] = await connection.queryArrays(
      `SELECT revision, state FROM ${this.#table} WHERE step = 0 AND state <> 'done' ORDER BY revision`,
    );
    if (row === undefined) return undefined;
    return {
      revision: String(row[0]),
      direction: String(row[1]) === 'downgrade' ? 'downgrade' : 'upgrade',
    };
  }

  /** Records that a revision is begun, step by step. */
  async begun(
    connection: Connection,
    revision: string,
    direction: 'upgrade' | 'downgrade',
    checksum: string,
  ): Promise<void> {
    await this.forget(connection, revision);
    await this.#insert(connection, { revision, step: 0, checksum, state: direction, cursor: null });
  }

  /** The steps on record of a revision, by their numbers from 1. */
  async steps(connection: Connection, revision: string): Promise<Map<number, StepRow>> {
    const [step, cursor] = ['step', 'cursor'].map((name) => this.#dialect.quoteIdentifier(name));
    const rows = await connection.queryArrays(
      `SELECT ${step}, checksum, state, ${cursor} FROM ${this.#table} WHERE revision = ${this.#place(0)} AND ${step} > 0`,
      [revision],
    );
    return new Map(
      rows.map(([number, checksum, state, text]) => [
        Number(number),
        {
          step: Number(number),
          checksum: String(checksum).trim(),
          state: String(state) === 'running' ? 'running' : 'done',
          cursor: text === null || text === undefined ? null : String(text),
        },
      ]),
    );
  }

  /** In one statement: a row must not be gone for an instant, or what it tells of is done once more. */
  async record(connection: Connection, revision: string, row: StepRow): Promise<void> {
    const [step, cursor, at] = ['step', 'cursor', 'at'].map((name) => this.#dialect.quoteIdentifier(name));
    const p = (index: number): string => this.#place(index);
    const { changes } = await connection.run(
      `UPDATE ${this.#table} SET checksum = ${p(0)}, state = ${p(1)}, ${cursor} = ${p(2)}, ${at} = ${p(3)} WHERE revision = ${p(4)} AND ${step} = ${p(5)}`,
      [row.checksum, row.state, row.cursor, new Date().toISOString(), revision, row.step],
    );
    if (changes === 0) await this.#insert(connection, { revision, ...row });
  }

  async erase(connection: Connection, revision: string, step: number): Promise<void> {
    const number = this.#dialect.quoteIdentifier('step');
    await connection.run(
      `DELETE FROM ${this.#table} WHERE revision = ${this.#place(0)} AND ${number} = ${this.#place(1)}`,
      [revision, step],
    );
  }

  async #insert(
    connection: Connection,
    row: {
      readonly revision: string;
      readonly step: number;
      readonly checksum: string;
      readonly state: RevisionState | StepState;
      readonly cursor: string | null;
    },
  ): Promise<void> {
    const names = ['revision', 'step', 'checksum', 'state', 'cursor', 'at'];
    const columns = names.map((name) => this.#dialect.quoteIdentifier(name)).join(', ');
    const values: SqlValue[] = [
      row.revision,
      row.step,
      row.checksum,
      row.state,
      row.cursor,
      new Date().toISOString(),
    ];
    const places = values.map((_, index) => this.#place(index)).join(', ');
    await connection.run(`INSERT INTO ${this.#table} (${columns}) VALUES (${places})`, values);
  }

  #place(index: number): string {
    return this.#dialect.placeholder(index);
  }
}
