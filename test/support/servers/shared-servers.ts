// One server of each kind for a whole jest run, started by the first test file that asks. Workers are processes of
// their own: they agree through files in the run's folder, which jest's global set-up makes and its teardown reads.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MARIADB_MISSING, mariadbBinaries, startMariadb } from './mariadb';
import { POSTGRES_MISSING, postgresBinaries, startPostgres } from './postgres';
import { RUN_FOLDER, type SharedServer } from './run-folder';
import { missing, type StartOptions, type TestServer } from './server-process';
import { isAlive } from './stale-folders';

/** What a URL of such a server begins with is not its name: `mysql` is MySQL or MariaDB. */
export type ServerName = 'postgres' | 'mysql';

const SERVERS = {
  postgres: {
    variable: 'LIMBECK_TEST_POSTGRES_URL',
    isInstalled: () => postgresBinaries() !== undefined,
    missing: POSTGRES_MISSING,
    start: (options: StartOptions) => startPostgres(options),
  },
  mysql: {
    variable: 'LIMBECK_TEST_MYSQL_URL',
    isInstalled: () => mariadbBinaries() !== undefined,
    missing: MARIADB_MISSING,
    start: (options: StartOptions) => startMariadb(options),
  },
};

const PAUSE_MS = 25;

/** The variable that names a server to use instead of a private one. */
export function serverVariable(name: ServerName): string {
  return SERVERS[name].variable;
}

/**
 * Says whether tests on this server are to run; without waiting, for use around `describe`.
 *
 * False only where its programs are missing and nobody insists: with a URL in the environment, with CI=true or
 * LIMBECK_REQUIRE_SERVERS=1 the tests run, and fail with the cause. What was skipped is told when the run ends.
 */
export function isServerAvailable(name: ServerName): boolean {
  return Boolean(process.env[serverVariable(name)]) || canStartServer(name);
}

/** The same for tests that kill a server, and so need one of their own, whatever the environment names. */
export function canStartServer(name: ServerName): boolean {
  const server = SERVERS[name];
  if (isInsistedOn() || server.isInstalled()) return true;
  const { what, tests, cure } = server.missing;
  const folder = process.env[RUN_FOLDER];
  if (folder) writeFileSync(path.join(folder, `${name}.skipped`), `${what}; ${tests} are skipped. ${cure}`);
  return false;
}

/** Starts a server that belongs to the caller, to be killed and restarted; about a second. */
export async function startServer(name: ServerName, options: StartOptions = {}): Promise<TestServer> {
  return SERVERS[name].start(options);
}

/**
 * The URL of an administrator on the run's server; starts it if nobody has yet (about a second).
 *
 * @throws in every worker the same error when it could not be started
 */
export async function sharedServerUrl(name: ServerName): Promise<string> {
  const given = process.env[SERVERS[name].variable];
  if (given) return given;
  if (!SERVERS[name].isInstalled()) throw missing(SERVERS[name].missing);
  let url = urls.get(name);
  if (url === undefined) {
    const folder = process.env[RUN_FOLDER];
    url = folder ? joinRun(name, folder) : SERVERS[name].start({}).then((server) => server.url);
    urls.set(name, url);
  }
  return url;
}

const urls = new Map<ServerName, Promise<string>>();

const isInsistedOn = () =>
  ['true', '1'].includes(process.env.CI || process.env.LIMBECK_REQUIRE_SERVERS || '');

async function joinRun(name: ServerName, folder: string): Promise<string> {
  const state = path.join(folder, `${name}.json`);
  for (;;) {
    if (existsSync(state)) {
      const shared: SharedServer = JSON.parse(readFileSync(state, 'utf8'));
      if ('error' in shared) throw new Error(shared.error);
      return shared.url;
    }
    if (lock(path.join(folder, `${name}.lock`))) await startForRun(name, folder, state);
    else await sleep(PAUSE_MS);
  }
}

async function startForRun(name: ServerName, folder: string, state: string): Promise<void> {
  const owner = Number(readFileSync(path.join(folder, 'owner.pid'), 'utf8'));
  const shared: SharedServer = await SERVERS[name].start({ owner }).then(
    (server) => ({ url: server.url, pid: server.pid, folder: server.folder, signal: server.stopSignal }),
    (cause) => ({ error: String(cause instanceof Error ? cause.message : cause) }),
  );
  // Renamed, so that nobody reads half of it.
  writeFileSync(`${state}.new`, JSON.stringify(shared));
  renameSync(`${state}.new`, state);
}

/** A folder, because making one is atomic; its only entry names the holder, who may be killed while it starts. */
function lock(place: string): boolean {
  try {
    mkdirSync(place);
    writeFileSync(path.join(place, String(process.pid)), '');
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
  }
  const [holder] = existsSync(place) ? readdirSync(place) : [];
  if (holder !== undefined && !isAlive(Number(holder))) rmSync(place, { recursive: true, force: true });
  return false;
}
