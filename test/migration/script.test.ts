/** `--sql`: what a script cannot know is refused, and what does not concern it is not. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { migrations } from 'limbeck';

describe('a script of revisions', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'limbeck-script-'));
    mkdirSync(path.join(folder, 'migrations'));
    writeFileSync(path.join(folder, 'package.json'), '{}');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Three revisions: a table, a free statement, a rebuild of the table. */
  function script(statement: string): Promise<unknown> {
    const bodies = {
      aa: "op.createTable('t', { columns: { a: { type: 'text', primary: true } } });",
      bb: `return op.execute(${JSON.stringify(statement)});`,
      cc: "op.alterColumn('t', 'a', { type: 'varchar', length: 9 });",
    };
    let down: string | null = null;
    for (const [id, body] of Object.entries(bodies)) {
      const head = `exports.revision = '${id}'; exports.downRevision = ${JSON.stringify(down)};`;
      const text = `${head}\nexports.upgrade = (op) => { ${body} };\nexports.downgrade = () => {};\n`;
      writeFileSync(path.join(folder, 'migrations', `${id}.js`), text);
      down = id;
    }
    const url = `sqlite:${path.join(folder, 'test.db')}`;
    const commands = migrations({ url, migrations: path.join(folder, 'migrations') });
    return commands.upgrade('head', { sql: true });
  }

  test('is refused where an earlier revision may have given a table that it rebuilds a trigger', async () => {
    const trigger = 'CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END';
    await expect(script(trigger)).rejects.toMatchObject({
      code: 'OFFLINE_REBUILD',
      context: { table: 't', step: trigger },
    });
  });

  test.each(['CREATE VIEW v AS SELECT a FROM t', 'CREATE TABLE u (x)', "UPDATE t SET a = 'b'"])(
    'is written where it was only %s',
    async (statement) => {
      await expect(script(statement)).resolves.toMatchObject({ sql: expect.stringContaining(statement) });
    },
  );
});
