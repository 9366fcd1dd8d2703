/** docs/alembic-comparison.md names tests as proof: they exist. */

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(__dirname, '../..');
const page = readFileSync(path.join(root, 'docs/alembic-comparison.md'), 'utf8');
const rows = page.split('\n').filter((line) => /^\| (?!---|Alembic \|)/.test(line));
const proofs = [...page.matchAll(/`([\w/-]+) › ([^`]+)`/g)].map(([, file = '', title = '']) => [
  `test/${file}.test.ts`,
  title,
]);

test('every row says how each database does, and what works names a test', () => {
  expect(rows.length).toBeGreaterThan(40);
  for (const row of rows) {
    const cells = row.split(' | ');
    expect([row, cells.length]).toEqual([row, 6]);
    for (const mark of cells.slice(2, 5)) expect([row, '✓–✗'.includes(mark)]).toEqual([row, true]);
    const isMissing = cells.slice(2, 5).every((mark) => mark === '✗');
    expect([row, row.includes(' › ')]).toEqual([row, !isMissing]);
  }
});

test.each(proofs)('%s holds “%s”', (file = '', title = '') => {
  const full = path.join(root, file);
  expect([file, existsSync(full)]).toEqual([file, true]);
  const text = readFileSync(full, 'utf8').replaceAll("\\'", "'");
  expect([`'${title}'`, `"${title}"`, `\`${title}\``].some((quoted) => text.includes(quoted))).toBe(true);
});
