// What private servers of both databases have in common: a folder that belongs to one test run, a process that is
// found again by its id, and the promise that neither outlives the run. Nothing here knows SQL.
import { type ChildProcess, spawn } from 'node:child_process';
import {
  chownSync,
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { dataRoot } from './data-root';
import { isAlive, removeStaleFolders } from './stale-folders';

/** A private database server, listening on 127.0.0.1 only. */
export interface TestServer {
  /** The URL of an administrator in the server's own first database. It stays the same over `restart()`. */
  readonly url: string;
  /** Of the process that runs now, or ran last. */
  readonly pid: number;
  /** Holds data, log (`server.log`) and process id (`server.pid`); removed by `stop()`. */
  readonly folder: string;
  /** Ends it fastest without leaving shared memory behind. */
  readonly stopSignal: NodeJS.Signals;
  /** Ends the process at once, without a shutdown of the database, and removes its folder. Twice is once. */
  stop(): Promise<void>;
  /** SIGKILL, as a crash would: what was committed is in the data folder, the rest is not. */
  kill(): Promise<void>;
  /** Starts again on the same data and port, after `kill()` if it still runs; resolves when queries are answered. */
  restart(): Promise<void>;
}

export interface StartOptions {
  /** The process that the server must not outlive; by default this one. */
  readonly owner?: number;
}

/** A server whose programs this machine lacks: `<what>; <tests> are skipped. <cure>`. */
export interface MissingServer {
  readonly what: string;
  readonly tests: string;
  readonly cure: string;
}

/** Who runs the server: both databases refuse, or warn of, root. `undefined` is: who runs the tests. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** One database's answers to what `ServerProcess` asks. */
export interface ServerKind {
  readonly name: string;
  /** Makes a new data folder in `folder`. */
  initialize(folder: string, account: Account | undefined): Promise<void>;
  command(folder: string, port: number): { readonly file: string; readonly args: readonly string[] };
  url(port: number): string;
  /** Answers when the server takes queries; throws while it does not. */
  ping(url: string): Promise<void>;
  /** Ends the process without a wait for clients, and without leaving shared memory behind. */
  readonly stopSignal: NodeJS.Signals;
}

const START_MS = 60_000;
const END_MS = 20_000;
const PAUSE_MS = 25;

export function missing({ what, tests, cure }: MissingServer): Error {
  return new Error(`${what}, and ${tests} need it. ${cure}`);
}

/** Makes the folder, starts the process, and waits until it answers. */
export async function startServer(
  kind: ServerKind,
  account: Account | undefined,
  options: StartOptions = {},
): Promise<TestServer> {
  removeStaleFolders();
  const folder = mkdtempSync(path.join(dataRoot(), `limbeck-${kind.name}-`));
  const owner = options.owner ?? process.pid;
  writeFileSync(path.join(folder, 'owner.pid'), String(owner));
  if (account) chownSync(folder, account.uid, account.gid);
  const server = new ServerProcess(kind, account, folder, await freePort());
  try {
    await kind.initialize(folder, account);
    watch(owner, folder, kind.stopSignal);
    await server.restart();
  } catch (cause) {
    await server.stop();
    throw cause;
  }
  // The watchdog needs a second to see that the owner has gone; one that leaves on its own feet clears up at once.
  if (owner === process.pid) process.once('exit', () => server.stopNow());
  return server;
}

/** Runs a program to its end, as `account`; its output is the message of the error. */
export async function run(file: string, args: readonly string[], account: Account | undefined, home: string) {
  const child = spawn(file, args, {
    ...account,
    env: environment(home),
    cwd: home,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0) throw new Error(`${file} ended with ${code}:\n${output}`);
}

/** Ends a server that another process started, and removes its folder. */
export async function stopServer(folder: string, pid: number, signal: NodeJS.Signals): Promise<void> {
  if (!(await hasEnded(pid, signal, END_MS / 2))) await hasEnded(pid, 'SIGKILL', END_MS / 2);
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: PAUSE_MS });
}

class ServerProcess implements TestServer {
  readonly #kind: ServerKind;
  readonly #account: Account | undefined;
  readonly #port: number;
  readonly folder: string;
  readonly stopSignal: NodeJS.Signals;
  pid = 0;

  constructor(kind: ServerKind, account: Account | undefined, folder: string, port: number) {
    this.#kind = kind;
    this.#account = account;
    this.#port = port;
    this.folder = folder;
    this.stopSignal = kind.stopSignal;
  }

  get url(): string {
    return this.#kind.url(this.#port);
  }

  async restart(): Promise<void> {
    await this.kill();
    const deadline = Date.now() + START_MS;
    // PostgreSQL does not start while an orphan of the process that was killed still holds the shared memory.
    while (!(await this.#isReady(this.#spawn(), deadline))) {
      if (Date.now() > deadline - START_MS / 2) throw new Error(this.#lastWords());
      await sleep(10 * PAUSE_MS);
    }
  }

  async kill(): Promise<void> {
    if (this.pid === 0) return;
    if (!(await hasEnded(this.pid, 'SIGKILL', END_MS))) throw new Error(`process ${this.pid} does not end`);
    rmSync(path.join(this.folder, 'server.pid'), { force: true });
  }

  async stop(): Promise<void> {
    await stopServer(this.folder, this.pid, this.stopSignal);
  }

  stopNow(): void {
    if (!existsSync(this.folder)) return;
    if (this.pid !== 0) signalTo(this.pid, this.stopSignal);
    // What is written while it ends keeps the folder; the watchdog removes that.
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 2 * PAUSE_MS });
  }

  #spawn(): ChildProcess {
    const { file, args } = this.#kind.command(this.folder, this.#port);
    const log = openSync(path.join(this.folder, 'server.log'), 'a');
    // Detached: Ctrl-C ends the tests, which then end the server.
    const child = spawn(file, args, {
      ...this.#account,
      env: environment(this.folder),
      cwd: this.folder,
      detached: true,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    child.unref();
    child.once('error', () => {});
    if (child.pid === undefined) throw new Error(`${file} could not be started`);
    this.pid = child.pid;
    writeFileSync(path.join(this.folder, 'server.pid'), String(this.pid));
    return child;
  }

  async #isReady(child: ChildProcess, deadline: number): Promise<boolean> {
    for (;;) {
      if (child.exitCode !== null || child.signalCode !== null) return false;
      try {
        await this.#kind.ping(this.url);
        return true;
      } catch (cause) {
        if (Date.now() > deadline) throw new Error(this.#lastWords(), { cause });
      }
      await sleep(PAUSE_MS);
    }
  }

  #lastWords(): string {
    const log = readFileSync(path.join(this.folder, 'server.log'), 'utf8').trimEnd();
    return `${this.#kind.name} does not start; its log ends:\n${log.split('\n').slice(-15).join('\n')}`;
  }
}

async function hasEnded(pid: number, signal: NodeJS.Signals, withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  if (pid === 0) return true;
  signalTo(pid, signal);
  while (isAlive(pid)) {
    if (Date.now() > deadline) return false;
    await sleep(PAUSE_MS);
  }
  return true;
}

function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ESRCH') throw cause;
  }
}

/** A shell that waits for the owner's end: a test run that is killed can clear up nothing by itself. */
function watch(owner: number, folder: string, signal: NodeJS.Signals): void {
  if (process.platform === 'win32') return;
  const script = `
    while kill -0 "$1" 2>/dev/null; do [ -d "$2" ] || exit 0; sleep 1; done
    [ -f "$2/server.pid" ] && pid=$(cat "$2/server.pid") && { kill -s "$3" "$pid"; sleep 1; kill -KILL "$pid"; } 2>/dev/null
    for attempt in 1 2 3 4 5; do rm -rf "$2" && exit 0; sleep 1; done`;
  const args = ['-c', script, 'limbeck-watchdog', String(owner), folder, signal.replace('SIG', '')];
  spawn('/bin/sh', args, { cwd: '/', detached: true, stdio: 'ignore' }).unref();
}

function environment(home: string): NodeJS.ProcessEnv {
  // Nothing of the developer's own: PGDATA, MYSQL_HOME and LANG would all change what the server does.
  return { PATH: process.env.PATH, HOME: home, TMPDIR: home, LC_ALL: 'C' };
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => probe.once('error', reject).listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port on 127.0.0.1');
  return address.port;
}
