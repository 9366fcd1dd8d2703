/** What the listing commands show: which revisions, in which order, in which words. */

import {
  branchBlock,
  currentLine,
  headLine,
  historyLine,
  verboseBlock,
} from '../../../src/migration/history/describe.js';
import { RevisionGraph } from '../../../src/migration/history/graph.js';
import { rangeNeedsDatabase, selectHistory } from '../../../src/migration/history/range.js';
import { revisionFrom } from '../../../src/migration/history/revision.js';
import { errorOf, graphOf } from './build.js';
import * as g from './graphs.js';

const words = (text: string): string[] => text.split(' ').filter(Boolean);

describe('history selects', () => {
  const cases: Record<string, [graph: RevisionGraph, range: string | undefined, ids: string, rows?: string]> =
    {
      'everything, newest first': [g.LINEAR, undefined, 'e d c b a'],
      'everything for a lone colon': [g.LINEAR, ':', 'e d c b a'],
      'nothing of an empty folder': [g.EMPTY, undefined, ''],
      'both ends': [g.LINEAR, 'b:d', 'd c b'],
      'from an id': [g.LINEAR, 'c:', 'e d c'],
      'up to an id': [g.LINEAR, ':c', 'c b a'],
      'one revision': [g.LINEAR, 'c:c', 'c'],
      'base:head': [g.LINEAR, 'base:head', 'e d c b a'],
      'base:heads': [g.BRANCHED, 'base:heads', 'd1 c1 d2 c2 b a'],
      'the last of the history': [g.LINEAR, '-2:', 'e d c'],
      'the last before the database': [g.LINEAR, '-1:current', 'c b', 'c'],
      'more than there is': [g.LINEAR, '-30:', 'e d c b a'],
      'more than there is before the database': [g.LINEAR, '-3:current', 'b a', 'b'],
      'from the database': [g.LINEAR, 'current:', 'e d c', 'c'],
      'up to the database': [g.LINEAR, ':current', 'c b a', 'c'],
      'up to an empty database': [g.LINEAR, ':current', '', ''],
      'from an empty database': [g.LINEAR, 'current:', 'e d c b a', ''],
      'some above the database': [g.LINEAR, 'current:+2', 'd c b', 'b'],
      'some above an id': [g.LINEAR, 'a:+2', 'c b a'],
      'some above base': [g.LINEAR, ':+2', 'b a'],
      'more than there is above an id': [g.LINEAR, 'd:d+9', 'e d'],
      'relative to an id': [g.LINEAR, 'c-1:c+1', 'd c b'],
      'one line of a branch': [g.TRAVELLING, 'b1:merge', 'merge e2b1 db1 cb1 b1'],
      'both lines above a branch point': [
        g.TRAVELLING,
        'a2:merge',
        'merge e2b1 db1 cb1 b1 e2b2 db2 cb2 b2 a3 a2',
      ],
      'from several rows': [g.TRAVELLING, 'current:merge', 'merge e2b1 db1 cb1 e2b2 db2 cb2', 'cb1 cb2'],
      'a branch from its base': [g.LABELED, 'ebranch@base:heads', 'f someothername e d'],
      'the other branch from its base': [g.LABELED, 'abranch@base:', 'c somelongername b a'],
      'a branch to its head': [g.LABELED, 'base:ebranch@head', 'f someothername e d'],
      'a head of a branch': [g.LABELED, 'ebranch@head:heads', 'f'],
      'a branch from an id': [g.LABELED, 'ebranch@d:heads', 'f someothername e d'],
      'a branch, by a revision': [g.LABELED, 'e@base:heads', 'f someothername e d'],
      'the last of a branch': [g.LABELED, 'ebranch@-2:heads', 'f someothername e'],
      'the first of a branch': [g.LABELED, 'base:ebranch@+2', 'e d'],
      'a branch with what it depends on': [g.CROSS_ONE, 'b_2@base:heads', 'd2 c2 b2 a2 base2 a3 base3'],
      'a branch that depends on nothing': [g.CROSS_ONE, 'b_3@base:heads', 'b3 a3 base3'],
      'a line, not what depends on it': [g.CROSS_ONE, 'a3:b3', 'b3 a3'],
    };
  test.each(Object.entries(cases))('%s', (_, [graph, range, ids, rows]) => {
    const currentHeads = rows === undefined ? undefined : words(rows);
    expect(selectHistory(graph, { range, currentHeads })).toEqual(words(ids));
  });

  test.each([
    ['-3:current', true],
    ['current:', true],
    ['x@current:head', true],
    ['-3:', false],
    ['current_events:', false],
  ])('from the database for %s: %s', (range, needed) => {
    expect(rangeNeedsDatabase(range)).toBe(needed);
  });

  const unrelated = 'does not refer to ancestor/descendant revisions along the same branch';
  test.each([
    [
      'without a colon',
      g.LINEAR,
      'b',
      'HISTORY_RANGE_INVALID',
      'History range requires [start]:[end], [start]:, or :[end]',
    ],
    [
      'with two colons',
      g.LINEAR,
      'a:b:c',
      'HISTORY_RANGE_INVALID',
      'History range requires [start]:[end], [start]:, or :[end]',
    ],
    ['upside down', g.LINEAR, 'd:b', 'HISTORY_RANGE_UNRELATED', `Requested range d:b ${unrelated}`],
    [
      'from one branch to another',
      g.BRANCHED,
      'c1:d2',
      'HISTORY_RANGE_UNRELATED',
      `Requested range c1:d2 ${unrelated}`,
    ],
    ['to base', g.LINEAR, 'b:base', 'HISTORY_RANGE_UNRELATED', `Requested range b:base ${unrelated}`],
    ['to nothing', g.LINEAR, 'b:nope', 'REVISION_NOT_FOUND', "Can't locate revision identified by 'nope'"],
  ])('nothing %s', (_, graph, range, code, message) => {
    const thrown = errorOf(() => selectHistory(graph, { range }));
    expect([thrown.code, thrown.message]).toEqual([code, message]);
    expect(thrown.hint).toBeTruthy();
  });
});

describe('a line of history', () => {
  test.each([
    ['a single revision', graphOf('a'), 'a', '<base> -> a (head), make a'],
    ['in the middle', g.LINEAR, 'b', 'a -> b, make b'],
    ['a branch point', g.BRANCHED, 'b', 'a -> b (branchpoint), make b'],
    ['a labelled revision', g.BRANCHED, 'c1', 'b -> c1 (c1branch), make c1'],
    ['a labelled head', g.BRANCHED, 'd1', 'c1 -> d1 (c1branch) (head), make d1'],
    ['a merge', g.DIAMOND, 'c', 'b1, b2 -> c (mergepoint), make c'],
    ['a head that is a merge', graphOf('a', 'b', 'm < a b'), 'm', 'a, b -> m (head) (mergepoint), make m'],
    ['a dependency', g.CROSS_ONE, 'c2', 'b2 (a3) -> c2 (b_2), make c2'],
    ['several dependencies of a base', g.KABOOM, 'd1', '<base> (a3, b2, c1) -> d1 (head), make d1'],
    ['a dependency by label', g.CROSS_TWO, 'base2', '<base> (b_1) -> base2 (b_2), make base2'],
    ['a head that another depends on', graphOf('x', 'y ^ x'), 'x', '<base> -> x (effective head), make x'],
    ['several labels', graphOf('a # x w'), 'a', '<base> -> a (w, x) (head), make a'],
  ])('shows %s', (_, graph, id, line) => {
    expect(historyLine(graph, id)).toBe(line);
  });

  test('marks where the database is', () => {
    expect(historyLine(g.BRANCHED, 'b', { current: ['b'] })).toBe('a -> b (current) (branchpoint), make b');
    expect(historyLine(g.LINEAR, 'e', { current: ['e'] })).toBe('d -> e (head) (current), make e');
  });

  test('is the contract of DESIGN.md', () => {
    const graph = new RevisionGraph([
      revisionFrom({ id: '6e80461a0239', doc: 'add genre column to books\n\nRevision ID: 6e80461a0239' }),
    ]);
    expect(historyLine(graph, '6e80461a0239')).toBe(
      '<base> -> 6e80461a0239 (head), add genre column to books',
    );
    expect(headLine(graph, '6e80461a0239')).toBe('6e80461a0239 (head)');
    expect(currentLine(graph, '6e80461a0239')).toBe('6e80461a0239 (head)');
  });

  test('has no comma without a message', () => {
    expect(historyLine(new RevisionGraph([revisionFrom({ id: 'a' })]), 'a')).toBe('<base> -> a (head)');
  });
});

test('heads show labels and no tree, current the tree and no labels', () => {
  const graph = graphOf('a # x', 'b', 'm < a b # y');
  expect(headLine(graph, 'm')).toBe('m (x, y) (head)');
  expect(currentLine(graph, 'm')).toBe('m (head) (mergepoint)');
  expect(currentLine(g.BRANCHED, 'b')).toBe('b (branchpoint)');
  expect(headLine(graphOf('x', 'y ^ x'), 'x')).toBe('x (effective head)');
});

test('a branch block shows the children in the order of the files', () => {
  expect(branchBlock(g.BRANCHED, 'b')).toBe('b (branchpoint)\n  -> c1 (c1branch)\n  -> c2 (c2branch)\n');
  const graph = graphOf('root', 'left < root', 'right < root # r', 'top < left right');
  expect(branchBlock(graph, 'root', { verbose: true })).toBe(
    `${verboseBlock(graph, 'root')}\n     -> left, make left\n     -> right (r), make right\n`,
  );
});

test('a verbose block tells all', () => {
  const graph = new RevisionGraph(
    [
      { id: 'x' },
      { id: 'a', branchLabels: ['lib', 'app'] },
      { id: 'b', downRevisions: ['a'] },
      {
        id: 'c',
        downRevisions: ['a'],
        dependsOn: ['x'],
        doc: 'add c\n\nRevision ID: c\nRevises: a',
        path: '/m/c.ts',
      },
      { id: 'm', downRevisions: ['b', 'c'] },
    ].map(revisionFrom),
  );
  expect(verboseBlock(graph, 'c', { current: ['c'] })).toBe(
    [
      'Rev: c (current)',
      'Parent: a',
      'Also depends on: x',
      'Branch names: app, lib',
      'Path: /m/c.ts',
      '',
      '    add c',
      '',
      '    Revision ID: c',
      '    Revises: a',
      '',
    ].join('\n'),
  );
  expect(verboseBlock(graph, 'a').split('\n').slice(0, 4)).toEqual([
    'Rev: a (branchpoint)',
    'Parent: <base>',
    'Branches into: b, c',
    'Branch names: app, lib',
  ]);
  expect(verboseBlock(graph, 'm').split('\n').slice(0, 2)).toEqual([
    'Rev: m (head) (mergepoint)',
    'Merges: b, c',
  ]);
  // By parentage alone a head, although c depends on it.
  expect(verboseBlock(graph, 'x').split('\n')[0]).toBe('Rev: x (head)');
});
