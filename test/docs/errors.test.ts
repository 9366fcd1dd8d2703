/** docs/errors.md and the catalogue tell the same codes, each with its class. */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ERROR_CODES } from '../../src/base/error-codes';
import * as errors from '../../src/base/errors';

const text = readFileSync(path.resolve(__dirname, '../../docs/errors.md'), 'utf8');
const documented = [...text.matchAll(/^\| `([A-Z_]+)` \| `(\w+)` \| (.+) \| .*\|$/gm)].map(
  ([, code = '', type = '', words = '']) => ({ code, type, isRetryable: words.endsWith(' Retryable.') }),
);

test('every code is documented once, with its class and whether it may be retried', () => {
  const byCode = (a: { code: string }, b: { code: string }): number => (a.code < b.code ? -1 : 1);
  const catalogue = Object.entries(ERROR_CODES).map(([code, entry]) => ({
    code,
    type: entry.type.name,
    isRetryable: 'retryable' in entry && entry.retryable,
  }));
  expect([...documented].sort(byCode)).toEqual(catalogue.sort(byCode));
});

test('every class in the catalogue is exported and extends LimbeckError', () => {
  for (const { type } of Object.values(ERROR_CODES)) {
    expect(errors).toHaveProperty(type.name, type);
    expect(type.prototype).toBeInstanceOf(errors.LimbeckError);
  }
});

test('codes are upper snake case', () => {
  for (const code of Object.keys(ERROR_CODES)) expect(code).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
});
