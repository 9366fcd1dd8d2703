import { describePostgresUrl, parsePostgresUrl, withDatabase } from '../../../src/dialects/postgres/url';

const location = (url: string) => {
  const entries = Object.entries(parsePostgresUrl(url)).filter(
    ([, value]) => value !== undefined && value !== false,
  );
  return Object.fromEntries(entries);
};

describe('a PostgreSQL URL', () => {
  const cases: [url: string, location: object][] = [
    ['postgres://localhost/books', { host: 'localhost', database: 'books' }],
    [
      'postgresql://ada:s%40f%2Fe%23%3A%25@db.example:6543/books',
      { host: 'db.example', port: 6543, user: 'ada', password: 's@f/e#:%', database: 'books' },
    ],
    ['POSTGRES://ada@h/b', { host: 'h', user: 'ada', database: 'b' }],
    ['postgres://ada:@h/b', { host: 'h', user: 'ada', database: 'b' }],
    ['postgres:///books', { database: 'books' }],
    ['postgres://[::1]:5433/books', { host: '::1', port: 5433, database: 'books' }],
    ['postgres://h:/books', { host: 'h', database: 'books' }],
    ['postgres://%2Fvar%2Frun%2Fpostgresql/books', { host: '/var/run/postgresql', database: 'books' }],
    ['postgres:///books?host=/tmp&port=5440', { host: '/tmp', port: 5440, database: 'books' }],
    ['postgres://h/a%2Fb%20%C3%A9', { host: 'h', database: 'a/b é' }],
    [
      'postgres://h?dbname=books&user=ada&password=p%26q',
      { host: 'h', database: 'books', user: 'ada', password: 'p&q' },
    ],
    [
      'postgres://h/b?sslmode=verify-full&sslrootcert=/ca.pem&application_name=my%20app&connect_timeout=3&options=-c%20geqo%3Doff',
      {
        host: 'h',
        database: 'b',
        sslMode: 'verify-full',
        sslRootCert: '/ca.pem',
        applicationName: 'my app',
        connectTimeoutMs: 3000,
        options: '-c geqo=off',
      },
    ],
    ['postgres://h/b?sslmode=no-verify', { host: 'h', database: 'b', sslMode: 'require' }],
    ['postgres://h/b?channel_binding=require&', { host: 'h', database: 'b', channelBinding: true }],
  ];

  test.each(cases)('is read: %s', (url, expected) => {
    expect(location(url)).toEqual(expected);
  });

  const wrong: [what: string, url: string, problem: RegExp][] = [
    ['of another scheme', 'mysql://h/b', /does not begin with postgres:\/\//],
    ['without its slashes', 'postgres:h/b', /does not begin with postgres:\/\//],
    ['without a database', 'postgres://ada:s3cret@h', /names no database/],
    ['without a database but a slash', 'postgres://ada:s3cret@h/', /names no database/],
    ['with a port that is none', 'postgres://ada:s3cret@h:no/b', /port is no number/],
    ['with port 0', 'postgres://h:0/b', /port is no number/],
    ['with a port beyond the last', 'postgres://h:65536/b', /port is no number/],
    ['with a slash in its password', 'postgres://ada:s3/cret@h/b', /port is no number.*%2F/],
    ['with a # in its password', 'postgres://ada:s3#cret@h/b', /holds a #.*%23/],
    ['with several hosts', 'postgres://a,b/c', /several hosts/],
    ['with an address without brackets', 'postgres://::1/c', /IPv6/],
    ['with a broken escape', 'postgres://ada:s3cret%zz@h/b', /the password holds a % that/],
    ['with a NUL', 'postgres://h/b%00c', /holds a NUL/],
    [
      'with an option that nobody knows',
      'postgres://h/b?sslmod=require',
      /option that is none of host, port/,
    ],
    ['with an option without value', 'postgres://h/b?sslmode', /option sslmode has no value/],
    ['with an option twice', 'postgres://h/b?sslmode=require&sslmode=disable', /option sslmode twice/],
    ['with two ports', 'postgres://h:1/b?port=2', /port twice/],
    ['with a strange sslmode', 'postgres://h/b?sslmode=constructor', /sslmode is none of disable/],
    ['with a strange channel_binding', 'postgres://h/b?channel_binding=maybe', /channel_binding is none of/],
    ['with a strange timeout', 'postgres://h/b?connect_timeout=soon', /no number of seconds/],
  ];

  test.each(wrong)('%s is refused, and its password kept to ourselves', (_, url, problem) => {
    expect(() => parsePostgresUrl(url)).toThrow(problem);
    expect(() => parsePostgresUrl(url)).toThrow(expect.objectContaining({ code: 'URL_INVALID' }));
    expect(() => parsePostgresUrl(url)).not.toThrow(/s3|cret/);
    expect(describePostgresUrl(url)).not.toMatch(/s3|cret/);
  });

  test.each([
    ['postgres://ada:s3cret@h/b', 'h:5432/b'],
    ['postgres://h:99/b?password=s3cret', 'h:99/b'],
    ['postgres:///b', 'localhost:5432/b'],
    ['postgres://[::1]/b', '[::1]:5432/b'],
    ['postgres:///b?host=/tmp', '/tmp:5432/b'],
    ['postgres://', 'PostgreSQL'],
  ])('has a name for people: %s → %s', (url, name) => {
    expect(describePostgresUrl(url)).toBe(name);
  });

  test.each([
    ['postgres://a:b@h:1/old?sslmode=disable', 'new', 'postgres://a:b@h:1/new?sslmode=disable'],
    ['postgres://h', 'a/b ?', 'postgres://h/a%2Fb%20%3F'],
    ['postgres:///old?host=/tmp', 'new', 'postgres:///new?host=/tmp'],
    ['postgres://h/x?dbname=old&port=2', 'new', 'postgres://h/new?port=2'],
    ['postgres://h/x?dbname=old', 'new', 'postgres://h/new'],
  ])('gets another database: %s, %s → %s', (url, database, expected) => {
    expect(withDatabase(url, database)).toBe(expected);
    expect(parsePostgresUrl(withDatabase(url, database)).database).toBe(database);
  });
});
