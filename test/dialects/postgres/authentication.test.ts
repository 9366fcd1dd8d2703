// Passwords and TLS, on a server of its own: the shared one trusts everybody.
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { openPostgres } from '../../../src/dialects/postgres/database';
import { canStartServer } from '../../support/databases';
import { serverAccount } from '../../support/servers/accounts';
import { startPostgres } from '../../support/servers/postgres';
import type { TestServer } from '../../support/servers/server-process';
import { failure, NO_DIALECT } from './connection-support';

const folder = mkdtempSync(path.join(tmpdir(), 'limbeck-hba-'));
const file = (name: string) => path.join(folder, name);
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

function give(name: string, mode: number) {
  const account = serverAccount('postgres', 'nobody');
  if (account) chownSync(file(name), account.uid, account.gid);
  chmodSync(file(name), mode);
}

function certificate() {
  const args = [
    'req',
    '-new',
    '-x509',
    '-days',
    '2',
    '-nodes',
    '-subj',
    '/CN=localhost',
    '-addext',
    'subjectAltName=DNS:localhost',
  ];
  const made = spawnSync('openssl', [...args, '-out', file('server.crt'), '-keyout', file('server.key')]);
  if (made.status !== 0) throw new Error(String(made.stderr));
  give('server.crt', 0o644);
  give('server.key', 0o600);
  return { ssl: 'on', ssl_cert_file: file('server.crt'), ssl_key_file: file('server.key') };
}

(canStartServer('postgres') && hasOpenssl ? describe : describe.skip)('a server that asks', () => {
  let server: TestServer;
  let port: string;
  beforeAll(async () => {
    chmodSync(folder, 0o755);
    const lines = [
      'host all limbeck 127.0.0.1/32 trust',
      'hostssl all tls all trust',
      'hostnossl all plain all trust',
      'host all md5 all md5',
      'host all clear all password',
      'host all ada,nobody all scram-sha-256',
    ];
    writeFileSync(file('hba.conf'), `${lines.join('\n')}\n`);
    give('hba.conf', 0o644);
    server = await startPostgres({ settings: { hba_file: file('hba.conf'), ...certificate() } });
    ({ port } = new URL(server.url));
    const client = new Client(server.url);
    await client.connect();
    await client.query("CREATE ROLE ada LOGIN PASSWORD 's3c:ret/@#'");
    await client.query("SET password_encryption = 'md5'; CREATE ROLE md5 LOGIN PASSWORD 's3cret'");
    await client.query(
      "CREATE ROLE clear LOGIN PASSWORD 's3cret'; CREATE ROLE tls LOGIN; CREATE ROLE plain LOGIN",
    );
    await client.end();
  }, 60_000);
  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const open = (user: string, query = '', host = '127.0.0.1') =>
    openPostgres(
      { url: `postgres://${user}@${host}:${port}/postgres${query}`, mode: 'existing' },
      NO_DIALECT,
    );

  test.each(['ada:s3c%3Aret%2F%40%23', 'md5:s3cret', 'clear:s3cret'])(
    'lets in who knows the password: %s',
    async (user) => {
      await (await open(user)).close();
    },
  );

  test.each(['ada:wr0ng', 'md5:wr0ng', 'clear:wr0ng', 'nobody:wr0ng'])(
    'says in one line that it is wrong: %s',
    async (user) => {
      const error = await failure(open(user));
      expect(error.code).toBe('CONNECTION_FAILED');
      expect(error.message).toBe(
        `Cannot open 127.0.0.1:${port}/postgres: password authentication failed for user "${user.split(':')[0]}"`,
      );
      expect(JSON.stringify([error, error.stack, error.context])).not.toContain('wr0ng');
    },
  );

  test.each(['ada', 'md5', 'clear'])('says in one line that there is none: %s', async (user) => {
    const error = await failure(open(user));
    expect(error.message).toBe(
      `Cannot open 127.0.0.1:${port}/postgres: the server asks for a password, and the URL gives none`,
    );
  });

  const isEncrypted = async (user: string, query: string, host?: string) => {
    const database = await open(user, query, host);
    const lease = await database.acquire('read');
    const [[ssl] = []] = await lease.connection.queryArrays(
      'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
    );
    lease.release();
    await database.close();
    return ssl;
  };

  test('gets TLS as sslmode says', async () => {
    const ca = encodeURIComponent(file('server.crt'));
    expect(await isEncrypted('limbeck', '')).toBe(false);
    expect(await isEncrypted('limbeck', '?sslmode=disable')).toBe(false);
    expect(await isEncrypted('limbeck', '?sslmode=prefer')).toBe(true);
    expect(await isEncrypted('limbeck', '?sslmode=require')).toBe(true);
    expect(await isEncrypted('limbeck', `?sslmode=require&sslrootcert=${ca}`)).toBe(true);
    expect(await isEncrypted('limbeck', `?sslmode=verify-ca&sslrootcert=${ca}`)).toBe(true);
    expect(await isEncrypted('limbeck', `?sslmode=verify-full&sslrootcert=${ca}`, 'localhost')).toBe(true);
    expect(await isEncrypted('tls', '?sslmode=allow')).toBe(true);
    expect(await isEncrypted('plain', '?sslmode=prefer')).toBe(false);
  });

  test.each([
    ['verify-ca, of an authority that nobody trusts', '?sslmode=verify-ca', '127.0.0.1'],
    ['verify-full, of another host', '?sslmode=verify-full&sslrootcert=CA', '127.0.0.1'],
  ])('is refused with %s', async (_, query, host) => {
    const error = await failure(
      open('limbeck', query.replace('CA', encodeURIComponent(file('server.crt'))), host),
    );
    expect(error.code).toBe('CONNECTION_FAILED');
    expect(error.message).toMatch(/certificate|altnames/);
  });

  test('is told where TLS is wanted and not to be had', async () => {
    expect((await failure(open('tls', '?sslmode=disable'))).message).toMatch(/no pg_hba\.conf entry/);
    expect((await failure(open('plain', '?sslmode=require'))).message).toMatch(/no pg_hba\.conf entry/);
  });
});
