// The folder through which the workers of one jest run find its servers. jest's configuration names this file's two
// neighbours, `global-setup.ts` and `global-teardown.ts`; both run in jest's own process and must load fast.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stopServer } from './server-process';
import { removeStaleFolders } from './stale-folders';

/** The environment variable with the folder; workers inherit it. */
export const RUN_FOLDER = 'LIMBECK_TEST_RUN_FOLDER';

/** `<name>.json` in the folder, written by the worker that started the server, or could not. */
export type SharedServer =
  | { readonly url: string; readonly pid: number; readonly folder: string; readonly signal: NodeJS.Signals }
  | { readonly error: string };

/** Nothing is started yet: a run that needs no server costs no more than a folder. */
export function makeRunFolder(): void {
  removeStaleFolders();
  const folder = mkdtempSync(path.join(tmpdir(), 'limbeck-run-'));
  writeFileSync(path.join(folder, 'owner.pid'), String(process.pid));
  process.env[RUN_FOLDER] = folder;
}

/** Ends the run's servers, and says what was skipped because there were none. */
export async function removeRunFolder(): Promise<void> {
  const folder = process.env[RUN_FOLDER];
  if (!folder) return;
  const read = (extension: string) =>
    readdirSync(folder)
      .filter((file) => file.endsWith(extension))
      .map((file) => readFileSync(path.join(folder, file), 'utf8'));
  const servers: SharedServer[] = read('.json').map((text) => JSON.parse(text));
  await Promise.all(
    servers.map(async (server) => {
      if ('pid' in server) await stopServer(server.folder, server.pid, server.signal);
    }),
  );
  for (const line of read('.skipped')) console.warn(line);
  rmSync(folder, { recursive: true, force: true });
}
