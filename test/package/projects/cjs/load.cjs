// An application in JavaScript, CommonJS: the package loads, with every name, and without a driver.
const assert = require('node:assert/strict');

const limbeck = require('limbeck');
const testing = require('limbeck/testing');
const forbidden =
  /node_modules[\\/](better-sqlite3|pg|mysql2|kysely|class-validator|typescript|ts-node|@inquirer)[\\/]/;

assert.deepEqual(
  Object.keys(require.cache).filter((file) => forbidden.test(file)),
  [],
  'importing limbeck loads no driver and nothing heavy',
);
for (const name of ['Entity', 'Column', 'DataSource', 'defineConfig', 'migrations', 'Like']) {
  assert.equal(typeof limbeck[name], 'function', `limbeck exports ${name}`);
}
assert.equal(typeof testing.useTestDatabase, 'function');
assert.match(require('limbeck/package.json').version, /^\d+\.\d+\.\d+/);
