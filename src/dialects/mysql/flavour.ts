/**
 * Which server speaks: MySQL and MariaDB share a protocol and much of a grammar, and differ in what they can do
 * from version to version. The scheme of a URL does not tell them apart; `VERSION()` does.
 */

/** A server of the family, as it says itself, or as is assumed of it before anybody asked. */
export interface Flavour {
  /** The dialect's name, which is the URL's scheme: a MariaDB behind `mysql://` is still called `mysql`. */
  readonly name: 'mysql' | 'mariadb';
  /** Whether the server is a MariaDB, whatever the name. */
  readonly mariadb: boolean;
  /** Major, minor and patch. */
  readonly version: readonly [number, number, number];
  /** The character set that a table of the opened database gets where nobody gives one; unknown before it is opened. */
  readonly databaseCharset?: string;
  /** The collation that goes with it. */
  readonly databaseCollation?: string;
}

/** What `mysql://` is taken for where no server was asked. */
export const MYSQL_8: Flavour = { name: 'mysql', mariadb: false, version: [8, 0, 36] };

/** What `mariadb://` is taken for where no server was asked. */
export const MARIADB_10_11: Flavour = { name: 'mariadb', mariadb: true, version: [10, 11, 0] };

/** Whether the server is of that version or of a newer one; its family is asked apart. */
export function isAtLeast(flavour: Flavour, major: number, minor = 0, patch = 0): boolean {
  const wanted = [major, minor, patch];
  for (const [index, number] of flavour.version.entries()) {
    const least = wanted[index] ?? 0;
    if (number !== least) return number > least;
  }
  return true;
}

/** Reads `VERSION()`: `8.0.36-0ubuntu0.22.04.1`, `10.11.19-MariaDB-deb12`, `5.5.5-10.6.12-MariaDB`. */
export function flavourOf(name: Flavour['name'], versionText: string): Flavour {
  const mariadb = /mariadb/i.test(versionText);
  // Old clients take 10 for an unknown protocol, so MariaDB may put 5.5.5- before its own version.
  const numbers = /^(?:5\.5\.5-(?=\d+\.\d+\.\d+-mariadb))?(\d+)\.(\d+)(?:\.(\d+))?/i.exec(versionText);
  const [, major = '0', minor = '0', patch = '0'] = numbers ?? [];
  return { name, mariadb, version: [Number(major), Number(minor), Number(patch)] };
}
