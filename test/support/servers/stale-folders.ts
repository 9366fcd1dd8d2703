// Clears up after test runs whose machine or container stopped before their watchdogs could do it.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { dataRoots } from './data-root';

const OURS = /^limbeck-(postgres|mariadb|run)-\w{6}$/;

/** Removes folders whose owner (`owner.pid`) has ended, and ends the servers that run in them. */
export function removeStaleFolders(): void {
  const folders = dataRoots().flatMap((root) =>
    readdirSync(root)
      .filter((name) => OURS.test(name))
      .map((name) => path.join(root, name)),
  );
  for (const folder of folders) {
    const owner = readPid(path.join(folder, 'owner.pid'));
    if (owner === undefined || isAlive(owner)) continue;
    const server = readPid(path.join(folder, 'server.pid'));
    try {
      if (server !== undefined && isAlive(server) && commandOf(server).includes(folder)) {
        process.kill(server, 'SIGKILL');
      }
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    } catch {
      // Another user's, or another run is removing it at this moment.
    }
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM';
  }
  // Where nobody collects ended processes (a container whose first process is no init) they stay as zombies.
  return !/^\d+ \(.*\) Z/s.test(readOr(`/proc/${pid}/stat`, ''));
}

/** Empty where it cannot be told: a number alone may have come to belong to somebody else's process. */
function commandOf(pid: number): string {
  return readOr(`/proc/${pid}/cmdline`, '').replaceAll('\0', ' ');
}

function readPid(file: string): number | undefined {
  return Number.parseInt(readOr(file, ''), 10) || undefined;
}

function readOr(file: string, otherwise: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return otherwise;
  }
}
