// An application in JavaScript, ESM: the same names as CommonJS, the very same values, and no driver loaded.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import * as limbeck from 'limbeck';
import { DataSource, Entity } from 'limbeck';
import * as testing from 'limbeck/testing';

const require = createRequire(import.meta.url);
const forbidden =
  /node_modules[\\/](better-sqlite3|pg|mysql2|kysely|class-validator|typescript|ts-node|@inquirer)[\\/]/;

assert.deepEqual(
  Object.keys(require.cache).filter((file) => forbidden.test(file)),
  [],
  'importing limbeck loads no driver and nothing heavy',
);
for (const [esm, cjs] of [
  [limbeck, require('limbeck')],
  [testing, require('limbeck/testing')],
]) {
  assert.deepEqual(Object.keys(esm).sort(), Object.keys(cjs).sort());
  for (const name of Object.keys(esm)) assert.equal(esm[name], cjs[name], `one ${name} in a process`);
}
assert.equal(typeof Entity, 'function');
assert.equal(typeof DataSource, 'function');
