/** base/graph.ts: the algorithms by themselves. */

import {
  findCycles,
  invertEdges,
  reachableFrom,
  stronglyConnected,
  topologicalSort,
} from '../../../src/base/graph.js';

/** `'a: b c'`: a needs b and c. */
const edgesOf = (...texts: string[]): [string[], (key: string) => string[]] => {
  const map = new Map(
    texts.map((text) => [text.split(':')[0] as string, text.split(/[: ]+/).slice(1).filter(Boolean)]),
  );
  return [[...map.keys()], (key) => map.get(key) ?? []];
};

describe('a topological sort', () => {
  test.each([
    ['keeps the order where nothing speaks against it', ['c', 'a', 'b'], 'c a b'],
    ['puts what is needed first', ['a: b', 'b: c', 'c'], 'c b a'],
    ['puts a shared need once', ['a: c', 'b: c', 'c', 'd'], 'c a b d'],
    ['skips needs that are not among the keys', ['a: x', 'b'], 'a b'],
    ['sorts a cycle as well as can be', ['a: b', 'b: a', 'c: b'], 'b a c'],
    ['bears a key that needs itself', ['a: a', 'b: a'], 'a b'],
    ['bears nothing', [], ''],
  ])('%s', (_, texts, sorted) => {
    const [keys, needs] = edgesOf(...texts);
    expect(topologicalSort(keys, needs).join(' ')).toBe(sorted);
  });

  test('does not recurse', () => {
    const keys = Array.from({ length: 100_000 }, (_, index) => String(index));
    const sorted = topologicalSort(keys, (key) => [String(Number(key) + 1)]);
    expect([sorted[0], sorted.length]).toEqual(['99999', 100_000]);
  });
});

describe('strongly connected components', () => {
  test.each([
    ['of a graph without cycles are its keys, what is needed first', ['a: b', 'b: c', 'c'], 'c|b|a'],
    ['hold what runs in a circle, in input order', ['x: c', 'a: b', 'b: c', 'c: a'], 'a b c|x'],
    ['part two circles', ['a: b', 'b: a', 'c: d b', 'd: c'], 'a b|c d'],
    ['join circles that touch', ['a: b', 'b: a c', 'c: b'], 'a b c'],
    ['skip what is not there', ['a: x'], 'a'],
  ])('%s', (_, texts, components) => {
    const [keys, needs] = edgesOf(...texts);
    expect(
      stronglyConnected(keys, needs)
        .map((each) => each.join(' '))
        .join('|'),
    ).toBe(components);
  });

  test('do not recurse', () => {
    const keys = Array.from({ length: 100_000 }, (_, index) => String(index));
    expect(stronglyConnected(keys, (key) => [String((Number(key) + 1) % 100_000)])).toHaveLength(1);
  });
});

test('cycles are circles of several and keys that need themselves', () => {
  const [keys, needs] = edgesOf('a: a', 'b: c', 'c: b', 'd: a');
  expect(findCycles(keys, needs)).toEqual([['a'], ['b', 'c']]);
});

test('what is reached includes the starts and stops where it may not enter', () => {
  const [, edges] = edgesOf('a: b', 'b: c d', 'c', 'd');
  expect([...reachableFrom(['b'], edges)].sort()).toEqual(['b', 'c', 'd']);
  expect([...reachableFrom(['a'], edges, (key) => key !== 'b')]).toEqual(['a']);
  expect([...reachableFrom([], edges)]).toEqual([]);
});

test('inverted edges lead back', () => {
  const [keys, edges] = edgesOf('a: c', 'b: c x', 'c');
  expect([...invertEdges(keys, edges)]).toEqual([
    ['a', []],
    ['b', []],
    ['c', ['a', 'b']],
  ]);
});
