// A private MariaDB, from the machine's own package: no npm package holds its binaries.
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createConnection } from 'mysql2/promise';
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

export interface MariadbOptions extends StartOptions {
  /** Added to the command line: `{ 'lock-wait-timeout': '5' }`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** What is said when there is nothing to start. */
export const MARIADB_MISSING: MissingServer = {
  what: 'MariaDB: mariadbd was not found',
  tests: 'the tests on MySQL/MariaDB',
  cure: 'Install it: apt-get install mariadb-server, or set LIMBECK_TEST_MYSQL_URL',
};

/** The server and the program that makes its data folder, or `undefined`. */
export function mariadbBinaries(): { readonly server: string; readonly install: string } | undefined {
  const server = findProgram('mariadbd');
  const install = findProgram('mariadb-install-db');
  return server && install ? { server, install } : undefined;
}

/**
 * Starts a server with an empty data folder; about a second.
 *
 * Nothing waits for the disk, but every commit reaches the operating system: after `kill()` all that was committed is
 * there, as with a crash of the process. The user is `limbeck` with the password `limbeck`, and may do everything.
 */
export async function startMariadb(options: MariadbOptions = {}): Promise<TestServer> {
  const found = mariadbBinaries();
  if (found === undefined) throw missing(MARIADB_MISSING);
  return startServer(new Mariadb(found, options.settings ?? {}), serverAccount('mysql', 'nobody'), options);
}

// The log file's size is written by the first start, so that both programs must be told the same.
const STORAGE = [
  '--innodb-log-file-size=16M',
  '--innodb-buffer-pool-size=64M',
  '--innodb-doublewrite=0',
  '--innodb-use-native-aio=0',
];

const SETTINGS = {
  'bind-address': '127.0.0.1',
  'character-set-server': 'utf8mb4',
  'max-connections': '200',
  // 2, not 0: a commit is written to the file, so that it outlives the process, but is not flushed to the disk.
  'innodb-flush-log-at-trx-commit': '2',
  'innodb-fast-shutdown': '2',
};

const ACCOUNT = [
  `CREATE USER IF NOT EXISTS 'limbeck'@'127.0.0.1' IDENTIFIED BY 'limbeck';`,
  `GRANT ALL PRIVILEGES ON *.* TO 'limbeck'@'127.0.0.1' WITH GRANT OPTION;`,
];

class Mariadb implements ServerKind {
  readonly name = 'mariadb';
  // Its own shutdown waits for clients, and the data is thrown away.
  readonly stopSignal = 'SIGKILL';
  readonly #binaries: { readonly server: string; readonly install: string };
  readonly #settings: Readonly<Record<string, string>>;

  constructor(binaries: { server: string; install: string }, settings: Readonly<Record<string, string>>) {
    this.#binaries = binaries;
    this.#settings = { ...SETTINGS, ...settings };
  }

  async initialize(folder: string, account: Account | undefined): Promise<void> {
    writeFileSync(path.join(folder, 'account.sql'), `${ACCOUNT.join('\n')}\n`);
    const only = [
      '--no-defaults',
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      '--skip-name-resolve',
    ];
    await run(this.#binaries.install, [...only, `--datadir=${data(folder)}`, ...STORAGE], account, folder);
  }

  command(folder: string, port: number) {
    const settings = Object.entries(this.#settings).map(([name, value]) => `--${name}=${value}`);
    const places = [
      `--datadir=${data(folder)}`,
      `--socket=${path.join(folder, 'mariadb.sock')}`,
      `--pid-file=${path.join(folder, 'mariadb.pid')}`,
      `--init-file=${path.join(folder, 'account.sql')}`,
      `--port=${port}`,
    ];
    const without = ['--skip-log-bin', '--skip-name-resolve'];
    return {
      file: this.#binaries.server,
      args: ['--no-defaults', ...places, ...without, ...STORAGE, ...settings],
    };
  }

  url(port: number): string {
    return `mariadb://limbeck:limbeck@127.0.0.1:${port}/mysql`;
  }

  async ping(url: string): Promise<void> {
    const connection = await createConnection({ uri: url, connectTimeout: 5_000 });
    await connection.end();
  }
}

const data = (folder: string) => path.join(folder, 'data');

function findProgram(name: string): string | undefined {
  // Debian's mariadbd is in /usr/sbin, which is not in everybody's PATH.
  const folders = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin', '/usr/local/sbin'];
  return folders.map((folder) => path.join(folder, name)).find((file) => existsSync(file));
}
