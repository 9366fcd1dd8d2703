/** Upgrades: which revisions run, in which order, and what becomes of the rows. */

import type { RevisionGraph } from '../../../src/migration/history/graph.js';
import { planUpgrade } from '../../../src/migration/history/path.js';
import { errorOf, finalRows, graphOf, lines, rowText, shape } from './build.js';
import * as g from './graphs.js';

type Case = [graph: RevisionGraph, rows: string, target: string | string[], steps: string, after: string];
const words = (text: string): string[] => text.split(' ').filter(Boolean);

describe('an upgrade', () => {
  const cases: Record<string, Case> = {
    'goes on from the database': [g.LINEAR, 'c', 'e', '+d +e', 'e'],
    'begins at base': [g.LINEAR, '', 'c', '+a +b +c', 'c'],
    'takes the beginning of an id': [graphOf('aaaa1', 'bbbb2 < aaaa1'), '', 'bbb', '+aaaa1 +bbbb2', 'bbbb2'],
    'is nothing behind the database': [g.LINEAR, 'd', 'b', '', 'd'],
    'is nothing at the target': [g.LINEAR, 'd', 'd', '', 'd'],
    'is nothing to base': [g.LINEAR, 'd', 'base', '', 'd'],
    'is nothing in an empty folder': [g.EMPTY, '', 'head', '', ''],
    'is nothing in an empty folder to heads': [g.EMPTY, '', 'heads', '', ''],
    '+2': [g.LINEAR, 'a', '+2', '+b +c', 'c'],
    '+1': [g.LINEAR, 'a', '+1', '+b', 'b'],
    '+3 to the head': [g.LINEAR, 'b', '+3', '+c +d +e', 'e'],
    'ID+N': [g.LINEAR, 'a', 'b+2', '+b +c +d', 'd'],
    'ID-N': [g.LINEAR, 'a', 'd-2', '+b', 'b'],
    'head-1': [g.LINEAR, '', 'head-1', '+a +b +c +d', 'd'],
    'base+1': [g.LINEAR, '', 'base+1', '+a', 'a'],
    '+1 from base': [g.LINEAR, '', '+1', '+a', 'a'],
    'ID+0': [g.LINEAR, '', 'b+0', '+a +b', 'b'],
    'along one branch': [g.BRANCHED, 'b', 'd1', '+c1 +d1', 'd1'],
    'along both branches': [g.BRANCHED, 'a', ['d1', 'd2'], '+b +c2 +d2 +c1 +d1', 'd1 d2'],
    heads: [g.BRANCHED, 'a', 'heads', '+b +c2 +d2 +c1 +d1', 'd1 d2'],
    'BRANCH@head': [g.BRANCHED, 'b', 'c2branch@head', '+c2 +d2', 'd2'],
    'BRANCH@heads': [g.BRANCHED, 'b', 'c2branch@heads', '+c2 +d2', 'd2'],
    'BRANCH@head-1': [g.BRANCHED, 'b', 'c2branch@head-1', '+c2', 'c2'],
    'a revision for the branch': [g.BRANCHED, 'b', 'd2@head', '+c2 +d2', 'd2'],
    'a label, which is its revision': [g.BRANCHED, 'b', 'c2branch', '+c2', 'c2'],
    'BRANCH@+1 from the branch point': [g.BRANCHED, 'c1', 'c2branch@+1', '+c2', 'c1 c2'],
    'BRANCH@+1 of two heads': [g.BRANCHED, 'c1 c2', 'c2branch@+1', '+d2', 'c1 d2'],
    'BRANCH@+1 from nothing': [g.FOREST, 'b1', 'a2@+1', '+a2', 'a2 b1'],
    'across a merge point': [g.MERGED, 'b', 'f', '+c2 +d2 +c1 +d1 +e +f', 'f'],
    'to a merge with one side done': [g.BRANCH_FROM_MERGE, 'd2 b1', 'd1', '+c1 +d1', 'd1 d2'],
    'to a merge of three with one side done': [g.BRANCH_FROM_3_WAY, 'd3 d2 b1', 'd1', '+c1 +d1', 'd1 d2 d3'],
    'to a merge of three, two sides to do': [g.BRANCH_FROM_3_WAY, 'd3 b2 b1', 'd1', '+c2 +c1 +d1', 'd1 d3'],
    'out of a merge again': [g.BRANCH_FROM_3_WAY, 'd3 d1', 'd2', '+d2', 'd1 d2 d3'],
    'a forest': [g.FOREST, '', 'heads', '+a2 +b2 +a1 +b1', 'b1 b2'],
    'with a dependency, which gets no row': [g.CRISSCROSS, '', 'b2', '+b1 +a1 +a2 +b2', 'b2'],
    'with all it depends on and no siblings': [
      g.CROSS_ONE,
      '',
      'b_2@head',
      '+base3 +a3 +base2 +a2 +b2 +c2 +d2',
      'd2',
    ],
    'past a dependency': [g.CROSS_ONE, 'd2', 'b_3@head', '+b3', 'b3 d2'],
    'with a dependency on a label': [g.CROSS_TWO, '', 'base2', '+base1 +base2', 'base2'],
    'with a dependency on its own parent': [graphOf('a1', 'a2 < a1 ^ a1'), '', 'a2', '+a1 +a2', 'a2'],
    'with a dependency that an ancestor has': [
      graphOf('a1', 'a2 < a1', 'b1', 'b2 < b1 ^ a2', 'b3 < b2 ^ a2'),
      'b2',
      'b3',
      '+b3',
      'b3',
    ],
    'over a row that another implies, which goes': [g.LINEAR, 'a c', 'd', '+d', 'd'],
    'with a row read twice': [g.LINEAR, 'c c', 'd', '+d', 'd'],
  };
  test.each(Object.entries(cases))('%s', (_, [graph, rows, target, steps, after]) => {
    const plan = planUpgrade(graph, words(rows), target);
    expect(shape(plan)).toBe(steps);
    expect(finalRows(plan, words(rows))).toEqual(words(after));
  });
});

describe('the rows of an upgrade', () => {
  const cases: Record<string, Case> = {
    'are updated in line': [g.LINEAR, 'a', 'c', 'upd a b · upd b c', 'c'],
    'are inserted at a base': [g.LINEAR, '', 'b', 'ins a · upd a b', 'b'],
    'are inserted at a second base': [g.FOREST, 'b1', 'b2', 'ins a2 · upd a2 b2', 'b1 b2'],
    'are inserted for a branch': [g.BRANCHED, 'c1', 'c2', 'ins c2', 'c1 c2'],
    'are joined by a merge, the last parent updated': [g.DIAMOND, 'b1 b2', 'c', 'del b1, upd b2 c', 'c'],
    'are joined by a merge of three': [
      graphOf('a', 'b', 'c', 'm < a b c'),
      'c b a',
      'm',
      'del a, del b, upd c m',
      'm',
    ],
    'are updated by a merge whose other side is needed elsewhere': [
      g.BRANCH_FROM_MERGE,
      'd2 c1',
      'd1',
      'upd c1 d1',
      'd1 d2',
    ],
    'of twin merges: the second inserts': [
      graphOf('a', 'b1 < a', 'b2 < a', 'b3 < a', 'c1 < b1 b2 b3', 'c2 < b1 b2 b3'),
      'b1 b2 b3',
      'heads',
      'del b1, del b2, upd b3 c2 · ins c1',
      'c1 c2',
    ],
    'of merges that share a parent': [
      graphOf('a', 'b1 < a', 'b2 < a', 'b3 < a', 'c1 < b1 b2', 'c2 < b2 b3'),
      'b1 b2 b3',
      'heads',
      'del b2, upd b3 c2 · upd b1 c1',
      'c1 c2',
    ],
    'of a dependency give way as those of a parent': [g.CRISSCROSS, 'a2 b1', 'b2', 'del b1, upd a2 b2', 'b2'],
    'of a dependency that has grown stay': [g.CRISSCROSS, 'a3', 'b2', 'ins b2', 'a3 b2'],
    'of a merge of a parent and what it depends on': [
      graphOf('a1', 'b1 ^ a1', 'm < a1 b1'),
      'a1',
      'm',
      'upd a1 b1 · upd b1 m',
      'm',
    ],
    'of such a merge of three, where Alembic deletes a row that is not there': [
      graphOf('a1', 'b1 ^ a1', 'x', 'm < a1 b1 x'),
      'b1 x',
      'm',
      'del b1, upd x m',
      'm',
    ],
    'that another implies are deleted first': [g.LINEAR, 'a c', 'd', 'del a, upd c d', 'd'],
  };
  test.each(Object.entries(cases))('%s', (_, [graph, rows, target, operations, after]) => {
    const plan = planUpgrade(graph, words(rows), target);
    expect(rowText(plan)).toBe(operations);
    expect(finalRows(plan, words(rows))).toEqual(words(after));
  });
});

test('the log names parents, not dependencies', () => {
  expect(lines(planUpgrade(g.DIAMOND, [], 'd'))).toEqual([
    'Running upgrade  -> a, make a',
    'Running upgrade a -> b2, make b2',
    'Running upgrade a -> b1, make b1',
    'Running upgrade b1, b2 -> c, make c',
    'Running upgrade c -> d, make d',
  ]);
  expect(lines(planUpgrade(g.CRISSCROSS, ['a2', 'b1'], 'b2'))).toEqual(['Running upgrade b1 -> b2, make b2']);
});

describe('an upgrade is refused', () => {
  const several =
    "'; please specify a specific target revision, '<branchname>@head' to narrow to a specific head, or 'heads' for all heads";
  const cases: Record<
    string,
    [graph: RevisionGraph, rows: string, target: string | string[], code: string, message: string]
  > = {
    'down -1': [g.LINEAR, 'b', '-1', 'RELATIVE_TOO_FAR', "Relative revision -1 didn't produce 1 migrations"],
    'down -2': [g.LINEAR, 'b', '-2', 'RELATIVE_TOO_FAR', "Relative revision -2 didn't produce 2 migrations"],
    'past the head': [
      g.LINEAR,
      'b',
      '+5',
      'RELATIVE_TOO_FAR',
      "Relative revision +5 didn't produce 5 migrations",
    ],
    'past the head by far': [
      g.LINEAR,
      '',
      '+9',
      'RELATIVE_TOO_FAR',
      "Relative revision +9 didn't produce 9 migrations",
    ],
    'by nothing': [
      g.LINEAR,
      'b',
      '+0',
      'RELATIVE_TOO_FAR',
      "Relative revision +0 didn't produce 0 migrations",
    ],
    'past the head from an id': [g.LINEAR, 'b', 'd+2', 'WALKED_TOO_FAR', 'Walked too far'],
    'below base from an id': [g.LINEAR, 'b', 'b-3', 'WALKED_TOO_FAR', 'Walked too far'],
    'to one of several heads': [
      g.BRANCHED,
      'a',
      'head',
      'MULTIPLE_HEADS',
      `Multiple head revisions are present for given argument 'head${several}`,
    ],
    'to one of several heads of a branch': [
      g.BRANCHED,
      '',
      'a@head',
      'MULTIPLE_HEADS',
      `Multiple head revisions are present for given argument 'a@head${several}`,
    ],
    '+1 with several rows': [
      g.BRANCHED,
      'c1 c2',
      '+1',
      'RELATIVE_AMBIGUOUS',
      'Ambiguous upgrade from multiple current revisions (c1, c2)',
    ],
    '+1 at a branch point': [
      g.BRANCHED,
      'b',
      '+1',
      'WALK_AMBIGUOUS',
      'Ambiguous walk: b is followed by c1, c2',
    ],
    '+1 from several bases': [
      g.FOREST,
      '',
      '+1',
      'WALK_AMBIGUOUS',
      'Ambiguous walk: base is followed by a1, a2',
    ],
    'to targets that imply each other': [
      g.TRAVELLING,
      '',
      ['db1', 'b2', 'fe1b1'],
      'REVISIONS_OVERLAP',
      'Requested revision fe1b1 overlaps with other requested revisions db1',
    ],
    'over a range': [g.LINEAR, '', 'a:b', 'RANGE_NOT_ALLOWED', 'Range revision not allowed'],
    'to current': [
      g.LINEAR,
      'a',
      'current',
      'REVISION_NOT_FOUND',
      "Can't locate revision identified by 'current'",
    ],
  };
  test.each(Object.entries(cases))('%s', (_, [graph, rows, target, code, message]) => {
    const thrown = errorOf(() => planUpgrade(graph, words(rows), target));
    expect([thrown.code, thrown.message]).toEqual([code, message]);
    expect(thrown.hint).toBeTruthy();
  });

  test('where the database is ahead of the files, saying so', () => {
    const thrown = errorOf(() => planUpgrade(g.LINEAR, ['gone'], 'head'));
    expect(thrown.code).toBe('REVISION_DATABASE_AHEAD');
    expect(thrown.message).toMatch(
      /^Can't locate revision identified by 'gone': the database is at this revision/,
    );
    expect(thrown.context).toEqual({ revision: 'gone', rows: ['gone'] });
  });

  test('with several heads, naming them as data', () => {
    const thrown = errorOf(() => planUpgrade(g.BRANCHED, [], 'head'));
    expect(thrown.name).toBe('MultipleHeadsError');
    expect(thrown.context.heads).toEqual(['d1', 'd2']);
  });
});
