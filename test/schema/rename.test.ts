import fc from 'fast-check';
import { apply } from '../../src/schema/apply';
import type { ColumnType, Schema } from '../../src/schema/model';
import { sameSchema } from '../../src/schema/normalize';
import {
  applyRenames,
  checkRenames,
  type Rename,
  renameCandidates,
  renameOperation,
  typeFamily,
} from '../../src/schema/rename';
import { reverse } from '../../src/schema/reverse';
import { column, errorOf, key, pk, schema, table } from './schemas';

const typed = (name: string, kind: string): ReturnType<typeof column> =>
  column(name, { type: { kind } as ColumnType });

describe('candidates', () => {
  test('a dropped column for every added one of its table and type family, whatever its name', () => {
    const a = schema([
      table('t', ['id', typed('summary', 'varchar'), typed('pages', 'integer')]),
      table('u', [typed('x', 'text'), 'id']),
    ]);
    const b = schema([
      table('t', [
        'id',
        typed('description', 'text'),
        typed('zzz', 'uuid'),
        typed('size', 'decimal'),
        typed('when', 'date'),
      ]),
      table('u', ['id', 'y']),
    ]);
    expect(renameCandidates(a, b)).toEqual([
      { kind: 'column', table: 't', name: 'summary', to: ['description', 'zzz'] },
      { kind: 'column', table: 't', name: 'pages', to: ['size'] },
    ]);
  });

  test('a dropped column of another family, and an added column alone, are none', () => {
    const a = schema([table('t', ['id', typed('x', 'json')])]);
    const b = schema([table('t', ['id', typed('y', 'text')])]);
    expect(renameCandidates(a, b)).toEqual([]);
    expect(renameCandidates(schema([table('t', ['id'])]), b)).toEqual([]);
    expect(renameCandidates(b, schema([table('t', ['id'])]))).toEqual([]);
  });

  test.each<[shared: string, columns: string[], is: boolean]>([
    ['all', ['a', 'b', 'c', 'd'], true],
    ['half', ['a', 'b', 'x', 'y', 'z'], true],
    ['less than half', ['a', 'x', 'y', 'z'], false],
    ['none', ['x'], false],
  ])('a dropped table for an added one with %s of its columns', (_, columns, is) => {
    const a = schema([table('old', ['a', 'b', 'c', 'd'])]);
    const b = schema([table('new', columns), table('other', ['q'])]);
    expect(renameCandidates(a, b)).toEqual(is ? [{ kind: 'table', name: 'old', to: ['new'] }] : []);
  });

  test('a dropped table for several, never for one that was there', () => {
    const a = schema([table('old', ['a']), table('stays', ['a'])]);
    const b = schema([table('new1', ['a']), table('new2', ['a', 'b']), table('stays', ['a'])]);
    expect(renameCandidates(a, b)).toEqual([{ kind: 'table', name: 'old', to: ['new1', 'new2'] }]);
  });

  test('an enum value for every added one of that enum', () => {
    const a = schema([], {
      enums: [
        { name: 'e', values: ['a', 'b', 'c'] },
        { name: 'f', values: ['x'] },
      ],
    });
    const b = schema([], {
      enums: [
        { name: 'e', values: ['c', 'd', 'e'] },
        { name: 'f', values: ['x', 'd'] },
      ],
    });
    expect(renameCandidates(a, b)).toEqual([
      { kind: 'enumValue', enum: 'e', name: 'a', to: ['d', 'e'] },
      { kind: 'enumValue', enum: 'e', name: 'b', to: ['d', 'e'] },
    ]);
  });

  test.each<[family: string, types: ColumnType[]]>([
    [
      'number',
      [
        ...(['smallint', 'integer', 'bigint', 'real', 'double', 'boolean'] as const).map((kind) => ({
          kind,
        })),
        { kind: 'decimal', precision: 5 },
      ],
    ],
    [
      'text',
      [
        { kind: 'char' },
        { kind: 'varchar', length: 5 },
        { kind: 'text' },
        { kind: 'uuid' },
        { kind: 'enum', name: 'e' },
        { kind: 'simple-array' },
      ],
    ],
    [
      'time',
      [{ kind: 'date' }, { kind: 'time' }, { kind: 'timestamp', precision: 3 }, { kind: 'timestamptz' }],
    ],
    ['json', [{ kind: 'json' }]],
    ['blob', [{ kind: 'blob' }]],
    [
      'array of number',
      [
        { kind: 'array', of: { kind: 'integer' } },
        { kind: 'array', of: { kind: 'bigint' } },
      ],
    ],
    ['native tsvector', [{ kind: 'native', sql: { postgres: 'TSVECTOR' } }]],
    ['native text', [{ kind: 'native', sql: { postgres: 'tsvector', default: 'text' } }]],
  ])('the family %s', (family, types) => {
    for (const type of types) expect(typeFamily(type)).toBe(family);
  });
});

describe('applying renames', () => {
  const t = (name: string, to: string): Rename => ({ kind: 'table', name, to });
  const c = (name: string, to: string, of = 't'): Rename => ({ kind: 'column', table: of, name, to });
  const v = (name: string, to: string): Rename => ({ kind: 'enumValue', enum: 'e', name, to });
  const start: Schema = schema(
    [
      table('t', ['a', 'b', 'c', 'a_moving'], {
        ...pk('a'),
        checks: [{ name: 'ck', expression: 'a < b OR c > 0' }],
      }),
      table('u', ['x'], { foreignKeys: [key('x', 't', 'a')] }),
    ],
    { enums: [{ name: 'e', values: ['a', 'b', 'c'] }] },
  );
  const columns = (after: Schema, name = 't'): string[] =>
    after.tables.find((each) => each.name === name)?.columns.map((each) => each.name) ?? [];

  test.each<[what: string, renames: Rename[], after: string[], steps: number]>([
    ['nothing', [], ['a', 'b', 'c', 'a_moving'], 0],
    ['one', [c('a', 'z')], ['z', 'b', 'c', 'a_moving'], 1],
    ['a chain', [c('a', 'b'), c('b', 'c'), c('c', 'd')], ['b', 'c', 'd', 'a_moving'], 3],
    ['a swap', [c('a', 'b'), c('b', 'a')], ['b', 'a', 'c', 'a_moving'], 3],
    ['a circle', [c('a', 'b'), c('b', 'c'), c('c', 'a')], ['b', 'c', 'a', 'a_moving'], 4],
    ['a swap whose resting place is taken', [c('b', 'a'), c('a', 'b')], ['b', 'a', 'c', 'a_moving'], 3],
    ['a name to itself', [c('a', 'a')], ['a', 'b', 'c', 'a_moving'], 0],
  ])('of columns: %s', (_, renames, after, steps) => {
    const { operations, schema: now } = applyRenames(start, renames);
    expect(columns(now)).toEqual(after);
    expect(operations).toHaveLength(steps);
    expect(sameSchema(now, apply(start, operations))).toBe(true);
    expect(sameSchema(apply(now, reverse(start, operations)), start)).toBe(true);
  });

  test('what stands on a column goes along', () => {
    const { schema: now } = applyRenames(start, [c('a', 'b'), c('b', 'a')]);
    const [first, second] = now.tables;
    expect(first?.checks[0]?.expression).toBe('b < a OR c > 0');
    expect(first?.primaryKey?.columns).toEqual(['b']);
    expect(second?.foreignKeys[0]?.refColumns).toEqual(['b']);
  });

  test('of tables, then columns under their new names', () => {
    const { operations, schema: now } = applyRenames(start, [c('a', 'z', 'u'), t('t', 'u'), t('u', 't')]);
    expect(columns(now, 'u')).toEqual(['z', 'b', 'c', 'a_moving']);
    expect(columns(now, 't')).toEqual(['x']);
    expect(now.tables.find(({ name }) => name === 't')?.foreignKeys[0]).toMatchObject({
      refTable: 'u',
      refColumns: ['z'],
    });
    expect(operations.map(({ kind }) => kind)).toEqual([
      'renameTable',
      'renameTable',
      'renameTable',
      'renameColumn',
    ]);
  });

  test('of enum values', () => {
    expect(applyRenames(start, [v('a', 'b'), v('b', 'c'), v('c', 'a')]).schema.enums[0]?.values).toEqual([
      'b',
      'c',
      'a',
    ]);
  });

  test('a resting place fits the shortest limit of all databases', () => {
    const long = 'x'.repeat(63);
    const before = schema([table('t', [long, 'y'])]);
    const { operations } = applyRenames(before, [c('y', long), c(long, 'y')]);
    for (const op of operations) expect('to' in op && Buffer.byteLength(op.to)).toBeLessThanOrEqual(63);
  });

  test('any permutation of names is carried out', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const before = schema([
      table(
        't',
        names.map((name, i) => column(name, { comment: String(i) })),
      ),
    ]);
    const permutation = fc.shuffledSubarray(names, { minLength: names.length });
    const property = fc.property(permutation, fc.shuffledSubarray(names), (goals, moved) => {
      const sorted = [...moved].sort();
      const to = sorted.map((name) => name).sort((x, y) => goals.indexOf(x) - goals.indexOf(y));
      const renames = moved.map((name) => c(name, to[sorted.indexOf(name)] as string));
      const { schema: now } = applyRenames(before, renames);
      expect(columns(now)).toEqual(
        names.map((name) => renames.find((each) => 'table' in each && each.name === name)?.to ?? name),
      );
      expect(now.tables[0]?.columns.map((each) => each.comment)).toEqual(['0', '1', '2', '3', '4', '5']);
    });
    fc.assert(property, { numRuns: 300 });
  });

  test.each<[rename: Rename, code: string]>([
    [t('nowhere', 'x'), 'SCHEMA_OBJECT_MISSING'],
    [t('t', 'u'), 'SCHEMA_OBJECT_EXISTS'],
    [c('nothing', 'x'), 'SCHEMA_OBJECT_MISSING'],
    [c('a', 'b'), 'SCHEMA_OBJECT_EXISTS'],
    [c('a', 'b', 'nowhere'), 'SCHEMA_OBJECT_MISSING'],
    [v('x', 'y'), 'SCHEMA_OBJECT_MISSING'],
    [v('a', 'b'), 'SCHEMA_OBJECT_EXISTS'],
  ])('%j that does not fit is refused', (rename, code) => {
    expect(errorOf(() => applyRenames(start, [rename])).code).toBe(code);
  });

  test.each<[renames: Rename[], message: string | undefined]>([
    [[t('a', 'x'), t('b', 'x')], "table 'x': two things are renamed to it."],
    [[t('a', 'x'), t('a', 'y')], "table 'a': it is renamed twice."],
    [[c('a', 'x'), c('b', 'x')], "column 'x': two things are renamed to it."],
    [[v('a', 'x'), v('a', 'y')], "enumValue 'a': it is renamed twice."],
    [[c('a', 'x'), c('a', 'x', 'u'), t('a', 'x'), v('a', 'x')], undefined],
    [[c('a', 'b'), c('b', 'a')], undefined],
  ])('%j: %s', (renames, message) => {
    if (message === undefined) return expect(checkRenames(renames)).toBeUndefined();
    const thrown = errorOf(() => checkRenames(renames));
    expect([thrown.code, thrown.message]).toEqual(['SCHEMA_INVALID', message]);
  });

  test('a rename as an operation', () => {
    expect([t('a', 'b'), c('a', 'b'), v('__proto__', 'b')].map(renameOperation)).toEqual([
      { kind: 'renameTable', table: 'a', to: 'b' },
      { kind: 'renameColumn', table: 't', name: 'a', to: 'b' },
      { kind: 'alterEnum', name: 'e', rename: Object.fromEntries([['__proto__', 'b']]) },
    ]);
  });
});
