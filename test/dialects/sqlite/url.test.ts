import path from 'node:path';
import { describeSqliteUrl, parseSqliteUrl } from '../../../src/dialects/sqlite/url.js';
import { codeOf } from './support.js';

describe('SQLite URLs', () => {
  test.each([
    ['sqlite:library.db', path.resolve('library.db')],
    ['sqlite:./data/a b.db', path.resolve('data/a b.db')],
    ['sqlite:/var/data/app.db', '/var/data/app.db'],
    ['sqlite:///var/data/app.db', '/var/data/app.db'],
    ['sqlite:///var/a%20b.db', '/var/a b.db'],
    ['sqlite:///var/what%3F.db', '/var/what?.db'],
    ['sqlite:100%.db', path.resolve('100%.db')],
    ['sqlite:a%20b.db', path.resolve('a%20b.db')],
    ['SQLITE:büch#er.db', path.resolve('büch#er.db')],
  ])('%s is the file %s', (url, file) => {
    expect(parseSqliteUrl(url)).toEqual({ kind: 'file', path: file });
  });

  test.each(['sqlite::memory:', 'sqlite://:memory:'])('%s is in memory', (url) => {
    expect(parseSqliteUrl(url)).toEqual({ kind: 'memory' });
    expect(describeSqliteUrl(url)).toBe(':memory:');
  });

  test.each([
    'postgres://localhost/x',
    'sqlite:',
    'sqlite://',
    'sqlite://relative.db',
    'sqlite:file:x.db',
    'sqlite:FILE:x.db?vfs=unix-none',
    'sqlite:x.db?mode=rwc&vfs=memdb',
    'sqlite:///x.db?mode=memory',
    'sqlite:///x%zz.db',
    'sqlite:///x%00.db',
    'sqlite:x\0.db',
    'sqlite:x.db ',
    'sqlite: ',
    'sqlite:folder/',
  ])('%j is refused', async (url) => {
    expect(await codeOf(() => parseSqliteUrl(url))).toBe('URL_INVALID');
    expect(typeof describeSqliteUrl(url)).toBe('string');
  });

  test('a file below the working directory is described by its relative path, any other by its whole', () => {
    expect(describeSqliteUrl('sqlite:data/app.db')).toBe(path.join('data', 'app.db'));
    expect(describeSqliteUrl('sqlite:/somewhere/app.db')).toBe('/somewhere/app.db');
  });
});
