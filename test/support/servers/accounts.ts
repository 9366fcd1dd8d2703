// Who runs a test server. Root may not, and other users run it as themselves.
import { readFileSync } from 'node:fs';
import type { Account } from './server-process';

/** The first of `names` that this machine has, when root runs the tests; otherwise `undefined`. */
export function serverAccount(...names: readonly string[]): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = new Map(
    readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
      .map(([name, , uid, gid]) => [name, { uid: Number(uid), gid: Number(gid) }]),
  );
  const name = names.find((candidate) => accounts.has(candidate));
  if (name === undefined) throw new Error(`Root cannot run a server: there is no user ${names.join(' or ')}`);
  return accounts.get(name);
}
