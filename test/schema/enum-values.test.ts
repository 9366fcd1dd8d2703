import { apply } from '../../src/schema/apply';
import { diff } from '../../src/schema/diff';
import type { Operation } from '../../src/schema/operations';
import { reverse } from '../../src/schema/reverse';
import { errorOf, schema } from './schemas';

type Edit = Omit<Extract<Operation, { kind: 'alterEnum' }>, 'kind' | 'name'>;

const withValues = (...values: string[]): ReturnType<typeof schema> =>
  schema([], { enums: [{ name: 'e', values }] });
const edit = (parts: Edit): Operation => ({ kind: 'alterEnum', name: 'e', ...parts });

test.each<[before: string, parts: Edit, after: string]>([
  ['a b', {}, 'a b'],
  ['a b', { add: [{ value: 'c' }] }, 'a b c'],
  ['a b', { add: [{ value: 'c', before: 'b' }] }, 'a c b'],
  [
    'a b',
    {
      add: [
        { value: 'c', before: 'a' },
        { value: 'd', before: 'c' },
      ],
    },
    'd c a b',
  ],
  ['a b c', { remove: ['b'] }, 'a c'],
  ['a b c', { remove: ['c', 'a', 'b'] }, ''],
  ['a b', { rename: { a: 'x' } }, 'x b'],
  ['a b', { rename: { a: 'b', b: 'a' } }, 'b a'],
  ['a b c', { rename: { a: 'b', b: 'c', c: 'a' } }, 'b c a'],
  ['2 1 x', { rename: { 1: '2', 2: '3' } }, '3 2 x'],
  ['a b', { rename: { a: 'x' }, remove: ['x'] }, 'b'],
  ['a b', { rename: { a: 'x' }, add: [{ value: 'a' }] }, 'x b a'],
  ['a b', { rename: { a: 'x' }, remove: ['x'], add: [{ value: 'a' }] }, 'b a'],
  ['a b', { remove: ['a'], add: [{ value: 'a' }] }, 'b a'],
  ['a b c', { order: ['c', 'a', 'b'] }, 'c a b'],
  ['a b', { add: [{ value: 'c' }], order: ['c', 'b', 'a'] }, 'c b a'],
  [
    'a b c',
    { rename: { b: 'x' }, remove: ['a'], add: [{ value: 'b', before: 'c' }], order: ['b', 'c', 'x'] },
    'b c x',
  ],
  ['__proto__ b', { rename: Object.fromEntries([['__proto__', 'constructor']]) }, 'constructor b'],
])('%s altered by %j is %s, and back again', (before, parts, after) => {
  const split = (text: string): string[] => text.split(' ').filter(Boolean);
  const start = withValues(...split(before));
  const there = apply(start, [edit(parts)]);
  expect(there.enums[0]?.values).toEqual(split(after));
  expect(apply(there, reverse(start, [edit(parts)]))).toEqual(start);
});

test.each<[parts: Edit, code: string, message: string]>([
  [{ rename: { x: 'y' } }, 'SCHEMA_OBJECT_MISSING', "alterEnum: there is no value of enum 'e' 'x'."],
  [{ remove: ['x'] }, 'SCHEMA_OBJECT_MISSING', "alterEnum: there is no value of enum 'e' 'x'."],
  [{ remove: ['a', 'a'] }, 'SCHEMA_OBJECT_MISSING', "alterEnum: there is no value of enum 'e' 'a'."],
  [
    { rename: { a: 'c' }, remove: ['a'] },
    'SCHEMA_OBJECT_MISSING',
    "alterEnum: there is no value of enum 'e' 'a'.",
  ],
  [
    { add: [{ value: 'c', before: 'x' }] },
    'SCHEMA_OBJECT_MISSING',
    "alterEnum: there is no value of enum 'e' 'x'.",
  ],
  [{ rename: { a: 'b' } }, 'SCHEMA_OBJECT_EXISTS', "alterEnum: value of enum 'e' 'b' exists already."],
  [
    { rename: { a: 'x', b: 'x' } },
    'SCHEMA_OBJECT_EXISTS',
    "alterEnum: value of enum 'e' 'x' exists already.",
  ],
  [{ add: [{ value: 'a' }] }, 'SCHEMA_OBJECT_EXISTS', "alterEnum: value of enum 'e' 'a' exists already."],
  [{ order: ['a'] }, 'SCHEMA_INVALID', "enum 'e': the order must name each of its values once (a, b)."],
  [
    { order: ['a', 'b', 'b'] },
    'SCHEMA_INVALID',
    "enum 'e': the order must name each of its values once (a, b).",
  ],
  [{ order: ['a', 'c'] }, 'SCHEMA_INVALID', "enum 'e': the order must name each of its values once (a, b)."],
])('a wrong edit %j', (parts, code, message) => {
  const thrown = errorOf(() => apply(withValues('a', 'b'), [edit(parts)]));
  expect([thrown.code, thrown.message]).toEqual([code, message]);
});

test.each<[from: string, to: string, operations: number]>([
  ['a b', 'a b', 0],
  ['a b', 'a b c', 1],
  ['a b', 'c a d b e', 1],
  ['a b c', 'c', 1],
  ['a b c', 'c b a', 1],
  ['a b', 'b x', 2],
  ['a b c d', 'x d y b', 2],
  ['a', 'b', 2],
])('the difference between %s and %s is %i operations', (from, to, count) => {
  const a = withValues(...from.split(' '));
  const b = withValues(...to.split(' '));
  const operations = diff(a, b);
  expect(operations).toHaveLength(count);
  expect(apply(a, operations)).toEqual(b);
  expect(apply(b, reverse(a, operations))).toEqual(a);
});
