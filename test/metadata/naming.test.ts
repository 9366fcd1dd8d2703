import fc from 'fast-check';
import { sql } from '../../src/ast/sql';
import { byteLength, cutToBytes, editDistance, hash32, nearestName, snakeCase } from '../../src/base/text';
import {
  Check,
  Column,
  Entity,
  Exclusion,
  Index,
  PrimaryGeneratedColumn,
  Unique,
} from '../../src/decorators/index';
import { buildEntities } from '../../src/metadata/build';
import {
  defaultCheckName,
  defaultIndexName,
  defaultName,
  expressionHash,
  fitName,
  isDefaultCheckName,
  snakeCaseNaming,
} from '../../src/schema/naming';
import { tableOf } from './kit';

describe('text', () => {
  test.each([
    ['authorId', 'author_id'],
    ['Book', 'book'],
    ['HTMLParser', 'html_parser'],
    ['parseHTML', 'parse_html'],
    ['isbn13', 'isbn13'],
    ['address2Line', 'address2_line'],
    ['already_snake', 'already_snake'],
    ['_private', '_private'],
    ['ÄpfelUndBirnen', 'äpfel_und_birnen'],
    ['x', 'x'],
    ['', ''],
  ])('%s is %s in snake case', (name, expected) => {
    expect(snakeCase(name)).toBe(expected);
    expect(snakeCase(expected)).toBe(expected);
  });

  test.each([
    ['', '', 0],
    ['abc', '', 3],
    ['varchra', 'varchar', 1],
    ['kitten', 'sitting', 3],
  ])('from %s to %s it is %d', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
    expect(editDistance(b, a)).toBe(distance);
  });

  test('the nearest name is near, or there is none', () => {
    expect(nearestName('Nmae', ['name', 'names'])).toBe('name');
    expect(nearestName('title', ['id', 'pages'])).toBeUndefined();
    expect(nearestName('title', [])).toBeUndefined();
  });

  test('FNV-1a has its published values', () => {
    expect([hash32(''), hash32('a'), hash32('foobar')]).toEqual(['811c9dc5', 'e40c292c', 'bf9cf968']);
  });

  test('a cut never ends inside a character', () => {
    expect(cutToBytes('aé😀', 3)).toBe('aé');
    expect(cutToBytes('aé😀', 6)).toBe('aé');
    expect(cutToBytes('aé😀', 7)).toBe('aé😀');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(40), (text, max) => {
        const cut = cutToBytes(text, max);
        expect(byteLength(cut)).toBeLessThanOrEqual(max);
        expect(text.startsWith(cut)).toBe(true);
      }),
    );
  });
});

describe('default names', () => {
  test.each([
    ['pk', [], 'pk_books'],
    ['uq', ['isbn', 'printing'], 'uq_books_isbn_printing'],
    ['ix', ['title'], 'ix_books_title'],
    ['fk', ['author_id', 'authors'], 'fk_books_author_id_authors'],
    ['ck', ['pages'], 'ck_books_pages'],
    ['enum', ['status'], 'books_status_enum'],
  ] as const)('%s %j is %s', (kind, parts, name) => {
    expect(defaultName(kind, 'books', parts)).toBe(name);
  });

  test('are those of the default naming', () => {
    expect(snakeCaseNaming.foreignKey('a', ['b'], 'c')).toBe(defaultName('fk', 'a', ['b', 'c']));
    expect(snakeCaseNaming.enumType('a', 'b')).toBe(defaultName('enum', 'a', ['b']));
  });

  test('are cut to 63 bytes and end in a hash of the whole', () => {
    const long = 'é'.repeat(40);
    const name = fitName(long);
    expect(byteLength(name)).toBeLessThanOrEqual(63);
    expect(name).toBe(`${'é'.repeat(27)}_${hash32(long)}`);
    expect(fitName('x'.repeat(63))).toHaveLength(63);
    expect(fitName('x'.repeat(64))).toHaveLength(63);
  });

  test('of expressions hash tokens, not blanks or case', () => {
    expect(expressionHash('LOWER( title )')).toBe(expressionHash('lower(title)'));
    expect(expressionHash("x = 'A'")).not.toBe(expressionHash("x = 'a'"));
    const name = defaultCheckName('books', 'pages > 0');
    expect(name).toBe(`ck_books_${expressionHash('pages>0')}`);
    expect(defaultIndexName('books', [{ column: 'a' }, { expression: 'lower(b)' }])).toMatch(
      /^ix_books_[0-9a-f]{8}$/,
    );
    expect(defaultIndexName('books', [{ column: 'a', order: 'desc' }, { column: 'b' }])).toBe('ix_books_a_b');
  });

  test('are recognised', () => {
    const check = { name: 'ck_books_pages', expression: 'pages > 0' };
    expect(isDefaultCheckName(check, 'books', ['title', 'pages'])).toBe(true);
    expect(isDefaultCheckName(check, 'books', ['title'])).toBe(false);
    expect(isDefaultCheckName({ ...check, name: defaultCheckName('books', 'pages>0') }, 'books', [])).toBe(
      true,
    );
  });
});

describe('keys', () => {
  @Entity('rooms')
  @Index((room) => [room.name, room.floor])
  @Index('ix_named', ['name'], { nullsNotDistinct: true, method: 'hash', include: ['floor'] })
  @Index([sql`lower(name)`, { property: 'floor', order: 'desc', nulls: 'last' }], {
    where: sql`floor > ${0}`,
  })
  @Index(() => ({ floor: -1 }))
  @Unique((room) => [room.name], { deferrable: 'INITIALLY DEFERRED' })
  @Check('floor < 100')
  @Check('named', 'floor <> 13')
  @Exclusion('USING gist (name WITH =, during WITH &&) WHERE (floor > 0)')
  @Exclusion('other', 'name WITH =', { method: 'gist' })
  class Room {
    @PrimaryGeneratedColumn() id!: number;
    @Column('text') name!: string;
    @Check('floor >= 0') @Check('floor <> 4') @Column('integer') floor!: number;
  }
  const table = tableOf(Room);

  test('are named after what they hold', () => {
    expect(table.indexes).toEqual(
      [
        {
          name: `ix_rooms_${expressionHash('lower(name) , floor')}`,
          columns: [{ expression: 'lower(name)' }, { column: 'floor', order: 'desc', nulls: 'last' }],
          unique: false,
          where: 'floor > 0',
        },
        {
          name: 'ix_named',
          columns: [{ column: 'name' }],
          unique: false,
          method: 'hash',
          include: ['floor'],
          nullsNotDistinct: true,
        },
        { name: 'ix_rooms_floor', columns: [{ column: 'floor', order: 'desc' }], unique: false },
        { name: 'ix_rooms_name_floor', columns: [{ column: 'name' }, { column: 'floor' }], unique: false },
      ].sort((a, b) => (a.name < b.name ? -1 : 1)),
    );
    expect(table.uniques).toEqual([{ name: 'uq_rooms_name', columns: ['name'], deferrable: 'deferred' }]);
  });

  test('a second check of one column is named by its tokens', () => {
    expect(table.checks.map((c) => [c.name, c.expression])).toEqual(
      [
        [`ck_rooms_${expressionHash('floor < 100')}`, 'floor < 100'],
        ['ck_rooms_floor', 'floor <> 4'],
        [`ck_rooms_${expressionHash('floor >= 0')}`, 'floor >= 0'],
        ['named', 'floor <> 13'],
      ].sort((a, b) => ((a[0] as string) < (b[0] as string) ? -1 : 1)),
    );
  });

  test('exclusions take TypeORM’s words apart', () => {
    expect(table.exclusions).toEqual([
      {
        name: `ex_rooms_${expressionHash('name WITH =, during WITH &&')}`,
        elements: 'name WITH =, during WITH &&',
        method: 'gist',
        where: 'floor > 0',
      },
      { name: 'other', elements: 'name WITH =', method: 'gist' },
    ]);
  });

  test('another naming is followed everywhere', () => {
    const naming = {
      ...snakeCaseNaming,
      table: (name: string) => `t_${name}`,
      column: (path: readonly string[]) => path.join(''),
    };
    const entity = buildEntities([Room], { naming }).get(Room);
    // @Entity('rooms') names the table itself.
    expect(entity.tableName).toBe('rooms');
    @Entity()
    class FreeName {
      @PrimaryGeneratedColumn() theId!: number;
    }
    const free = buildEntities([FreeName], { naming }).get(FreeName);
    expect([free.tableName, free.columns[0]?.name, free.table.primaryKey?.name]).toEqual([
      't_FreeName',
      'theId',
      'pk_t_FreeName',
    ]);
  });

  test('names that come out too long are cut, given ones are refused elsewhere', () => {
    @Entity()
    class AClassWithANameThatIsMuchTooLongForAnyDatabaseThatWeKnowOfToday {
      @PrimaryGeneratedColumn() id!: number;
      @Column('text', { unique: true }) aPropertyWithANameThatIsMuchTooLongForAnyDatabaseThatWeKnow!: string;
    }
    const long = tableOf(AClassWithANameThatIsMuchTooLongForAnyDatabaseThatWeKnowOfToday);
    for (const name of [long.name, long.columns[1]?.name, long.uniques[0]?.name, long.primaryKey?.name]) {
      expect(name).toMatch(/_[0-9a-f]{8}$/);
      expect(byteLength(name as string)).toBeLessThanOrEqual(63);
    }
  });
});
