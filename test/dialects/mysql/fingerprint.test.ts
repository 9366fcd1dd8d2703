/** A fingerprint tells whether an object has changed, and nothing else changes it. */

import { fingerprint } from '../../../src/dialects/mysql/fingerprint';
import { SchemaBench } from './schema-bench';

let bench: SchemaBench;

beforeAll(async () => {
  bench = await SchemaBench.open();
});

afterAll(() => bench.close());

beforeEach(() => bench.clear());

const of = (...objects: string[]): Promise<string> => fingerprint(bench.connection, objects);

test('what is not there has none, and of nothing there is none', async () => {
  expect(await of('table:t', 'view:v', 'trigger:x', 'sequence:s')).toBe('');
  expect(await of()).toBe('');
  expect(await fingerprint(bench.connection)).toBe('');
});

test('rows and keys that were given change nothing, a column and a comment do', async () => {
  await bench.script(
    'CREATE TABLE t (id int AUTO_INCREMENT PRIMARY KEY, a int) COMMENT = ") ENGINE=InnoDB AUTO_INCREMENT=7"',
  );
  const before = await of('table:t');
  expect(before).toContain('CREATE TABLE `t`');
  expect(before).toContain("COMMENT=') ENGINE=InnoDB AUTO_INCREMENT=7'");
  await bench.script('INSERT INTO t (a) VALUES (1), (2)');
  expect(await of('table:t')).toBe(before);
  await bench.script('ALTER TABLE t MODIFY a int COMMENT "x"');
  expect(await of('table:t')).not.toBe(before);
});

test('views, triggers and sequences are told as they are now, however often they were asked about', async () => {
  await bench.script(
    'CREATE TABLE t (id int, b int); CREATE VIEW v AS SELECT id FROM t; CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET @a = 1; CREATE SEQUENCE s',
  );
  const objects = ['view:v', 'trigger:x', 'sequence:s'];
  const seen = new Set<string>();
  for (const change of [
    'SELECT 1',
    'CREATE OR REPLACE VIEW v AS SELECT b FROM t',
    'DROP TRIGGER x; CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET @a = 2',
    'ALTER SEQUENCE s INCREMENT BY 3',
    'DROP VIEW v',
  ]) {
    await bench.script(change);
    seen.add(await of(...objects));
  }
  expect(seen.size).toBe(5);
});

test('an object is asked about by its kind, whatever its name', async () => {
  await bench.script("CREATE TABLE `a:b``c` (id int); CREATE VIEW `it's` AS SELECT id FROM `a:b``c`");
  expect(await of('table:a:b`c')).toContain('CREATE TABLE `a:b``c`');
  expect(await of("view:it's")).toContain("VIEW `it's`");
  expect(await of('view:a:b`c')).toBe('');
  expect((await fingerprint(bench.connection)).split('\n\n')).toHaveLength(2);
});

test('of everything, procedures and events are a part', async () => {
  const before = await fingerprint(bench.connection);
  await bench.script('CREATE PROCEDURE p() SELECT 1');
  const made = await fingerprint(bench.connection);
  await bench.script('DROP PROCEDURE p; CREATE PROCEDURE p() SELECT 2');
  const changed = await fingerprint(bench.connection);
  await bench.script('DROP PROCEDURE p');
  expect(new Set([before, made, changed]).size).toBe(3);
  expect(await fingerprint(bench.connection)).toBe(before);
});
