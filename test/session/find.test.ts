/** Finding: conditions, order, limits, selections; what is refused; how many statements it takes. */

import { sql } from '../../src/ast/sql';
import type { DataSource } from '../../src/data-source';
import {
  And,
  Between,
  Equal,
  ILike,
  In,
  IsNull,
  LessThan,
  LessThanOrEqual,
  Like,
  MoreThan,
  MoreThanOrEqual,
  Not,
  Or,
  Raw,
} from '../../src/query/conditions/operators';
import { Author, Book, Note, Profile, Tag } from './library';
import { openLibrary } from './open-library';

let db: DataSource;
let statements: () => string[];

beforeAll(async () => {
  ({ db, statements } = await openLibrary());
  const authors = await db
    .getRepository(Author)
    .save([{ name: 'Le Guin', bio: 'wrote' }, { name: 'Herbert' }, { name: 'Tiptree' }]);
  const [leGuin, herbert] = authors as [Author, Author];
  await db.getRepository(Book).save([
    { title: 'The Dispossessed', pages: 341, author: leGuin, tags: [{ name: 'utopia' }, { name: 'sf' }] },
    { title: 'The Left Hand of Darkness', pages: 286, author: leGuin, editor: herbert },
    { title: 'Dune', pages: 412, author: herbert, extra: { tags: ['sand'] } },
  ]);
});
afterAll(() => db.destroy());
beforeEach(() => statements());

describe('a condition finds the books it means:', () => {
  const D = 'The Dispossessed';
  const L = 'The Left Hand of Darkness';
  const U = 'Dune';
  const cases: [name: string, where: any, titles: string[]][] = [
    ['nothing asked', {}, [D, L, U]],
    ['a value', { title: 'Dune' }, [U]],
    ['two values', { title: 'Dune', pages: 1 }, []],
    ['a list is an OR', [{ title: 'Dune' }, { pages: 286 }], [L, U]],
    ['a list with an empty one is everything', [{ title: 'x' }, {}], [D, L, U]],
    ['an empty list is nothing', [], []],
    ['Equal', { pages: Equal(412) }, [U]],
    ['Not', { title: Not('Dune') }, [D, L]],
    ['LessThan', { pages: LessThan(341) }, [L]],
    ['LessThanOrEqual', { pages: LessThanOrEqual(341) }, [D, L]],
    ['MoreThan', { pages: MoreThan(341) }, [U]],
    ['MoreThanOrEqual', { pages: MoreThanOrEqual(341) }, [D, U]],
    ['Between', { pages: Between(286, 341) }, [D, L]],
    ['Like', { title: Like('The%') }, [D, L]],
    ['ILike', { title: ILike('the d%') }, [D]],
    ['In', { pages: In([412, 341, 1]) }, [D, U]],
    ['In of nothing', { pages: In([]) }, []],
    ['Not In of nothing', { pages: Not(In([])) }, [D, L, U]],
    ['IsNull', { extra: IsNull() }, [D, L]],
    ['Not IsNull', { extra: Not(IsNull()) }, [U]],
    ['And', { pages: And(MoreThan(300), LessThan(400)) }, [D]],
    ['Or', { pages: Or(LessThan(300), MoreThan(400)) }, [L, U]],
    ['Or with a value', { pages: Or(286, 412) }, [L, U]],
    ['Raw on a column', { pages: Raw((column) => sql`${column} % ${2} = ${0}`) }, [L, U]],
    ['Raw text', { pages: Raw((column) => `${column} % 2 = 1`) }, [D]],
    ['Raw fragment', { pages: Raw(sql`${400} + 12`) }, [U]],
    ['a text longer than its column', { title: 'x'.repeat(300) }, []],
    ['a JSON value', { extra: { tags: ['sand'] } }, [U]],
    ['a property of a to-one', { author: { name: 'Herbert' } }, [U]],
    ['an operator two relations away', { author: { books: { pages: MoreThan(400) } } }, [U]],
    ['a relation that is null', { editor: IsNull() }, [D, U]],
    ['a relation that is not null', { editor: Not(IsNull()) }, [L]],
    ['the opposite of a relation', { author: Not({ name: 'Herbert' }) }, [D, L]],
    ['some of a many-to-many', { tags: { name: In(['utopia', 'sf']) } }, [D]],
    ['any member at all', { tags: {} }, [D]],
  ];
  test.each(cases)('%s', async (_, where, titles) => {
    const repository = db.getRepository(Book);
    // Twice: compiled, and from what was compiled.
    for (let round = 0; round < 2; round++) {
      const books = await repository.find({ where, order: { id: 'asc' } });
      expect(books.map((book) => book.title)).toEqual(titles);
      expect(await repository.countBy(where)).toBe(titles.length);
      expect(await repository.existsBy(where)).toBe(titles.length > 0);
    }
  });

  test('an entity as a condition means its key', async () => {
    const herbert = await db.getRepository(Author).findOneByOrFail({ name: 'Herbert' });
    statements();
    const books = await db.getRepository(Book).find({ where: { author: herbert } });
    expect(books.map((book) => book.title)).toEqual(['Dune']);
    expect(statements()).toEqual([expect.stringContaining('WHERE "books"."author_id" = ?')]);
    const [dune] = books as [(typeof books)[0]];
    expect(await db.getRepository(Author).find({ where: { books: dune } })).toMatchObject([
      { name: 'Herbert' },
    ]);
    expect(await db.getRepository(Book).countBy({ author: In([herbert]) })).toBe(1);
  });
});

describe('what cannot be meant is refused:', () => {
  const cases: [name: string, options: any, code: string, words: string][] = [
    ['an unknown key', { where: { titel: 'x' } }, 'PROPERTY_UNKNOWN', "'Book' has no property 'titel'"],
    [
      'an unknown key in a relation',
      { where: { author: { nmae: 'x' } } },
      'PROPERTY_UNKNOWN',
      "'Author' has no property 'nmae'",
    ],
    ['an unknown key in order', { order: { page: 'asc' } }, 'PROPERTY_UNKNOWN', "no property 'page'"],
    ['an unknown key in select', { select: { titel: true } }, 'PROPERTY_UNKNOWN', "no property 'titel'"],
    ['an unknown relation', { relations: { autor: true } }, 'PROPERTY_UNKNOWN', "no property 'autor'"],
    [
      'an unknown nested relation',
      { relations: { author: { relations: { book: true } } } },
      'PROPERTY_UNKNOWN',
      "no property 'book'",
    ],
    ['a column as a relation', { relations: { title: true } }, 'PROPERTY_UNKNOWN', "no property 'title'"],
    ['an unknown option', { wehre: {} }, 'OPTION_UNKNOWN', "no option 'wehre'"],
    [
      'a nested option that to-one has not',
      { relations: { author: { take: 1 } } },
      'OPTION_UNKNOWN',
      "no option 'take'",
    ],
    ['undefined', { where: { title: undefined } }, 'CONDITION_MISSING', 'is undefined'],
    ['null', { where: { extra: null } }, 'CONDITION_MISSING', 'is null'],
    [
      'undefined in a relation',
      { where: { author: { id: undefined } } },
      'CONDITION_MISSING',
      'is undefined',
    ],
    [
      'undefined in an operator',
      { where: { pages: MoreThan(undefined as any) } },
      'CONDITION_MISSING',
      'is undefined',
    ],
    ['null in a list', { where: { pages: In([1, null as any]) } }, 'CONDITION_MISSING', 'is null'],
    ['where undefined', { where: undefined }, 'OPTION_INVALID', 'it is undefined'],
    [
      'an object from JSON as an operator',
      { where: { title: { kind: 'isNull', operands: [] } } },
      'VALUE_INVALID',
      'expected a string',
    ],
    ['a text for a number', { where: { pages: '412' } }, 'VALUE_INVALID', 'expected an integer'],
    ['a value for a relation', { where: { author: 1 } }, 'OPTION_INVALID', 'expected an object'],
    ['an entity without key', { where: { author: new Author() } }, 'KEY_MISSING', 'has no key'],
    ['a direction that is none', { order: { title: 'up' } }, 'OPTION_INVALID', "'asc' or 'desc'"],
    ['an order by a list', { order: { tags: { name: 'asc' } } }, 'OPTION_INVALID', 'many members'],
    ['take of a text', { take: '1' }, 'OPTION_INVALID', 'take'],
    ['a negative skip', { skip: -1 }, 'OPTION_INVALID', 'skip'],
    [
      'a relation selected in two places',
      { select: { author: { id: true } }, relations: { author: { select: { name: true } } } },
      'OPTION_INVALID',
      'in two ways',
    ],
    ['a select inside one column', { select: { extra: { tags: true } } }, 'OPTION_INVALID', 'one column'],
    [
      'nulls that stand nowhere',
      { order: { title: { nulls: 'top' } } },
      'OPTION_INVALID',
      "'first' or 'last'",
    ],
    ['an expression as text', { order: { title: { by: () => 'x' } } }, 'OPTION_INVALID', 'sql tag'],
    ['an unknown option of an order', { order: { title: { dir: 'asc' } } }, 'OPTION_UNKNOWN', "'dir'"],
    ['a negative take of a relation', { relations: { tags: { take: -1 } } }, 'OPTION_INVALID', 'take'],
    [
      'a missing condition in a relation',
      { relations: { tags: { where: { name: undefined } } } },
      'CONDITION_MISSING',
      'is undefined',
    ],
    [
      'a where of a relation that is missing',
      { relations: { tags: { where: undefined } } },
      'OPTION_INVALID',
      'undefined',
    ],
  ];
  test.each(cases)('%s', async (_, options, code, words) => {
    const error = await db
      .getRepository(Book)
      .find(options)
      .catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code, message: expect.stringContaining(words) });
    expect(statements()).toEqual([]);
  });

  test('the nearest name is told', async () => {
    const error = await db
      .getRepository(Book)
      .findBy({ titel: 'x' } as any)
      .catch((cause: unknown) => cause);
    expect(error).toMatchObject({ hint: "Did you mean 'title'?" });
  });

  test('a relation among the options of another is told where it stands', async () => {
    const relations: any = { author: { books: true } };
    await expect(db.getRepository(Book).find({ relations })).rejects.toMatchObject({
      code: 'OPTION_UNKNOWN',
      hint: 'Write relations: { author: { relations: { books: true } } }.',
    });
  });

  test('a count is of all pages, whatever else the options of a find say', async () => {
    const books = db.getRepository(Book);
    const all = await books.count();
    expect(all).toBeGreaterThan(2);
    const options = {
      skip: 1,
      take: 1,
      order: { title: 'asc' },
      select: { id: true },
      relations: { author: true },
    };
    expect(await books.count(options as object)).toBe(all);
    expect(await books.exists({ skip: all } as object)).toBe(true);
    await expect(books.count({ tkae: 1 } as object)).rejects.toMatchObject({ code: 'OPTION_UNKNOWN' });
  });

  test.each([
    ['loadRelationIds', '@RelationId'],
    ['loadEagerRelations', '`relations`'],
    ['cache', 'not kept'],
  ])('the option %s of another library is told what stands in its place', async (option, words) => {
    await expect(db.getRepository(Book).find({ [option]: true } as object)).rejects.toMatchObject({
      code: 'OPTION_UNKNOWN',
      hint: expect.stringContaining(words),
    });
  });

  test.each(['findBy', 'findOneBy', 'countBy', 'existsBy', 'findOneByOrFail'] as const)(
    '%s(undefined) and (null) do not mean every row',
    async (method) => {
      const repository = db.getRepository(Book);
      for (const where of [undefined, null]) {
        const error = await (async () => repository[method](where as any))().catch((cause: unknown) => cause);
        expect(error).toMatchObject({ code: 'OPTION_INVALID' });
      }
    },
  );
});

test('order, skip and take, alone and together', async () => {
  const titles = async (options: any): Promise<string[]> =>
    (await db.getRepository(Book).find(options)).map((book: any) => book.title);
  expect(await titles({ order: { pages: 'desc' } })).toEqual([
    'Dune',
    'The Dispossessed',
    'The Left Hand of Darkness',
  ]);
  expect(await titles({ order: { author: { name: 'ASC' }, pages: 'ASC' } })).toEqual([
    'Dune',
    'The Left Hand of Darkness',
    'The Dispossessed',
  ]);
  expect(await titles({ order: { id: 'asc' }, take: 1 })).toEqual(['The Dispossessed']);
  expect(await titles({ order: { id: 'asc' }, skip: 2 })).toEqual(['Dune']);
  expect(await titles({ order: { id: 'asc' }, skip: 1, take: 1 })).toEqual(['The Left Hand of Darkness']);
  expect(await titles({ take: 0 })).toEqual([]);
  const second = await db.getRepository(Book).findOne({ order: { id: 'asc' }, skip: 1 });
  expect(second?.id).toBe(2);
});

test('entities are instances, with what was read and nothing else', async () => {
  const [author] = await db.getRepository(Author).find({ where: { name: 'Le Guin' } });
  expect(author).toBeInstanceOf(Author);
  expect(author?.greet()).toBe('I am Le Guin');
  expect(JSON.parse(JSON.stringify(author))).toEqual({ id: 1, name: 'Le Guin', bio: 'wrote' });
  expect(Reflect.ownKeys({ ...author }).every((key) => typeof key === 'string')).toBe(true);
});

test('select reads what it names; a column with select: false is read only then', async () => {
  const [plain] = await db.getRepository(Book).find({ where: { title: 'Dune' } });
  expect(plain).not.toHaveProperty('secret', null);
  const [some] = await db
    .getRepository(Book)
    .find({ where: { title: 'Dune' }, select: { title: true, secret: true } });
  expect(JSON.parse(JSON.stringify(some))).toEqual({ title: 'Dune', secret: null });
});

test('relations cost one query each, whatever the number of entities, and none multiplies rows', async () => {
  const books = await db.getRepository(Book).find({
    relations: { author: { relations: { books: true } }, editor: true, tags: true },
    order: { id: 'asc' },
  });
  expect(statements()).toHaveLength(7);
  expect(books.map((book) => book.author.name)).toEqual(['Le Guin', 'Le Guin', 'Herbert']);
  expect(books[0]?.author).toBe(books[1]?.author);
  expect(books[0]?.author.books.map((book) => book.title)).toEqual([
    'The Dispossessed',
    'The Left Hand of Darkness',
  ]);
  expect(books.map((book) => book.editor?.name ?? null)).toEqual([null, 'Herbert', null]);
  expect(books.map((book) => book.tags.map((tag) => tag.name))).toEqual([['sf', 'utopia'], [], []]);
  expect(books[1]?.tags).not.toBe(books[2]?.tags);
});

test('the inverse side of a many-to-many is loaded as well', async () => {
  const tag = await db
    .getRepository(Tag)
    .findOneOrFail({ where: { name: 'sf' }, relations: { books: true } });
  expect(tag.books.map((book) => book.title)).toEqual(['The Dispossessed']);
});

test('a list can be narrowed and ordered', async () => {
  const authors = await db.getRepository(Author).find({
    relations: { books: { where: { pages: MoreThan(300) }, order: { title: 'desc' } } },
    order: { id: 'asc' },
  });
  expect(authors.map((author) => author.books.map((book) => book.title))).toEqual([
    ['The Dispossessed'],
    ['Dune'],
    [],
  ]);
});

test('findOne without options is refused: it would be any row', async () => {
  const books = db.getRepository(Book) as any;
  await expect(books.findOne()).rejects.toMatchObject({ code: 'OPTION_INVALID' });
  await expect(books.findOneOrFail(undefined)).rejects.toMatchObject({ code: 'OPTION_INVALID' });
});

test('findOne and its kin', async () => {
  const repository = db.getRepository(Book);
  expect(await repository.findOneBy({ title: 'x' })).toBeNull();
  expect(await repository.findOne({ where: { title: 'x' } })).toBeNull();
  await expect(repository.findOneByOrFail({ title: 'x' })).rejects.toMatchObject({
    code: 'ENTITY_NOT_FOUND',
    name: 'EntityNotFoundError',
  });
  await expect(repository.findOneOrFail({ where: { title: 'x' } })).rejects.toMatchObject({
    code: 'ENTITY_NOT_FOUND',
  });
  expect((await repository.findOneByOrFail({ title: 'Dune' })).pages).toBe(412);
  expect(await repository.count()).toBe(3);
  expect(await repository.exists()).toBe(true);
  expect(await repository.count({ where: { pages: MoreThan(300) } })).toBe(2);
});

test('many shapes do not mix their values up', async () => {
  const repository = db.getRepository(Book);
  for (let count = 0; count < 20; count++) {
    const ids = Array.from({ length: count }, (_, i) => i + 1);
    expect(await repository.countBy({ id: In(ids), pages: MoreThan(0) })).toBe(Math.min(count, 3));
  }
});

test('soft-deleted rows are hidden unless asked for', async () => {
  const notes = db.getRepository(Note);
  const [a] = (await notes.save([{ text: 'a' }, { text: 'b' }])) as [Note, Note];
  await notes.update({ id: a.id }, { deletedAt: new Date() });
  expect((await notes.find()).map((note) => note.text)).toEqual(['b']);
  expect(await notes.count()).toBe(1);
  expect(await notes.findOneBy({ id: a.id })).toBeNull();
  expect(await notes.count({ withDeleted: true })).toBe(2);
  expect((await notes.findOneOrFail({ where: { id: a.id }, withDeleted: true })).deletedAt).toBeInstanceOf(
    Date,
  );
  await notes.clear();
});

test('bigints stay exact beside plain integers', async () => {
  const [author] = await db.getRepository(Author).find();
  const profiles = db.getRepository(Profile);
  await profiles.insert({ score: 2n ** 60n + 1n, picture: Buffer.from([1, 2]), author: author as Author });
  const [found] = await profiles.find({ relations: { author: true } });
  expect(found).toMatchObject({ id: 1, score: 2n ** 60n + 1n, author: { id: 1 } });
  expect(await profiles.countBy({ score: MoreThan(2n ** 60n) })).toBe(1);
  await profiles.clear();
});
