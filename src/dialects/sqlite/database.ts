/**
 * Opening a SQLite database: the file is looked at first, so that what is wrong with it has a name, then
 * the connection gets its settings. Hands out leases on one writer and, for files in WAL mode, some readers.
 */

import { closeSync, openSync, readFileSync, readSync, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { error } from '../../base/error-codes.js';
import type { Database, DatabaseSnapshot, Dialect, Lease, OpenOptions } from '../contract.js';
import { registerFunctions } from './conditions.js';
import { SqliteConnection, sleep } from './driver.js';
import { isBusy, resultCode, translateSqliteError } from './errors.js';
import {
  driverError,
  isDriverBroken,
  loadNative,
  type NativeDatabase,
  type NativeOptions,
} from './native.js';
import { describeSqliteUrl, parseSqliteUrl } from './url.js';
import { ConnectionQueue } from './writer-queue.js';

/** How long opening waits for another process that holds the file. */
const OPEN_LIMIT_MS = 5_000;
/** How long the switch to WAL waits; without it everything works, if with fewer reads at once. */
const WAL_LIMIT_MS = 1_000;
/** Connections that read beside the writer; each may be held by a stream or a read-only transaction. */
const MAX_READERS = 4;

/**
 * Opens a SQLite database.
 *
 * @param dialect what `Database.dialect` is to be
 * @throws URL_INVALID · DRIVER_MISSING · DATABASE_MISSING · CONNECTION_FAILED · DATABASE_CORRUPT · DATABASE_BUSY
 */
export async function openSqlite(options: OpenOptions, dialect: Dialect): Promise<Database> {
  const location = parseSqliteUrl(options.url);
  const name = describeSqliteUrl(options.url);
  const limits: Limits = { limitMs: options.acquireTimeoutMs };
  if (location.kind === 'memory') return memoryDatabase(':memory:', name, dialect, limits);
  const { path } = location;
  checkFile(path, options.mode, name);
  if (options.mode === 'inspect')
    return new SqliteDatabase(await inspectFile(path, name), name, dialect, limits);
  const native = connect(path, { fileMustExist: options.mode === 'existing' }, name);
  const wal = await guarded(native, name, () => prepareFile(native));
  const openReader = (): SqliteConnection => connectReader(path, name);
  return new SqliteDatabase(native, name, dialect, wal ? { ...limits, openReader } : limits);
}

function memoryDatabase(
  source: ':memory:' | Buffer,
  name: string,
  dialect: Dialect,
  limits: Limits,
): Database {
  const native = connect(source, {}, name);
  settle(native);
  return new SqliteDatabase(native, name, dialect, limits);
}

/** Refuses what SQLite would report as "unable to open database file" or quietly create. */
function checkFile(path: string, mode: OpenOptions['mode'], name: string): void {
  const found = look(path, name);
  if (found === undefined) {
    if (mode !== 'create') throw error('DATABASE_MISSING', { database: name });
    const folder = dirname(path);
    if (look(folder, name) === undefined) throw failed(name, `the folder ${folder} does not exist`);
  } else if (found.isDirectory()) throw failed(name, 'it is a folder');
  else if (!found.isFile()) throw failed(name, 'it is not a file');
}

function look(path: string, name: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    // A folder on the way that is a file, or may not be entered.
    throw failed(name, (cause as Error).message, cause);
  }
}

function failed(database: string, reason: string, cause?: unknown): Error {
  return error('CONNECTION_FAILED', { database, reason }, { cause });
}

function connect(source: string | Buffer, options: NativeOptions, name: string): NativeDatabase {
  const Native = loadNative();
  try {
    // No busy handler: it would sleep inside SQLite, and with it the event loop.
    const native = new Native(source, { ...options, timeout: 0 });
    registerFunctions(native);
    return native;
  } catch (cause) {
    if (isDriverBroken(cause)) throw driverError(cause);
    if (resultCode(cause) === undefined) throw failed(name, (cause as Error).message, cause);
    throw translateSqliteError(cause, { database: name });
  }
}

/** Runs the first steps on a new connection; closes it and translates the error where they fail. */
async function guarded<T>(native: NativeDatabase, name: string, steps: () => Promise<T>): Promise<T> {
  try {
    return await steps();
  } catch (cause) {
    native.close();
    throw translateSqliteError(cause, { database: name });
  }
}

/** Makes a file ready for an application; whether it is in WAL mode then. */
async function prepareFile(native: NativeDatabase): Promise<boolean> {
  // The first thing to read the file: says whether it is a database at all.
  await polled(OPEN_LIMIT_MS, () => pragma(native, 'schema_version'));
  settle(native);
  const wal = await switchToWal(native);
  // In WAL mode NORMAL keeps the database sound in a power cut and loses at most the last commits ("PRAGMA
  // synchronous"); without it only FULL is safe, which is what SQLite starts with.
  if (wal) native.exec('PRAGMA synchronous = NORMAL');
  return wal;
}

function settle(native: NativeDatabase): void {
  native.exec('PRAGMA foreign_keys = ON');
}

async function switchToWal(native: NativeDatabase): Promise<boolean> {
  try {
    return await polled(WAL_LIMIT_MS, () => {
      const mode = pragma(native, 'journal_mode');
      return (mode === 'wal' ? mode : pragma(native, 'journal_mode = WAL')) === 'wal';
    });
  } catch (cause) {
    const code = resultCode(cause) ?? '';
    // Somebody reads all the time, or we may not write: neither is a reason not to open it.
    if (isBusy(cause) || code.startsWith('SQLITE_READONLY') || code.startsWith('SQLITE_CANTOPEN'))
      return false;
    throw cause;
  }
}

function pragma(native: NativeDatabase, text: string): unknown {
  return (native.prepare(`PRAGMA ${text}`).raw(true).all([])[0] as unknown[] | undefined)?.[0];
}

/** Tries until no other process is in the way; the event loop is free between two tries. */
async function polled<T>(limitMs: number, action: () => T): Promise<T> {
  const deadline = performance.now() + limitMs;
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, 50)) {
    try {
      return action();
    } catch (cause) {
      if (!isBusy(cause) || performance.now() >= deadline) throw cause;
    }
    await sleep(pauseMs);
  }
}

function connectReader(path: string, name: string): SqliteConnection {
  return new SqliteConnection(connect(path, { readonly: true, fileMustExist: true }, name), name);
}

/**
 * A connection that changes nothing.
 *
 * A read-only one is that by itself, but on a WAL database it leaves the -wal and -shm files behind that it
 * has to make, because it may not remove them ("Write-Ahead Logging", 5). So a WAL database that nobody has
 * left anything in is opened for writing with `query_only`; closing it takes both files away again. A log
 * with content is never checkpointed by us: there the files exist, and read-only it is.
 */
async function inspectFile(path: string, name: string): Promise<NativeDatabase> {
  // SQLite puts the log beside the file itself, wherever a link to it lies.
  const readonly = !(isWal(path) && !hasContent(`${realpathSync(path)}-wal`));
  try {
    return await inspectAs(path, readonly, name);
  } catch (cause) {
    const code = resultCode((cause as Error).cause) ?? '';
    if (!/^SQLITE_(?:READONLY|CANTOPEN)/.test(code)) throw cause;
    // A journal that a crash has left must be rolled back before anybody can read, which needs the right to write.
    if (readonly) return inspectAs(path, false, name);
    // Who may write neither file nor folder cannot read in WAL mode either; the bytes themselves are complete.
    return inspectCopy(path, name);
  }
}

async function inspectAs(path: string, readonly: boolean, name: string): Promise<NativeDatabase> {
  const native = connect(path, { readonly, fileMustExist: true }, name);
  return guarded(native, name, async () => {
    native.exec('PRAGMA query_only = ON');
    await polled(OPEN_LIMIT_MS, () => pragma(native, 'schema_version'));
    settle(native);
    return native;
  });
}

function inspectCopy(path: string, name: string): NativeDatabase {
  const native = connect(rollbackJournalImage(readFileSync(path)), { readonly: true }, name);
  settle(native);
  return native;
}

/** Whether a file's header says WAL: version 2 in its 19th byte ("Database File Format", 1.3). */
function isWal(path: string): boolean {
  const header = Buffer.alloc(20);
  try {
    const file = openSync(path, 'r');
    try {
      readSync(file, header, 0, 20, 0);
    } finally {
      closeSync(file);
    }
  } catch {
    // SQLite will say what is wrong with it.
  }
  return header[18] === 2;
}

function hasContent(path: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

interface Limits {
  /** How long somebody waits for a connection. */
  readonly limitMs: number | undefined;
}

/** An open SQLite database; in `:memory:` and without WAL the writer serves reads too. */
class SqliteDatabase implements Database {
  readonly singleWriter = true;
  readonly dialect: Dialect;
  readonly #name: string;
  readonly #writer: ConnectionQueue;
  readonly #readers: ConnectionQueue | undefined;

  readonly #limits: Limits;

  constructor(
    native: NativeDatabase,
    name: string,
    dialect: Dialect,
    { limitMs, openReader }: Limits & { readonly openReader?: () => SqliteConnection },
  ) {
    this.dialect = dialect;
    this.#name = name;
    this.#limits = { limitMs };
    const writer = new SqliteConnection(native, name);
    this.#writer = new ConnectionQueue([writer], { name, limitMs });
    const growth = openReader && { open: openReader, limit: MAX_READERS };
    this.#readers = growth && new ConnectionQueue([], { name, limitMs, growth });
  }

  get readsAside(): boolean {
    return this.#readers !== undefined;
  }

  /** At once where possible; a read may get the writers' connection, which costs no second one. */
  tryAcquire(purpose: 'read' | 'write'): Lease | undefined {
    const lease = this.#writer.tryAcquire();
    return lease === undefined && purpose === 'read' ? this.#readers?.tryAcquire() : lease;
  }

  /** A read gets a reader where there are any, so it may be held for long without keeping writers waiting. */
  acquire(purpose: 'read' | 'write'): Promise<Lease> {
    return purpose === 'read' && this.#readers !== undefined
      ? this.#readers.acquire()
      : this.#writer.acquire();
  }

  /** The whole database as bytes; opened again, it lives in memory. */
  async snapshot(): Promise<DatabaseSnapshot> {
    const lease = await this.#writer.acquire();
    let image: Buffer | undefined;
    try {
      image = rollbackJournalImage((lease.connection as SqliteConnection).serialize());
    } finally {
      lease.release();
    }
    const [dialect, name, limits] = [this.dialect, this.#name, this.#limits];
    return {
      open: async () => {
        if (image === undefined) throw error('CONNECTION_CLOSED', { database: `the snapshot of ${name}` });
        return memoryDatabase(image, name, dialect, limits);
      },
      discard: async () => {
        image = undefined;
      },
    };
  }

  /** Closes at once; whoever still waits or holds a lease gets CONNECTION_CLOSED. */
  async close(): Promise<void> {
    // Readers first: the last to close a WAL database tidies up, for which it must be able to write.
    this.#readers?.close();
    this.#writer.close();
  }
}

/** An image that says WAL cannot be opened in memory ("sqlite3_deserialize"); its two version bytes say so. */
function rollbackJournalImage(image: Buffer): Buffer {
  if (image.length >= 20) image.fill(1, 18, 20);
  return image;
}
