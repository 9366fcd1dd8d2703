/**
 * SQLite URLs: `sqlite::memory:`, `sqlite:path` (the path as it stands) and `sqlite:///absolute/path`
 * (percent-decoded, as URLs are). A URL never becomes a `file:` URI of SQLite's, whose parameters choose
 * another VFS or open what nobody asked for.
 */

import path from 'node:path';
import { error } from '../../base/error-codes.js';

/** Where a database lies. */
export type SqliteLocation = { readonly kind: 'memory' } | { readonly kind: 'file'; readonly path: string };

function invalid(problem: string): Error {
  return error('URL_INVALID', { problem });
}

/**
 * Reads a SQLite URL; a relative path is taken from the working directory.
 *
 * @throws URL_INVALID
 */
export function parseSqliteUrl(url: string): SqliteLocation {
  const rest = /^sqlite:([\s\S]*)$/i.exec(url)?.[1];
  if (rest === undefined) throw invalid('it does not begin with sqlite:');
  if (rest === ':memory:' || rest === '//:memory:') return { kind: 'memory' };
  const file = rest.startsWith('//') ? authorityPath(rest) : rest;
  if (file === '') throw invalid('it names no file');
  if (/^file:/i.test(file))
    throw invalid("SQLite's own file: URIs are not taken; write sqlite:path/to/file.db");
  if (rest.includes('?'))
    throw invalid('a SQLite URL takes no parameters (write a ? in a name as %3F after sqlite://)');
  if (file.includes('\0')) throw invalid('a file name cannot hold a NUL');
  // better-sqlite3 trims the name, and would open another file.
  if (file !== file.trim()) throw invalid('the file name begins or ends with a blank');
  if (/[\\/]$/.test(file)) throw invalid('it names a folder');
  return { kind: 'file', path: path.resolve(file) };
}

function authorityPath(rest: string): string {
  const absolute = rest.slice(2);
  if (!absolute.startsWith('/'))
    throw invalid('after sqlite:// comes an absolute path, as in sqlite:///data/app.db');
  let decoded: string;
  try {
    decoded = decodeURIComponent(absolute);
  } catch {
    throw invalid('it holds a % that is no percent-encoded character');
  }
  // `sqlite:///C:/data/app.db` on Windows.
  return /^\/[a-z]:[\\/]/i.test(decoded) ? decoded.slice(1) : decoded;
}

/** The database's name for people: its file as the URL gives it. Never throws; a SQLite URL holds no secret. */
export function describeSqliteUrl(url: string): string {
  try {
    const location = parseSqliteUrl(url);
    if (location.kind === 'memory') return ':memory:';
    const relative = path.relative(process.cwd(), location.path);
    return relative.startsWith('..') || path.isAbsolute(relative) ? location.path : relative;
  } catch {
    return url.slice('sqlite:'.length);
  }
}
