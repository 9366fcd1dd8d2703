/** Relations inside embedded objects: found, loaded, asked for, saved and removed as those of the entity itself. */

import { DataSource, In, IsNull, None, Not, Some } from 'limbeck';
import { createDatabase, type DatabaseKind, type TestDatabase, testDatabases } from '../support/databases';
import {
  Article,
  Desk,
  entities,
  Film,
  Keyword,
  Licence,
  Medium,
  Part,
  Person,
  Piece,
  Remark,
  Trip,
  Truck,
  Vehicle,
} from './embedded-entities';

const TABLES = [
  'articles_stats_liked_by',
  'articles_stats_reach_watchers',
  'keywords_articles',
  'media_first_guests',
  'media_second_guests',
  'pieces_origin_spares',
  'trips_from_guests',
  'trips_to_guests',
  'truck_work_guests',
  'vehicles_home_guests',
  'truck',
  'vehicles',
  'media',
  'trips',
  'pieces',
  'parts',
  'remarks',
  'desks',
  'articles',
  'licences',
  'keywords',
  'people',
];

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'nothing was thrown',
    (cause: { code?: string }) => cause.code ?? cause,
  );

const textOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'nothing was thrown',
    (cause: { message: string; hint?: string }) => `${cause.message} ${cause.hint}`,
  );

describe.each(testDatabases())('on %s', (kind: DatabaseKind) => {
  let database: TestDatabase;
  let db: DataSource;
  let log: string[] = [];
  /** The statements since the last call, by their first words, those that frame a transaction left out. */
  const statements = (): string[] => {
    const said = log.filter((sql) => !/^(?:BEGIN|START|COMMIT|SAVEPOINT|RELEASE|SET)/.test(sql));
    log = [];
    return said.map((sql) => sql.replaceAll(/["`]/g, '').split(/ (?:SET|\(|WHERE)/)[0] as string);
  };
  const reads = (): number => statements().filter((sql) => sql.startsWith('SELECT')).length;

  beforeAll(async () => {
    database = await createDatabase(kind);
    db = await new DataSource({
      url: database.url,
      entities,
      logger: (entry) => {
        if (entry.kind === 'query') log.push(entry.sql);
      },
    }).initialize();
    await db.createSchema();
  });
  afterAll(async () => {
    await db.destroy();
    await database.drop();
  });
  beforeEach(async () => {
    for (const table of TABLES) await db.query(`DELETE FROM ${table}`);
    log = [];
  });

  const person = (name: string): Promise<Person> =>
    db.getRepository(Person).save({ name, contact: { city: 'c' } }) as never;

  /** One article with everything in it. */
  async function filled() {
    const [ann, bob, cid] = [await person('ann'), await person('bob'), await person('cid')];
    const article = await db.getRepository(Article).save({
      title: 'one',
      credits: {
        note: 'n',
        author: ann,
        editor: bob,
        licence: { code: 'MIT' },
        remarks: [
          { text: 'r1', place: { line: 1 } },
          { text: 'r2', place: { line: 2 } },
        ],
        keywords: [{ word: 'k1' }, { word: 'k2' }],
      },
      stats: { likes: 2, likedBy: [ann, bob], reach: { views: 7, scout: cid, watchers: [bob, cid] } },
    });
    log = [];
    return { ann, bob, cid, article };
  }

  describe('finding', () => {
    test('loads nothing that was not asked for, and what was with one query a relation', async () => {
      const { article, ann, cid } = await filled();
      const articles = db.getRepository(Article);
      const plain = await articles.findOneByOrFail({ id: article.id });
      expect(plain.credits).toEqual({
        note: 'n',
        authorId: ann.id,
        remarkCount: 2,
        loaded: true,
      });
      expect(plain.stats.reach).toEqual({ views: 7 });
      expect(reads()).toBe(2); // and the keys that @RelationId shows

      const found = await articles.findOneOrFail({
        where: { id: article.id },
        relations: {
          credits: { author: true, editor: true, licence: true, remarks: true, keywords: true },
          stats: { likedBy: { order: { name: 'desc' } }, reach: { scout: true, watchers: true } },
        },
      });
      expect(reads()).toBe(1 + 8 + 1);
      expect(found.credits).toMatchObject({
        author: { name: 'ann' },
        editor: { name: 'bob' },
        licence: { code: 'MIT' },
        remarks: [{ text: 'r1' }, { text: 'r2' }],
        keywords: [{ word: 'k1' }, { word: 'k2' }],
      });
      expect(found.stats.likedBy.map(({ name }) => name)).toEqual(['bob', 'ann']);
      expect([...found.stats.likedByIds].sort()).toEqual(found.stats.likedBy.map(({ id }) => id).sort());
      expect(found.stats.reach.scout?.id).toBe(cid.id);
      expect(found.stats.reach.watchers.map(({ name }) => name)).toEqual(['bob', 'cid']);
    });

    test('loads the other side, whose relations stand in embedded objects too', async () => {
      await filled();
      const [ann] = await db.getRepository(Person).find({
        where: { name: 'ann' },
        relations: {
          contact: {
            written: {
              relations: { credits: { remarks: true } },
              select: { title: true, credits: { note: true } },
            },
            liked: true,
            desk: true,
          },
        },
      });
      expect(ann?.contact.written).toMatchObject([
        { title: 'one', credits: { note: 'n', remarks: [{ text: 'r1' }, { text: 'r2' }] } },
      ]);
      expect(ann?.contact.liked).toMatchObject([{ title: 'one' }]);
      expect(ann?.contact.desk).toBeNull();
    });

    test('selects inside embedded objects, whole and in part', async () => {
      const { article } = await filled();
      const articles = db.getRepository(Article);
      const found = await articles.findOneOrFail({
        where: { id: article.id },
        select: { title: true, credits: { note: true, author: { name: true }, authorId: true } },
        relations: { stats: { reach: { scout: true } } },
      });
      expect(JSON.parse(JSON.stringify(found))).toEqual({
        title: 'one',
        credits: {
          note: 'n',
          loaded: true,
          authorId: article.credits.author.id,
          author: { name: 'ann' },
        },
        stats: { reach: { scout: { id: expect.any(Number), name: 'cid', contact: { city: 'c' } } } },
      });
      const whole = await articles.findOneOrFail({ where: { id: article.id }, select: { stats: true } });
      expect(whole.stats).toMatchObject({ likes: 2, reach: { views: 7 } });
      expect(whole.stats.likedByIds).toHaveLength(2);
    });

    test.each<[string, object, string[]]>([
      ['a column of a to-one', { credits: { author: { name: 'ann' } } }, ['one', 'two']],
      ['an embedded object of it', { credits: { author: { contact: { city: 'c' } } } }, ['one', 'two']],
      ['two levels down', { stats: { reach: { scout: { name: 'cid' } } } }, ['one']],
      ['none', { credits: { editor: IsNull() } }, ['two']],
      ['not none', { credits: { editor: Not(IsNull()) } }, ['one']],
      ['some of many', { stats: { likedBy: { name: 'bob' } } }, ['one']],
      ['Some of many', { stats: { likedBy: Some({ name: 'bob' }) } }, ['one']],
      ['None of many', { stats: { likedBy: None({}) } }, ['two']],
      ['the inverse side', { credits: { remarks: { text: 'r2' } } }, ['one']],
      ['an embedded object over there', { credits: { remarks: { place: { line: 9 } } } }, []],
      ['the side without the join table', { credits: { keywords: { word: In(['k1', 'x']) } } }, ['one']],
      ['a virtual column', { credits: { remarkCount: 2 } }, ['one']],
      ['the key that @RelationId shows', { credits: { authorId: Not(0) } }, ['one', 'two']],
      ['one of two', [{ credits: { author: { name: 'x' } } }, { stats: { likes: 2 } }], ['one']],
    ])('finds by %s', async (_name, where, titles) => {
      const { ann } = await filled();
      await db.getRepository(Article).save({ title: 'two', credits: { author: ann }, stats: { likes: 0 } });
      const found = await db.getRepository(Article).find({ where: where as never, order: { title: 'asc' } });
      expect(found.map(({ title }) => title)).toEqual(titles);
      expect(await db.getRepository(Article).countBy(where as never)).toBe(titles.length);
    });

    test('takes an entity for its key, orders by related columns, pages and streams', async () => {
      const { ann, bob } = await filled();
      const articles = db.getRepository(Article);
      await articles.save({ title: 'two', credits: { author: bob }, stats: { likes: 9 } });
      const by = (author: Person) => articles.countBy({ credits: { author } });
      expect([await by(ann), await by(bob)]).toEqual([1, 1]);
      expect(await articles.countBy({ stats: { likedBy: In([ann, bob]) } })).toBe(1);
      const ordered = await articles.find({
        order: { credits: { author: { name: 'desc' } } },
        relations: { credits: { author: true } },
        take: 5,
      });
      expect(ordered.map(({ title, credits }) => [title, credits.author.name])).toEqual([
        ['two', 'bob'],
        ['one', 'ann'],
      ]);
      const first = await articles.page({
        first: 1,
        order: { credits: { author: { name: 'desc' } }, stats: { likes: 'asc' } },
        relations: { stats: { likedBy: true } },
      });
      expect(first.items).toMatchObject([{ title: 'two', stats: { likedBy: [] } }]);
      const second = await articles.page({
        first: 1,
        after: first.endCursor,
        order: { credits: { author: { name: 'desc' } }, stats: { likes: 'asc' } },
      });
      expect(second.items).toMatchObject([{ title: 'one' }]);
      const streamed = [];
      for await (const each of articles.stream({ relations: { credits: { editor: true } } }))
        streamed.push(each.credits.editor?.name ?? null);
      expect(streamed).toEqual(['bob', null]);
    });

    test('narrows lists, and sees what is deleted where it is told to', async () => {
      const { ann, article } = await filled();
      const people = db.getRepository(Person);
      await db.getRepository(Article).softDelete({ id: article.id });
      const liked = async (withDeleted?: boolean) =>
        (
          await people.findOneOrFail({
            where: { id: ann.id },
            relations: { contact: { liked: withDeleted === undefined ? true : { withDeleted } } },
          })
        ).contact.liked.length;
      expect([await liked(), await liked(true)]).toEqual([0, 1]);
      const found = await db.getRepository(Article).findOneOrFail({
        where: { id: article.id },
        withDeleted: true,
        relations: { credits: { remarks: { where: { place: { line: 2 } }, take: 1 } } },
      });
      expect(found.credits.remarks).toMatchObject([{ text: 'r2' }]);
    });

    test('loads later', async () => {
      const { article } = await filled();
      const articles = db.getRepository(Article);
      const found = await articles.findOneByOrFail({ id: article.id });
      reads();
      const more = await articles.load(found, {
        credits: { author: true },
        stats: { reach: { watchers: true } },
      });
      expect(reads()).toBe(2);
      expect(more).toBe(found);
      expect(more.credits.author.name).toBe('ann');
      expect(more.stats.reach.watchers).toHaveLength(2);
      const bare = await articles.findOneOrFail({ where: { id: article.id }, select: { id: true } });
      const loaded = await articles.load(bare, { credits: { licence: true } });
      expect(loaded.credits.licence).toMatchObject({ code: 'MIT' });
    });

    test.each<[string, object, RegExp]>([
      ['relations', { relations: { credits: { autor: true } } }, /autor.*author/s],
      ['relations', { relations: { credit: { author: true } } }, /credit.*credits/s],
      ['relations', { relations: { credits: { note: true } } }, /note/],
      ['relations', { relations: { title: true } }, /title/],
      ['where', { where: { credits: { author: { nam: 1 } } } }, /nam.*name/s],
      ['where', { where: { credits: { autor: { name: 1 } } } }, /autor.*author/s],
      ['order', { order: { credits: { author: { nam: 'asc' } } } }, /nam.*name/s],
      ['select', { select: { credits: { autor: true } } }, /autor.*author/s],
    ])('refuses an unknown name in %s', async (place, options, message) => {
      const refused = db.getRepository(Article).find(options as never);
      expect(await codeOf(refused)).toBe('PROPERTY_UNKNOWN');
      expect(await textOf(refused)).toMatch(message);
      expect(await textOf(refused)).toContain(place);
    });

    test('refuses options that are none', async () => {
      const articles = db.getRepository(Article);
      for (const relations of [{ credits: true }, { credits: { author: 1 } }, { credits: [] }])
        expect(await codeOf(articles.find({ relations: relations as never }))).toBe('OPTION_INVALID');
      expect(
        await codeOf(articles.find({ relations: { credits: { author: { order: {} } } } as never })),
      ).toBe('OPTION_UNKNOWN');
      expect(await codeOf(articles.find({ order: { stats: { likedBy: { name: 'asc' } } } as never }))).toBe(
        'OPTION_INVALID',
      );
      expect(await codeOf(articles.find({ where: { credits: { author: null } } as never }))).toBe(
        'CONDITION_MISSING',
      );
    });
  });

  describe('saving', () => {
    const articles = () => db.getRepository(Article);
    const whole = {
      credits: { author: true, editor: true, licence: true, remarks: true, keywords: true },
      stats: { likedBy: true, reach: { scout: true, watchers: true } },
    } as const;
    const reload = (id: number) => articles().findOneOrFail({ where: { id }, relations: whole });

    test('inserts a graph, in the order of its keys', async () => {
      const [ann, bob] = [await person('ann'), await person('bob')];
      log = [];
      await articles().save({
        title: 'one',
        credits: {
          author: { name: 'new' },
          licence: { code: 'MIT' },
          remarks: [{ text: 'a' }, { text: 'b' }],
          keywords: [{ word: 'k' }],
        },
        stats: { likedBy: [ann, bob], reach: { watchers: [ann] } },
      });
      expect(statements().filter((sql) => !sql.startsWith('SELECT'))).toEqual([
        'INSERT INTO people',
        'INSERT INTO licences',
        'INSERT INTO articles',
        'INSERT INTO remarks',
        'INSERT INTO keywords',
        'INSERT INTO keywords_articles',
        'INSERT INTO articles_stats_liked_by',
        'INSERT INTO articles_stats_reach_watchers',
      ]);
    });

    test('writes only what changed, and nothing where nothing did', async () => {
      const { article, bob } = await filled();
      const found = await reload(article.id);
      log = [];
      await articles().save(found);
      expect(statements()).toEqual([]);
      found.credits.author = bob;
      await articles().save(found);
      expect(statements()).toEqual(['UPDATE articles']);
      expect((await reload(article.id)).credits).toMatchObject({ author: { name: 'bob' }, authorId: bob.id });
      expect(found.credits.authorId).toBe(bob.id);
    });

    test('sets to-one relations to null, and tells who is taken out of lists', async () => {
      const { article } = await filled();
      const found = await reload(article.id);
      found.credits.editor = null;
      found.credits.licence = null;
      found.credits.remarks = found.credits.remarks.filter(({ text }) => text === 'r2');
      found.credits.keywords.pop();
      found.stats.likedBy = found.stats.likedBy.slice(1);
      found.stats.reach.scout = null;
      found.stats.reach.watchers = [];
      log = [];
      await articles().save(found);
      expect(statements().sort()).toEqual([
        'DELETE FROM articles_stats_liked_by',
        'DELETE FROM articles_stats_reach_watchers',
        'DELETE FROM keywords_articles',
        'DELETE FROM remarks',
        'UPDATE articles',
      ]);
      const after = await reload(article.id);
      expect(after.credits).toMatchObject({ editor: null, licence: null, remarks: [{ text: 'r2' }] });
      expect(after.credits.keywords).toHaveLength(1);
      expect(after.stats.likedBy).toHaveLength(1);
      expect(after.stats.reach).toMatchObject({ scout: null, watchers: [] });
      expect(await db.getRepository(Remark).count()).toBe(1);
    });

    test('leaves alone what is undefined, and what stands in an object that is null or not there', async () => {
      const { article } = await filled();
      const found = await articles().findOneByOrFail({ id: article.id });
      found.title = 'other';
      log = [];
      await articles().save(found);
      expect(statements()).toEqual(['UPDATE articles']);
      await articles().save({ id: article.id, title: 'third' });
      await articles().save({ id: article.id, credits: null as never, stats: null as never });
      expect((await reload(article.id)).credits).toMatchObject({
        author: { name: 'ann' },
        remarks: [{ text: 'r1' }, { text: 'r2' }],
      });
    });

    test('makes the embedded object that it sets a relation in', async () => {
      const ann = await person('ann');
      const article = db.getRepository(Article).create({ title: 'one', credits: { author: ann } });
      await articles().save(article);
      const piece = await db.getRepository(Piece).save({});
      const [loaded] = await db.getRepository(Piece).load([piece], { origin: { part: true, spares: true } });
      expect(loaded?.origin).toMatchObject({ part: null, spares: [] });
    });

    test('moves a member that its other side gives another owner', async () => {
      const { article, ann } = await filled();
      const second = await articles().save({ title: 'two', credits: { author: ann } });
      const remark = await db.getRepository(Remark).findOneByOrFail({ text: 'r1' });
      second.credits.remarks = [remark];
      await articles().save(second);
      expect((await reload(article.id)).credits.remarks).toMatchObject([{ text: 'r2' }]);
      expect((await reload(second.id)).credits.remarks).toMatchObject([{ text: 'r1' }]);
      const moved = await db.getRepository(Remark).findOneOrFail({
        where: { text: 'r1' },
        relations: { place: { article: true } },
      });
      expect(moved.place.article).toMatchObject({ title: 'two' });
    });

    test('saves from the inverse side, of lists and of a one-to-one', async () => {
      const people = db.getRepository(Person);
      const saved = await people.save({
        name: 'dot',
        contact: { written: [{ title: 'a' }, { title: 'b' }], desk: { room: 'r1', user: { since: 'x' } } },
      });
      const found = await people.findOneOrFail({
        where: { id: saved.id },
        relations: { contact: { written: true, desk: true, liked: true } },
      });
      expect(found.contact.written.map(({ title }) => title)).toEqual(['a', 'b']);
      expect(found.contact.desk).toMatchObject({ room: 'r1', user: { since: 'x' } });
      const [desk] = await db.getRepository(Desk).find({ relations: { user: { person: true } } });
      expect(desk?.user.person).toMatchObject({ name: 'dot' });
      found.contact.desk = null;
      found.contact.liked = [found.contact.written[0] as Article];
      await people.save(found);
      const [free] = await db.getRepository(Desk).find({ relations: { user: { person: true } } });
      expect(free?.user.person).toBeNull();
      expect(await articles().countBy({ stats: { likedBy: { name: 'dot' } } })).toBe(1);
    });

    test('cascades removal, and orphans go', async () => {
      const { article } = await filled();
      await articles().remove(await reload(article.id));
      expect(await db.getRepository(Remark).count()).toBe(0);
      expect(await db.getRepository(Licence).count()).toBe(0);
      expect(await db.getRepository(Keyword).count()).toBe(0);
      expect(await db.query('SELECT * FROM articles_stats_liked_by')).toEqual([]);
    });

    test('takes back what a rolled back transaction has set', async () => {
      const { article, bob } = await filled();
      const found = await reload(article.id);
      const failed = db.transaction(async (manager) => {
        found.credits.author = bob;
        await manager.save(found);
        throw new Error('back');
      });
      await expect(failed).rejects.toThrow('back');
      expect(found.credits.authorId).not.toBe(bob.id);
      log = [];
      await articles().save(found);
      expect(statements()).toEqual(['UPDATE articles']);
      expect((await reload(article.id)).credits.author.name).toBe('bob');
    });

    test('refuses a related entity that is not saved, and a relation that must not be null', async () => {
      const ann = await person('ann');
      const bare = await articles().save({ title: 'x', credits: { author: ann } });
      bare.credits.editor = db.getRepository(Person).create({ name: 'new' });
      expect(await codeOf(articles().save(bare))).toBe('RELATED_NOT_SAVED');
      expect(await textOf(articles().save(bare))).toContain('credits.editor');
      const people = db.getRepository(Person);
      const found = await people.findOneOrFail({
        where: { id: ann.id },
        relations: { contact: { written: true } },
      });
      found.contact.written = [];
      expect(await codeOf(people.save(found))).toBe('RELATION_REQUIRED');
      expect(await textOf(people.save(found))).toContain('contact.written');
    });

    test('creates, merges and preloads', async () => {
      const { article, bob } = await filled();
      const made = articles().create({ credits: { author: { name: 'x' }, remarks: [{ text: 'y' }] } });
      expect(made.credits.author).toBeInstanceOf(Person);
      expect(made.credits.remarks[0]).toBeInstanceOf(Remark);
      const found = await reload(article.id);
      const { author } = found.credits;
      articles().merge(found, { credits: { author: { id: author.id, name: 'renamed' } } });
      expect(found.credits.author).toBe(author);
      expect(author.name).toBe('renamed');
      log = [];
      const preloaded = await articles().preload({
        id: article.id,
        credits: { editor: { id: bob.id }, keywords: [{ word: 'k9' }] },
      });
      expect(reads()).toBe(4); // the row, two relations, and the keys that @RelationId shows
      expect(preloaded?.credits.editor).toMatchObject({ id: bob.id, name: 'bob' });
      await articles().save(preloaded as Article);
      expect((await reload(article.id)).credits.keywords).toMatchObject([{ word: 'k9' }]);
      expect(() => articles().create({ credits: { autor: 1 } } as never)).toThrow(/credits\.autor/);
    });

    test('updates, upserts and deletes by criteria', async () => {
      const { article, ann, bob } = await filled();
      await articles().update({ credits: { author: ann } }, { credits: { editor: ann, note: 'm' } });
      expect((await reload(article.id)).credits).toMatchObject({ editor: { name: 'ann' }, note: 'm' });
      await articles().update({ stats: { likedBy: bob } }, { credits: { editor: null } });
      expect((await reload(article.id)).credits.editor).toBeNull();
      const refused: [object, string][] = [
        [{ stats: { likedBy: [] } }, 'OPTION_INVALID'],
        [{ credits: { authorId: 1 } }, 'OPTION_INVALID'],
        [{ credits: { remarkCount: 1 } }, 'OPTION_INVALID'],
        [{ stats: { likedByIds: [1] } }, 'OPTION_INVALID'],
        [{ credits: { autor: 1 } }, 'PROPERTY_UNKNOWN'],
      ];
      for (const [values, code] of refused)
        expect(await codeOf(articles().update({ id: article.id }, values as never))).toBe(code);
      const desks = db.getRepository(Desk);
      for (const room of ['a', 'b'])
        await desks.upsert({ room, user: { person: ann, since: room } }, { conflictPaths: ['user.person'] });
      expect(await desks.find({ relations: { user: { person: true } } })).toMatchObject([
        { room: 'b', user: { since: 'b', person: { name: 'ann' } } },
      ]);
      expect(await codeOf(desks.upsert({ room: 'x' }, { conflictPaths: ['user.since'] }))).toBe(
        'CONFLICT_TARGET_INVALID',
      );
      expect((await desks.delete({ user: { person: { name: 'ann' } } })).affected).toBe(1);
      await articles().insert({ title: 'i', credits: { author: bob } });
      expect(await articles().countBy({ credits: { author: { name: 'bob' } } })).toBe(1);
    });

    test('tells subscribers which relations change', async () => {
      const { article, bob } = await filled();
      const seen: string[][] = [];
      const other = await new DataSource({
        url: database.url,
        entities,
        subscribers: [
          class {
            beforeUpdate({ updatedRelations }: { updatedRelations: { property: string }[] }) {
              seen.push(updatedRelations.map(({ property }) => property));
            }
          },
        ] as never,
      }).initialize();
      const found = await other.getRepository(Article).findOneByOrFail({ id: article.id });
      found.credits.author = bob as never;
      await other.getRepository(Article).save(found);
      await other.destroy();
      expect(seen).toEqual([['credits.author']]);
    });
  });

  describe('a class that is embedded twice', () => {
    test('keeps its relations apart', async () => {
      const [ann, bob] = [await person('ann'), await person('bob')];
      const trips = db.getRepository(Trip);
      const { id } = await trips.save({
        from: { hour: 1, keeper: ann, guests: [ann, bob] },
        to: { hour: 2, keeper: bob, guests: [bob] },
      });
      const found = await trips.findOneOrFail({
        where: { id },
        relations: { from: { keeper: true, guests: true }, to: { keeper: true, guests: true } },
      });
      expect(found).toMatchObject({
        from: { keeper: { name: 'ann' }, guests: [{ name: 'ann' }, { name: 'bob' }] },
        to: { keeper: { name: 'bob' }, guests: [{ name: 'bob' }] },
      });
      const half = await trips.findOneOrFail({ where: { id }, relations: { to: { guests: true } } });
      expect([half.from.guests, half.to.guests.length]).toEqual([undefined, 1]);
      found.to.guests = [];
      found.from.keeper = null;
      await trips.save(found);
      expect(
        await trips.countBy({ from: { guests: Some({}), keeper: IsNull() }, to: { guests: None({}) } }),
      ).toBe(1);
    });

    test.each([
      ['one table', Medium, Film, { first: 'a', second: 'b' }],
      ['several tables', Vehicle, Truck, { home: 'a', work: 'b' }],
    ] as const)('and in a family of %s', async (_name, Root, Child, names) => {
      const [outer, inner] = Object.keys(names) as [string, string];
      const [ann, bob] = [await person('ann'), await person('bob')];
      const children = db.getRepository(Child as typeof Film);
      const roots = db.getRepository(Root as typeof Medium);
      const saved = await children.save({
        [outer]: { hour: 1, keeper: ann, guests: [ann] },
        [inner]: { hour: 2, keeper: bob, guests: [ann, bob] },
      } as never);
      await roots.save({ [outer]: { hour: 5, keeper: bob } } as never);
      const asked = { [outer]: { keeper: true, guests: true } };
      const all = (await roots.find({ relations: asked as never, order: { id: 'asc' } })) as never[];
      expect(all).toMatchObject([
        { [outer]: { keeper: { name: 'ann' }, guests: [{ name: 'ann' }] }, [inner]: { hour: 2 } },
        { [outer]: { keeper: { name: 'bob' }, guests: [] } },
      ]);
      const found = (await children.findOneOrFail({
        where: { [inner]: { keeper: { name: 'bob' } } } as never,
        relations: { ...asked, [inner]: { keeper: true, guests: true } } as never,
      })) as never as Record<string, { keeper: Person | null; guests: Person[] }>;
      expect(found[inner]).toMatchObject({
        keeper: { name: 'bob' },
        guests: [{ name: 'ann' }, { name: 'bob' }],
      });
      (found[inner] as { guests: Person[] }).guests.pop();
      (found[outer] as { keeper: Person | null }).keeper = null;
      await children.save(found as never);
      expect(await children.countBy({ [outer]: { keeper: IsNull() } } as never)).toBe(1);
      await children.remove(await children.findOneByOrFail({ id: (saved as Film).id }));
      expect(await children.count()).toBe(0);
    });
  });

  test('refers to keys inside embedded objects', async () => {
    const [parts, pieces] = [db.getRepository(Part), db.getRepository(Piece)];
    const serial = { batch: 1, mark: 'a' };
    await parts.save([
      { serial, label: 'p', pieces: [{}, {}] },
      { serial: { batch: 1, mark: 'b' }, label: 'q' },
    ]);
    const [first] = await pieces.find({ relations: { origin: { part: true } }, order: { id: 'asc' } });
    expect(first?.origin.part).toMatchObject({ serial, label: 'p' });
    expect(first?.origin.partKey).toEqual({ serial });
    expect(await pieces.countBy({ origin: { part: { serial } } })).toBe(2);
    const other = await parts.findOneByOrFail({ serial: { mark: 'b' } });
    (first as Piece).origin.part = other;
    (first as Piece).origin.spares = [other];
    await pieces.save(first as Piece);
    const found = await parts.find({ relations: { pieces: { relations: { origin: { spares: true } } } } });
    expect(found.map(({ pieces: list }) => list.length)).toEqual([1, 1]);
    expect(found[1]?.pieces[0]?.origin.spares).toMatchObject([{ label: 'q' }]);
    (first as Piece).origin.part = null;
    await pieces.save(first as Piece);
    expect(await pieces.countBy({ origin: { part: IsNull() } })).toBe(1);
    await using session = db.session();
    const got = await session.get(Part, { serial } as never);
    expect(await session.get(Part, { serial } as never)).toBe(got);
    (got as Part).label = 'r';
    await session.refresh(got as Part);
    expect(got?.label).toBe('p');
  });

  describe('in a session', () => {
    test('knows what was changed, tells it and flushes it', async () => {
      const { article, bob, ann } = await filled();
      await using session = db.session();
      const found = await session.findOneOrFail(Article, {
        where: { id: article.id },
        relations: { credits: { author: true, remarks: true }, stats: { likedBy: true } },
      });
      const me = await session.get(Person, ann.id);
      expect(found.credits.author).toBe(me);
      expect(session.changes()).toEqual([]);
      found.credits.author = (await session.get(Person, bob.id)) as never;
      found.stats.likedBy.pop();
      expect(session.changes()).toMatchObject([
        { kind: 'update', changed: { 'credits.author': [ann.id, bob.id] } },
        { kind: 'unlink', property: 'stats.likedBy', table: 'articles_stats_liked_by' },
      ]);
      // Read again, it keeps what was changed in it.
      const again = await session.findOneOrFail(Article, {
        where: { id: article.id },
        relations: { credits: { editor: true } },
      });
      expect(again).toBe(found);
      await session.flush();
      expect(again.credits.editor).toMatchObject({ name: 'bob' });
      expect(session.changes()).toEqual([]);
      found.credits.author = me as never;
      found.credits.remarks.pop();
      await session.refresh(found);
      expect(found.credits.author).toMatchObject({ name: 'bob' });
      expect(found.credits.remarks).toHaveLength(2);
      expect(session.changes()).toEqual([]);
    });

    test('goes back to what was changed when a savepoint of the flow is rolled back', async () => {
      const { article, bob } = await filled();
      await using session = db.session();
      await db.transaction(async () => {
        const found = await session.findOneOrFail(Article, {
          where: { id: article.id },
          relations: { credits: { author: true }, stats: { likedBy: true } },
        });
        found.credits.author = (await session.get(Person, bob.id)) as never;
        found.stats.likedBy.pop();
        const before = session.changes();
        const inner = db.transaction(async () => {
          await session.flush();
          expect(session.changes()).toEqual([]);
          throw new Error('back');
        });
        await expect(inner).rejects.toThrow('back');
        expect(before).toHaveLength(2);
        expect(session.changes()).toEqual(before);
        await session.flush();
      });
      expect((await db.getRepository(Article).findOneByOrFail({ id: article.id })).credits.authorId).toBe(
        bob.id,
      );
    });
  });

  test('kysely knows keys in embedded objects by their paths', async () => {
    const { ann } = await filled();
    const kysely = db.kysely<{ articles: { creditsAuthorId: number; title: string } }>();
    const rows = await kysely
      .selectFrom('articles')
      .select(['title', 'creditsAuthorId'])
      .where('creditsAuthorId', '=', ann.id)
      .execute();
    expect(rows).toEqual([{ title: 'one', creditsAuthorId: ann.id }]);
  });

  test('the schema that is made is the one that is wanted', async () => {
    const { migrations } = await import('limbeck');
    const config = { url: database.url, entities, migrations: `${__dirname}/no-migrations` };
    expect(await migrations(config).diff()).toMatchObject({ operations: [], changes: [] });
  });
});
