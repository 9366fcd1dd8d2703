import {
  describeMysqlUrl,
  parseDatabaseUrl,
  parseMysqlUrl,
  withDatabase,
} from '../../../src/dialects/mysql/url.js';
import { errorOf } from './open-databases.js';

const BARE = {
  user: undefined,
  password: undefined,
  host: '127.0.0.1',
  port: 3306,
  socketPath: undefined,
  database: undefined,
  tls: 'preferred',
  tlsFiles: {},
  connectTimeoutMs: 10_000,
};

describe('a URL of MySQL or MariaDB', () => {
  test.each([
    ['mysql://host/db', { scheme: 'mysql', host: 'host', database: 'db' }],
    ['MariaDB://host:3307/db', { scheme: 'mariadb', host: 'host', port: 3307, database: 'db' }],
    ['mysql://u@h/d', { scheme: 'mysql', user: 'u', host: 'h', database: 'd' }],
    ['mysql://u:@h/d', { scheme: 'mysql', user: 'u', password: '', host: 'h', database: 'd' }],
    ['mysql://u:p:q@h/d', { scheme: 'mysql', user: 'u', password: 'p:q', host: 'h', database: 'd' }],
    [
      'mysql://us%40er:p%40ss%2F%3F%23%25w@h/d%20b%2e%60',
      { scheme: 'mysql', user: 'us@er', password: 'p@ss/?#%w', host: 'h', database: 'd b.`' },
    ],
    ['mysql://u:p@ss@h/d', { scheme: 'mysql', user: 'u', password: 'p@ss', host: 'h', database: 'd' }],
    ['mysql:///db', { scheme: 'mysql', database: 'db' }],
    ['mysql://h', { scheme: 'mysql', host: 'h' }],
    ['mysql://[::1]:33/d', { scheme: 'mysql', host: '::1', port: 33, database: 'd' }],
    ['mysql:///d?socketPath=%2Frun%2Fs.sock', { scheme: 'mysql', database: 'd', socketPath: '/run/s.sock' }],
    ['mysql://h/d?ssl=true', { scheme: 'mysql', host: 'h', database: 'd', tls: 'required' }],
    ['mysql://h/d?ssl-mode=VERIFY_CA', { scheme: 'mysql', host: 'h', database: 'd', tls: 'verify-ca' }],
    ['mysql://h/d?sslmode=disable', { scheme: 'mysql', host: 'h', database: 'd', tls: 'disabled' }],
    [
      'mysql://h/d?ssl-ca=%2Fca.pem&ssl-cert=c&ssl-key=k',
      {
        scheme: 'mysql',
        host: 'h',
        database: 'd',
        tls: 'verify-identity',
        tlsFiles: { ca: '/ca.pem', cert: 'c', key: 'k' },
      },
    ],
    ['mysql://h/d?connectTimeout=500', { scheme: 'mysql', host: 'h', database: 'd', connectTimeoutMs: 500 }],
    ['mysql://h/d?charset=utf8mb4', { scheme: 'mysql', host: 'h', database: 'd' }],
  ])('%s says where the database is', (url, expected) => {
    expect(parseMysqlUrl(url)).toEqual({ ...BARE, ...expected });
  });

  test.each([
    ['mysql:db', 'mysql://user:password@host:3306/database'],
    ['postgres://h/d', 'begins with neither'],
    ['mysql://u:100%@h/d', 'the password holds a % that'],
    ['mysql://u:pa#ss@h/d', '#'],
    ['mysql://h:70000/d', '70000 is no port'],
    ['mysql://h:0/d', '0 is no port'],
    ['mysql://h:x/d', 'host:port'],
    ['mysql://::1/d', 'brackets'],
    ['mysql://h/d/e', 'one name'],
    ['mysql://h/d?multipleStatements=true', "no option 'multipleStatements'"],
    ['mysql://h/d?typeCast=1&ssl=1', "no option 'typeCast'"],
    ['mysql://h/d?timezone=%2B05:00', "no option 'timezone'"],
    ['mysql://h/d?__proto__=1', "no option '__proto__'"],
    ['mysql://h/d?ssl=1&ssl=0', 'twice'],
    ['mysql://h/d?ssl=1&ssl-mode=required', 'say the same'],
    ['mysql://h/d?ssl-mode=constructor', 'takes disabled'],
    ['mysql://h/d?ssl=0&ssl-ca=x', 'turns TLS off'],
    ['mysql://h/d?connectTimeout=-1', 'milliseconds'],
    ['mysql://h/d?charset=latin1', 'utf8mb4'],
    ['mysql://h/d?socketPath=', 'names no file'],
  ])('%s is refused', async (url, problem) => {
    const failure = await errorOf(() => parseMysqlUrl(url));
    expect(failure.code).toBe('URL_INVALID');
    expect(failure.message).toContain(problem);
  });

  test('must name a database where one is opened', async () => {
    expect((await errorOf(() => parseDatabaseUrl('mysql://h'))).message).toContain('names no database');
    expect(parseDatabaseUrl('mysql://h/d').database).toBe('d');
  });

  test.each([
    'mysql://u:canary@h:port/d',
    'mysql://u:canary%@h/d',
    'mysql://u:canary@h/d?x=canary',
    'mysql://u:can#ary@h/d',
    'mysql://u:canary/d',
  ])('never shows a password: %s', async (url) => {
    const failure = await errorOf(() => parseMysqlUrl(url));
    expect(`${failure.stack} ${JSON.stringify(failure.context)} ${failure.hint}`).not.toMatch(
      /canary|can#ary/,
    );
    expect(describeMysqlUrl(url)).not.toContain('canary');
  });

  test.each([
    ['mysql://u:secret@h/d?ssl=1', 'mysql://h/d'],
    ['mariadb://u:secret@h:3307/d', 'mariadb://h:3307/d'],
    ['mysql://u:secret@[::1]:1/d', 'mysql://[::1]:1/d'],
    ['mysql:///d?socket=/run/s', 'mysql:///run/s/d'],
    ['mysql:nonsense', 'the database of the URL'],
  ])('%s is %s for people', (url, name) => {
    expect(describeMysqlUrl(url)).toBe(name);
  });

  test.each([
    ['mysql://u:p%40@h/d?ssl=1', 'x y', 'mysql://u:p%40@h/x%20y?ssl=1'],
    ['mariadb://h', 'x', 'mariadb://h/x'],
  ])('%s can be turned to another database', (url, database, other) => {
    expect(withDatabase(url, database)).toBe(other);
    expect(parseMysqlUrl(other).database).toBe(database);
  });
});
