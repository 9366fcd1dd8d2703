/** Stamps: the version table is moved, nothing runs. */

import type { RevisionGraph } from '../../../src/migration/history/graph.js';
import { planStamp } from '../../../src/migration/history/stamp.js';
import { errorOf, finalRows, graphOf, lines, rowText, shape } from './build.js';
import * as g from './graphs.js';

const words = (text: string): string[] => text.split(' ').filter(Boolean);

describe('a stamp', () => {
  const cases: Record<
    string,
    [graph: RevisionGraph, rows: string, targets: string, moves: string, operations: string, after: string]
  > = {
    'of an empty database': [g.LINEAR, '', 'head', '>e', 'ins e', 'e'],
    'up in line': [g.LINEAR, 'b', 'd', 'b>d', 'upd b d', 'd'],
    'down in line': [g.LINEAR, 'd', 'b', 'd>b', 'upd d b', 'b'],
    'to where it is': [g.LINEAR, 'd', 'd', '', '', 'd'],
    'to base': [g.LINEAR, 'd', 'base', 'd>', 'del d', ''],
    'to base of several rows': [g.FOREST, 'b1 b2', 'base', 'b1> b2>', 'del b1 · del b2', ''],
    'down to a branch point': [g.BRANCHED, 'd1 c2', 'b', 'd1, c2>b', 'del d1, upd c2 b', 'b'],
    'to base of one branch': [g.BRANCHED, 'd1 c2', 'c1branch@base', 'd1>', 'del d1', 'c2'],
    'to the head of one branch': [g.BRANCHED, 'd1 c2', 'c2branch@head', 'c2>d2', 'upd c2 d2', 'd1 d2'],
    'to a branch that has no row': [g.BRANCHED, 'd1', 'c2', '>c2', 'ins c2', 'c2 d1'],
    'to both branches': [g.BRANCHED, 'b', 'c1 c2', 'b>c1 b>c2', 'upd b c1 · ins c2', 'c1 c2'],
    'to a merge': [g.MERGED, 'd1 c2', 'e', 'd1, c2>e', 'del d1, upd c2 e', 'e'],
    'to the head of a branch across a merge': [
      g.MERGED,
      'd1 c2',
      'c2branch@head',
      'd1, c2>f',
      'del d1, upd c2 f',
      'f',
    ],
    'to a merge from one side': [g.MERGED, 'c2', 'e', 'c2>e', 'upd c2 e', 'e'],
    'to a merge from below': [g.MERGED, 'b', 'e', 'b>e', 'upd b e', 'e'],
    'down across a merge to one side': [g.MERGED, 'e', 'c2', 'e>c2', 'upd e c2', 'c2'],
    'down across a merge to below': [g.MERGED, 'e', 'a', 'e>a', 'upd e a', 'a'],
    'down to both sides of a merge': [g.MERGED, 'e', 'd1 d2', 'e>d1 e>d2', 'upd e d1 · ins d2', 'd1 d2'],
    'to heads': [g.FOREST, '', 'heads', '>b1 >b2', 'ins b1 · ins b2', 'b1 b2'],
    'to heads that are there': [g.FOREST, 'b1 b2', 'heads', '', '', 'b1 b2'],
    'to heads with a dependency, which gets no row': [
      g.CRISSCROSS,
      '',
      'heads',
      '>b3 >a3',
      'ins b3 · ins a3',
      'a3 b3',
    ],
    'across a dependency': [g.DEPENDENT, 'e1 c2', 'b1', 'e1, c2>b1', 'del e1, upd c2 b1', 'b1'],
    'of a branch leaves what it depends on': [g.CROSS_TWO, 'base1', 'b_2@base', '', '', 'base1'],
    'of a branch takes what depends on it': [g.CROSS_TWO, 'c1 d3', 'b_2@base', 'd3>', 'del d3', 'c1'],
    '+1': [g.LINEAR, 'b', '+1', 'b>c', 'upd b c', 'c'],
    '-1': [g.LINEAR, 'b', '-1', 'b>a', 'upd b a', 'a'],
    '-1 at a merge': [g.MERGED, 'e', '-1', 'e>d1 e>d2', 'upd e d1 · ins d2', 'd1 d2'],
    'to a target given twice': [g.LINEAR, '', 'b b', '>b', 'ins b', 'b'],
    'that repairs rows which imply each other': [g.LINEAR, 'a c', 'c', 'a>c', 'del a', 'c'],
  };
  test.each(Object.entries(cases))('%s', (_, [graph, rows, targets, moves, operations, after]) => {
    const plan = planStamp(graph, words(rows), words(targets));
    expect(shape(plan)).toBe(moves);
    expect(rowText(plan)).toBe(operations);
    expect(finalRows(plan, words(rows))).toEqual(words(after));
  });
});

describe('a purge', () => {
  test('deletes rows that no file knows and begins anew', () => {
    const plan = planStamp(g.LINEAR, ['gone', 'b'], 'c', { purge: true });
    expect(rowText(plan)).toBe('del gone, del b, ins c');
    expect(lines(plan)).toEqual(['Running stamp_revision  -> c']);
    expect(plan.at(-1)?.headsAfter).toEqual(['c']);
  });

  test('to base deletes all', () => {
    const plan = planStamp(g.LINEAR, ['gone', 'b'], 'base', { purge: true });
    expect(rowText(plan)).toBe('del gone, del b');
    expect(lines(plan)).toEqual(['Running stamp_revision gone, b -> ']);
    expect(plan.at(-1)?.headsAfter).toEqual([]);
  });

  test('of an empty table to base is nothing', () => {
    expect(planStamp(g.LINEAR, [], 'base', { purge: true })).toEqual([]);
  });
});

test('the log says where from and where to', () => {
  expect(lines(planStamp(g.LINEAR, [], 'b'))).toEqual(['Running stamp_revision  -> b']);
  expect(lines(planStamp(g.LINEAR, ['d'], 'b'))).toEqual(['Running stamp_revision d -> b']);
  expect(lines(planStamp(g.LINEAR, ['d'], 'base'))).toEqual(['Running stamp_revision d -> ']);
  expect(lines(planStamp(g.MERGED, ['d1', 'c2'], 'e'))).toEqual(['Running stamp_revision d1, c2 -> e']);
});

describe('a stamp is refused', () => {
  const cases: Record<
    string,
    [graph: RevisionGraph, rows: string, targets: string, code: string, message: RegExp]
  > = {
    'to an ancestor of another target': [
      g.LINEAR,
      '',
      'b d',
      'REVISIONS_OVERLAP',
      /^Requested revision d overlaps with other requested revisions b$/,
    ],
    'to a dependency of another target': [
      graphOf('a', 'b ^ a'),
      'b',
      'a b',
      'REVISIONS_OVERLAP',
      /^Requested revision b overlaps with other requested revisions a$/,
    ],
    'to one of several heads': [
      g.BRANCHED,
      '',
      'head',
      'MULTIPLE_HEADS',
      /^Multiple heads are present; please specify a single target revision$/,
    ],
    'over a row that no file knows': [
      g.LINEAR,
      'gone',
      'b',
      'REVISION_DATABASE_AHEAD',
      /^Can't locate revision identified by 'gone': .*--purge/,
    ],
    'to what is not there': [
      g.LINEAR,
      '',
      'nope',
      'REVISION_NOT_FOUND',
      /^Can't locate revision identified by 'nope'$/,
    ],
  };
  test.each(Object.entries(cases))('%s', (_, [graph, rows, targets, code, message]) => {
    const thrown = errorOf(() => planStamp(graph, words(rows), words(targets)));
    expect(thrown.code).toBe(code);
    expect(thrown.message).toMatch(message);
    expect(thrown.hint).toBeTruthy();
  });
});
