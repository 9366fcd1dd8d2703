/** What conditions mean, on every database: operators, relations at any depth, long lists, and what is refused. */

import {
  And,
  Any,
  ArrayContainedBy,
  ArrayContains,
  ArrayOverlap,
  Between,
  Column,
  DataSource,
  Entity,
  Equal,
  Every,
  escapeLike,
  ILike,
  In,
  IsNull,
  JsonContains,
  LessThan,
  LessThanOrEqual,
  Like,
  MoreThan,
  MoreThanOrEqual,
  None,
  Not,
  Or,
  PrimaryColumn,
  Raw,
  Some,
  sql,
} from 'limbeck';
import { createDatabase, type DatabaseKind, type TestDatabase, testDatabases } from '../support/databases';
import { Badge, entities, Note, Owner, Slot, Tag, Thing } from './condition-entities';

const fill = <T extends object>(entity: T, values: object): T => Object.assign(entity, values);
const owner = (id: bigint): Owner => fill(new Owner(), { id });
const slot = (line: number, place: string): Slot => fill(new Slot(), { line, place });
const tag = (name: string): Tag => fill(new Tag(), { name });
const thing = (id: number): Thing => fill(new Thing(), { id });
const UUID = '0b9c1d5e-8f0a-4b0e-9a55-0242ac120002';

async function fillThings(source: DataSource): Promise<void> {
  const save = (list: readonly object[]): Promise<unknown> =>
    source.getRepository<any>(list[0]?.constructor as never).save(list as never);
  const [ann, bob] = [fill(owner(1n), { name: 'Ann', age: 30 }), fill(owner(2n), { name: null, age: 40 })];
  const [first, second] = [fill(slot(1, 'a'), { label: 'top' }), fill(slot(1, 'b'), { label: null })];
  const [red, big] = [fill(tag('red'), { weight: 1 }), fill(tag('big'), { weight: 2.5 })];
  await save([ann, bob]);
  await save([first, second]);
  await save([red, big]);
  const one = fill(thing(1), {
    short: '100%',
    int: 5,
    big: 9007199254740993n,
    flag: true,
    day: '2024-02-29',
    at: new Date('2026-03-29T01:30:00.123Z'),
    uuid: UUID,
    bytes: Buffer.from([0, 255]),
    dec: '1.5',
    mood: 'a',
    list: ['a', 'b'],
    json: { b: [1, 2], a: 'x' },
    maker: { city: 'Oslo', zip: 1 },
    owner: ann,
    slot: first,
    tags: [red, big],
  });
  const two = fill(thing(2), {
    short: '100 g',
    int: 7,
    flag: false,
    json: [1, 'x'],
    maker: { city: 'Bergen', zip: null },
    owner: bob,
    parent: one,
    tags: [red],
  });
  const three = fill(thing(3), {
    short: 'a_b\\c',
    maker: { city: null, zip: null },
    slot: second,
    parent: one,
  });
  await save([one, two, three]);
  await save([
    fill(new Note(), { text: 'good', stars: 5, thing: one }),
    fill(new Note(), { text: 'fair', stars: 3, thing: one }),
    fill(new Note(), { text: 'gone', stars: 1, thing: one, deletedAt: new Date(0) }),
    fill(new Note(), { text: 'mute', stars: null, thing: two }),
  ]);
  await save([fill(new Badge(), { id: 1, level: 3, thing: two })]);
}

/** More than any statement has placeholders for. */
const MANY = 70_000;
const many = <V>(make: (i: number) => V, length = MANY): V[] => Array.from({ length }, (_, i) => make(i));

const CASES: readonly [name: string, where: any, ids: number[]][] = [
  ['Some', { notes: Some({ stars: 5 }) }, [1]],
  ['an object on many', { notes: { stars: MoreThan(2) } }, [1]],
  ['any member at all', { notes: Some({}) }, [1, 2]],
  ['no member at all', { notes: None({}) }, [3]],
  ['None', { notes: None({ stars: 5 }) }, [2, 3]],
  ['Every, true of none', { notes: Every({ stars: MoreThan(2) }) }, [1, 3]],
  ['Every of nothing asked', { notes: Every({}) }, [1, 2, 3]],
  ['a list of conditions on many', { notes: [{ stars: 5 }, { text: 'mute' }] }, [1, 2]],
  ['Some of a list', { notes: Some([{ stars: 5 }, { text: 'mute' }]) }, [1, 2]],
  ['Not Some', { notes: Not(Some({ stars: 5 })) }, [2, 3]],
  ['And of members', { notes: And(Some({ stars: 5 }), Some({ stars: 3 })) }, [1]],
  ['Or of members', { notes: Or(Some({ stars: 5 }), None({})) }, [1, 3]],
  ['a soft-deleted member is not there', { notes: { text: 'gone' } }, []],
  ['more than one member', { notes: MoreThan(1) }, [1]],
  ['at most one member', { notes: LessThanOrEqual(1) }, [2, 3]],
  ['less than one member', { tags: LessThan(1) }, [3]],
  ['at least two members', { children: MoreThanOrEqual(2) }, [1]],
  ['many-to-many', { tags: Some({ name: 'big' }) }, [1]],
  ['every of many-to-many', { tags: Every({ weight: 1 }) }, [2, 3]],
  ['none of many-to-many', { tags: None({ weight: 2.5 }) }, [2, 3]],
  ['an entity in many-to-many', { tags: tag('big') }, [1]],
  ['some entity in many-to-many', { tags: In([tag('big'), tag('other')]) }, [1]],
  ['no such entity in many-to-many', { tags: Not(In([tag('big')])) }, [2, 3]],
  ['a self relation, downwards', { children: Some({ int: 7 }) }, [1]],
  ['a self relation, upwards', { parent: { int: 5 } }, [2, 3]],
  ['three relations away', { parent: { notes: Some({ thing: { owner: { name: 'Ann' } } }) } }, [2, 3]],
  ['members of members', { children: Some({ tags: Some({ name: 'red' }) }) }, [1]],
  ['a to-one', { owner: { name: 'Ann' } }, [1]],
  ['a to-one that is there', { owner: {} }, [1, 2]],
  ['not such a to-one, nor any', { owner: Not({ name: 'Ann' }) }, [2, 3]],
  ['a to-one with NULL inside', { owner: { name: IsNull() } }, [2]],
  ['Or on a to-one', { owner: Or({ name: 'Ann' }, IsNull()) }, [1, 3]],
  ['a key of a to-one', { owner: { id: 2n } }, [2]],
  ['not that key of a to-one', { owner: Not({ id: 2n }) }, [1, 3]],
  ['IsNull on a to-one', { owner: IsNull() }, [3]],
  ['Not IsNull on a to-one', { owner: Not(IsNull()) }, [1, 2]],
  ['an entity', { owner: owner(2n) }, [2]],
  ['Equal of an entity', { owner: Equal(owner(2n)) }, [2]],
  ['not an entity, as a key that is NULL is not unequal', { owner: Not(owner(2n)) }, [1]],
  ['In of entities', { owner: In([owner(1n), owner(9n)]) }, [1]],
  ['In of no entity', { owner: In([]) }, []],
  ['In of very many entities', { owner: In(many((i) => owner(BigInt(i + 2)))) }, [2]],
  ['a composite key', { slot: slot(1, 'a') }, [1]],
  ['In of composite keys', { slot: In([slot(1, 'b'), slot(2, 'a')]) }, [3]],
  ['Not In of composite keys', { slot: Not(In([slot(1, 'b')])) }, [1]],
  ['IsNull on a composite key', { slot: IsNull() }, [2]],
  ['a condition behind a composite key', { slot: { label: 'top' } }, [1]],
  ['not a condition behind a composite key', { slot: Not({ label: 'top' }) }, [2, 3]],
  ['IsNull on the other side of a one-to-one', { badge: IsNull() }, [1, 3]],
  ['Not IsNull on the other side of a one-to-one', { badge: Not(IsNull()) }, [2]],
  ['the other side of a one-to-one', { badge: { level: 3 } }, [2]],
  ['an entity on the other side', { badge: fill(new Badge(), { id: 1 }) }, [2]],
  ['an embedded object', { maker: { city: 'Oslo' } }, [1]],
  ['an operator in an embedded object', { maker: { zip: IsNull(), city: Like('B%') } }, [2]],
  ['Not around an embedded object', { maker: Not({ city: 'Oslo' }) }, [2]],
  ['Or on an embedded object', { maker: Or({ city: 'Oslo' }, { city: IsNull() }) }, [1, 3]],
  ['Not around everything', Not({ int: 5 }), [2]],
  ['Not around a list', Not([{ int: 5 }, { id: 3 }]), [2]],
  ['And around everything', And({ int: MoreThan(1) }, Not({ int: 7 })), [1]],
  ['Or around everything', Or({ int: 5 }, { id: 3 }), [1, 3]],
  ['Any', { int: Any([5, 9]) }, [1]],
  ['Any of nothing', { int: Any([]) }, []],
  ['Not Any of nothing', { int: Not(Any([])) }, [1, 2, 3]],
  ['JsonContains a member', { json: JsonContains({ a: 'x' }) }, [1]],
  ['JsonContains part of a list', { json: JsonContains({ b: [2] }) }, [1]],
  ['JsonContains of a list', { json: JsonContains([1]) }, [2]],
  ['JsonContains of one element', { json: JsonContains('x') }, [2]],
  ['Not JsonContains', { json: Not(JsonContains({ a: 'x' })) }, [2]],
  ['JSON in another order', { json: { a: 'x', b: [1, 2] } }, [1]],
  ['JSON that is a list', { json: Equal([1, 'x']) }, [2]],
  ['In of JSON', { json: In([{ a: 1 }, [1, 'x']]) }, [2]],
  ['a pattern', { short: Like('100%') }, [1, 2]],
  ['a pattern with a percent sign', { short: Like('100\\%') }, [1]],
  ['escapeLike', { short: Like(`%${escapeLike('a_b\\')}%`) }, [3]],
  ['an underscore is one character', { short: Like('100_') }, [1]],
  ['ILike', { maker: { city: ILike('oSL%') } }, [1]],
  ['Between dates', { day: Between('2024-01-01', '2024-12-31') }, [1]],
  ['Raw', { int: Raw((column) => sql`${column} % ${2} = ${1} AND ${column} > ${5}`) }, [2]],
  [
    'Raw beside others',
    {
      id: Or(
        3,
        Raw((column) => `${column} = 1`),
      ),
    },
    [1, 3],
  ],
  [
    'Raw with named values',
    {
      int: Raw(
        (column) => `${column} > :low AND /* :x */ ${column} <> :low AND ':y' = ':y' AND ${column} < :high`,
        {
          low: 5,
          high: 1000,
        },
      ),
    },
    [2],
  ],
  ['Raw with a named list', { id: Raw((column) => `${column} IN (:...ids)`, { ids: [1, 3] }) }, [1, 3]],
  ['Raw with an empty list', { id: Raw((column) => `${column} IN (:...ids)`, { ids: [] }) }, []],
  ['a value of Raw is data', { short: Raw((column) => `${column} = :text`, { text: "' OR 1 = 1 --" }) }, []],
  ['Raw with a fragment as value', { int: Raw((c) => `${c} = :sum`, { sum: sql`${5}` }) }, [1]],
  ['Raw on a relation', { owner: Raw((column) => sql`${column} = ${2}`) }, [2]],
];

/** Values of every type in lists that are longer than any statement takes parameters. */
const LISTS: readonly [property: string, value: unknown, other: (i: number) => unknown][] = [
  ['int', 5, (i) => i + 10],
  ['big', 9007199254740993n, (i) => BigInt(i)],
  ['short', '100%', (i) => `text ${i}`],
  ['dec', '1.5', (i) => `${i + 2}.25`],
  ['flag', true, () => true],
  ['day', '2024-02-29', (i) => `19${String(i % 100).padStart(2, '0')}-01-01`],
  ['at', new Date('2026-03-29T01:30:00.123Z'), (i) => new Date(i)],
  ['uuid', UUID.toUpperCase(), (i) => `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`],
  ['bytes', Buffer.from([0, 255]), (i) => Buffer.from([1, i % 256])],
  ['mood', 'a', () => 'b'],
  ['list', ['a', 'b'], (i) => [String(i)]],
];

const REFUSED: readonly [name: string, where: any, code: string, words: string][] = [
  ['Some on a to-one', { owner: Some({}) }, 'CONDITION_INVALID', 'relations to many'],
  ['None on a column', { int: None({}) }, 'CONDITION_INVALID', 'relations to many'],
  ['IsNull on many', { notes: IsNull() }, 'CONDITION_INVALID', 'None({})'],
  ['LessThan on a to-one', { owner: LessThan(1) }, 'CONDITION_INVALID', 'name a property'],
  ['a count that is no number', { notes: MoreThan('1') }, 'CONDITION_INVALID', 'whole number'],
  ['Like on a number', { int: Like('5') }, 'CONDITION_INVALID', 'not on integer'],
  ['a pattern that is no text', { short: Like(5 as never) }, 'CONDITION_INVALID', 'a pattern is a string'],
  ['a pattern that ends in a backslash', { short: Like('a\\') }, 'CONDITION_INVALID', 'escapeLike'],
  ['an order of enums', { mood: MoreThan('a') }, 'CONDITION_INVALID', 'in different ways'],
  ['an order of JSON', { json: Between(1, 2) }, 'CONDITION_INVALID', 'in different ways'],
  ['JsonContains on text', { short: JsonContains('x') }, 'CONDITION_INVALID', 'JSON is expected'],
  ['an operator inside JSON', { json: { a: MoreThan(1) } }, 'CONDITION_INVALID', 'JsonContains'],
  ['an operator inside a list', { int: In([MoreThan(1)]) }, 'CONDITION_INVALID', 'only Not, And and Or'],
  ['an operator inside Equal', { int: Equal(Not(1)) }, 'CONDITION_INVALID', 'only Not, And and Or'],
  ['In without a list', { int: In('12' as never) }, 'CONDITION_INVALID', 'takes a list'],
  ['In of another entity', { owner: In([tag('x')]) }, 'CONDITION_INVALID', "expected an entity of 'Owner'"],
  ['In of an entity without key', { slot: In([new Slot()]) }, 'KEY_MISSING', 'has no key'],
  ['an operator around everything that is none', IsNull(), 'OPTION_INVALID', 'only Not, And and Or'],
  ['LessThan on an embedded object', { maker: LessThan(1) }, 'CONDITION_INVALID', 'embedded object'],
  ['Equal of null', { int: Equal(null) }, 'CONDITION_MISSING', 'is null'],
  ['Equal of undefined', { int: Equal(undefined) }, 'CONDITION_MISSING', 'is undefined'],
  ['Not of undefined', { int: Not(undefined) }, 'CONDITION_MISSING', 'is undefined'],
  ['Or of null', { int: Or(1, null) }, 'CONDITION_MISSING', 'is null'],
  ['null in a list', { short: In(['x', null]) }, 'CONDITION_MISSING', 'is null'],
  ['null far into a long list', { int: In([...many((i) => i), null]) }, 'CONDITION_MISSING', 'is null'],
  ['Some of undefined', { notes: Some(undefined as never) }, 'CONDITION_MISSING', 'is undefined'],
  ['undefined inside Some', { notes: Some({ stars: undefined }) }, 'CONDITION_MISSING', 'is undefined'],
  ['null inside Not', { owner: Not({ name: null }) }, 'CONDITION_MISSING', 'is null'],
  ['undefined in an embedded object', { maker: { city: undefined } }, 'CONDITION_MISSING', 'is undefined'],
  ['undefined behind a composite key', { slot: { label: undefined } }, 'CONDITION_MISSING', 'is undefined'],
  [
    'undefined in a list of conditions',
    [{ int: 5 }, { int: undefined }],
    'CONDITION_MISSING',
    'is undefined',
  ],
  ['null in place of conditions', [{ int: 5 }, null], 'OPTION_INVALID', 'an object of conditions'],
  ['a number for text', { short: 0 }, 'VALUE_INVALID', 'expected a string'],
  ['text for a number', { int: 'abc' }, 'VALUE_INVALID', 'expected an integer'],
  ['text for a number in a list', { int: In([1, '2']) }, 'VALUE_INVALID', 'expected an integer'],
  ['a number for text in a long list', { short: In(many(() => 0)) }, 'VALUE_INVALID', 'expected a string'],
  ['text for a bigint', { big: MoreThan('1') }, 'VALUE_INVALID', 'bigint'],
  ['a number for a boolean', { flag: 1 }, 'VALUE_INVALID', 'expected a boolean'],
  ['a boolean for a number', { int: true }, 'VALUE_INVALID', 'expected an integer'],
  ['text for a Date', { at: '2024-01-01' }, 'VALUE_INVALID', 'expected a Date'],
  ['a number for a Date', { at: LessThan(0) }, 'VALUE_INVALID', 'expected a Date'],
  ['text for bytes', { bytes: 'x' }, 'VALUE_INVALID', 'expected a Buffer'],
  ['NaN', { double: Number.NaN }, 'VALUE_INVALID', 'NaN'],
  ['an object for a number', { int: { $gt: 0 } }, 'VALUE_INVALID', 'expected an integer'],
  ['an object for text', { short: { $ne: '' } }, 'VALUE_INVALID', 'expected a string'],
  ['an array for text', { short: ['a', 'b'] }, 'VALUE_INVALID', 'expected a string'],
  ['an array for a number', { int: [1] }, 'VALUE_INVALID', 'expected an integer'],
  [
    'an operator from JSON',
    { int: JSON.parse('{"kind":"isNull","operands":[]}') },
    'VALUE_INVALID',
    'expected an integer',
  ],
  [
    'an operator from JSON on a relation',
    { owner: JSON.parse('{"kind":"isNull","operands":[]}') },
    'PROPERTY_UNKNOWN',
    'kind',
  ],
  [
    'an operator from JSON around everything',
    JSON.parse('{"kind":"or","operands":[]}'),
    'PROPERTY_UNKNOWN',
    'kind',
  ],
  ['raw SQL from JSON', { int: JSON.parse('{"strings":["1 = 1"],"values":[]}') }, 'VALUE_INVALID', 'integer'],
  ['Raw of text', { int: Raw('1' as never) }, 'CONDITION_INVALID', 'Raw(sql`1`)'],
  [
    'a name in Raw without a value',
    { int: Raw((c) => `${c} > :mim`, { min: 1 }) },
    'CONDITION_INVALID',
    "':mim' has no value; did you mean ':min'",
  ],
  [
    'a name in Raw that every object has',
    { int: Raw((c) => `${c} > :toString`, {}) },
    'CONDITION_INVALID',
    'has no value',
  ],
  [
    'a value of Raw that nothing names',
    { int: Raw((c) => `${c} > :min`, { min: 1, max: 2 }) },
    'CONDITION_INVALID',
    "no ':max'",
  ],
  [
    'a name in quotes names nothing',
    { short: Raw((c) => `${c} = ':min'`, { min: 1 }) },
    'CONDITION_INVALID',
    "no ':min'",
  ],
  [
    'one value for a list in Raw',
    { int: Raw((c) => `${c} IN (:...ids)`, { ids: 5 }) },
    'CONDITION_INVALID',
    'takes a list',
  ],
  [
    'undefined for a name in Raw',
    { int: Raw((c) => `${c} = :min`, { min: undefined }) },
    'VALUE_INVALID',
    'undefined',
  ],
  ['values of Raw in a list', { int: Raw((c) => `${c} = :min`, [1] as never) }, 'CONDITION_INVALID', 'names'],
  [
    'values beside a fragment',
    { int: Raw((() => sql`1 = 1`) as never, { min: 1 }) },
    'CONDITION_INVALID',
    'belong to text',
  ],
  [
    'Raw of a function that returns nothing',
    { int: Raw((() => undefined) as never) },
    'CONDITION_INVALID',
    'returns',
  ],
  ['__proto__', JSON.parse('{"__proto__":{"int":5}}'), 'PROPERTY_UNKNOWN', '__proto__'],
  ['__proto__ in a relation', { owner: JSON.parse('{"__proto__":1}') }, 'PROPERTY_UNKNOWN', '__proto__'],
  [
    '__proto__ in an embedded object',
    { maker: JSON.parse('{"__proto__":1}') },
    'PROPERTY_UNKNOWN',
    '__proto__',
  ],
  ['constructor', { constructor: 1 }, 'PROPERTY_UNKNOWN', 'constructor'],
  ['toString', { toString: 'x' }, 'PROPERTY_UNKNOWN', 'toString'],
  [
    'an unknown operator',
    {
      int: Object.assign(Object.create(null), {
        kind: 'sql',
        operands: ['1'],
        [Symbol.for('limbeck.operator')]: true,
      }),
    },
    'CONDITION_INVALID',
    'no operator',
  ],
];

/** Criteria of a write that say nothing, however they say it. */
const EVERYTHING: readonly [name: string, criteria: any][] = [
  ['{}', {}],
  ['[]', []],
  ['an empty one of several', [{ int: 5 }, {}]],
  ['an empty to-one', { owner: {} }],
  ['an empty to-many', { notes: {} }],
  ['an empty embedded object', { maker: {} }],
  ['Not In of nothing', { id: Not(In([])) }],
  ['Not Any of nothing', { id: Not(Any([])) }],
  ['And of nothing', { id: And() }],
  ['And of nothing around everything', And()],
  ['Not Or of nothing', { id: Not(Or()) }],
  ['Or with everything', { id: Or(5, Not(In([]))) }],
  ['Not of nothing around everything', Not([])],
  ['every member of nothing asked', { notes: Every({}) }],
  ['no member of those that cannot be', { notes: None({ id: In([]) }) }],
  ['inherited conditions', Object.create({ int: 5 })],
];

describe.each(testDatabases())('on %s', (kind: DatabaseKind) => {
  let database: TestDatabase;
  let source: DataSource;
  let log: string[] = [];
  beforeAll(async () => {
    database = await createDatabase(kind);
    source = await new DataSource({
      url: database.url,
      entities,
      logger: (entry) => {
        if (entry.kind === 'query') log.push(entry.sql);
      },
    }).initialize();
    await source.createSchema();
    await fillThings(source);
  });
  afterAll(async () => {
    await source.destroy();
    await database.drop();
  });

  const ids = async (where: unknown, options: object = {}): Promise<number[]> => {
    const found = await source
      .getRepository(Thing)
      .find({ where: where as never, order: { id: 'asc' }, ...options });
    return found.map(({ id }) => id);
  };

  test.each(CASES)('%s', async (_, where, expected) => {
    // Twice: compiled, and from what was compiled.
    for (let round = 0; round < 2; round++) {
      expect(await ids(where)).toEqual(expected);
      expect(await source.getRepository(Thing).countBy(where)).toBe(expected.length);
    }
  });

  test('members that were soft-deleted are there with withDeleted', async () => {
    expect(await ids({ notes: { text: 'gone' } }, { withDeleted: true })).toEqual([1]);
    expect(await ids({ notes: MoreThan(2) }, { withDeleted: true })).toEqual([1]);
    expect(await ids({ notes: Every({ stars: MoreThan(2) }) }, { withDeleted: true })).toEqual([3]);
    expect(await ids({ notes: { text: 'gone' } })).toEqual([]);
  });

  test.each(LISTS)(
    'a list of very many values of %s, also inside Not and Or',
    async (property, value, other) => {
      const others = many(other, property === 'int' || property === 'short' ? MANY : 2_000);
      expect(await ids({ [property]: In([...others, value]) })).toEqual([1]);
      expect(await ids({ [property]: Any([...others, value]) })).toEqual([1]);
      if (property === 'flag') return;
      expect(await ids({ [property]: In(others) })).toEqual([]);
      expect(await ids({ id: 1, [property]: Not(In(others)) })).toEqual([1]);
      expect(await ids({ id: 1, [property]: Not(In([...others, value])) })).toEqual([]);
      expect(
        await ids({ id: Or(3, In(many((i) => i + 100))), [property]: Or(IsNull(), In(others)) }),
      ).toEqual(property === 'short' ? [] : [3]);
    },
  );

  test.each(REFUSED)('%s is refused before anything is sent', async (_, where, code, words) => {
    log = [];
    const failure = await source
      .getRepository(Thing)
      .find({ where })
      .catch((cause: unknown) => cause);
    expect(failure).toMatchObject({ code, message: expect.stringContaining(words) });
    expect(log).toEqual([]);
  });

  test.each(EVERYTHING)('criteria that say nothing delete and update nothing: %s', async (_, criteria) => {
    const things = source.getRepository(Thing);
    log = [];
    for (const write of [() => things.delete(criteria), () => things.update(criteria, { int: 1 })]) {
      const failure = await (async () => write())().catch((cause: unknown) => cause);
      expect(failure).toMatchObject({ code: 'CRITERIA_EMPTY' });
    }
    expect(log).toEqual([]);
  });

  test('criteria that can be meant are written', async () => {
    const things = source.getRepository(Thing);
    await things.insert([{ id: 90 }, { id: 91 }, { id: 92, parent: { id: 90 } as never }]);
    expect(await things.update({ id: In([90, 91]), notes: None({}) }, { int: 1 })).toEqual({ affected: 2 });
    expect(await things.delete({ id: MoreThan(90), parent: IsNull() })).toEqual({ affected: 1 });
    expect(await things.delete({ id: MoreThan(80), children: None({}) })).toEqual({ affected: 1 });
    expect(await things.delete({ id: In([]) })).toEqual({ affected: 0 });
    expect(await things.delete({ id: MoreThan(80) })).toEqual({ affected: 1 });
    expect(await ids({})).toEqual([1, 2, 3]);
  });

  test('what a prototype holds is no condition', async () => {
    const where = Object.assign(Object.create({ int: 7 }), { id: 1, maker: Object.create({ city: 'x' }) });
    expect(await ids(where)).toEqual([1]);
  });

  test('a condition never multiplies rows, and is one statement', async () => {
    log = [];
    const where = { tags: Some({}), notes: Some({}), children: Or(Some({}), None({})) };
    expect(await ids(where)).toEqual([1, 2]);
    expect(log).toHaveLength(1);
    expect(log[0]).toMatch(/ FROM ["`]things["`] WHERE /);
    expect(log[0]?.match(/EXISTS \(/g)).toHaveLength(4);
  });

  test('the case of a pattern is the rule of the database, of ILike it is none', async () => {
    const matters = { sqlite: false, postgres: true, mysql: false }[kind];
    expect(await ids({ maker: { city: Like('oslo') } })).toEqual(matters ? [] : [1]);
    expect(await ids({ maker: { city: ILike('oslo') } })).toEqual([1]);
  });

  test('case and blanks at the end matter to = as the collation says', async () => {
    // MariaDB's default collation (utf8mb4_general_ci) knows neither; a column may say otherwise.
    const matters = kind !== 'mysql';
    expect(await ids({ short: '100% ' })).toEqual(matters ? [] : [1]);
    expect(await ids({ maker: { city: 'OSLO' } })).toEqual(matters ? [] : [1]);
  });
});

/** The WHERE clause of each dialect for a sample of conditions, in double quotes everywhere. */
const TEXTS: readonly [name: string, where: any, sqlite: string, postgres?: string, mysql?: string][] = [
  ['a value', { int: 5 }, '"things"."int" = ?', '"things"."int" = $1'],
  ['a list', { int: In([1, 2, 3]) }, '"things"."int" IN (?, ?, ?, ?)', '"things"."int" IN ($1, $2, $3, $4)'],
  ['Any', { int: Any([1, 2, 3]) }, '"things"."int" IN (?, ?, ?, ?)', '"things"."int" = ANY($1)'],
  [
    'a long list',
    { int: Not(In(many((i) => i))) },
    'NOT ("things"."int" IN (SELECT value FROM json_each(?)))',
    'NOT ("things"."int" = ANY($1))',
    `NOT ("things"."int" IN (SELECT _list.v FROM JSON_TABLE(?, '$[*]' COLUMNS (v BIGINT PATH '$')) AS _list))`,
  ],
  [
    'a pattern',
    { short: Or(Like('a'), ILike('b')) },
    `(("things"."short" LIKE ? ESCAPE '\\') OR ("things"."short" LIKE ? ESCAPE '\\'))`,
    '(("things"."short" LIKE $1) OR ("things"."short" ILIKE $2))',
    '(("things"."short" LIKE ?) OR (LOWER("things"."short") LIKE LOWER(?)))',
  ],
  [
    'a to-one',
    { owner: { name: 'x' } },
    '"things"."owner_id" IN (SELECT "_1"."id" FROM "owners" AS "_1" WHERE "_1"."name" = ?)',
    '"things"."owner_id" IN (SELECT "_1"."id" FROM "owners" AS "_1" WHERE "_1"."name" = $1)',
  ],
  ['the key of a to-one', { owner: { id: 1n } }, '"things"."owner_id" = ?', '"things"."owner_id" = $1'],
  [
    'every member',
    { notes: Every({ stars: 5 }) },
    'NOT EXISTS (SELECT 1 FROM "notes" AS "_1" WHERE "_1"."thing_id" = "things"."id" AND ("_1"."stars" = ?) IS NOT TRUE AND "_1"."deleted_at" IS NULL)',
    'NOT EXISTS (SELECT 1 FROM "notes" AS "_1" WHERE "_1"."thing_id" = "things"."id" AND ("_1"."stars" = $1) IS NOT TRUE AND "_1"."deleted_at" IS NULL)',
  ],
  [
    'composite keys',
    { slot: In([slot(1, 'a'), slot(1, 'b')]) },
    '("things"."slot_line", "things"."slot_place") IN (VALUES (?, ?), (?, ?))',
    '("things"."slot_line", "things"."slot_place") IN (($1, $2), ($3, $4))',
    '(("things"."slot_line" = ? AND "things"."slot_place" = ?) OR ("things"."slot_line" = ? AND "things"."slot_place" = ?))',
  ],
  [
    'JSON',
    { json: JsonContains({ a: 1 }) },
    'limbeck_json_contains("things"."json", ?)',
    '"things"."json" @> $1',
    'JSON_CONTAINS("things"."json", ?)',
  ],
];

describe.each(testDatabases())('the SQL on %s', (kind) => {
  test.each(TEXTS)('of %s', async (_, where, sqlite, postgres = sqlite, mysql = sqlite) => {
    const database = await createDatabase(kind);
    let text = '';
    const source = await new DataSource({
      url: database.url,
      entities,
      logger: (entry) => {
        if (entry.kind === 'query') text = entry.sql;
      },
    }).initialize();
    try {
      await source.createSchema();
      await source.getRepository(Thing).findBy(where);
      const found = text.slice(text.indexOf(' WHERE ') + 7).replaceAll('`', '"');
      expect(found).toBe({ sqlite, postgres, mysql }[kind]);
    } finally {
      await source.destroy();
      await database.drop();
    }
  });
});

@Entity('odd_names')
class OddNames {
  @PrimaryColumn('integer', { name: 'constructor' }) id!: number;
  @Column('json', { name: '__proto__', nullable: true }) proto!: unknown;
}

test.each(testDatabases())(
  'columns called __proto__ and constructor on %s change no prototype',
  async (kind) => {
    const database = await createDatabase(kind);
    const source = await new DataSource({ url: database.url, entities: [OddNames] }).initialize();
    try {
      await source.createSchema();
      const odd = source.getRepository(OddNames);
      await odd.insert({ id: 1, proto: { polluted: true } });
      const [found] = await odd.find({ where: { proto: { polluted: true } } });
      expect(found).toBeInstanceOf(OddNames);
      expect({ ...found }).toEqual({ id: 1, proto: { polluted: true } });
      expect((found as { polluted?: unknown } | undefined)?.polluted).toBeUndefined();
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    } finally {
      await source.destroy();
      await database.drop();
    }
  },
);

@Entity('lists')
class Lists {
  @PrimaryColumn('integer') id!: number;
  @Column('integer', { array: true, nullable: true }) numbers!: number[] | null;
  @Column('text', { array: true, nullable: true }) words!: string[] | null;
}

(testDatabases().includes('postgres') ? test : test.skip)('arrays of PostgreSQL', async () => {
  const database = await createDatabase('postgres');
  const source = await new DataSource({ url: database.url, entities: [Lists] }).initialize();
  try {
    await source.createSchema();
    const lists = source.getRepository(Lists);
    await lists.insert([
      { id: 1, numbers: [1, 2, 3], words: ['a', 'b"c'] },
      { id: 2, numbers: [], words: ['x'] },
      { id: 3, numbers: null, words: null },
    ]);
    const ids = async (where: never): Promise<number[]> =>
      (await lists.find({ where, order: { id: 'asc' } })).map(({ id }) => id);
    expect(await ids({ numbers: ArrayContains([1, 3]) } as never)).toEqual([1]);
    expect(await ids({ numbers: ArrayContains([]) } as never)).toEqual([1, 2]);
    expect(await ids({ numbers: ArrayContainedBy([1, 2, 3, 4]) } as never)).toEqual([1, 2]);
    expect(await ids({ numbers: ArrayOverlap([3, 9]) } as never)).toEqual([1]);
    expect(await ids({ words: ArrayContains(['b"c']) } as never)).toEqual([1]);
    expect(await ids({ words: Not(ArrayOverlap(['a'])) } as never)).toEqual([2]);
    expect(await ids({ numbers: [1, 2, 3] } as never)).toEqual([1]);
    expect(await ids({ numbers: In([[], [1, 2, 3]]) } as never)).toEqual([1, 2]);
    await expect(ids({ numbers: ArrayContains(['1']) } as never)).rejects.toMatchObject({
      code: 'VALUE_INVALID',
    });
    await expect(ids({ id: ArrayContains([1]) } as never)).rejects.toMatchObject({
      code: 'CONDITION_INVALID',
    });
  } finally {
    await source.destroy();
    await database.drop();
  }
});
