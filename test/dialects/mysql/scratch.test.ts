import { scratchDatabase } from '../../../src/dialects/mysql/scratch.js';
import { isAvailable, serverUrl } from '../../support/databases.js';
import { codeOf, emptyDatabase, errorOf, open } from './open-databases.js';

const described = isAvailable('mysql') ? describe : describe.skip;

described('a scratch database', () => {
  test('is empty, one for each call, and named after the one that is not opened', async () => {
    const url = new URL(await serverUrl('mysql'));
    url.pathname = `/nowhere_${'x'.repeat(60)}`;
    const [one, two] = await Promise.all([scratchDatabase(url.toString()), scratchDatabase(url.toString())]);
    const names = [one, two].map((each) => new URL(each.url).pathname.slice(1));
    expect(new Set(names).size).toBe(2);
    for (const name of names) {
      expect(name).toMatch(new RegExp(`^nowhere_x+_test_\\w+_${process.pid}_[0-9a-f]{8}$`));
      expect(name).toHaveLength(64);
    }
    const database = await open(one.url);
    const { connection } = await database.acquire('write');
    expect(await connection.queryArrays('SHOW TABLES')).toEqual([]);
    await database.close();
    await one.drop();
    await one.drop();
    expect(await codeOf(() => open(one.url))).toBe('DATABASE_MISSING');
    await two.drop();
  });

  test('goes although somebody still has a transaction open in it', async () => {
    const scratch = await scratchDatabase(await serverUrl('mysql'));
    const database = await open(scratch.url);
    const { connection } = await database.acquire('write');
    await connection.script('CREATE TABLE t (a int); BEGIN; INSERT INTO t VALUES (1)');
    await scratch.drop();
    expect(await codeOf(() => connection.run('COMMIT'))).toBe('CONNECTION_LOST');
  });

  test('is refused to a user who may not make databases', async () => {
    const url = new URL(await emptyDatabase());
    const admin = (await (await open(url.toString())).acquire('write')).connection;
    await admin.run("CREATE OR REPLACE USER 'limbeck_none'@'127.0.0.1' IDENTIFIED BY 'canary'");
    url.username = 'limbeck_none';
    url.password = 'canary';
    const failure = await errorOf(() => scratchDatabase(url.toString()));
    expect(failure.code).toBe('PERMISSION_DENIED');
    expect(`${failure.stack}`).not.toContain('canary');
    await admin.run("DROP USER 'limbeck_none'@'127.0.0.1'");
  });
});
