import { compact, deepEqual, freeze } from '../../src/base/structure';

const proto = JSON.parse('{"__proto__": 1}') as object;

test.each<[a: unknown, b: unknown]>([
  [1, 1],
  [Number.NaN, Number.NaN],
  [null, null],
  [[], []],
  [{}, {}],
  [{ a: undefined }, {}],
  [
    { a: 1, b: [{ c: 'x' }] },
    { b: [{ c: 'x' }], a: 1 },
  ],
  [proto, JSON.parse('{"__proto__": 1}')],
])('%j equals %j', (a, b) => {
  expect(deepEqual(a, b)).toBe(true);
  expect(deepEqual(b, a)).toBe(true);
});

test.each<[a: unknown, b: unknown]>([
  [1, '1'],
  [0, false],
  [null, undefined],
  [null, {}],
  [[], {}],
  [[1], [1, 2]],
  [
    [1, 2],
    [2, 1],
  ],
  [{ a: 1 }, { b: 1 }],
  [{ a: null }, {}],
  [proto, {}],
  [{ toString: 1 }, {}],
  [{ constructor: 1 }, { toString: 1 }],
])('%j does not equal %j', (a, b) => {
  expect(deepEqual(a, b)).toBe(false);
  expect(deepEqual(b, a)).toBe(false);
});

test('freezing goes all the way down and gives back the same value', () => {
  const value = { a: [{ b: 1 }] };
  expect(freeze(value)).toBe(value);
  expect(Object.isFrozen(value.a[0])).toBe(true);
  expect(freeze(1)).toBe(1);
});

test('compacting leaves out what is undefined and nothing else', () => {
  const whole = compact({ a: undefined, b: null, c: 0, d: '' });
  expect(Object.keys(whole)).toEqual(['b', 'c', 'd']);
  expect(Object.keys(compact(proto))).toEqual(['__proto__']);
});
