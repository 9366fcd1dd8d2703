/**
 * `naming: 'typeorm'`: a database that TypeORM has made is described as it is, so there is nothing to migrate, and
 * each reads what the other has written.
 */

import { DataSource, migrations, typeormNaming } from 'limbeck';
import { DataSource as Peer } from 'typeorm';
import { createDatabase, type TestDatabase, testDatabases } from '../support/databases';
import { peerOptions } from './typeorm-open';
import { Category, Folder, peers, UserAccount, UserProfile } from './typeorm-peers';
import { twinsOn } from './typeorm-twins';

describe.each(testDatabases())('on %s', (kind) => {
  const entities = twinsOn(kind);
  let database: TestDatabase;
  let peer: Peer;

  beforeEach(async () => {
    database = await createDatabase(kind);
    peer = new Peer({ ...peerOptions(kind, database.url), entities: peers });
    await peer.initialize();
  });

  afterEach(async () => {
    await peer.destroy();
    await database.drop();
  });

  const config = (naming?: 'typeorm') => ({
    url: database.url,
    entities,
    migrations: `${__dirname}/no-migrations`,
    ...(naming === undefined ? {} : { naming }),
  });

  test('a database made by TypeORM needs no operation', async () => {
    await peer.synchronize();
    expect(await migrations(config('typeorm')).diff()).toEqual({ operations: [], changes: [], warnings: [] });
  });

  test('with other names it needs many', async () => {
    await peer.synchronize();
    const { operations } = await migrations(config()).diff();
    expect(operations.length).toBeGreaterThan(50);
  });

  test('each reads the rows, trees and join tables of the other', async () => {
    await peer.synchronize();
    await using db = await new DataSource(config('typeorm')).initialize();
    const twin = (name: string) => entities.find((each) => each.name === name) as never;
    const root = await peer.getTreeRepository(Category).save({ name: 'root' });
    await db.getTreeRepository(twin('Category')).save({ name: 'leaf', parent: { id: root.id } } as never);
    const leaves = await peer.getTreeRepository(Category).findDescendants(root);
    expect(leaves.map(({ name }) => name).sort()).toEqual(['leaf', 'root']);

    const top = await peer.getTreeRepository(Folder).save({});
    const inside = await db.getTreeRepository(twin('Folder')).save({ parent: { id: top.id } } as never);
    await peer.getTreeRepository(Folder).save({ parent: inside });
    expect(await db.getTreeRepository(twin('Folder')).countDescendants(top as never)).toBe(3);
    expect(await peer.getTreeRepository(Folder).countDescendants(top)).toBe(3);

    const profile = await peer.getRepository(UserProfile).save({ nick: 'ann', rank: 1 });
    const point = { latE6: 1, lngE6: null };
    const home = { streetName: 's', zip: '1', point };
    const user = () => ({ lastName: 'A', home, work: home, here: point });
    const first = await peer.getRepository(UserAccount).save({ ...user(), emailAddress: 'a@b', profile });
    const users = db.getRepository(twin('UserAccount'));
    await users.save({ ...user(), emailAddress: 'c@d', friends: [{ id: first.id }] } as never);
    const [found] = await peer.getRepository(UserAccount).find({
      where: { emailAddress: 'c@d' },
      relations: { friends: true },
    } as never);
    expect(found).toMatchObject({ home, friends: [{ id: first.id, home }] });
    expect(await users.findOneByOrFail({ emailAddress: 'a@b' } as never)).toMatchObject({ home, work: home });
  });
});

test('what the naming says can be changed in part', async () => {
  const naming = { ...typeormNaming, table: (name: string) => `app_${typeormNaming.table(name)}` };
  const database = await createDatabase('sqlite');
  const db = await new DataSource({ url: database.url, entities: twinsOn('sqlite'), naming }).initialize();
  await db.synchronize();
  expect(await db.query('SELECT name FROM sqlite_master WHERE name = ?', ['app_user_account'])).toHaveLength(
    1,
  );
  await db.destroy();
  await database.drop();
});
