/**
 * The steps of a revision that no transaction holds, one by one, each in the journal.
 *
 * What can be in a transaction is, together with its row in the journal, so that it is done once. What cannot is
 * marked before and after; found marked as running, it is in doubt, and the catalog is asked whether it has
 * happened. A resumed revision runs its function again from the beginning: steps on record are skipped, and what
 * was read is given as it was read, so that the steps come out the same.
 */

import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { error } from '../base/error-codes.js';
import { isLimbeckError } from '../base/errors.js';
import type { Connection, Dialect, OutsideTransaction, Plan, PlanStep } from '../dialects/contract.js';
import { type Refusal, runPlan } from '../dialects/shared/run-plan.js';
import { checksumOf, type Journal, type StepRow } from './journal.js';
import type { Steps } from './steps.js';

/** Longer answers are kept packed; what is too long even so is not kept, and a resumed revision reads it again. */
const PACKED_FROM = 100_000;
const MAX_RECORD = 4_000_000;
const PACKED = 'deflate:';

export interface JournaledStepsOptions {
  readonly dialect: Dialect;
  readonly connection: Connection;
  readonly journal: Journal;
  readonly revision: string;
}

export class JournaledSteps implements Steps {
  readonly #options: JournaledStepsOptions;
  readonly #known: Map<number, StepRow>;
  /** Steps that only read. */
  readonly #answers = new Set<number>();
  #position = 0;
  #lastKnown: number;

  private constructor(options: JournaledStepsOptions, known: Map<number, StepRow>) {
    this.#options = options;
    this.#known = known;
    this.#lastKnown = Math.max(0, ...known.keys());
  }

  /** Reads what is on record of the revision. */
  static async open(options: JournaledStepsOptions): Promise<JournaledSteps> {
    return new JournaledSteps(options, await options.journal.steps(options.connection, options.revision));
  }

  /** How many steps have been done, in this run or before. */
  get done(): number {
    return [...this.#known.values()].filter(({ state }) => state === 'done').length;
  }

  /** Whether anything but answers is on record, as the database has it. */
  async hasChanged(): Promise<boolean> {
    const { connection, journal, revision } = this.#options;
    const rows = await journal.steps(connection, revision);
    return [...rows.keys()].some((step) => !this.#answers.has(step));
  }

  async plan(plan: Plan, refusal: Refusal): Promise<void> {
    const { connection } = this.#options;
    await runPlan(connection, plan, refusal, (step, run) => this.#carry(step, run));
  }

  #carry<R>(step: PlanStep, run: () => Promise<R>): Promise<R> {
    switch (step.kind) {
      case 'statement':
        return step.outside === undefined
          ? this.write(step.sql, run)
          : this.#outside(step.sql, run, step.outside);
      case 'remember':
        return this.read(step.sql, run);
      case 'replay':
        return this.write(`replay ${step.table}`, run);
      case 'check':
      case 'probe':
        return this.#once(run);
      default:
        return step satisfies never;
    }
  }

  async write<R>(text: string, run: () => Promise<R>): Promise<R> {
    const { connection, dialect } = this.#options;
    const step = this.#next();
    const known = this.#recorded(step, text);
    // What runs in a transaction is on record when it is done, and not at all when it is not.
    if (known !== undefined) return decode(known.cursor) as R;
    if (!connection.inTransaction) await connection.run(dialect.begin.write);
    const result = await run();
    if (!connection.inTransaction) throw error('TRANSACTION_LEFT', { statement: text });
    await this.#record({ step, checksum: checksumOf(text), state: 'done', cursor: encode(result) ?? null });
    return result;
  }

  async outside<R>(text: string, run: () => Promise<R>): Promise<R> {
    return this.#outside(text, run, undefined);
  }

  async read<R>(text: string, run: () => Promise<R>): Promise<R> {
    const step = this.#next();
    this.#answers.add(step);
    const known = this.#recorded(step, text);
    if (known?.cursor != null) return decode(known.cursor) as R;
    const result = await run();
    const cursor = encode(result);
    if (known === undefined && cursor !== undefined) {
      await this.#record({ step, checksum: checksumOf(text), state: 'done', cursor });
    }
    return result;
  }

  /** Commits what is open. */
  async boundary(): Promise<void> {
    const { connection } = this.#options;
    if (connection.inTransaction) await connection.run('COMMIT');
  }

  /** A question that is not on record: it has been passed when something after it is. */
  async #once<R>(run: () => Promise<R>): Promise<R> {
    const step = this.#next();
    if (step < this.#lastKnown) return undefined as R;
    return run();
  }

  async #outside<R>(text: string, run: () => Promise<R>, means: OutsideTransaction | undefined): Promise<R> {
    const { connection, dialect } = this.#options;
    const step = this.#next();
    const known = this.#recorded(step, text);
    if (known?.state === 'done') return decode(known.cursor) as R;
    await this.boundary();
    const { fingerprint } = dialect.revisions;
    if (fingerprint === undefined) throw new TypeError(`${dialect.name} cannot settle a step in doubt`);
    const before = await fingerprint(connection, means?.objects);
    if (known !== undefined && known.cursor !== before) {
      await this.#record({ ...known, state: 'done', cursor: null });
      return undefined as R;
    }
    await this.#clear(means);
    const checksum = checksumOf(text);
    await this.#record({ step, checksum, state: 'running', cursor: before });
    let result: R;
    try {
      result = await run();
    } catch (cause) {
      await this.#failed(step, cause, means);
      throw cause;
    }
    await this.#record({ step, checksum, state: 'done', cursor: encode(result) ?? null });
    return result;
  }

  /** A statement that the database has refused has not happened; of one whose answer is lost nobody knows. */
  async #failed(step: number, cause: unknown, means: OutsideTransaction | undefined): Promise<void> {
    const { connection, journal, revision } = this.#options;
    if (isLimbeckError(cause) && cause.code === 'CONNECTION_LOST') return;
    try {
      await this.#clear(means);
      await journal.erase(connection, revision, step);
      this.#known.delete(step);
    } catch (second) {
      // What is left is found by the next run; the first failure is the one to tell.
      if (!isLimbeckError(second)) throw second;
    }
  }

  /** Takes away what a failed attempt has left. */
  async #clear(means: OutsideTransaction | undefined): Promise<void> {
    if (means?.leftover === undefined) return;
    const { connection } = this.#options;
    const [[count] = []] = await connection.queryArrays(means.leftover.countSql);
    if (Number(count) > 0) await connection.run(means.leftover.sql);
  }

  #next(): number {
    this.#position += 1;
    return this.#position;
  }

  /** The row of a step, which must be the step that it was. @throws STEP_CHANGED */
  #recorded(step: number, text: string): StepRow | undefined {
    const row = this.#known.get(step);
    if (row === undefined || row.checksum === checksumOf(text)) return row;
    throw error('STEP_CHANGED', { revision: this.#options.revision, step, text });
  }

  async #record(row: StepRow): Promise<void> {
    const { connection, journal, revision } = this.#options;
    await journal.record(connection, revision, row);
    this.#known.set(row.step, row);
    this.#lastKnown = Math.max(this.#lastKnown, row.step);
  }
}

/** An answer as text; undefined for one that is too long to keep. */
function encode(result: unknown): string | undefined {
  if (result === undefined) return 'null';
  const text = JSON.stringify(result, (_, value: unknown) => {
    if (typeof value === 'bigint') return { $bigint: String(value) };
    if (typeof value === 'number' && !Number.isFinite(value)) return { $number: String(value) };
    if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') };
    // A Buffer has been through its toJSON by now.
    const json = value as { readonly type?: unknown; readonly data?: unknown } | null;
    if (json !== null && typeof json === 'object' && json.type === 'Buffer' && Array.isArray(json.data)) {
      return { $bytes: Buffer.from(json.data as number[]).toString('base64') };
    }
    return value;
  });
  if (text.length < PACKED_FROM) return text;
  const packed = PACKED + deflateRawSync(text).toString('base64');
  return packed.length > MAX_RECORD ? undefined : packed;
}

function decode(text: string | null): unknown {
  if (text === null) return undefined;
  const json = text.startsWith(PACKED)
    ? inflateRawSync(Buffer.from(text.slice(PACKED.length), 'base64')).toString('utf8')
    : text;
  return JSON.parse(json, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value;
    const { $bigint, $bytes, $number } = value as Readonly<Record<string, unknown>>;
    if (typeof $bigint === 'string') return BigInt($bigint);
    if (typeof $number === 'string') return Number($number);
    if (typeof $bytes === 'string') return Buffer.from($bytes, 'base64');
    return value;
  });
}
