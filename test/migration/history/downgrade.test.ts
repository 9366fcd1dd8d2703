/** Downgrades: what goes, what stays, and what becomes of the rows. */

import type { RevisionGraph } from '../../../src/migration/history/graph.js';
import { planDowngrade } from '../../../src/migration/history/path.js';
import { errorOf, finalRows, graphOf, lines, rowText, shape } from './build.js';
import * as g from './graphs.js';

type Case = [graph: RevisionGraph, rows: string, target: string, steps: string, after: string];
const words = (text: string): string[] => text.split(' ').filter(Boolean);

const NORMALIZED = graphOf(
  'a1',
  'a2 < a1',
  'a3 < a2',
  'b1',
  'b2 < b1 ^ a3',
  'b3 < b2',
  'b4 < b3 ^ a3',
  'b5 < b4 ^ b4',
);
const MERGE_OF_DEPENDENT = graphOf('a1', 'b1 ^ a1', 'bmerge < a1 b1');

describe('a downgrade', () => {
  const cases: Record<string, Case> = {
    'to an id': [g.LINEAR, 'e', 'c', '-e -d', 'c'],
    'to base': [g.LINEAR, 'c', 'base', '-c -b -a', ''],
    'to base from base': [g.LINEAR, '', 'base', '', ''],
    'to base of an empty folder': [g.EMPTY, '', 'base', '', ''],
    'to where it is': [g.LINEAR, 'a', 'a', '', 'a'],
    'to the head where it is': [g.LINEAR, 'e', 'head', '', 'e'],
    '-1': [g.LINEAR, 'c', '-1', '-c', 'b'],
    '-3': [g.LINEAR, 'e', '-3', '-e -d -c', 'b'],
    '-1 to base': [g.LINEAR, 'a', '-1', '-a', ''],
    'ID+N': [g.LINEAR, 'd', 'a+2', '-d', 'c'],
    'ID-N': [g.LINEAR, 'd', 'c-2', '-d -c -b', 'a'],
    'head-1': [g.LINEAR, 'e', 'head-1', '-e', 'd'],
    'base+2': [g.LINEAR, 'd', 'base+2', '-d -c', 'b'],
    'ID-1 of the first, to base': [g.LINEAR, 'c', 'a-1', '-c -b -a', ''],
    'ID-1 of the first, already at base': [g.LINEAR, '', 'a-1', '', ''],
    'ID-1 of the first of one line, which leaves other lines': [g.FOREST, 'b1 b2', 'a1-1', '-b1 -a1', 'b2'],
    'of both branches': [g.BRANCHED, 'd1 d2', 'a', '-d1 -c1 -d2 -c2 -b', 'a'],
    'base+2 without a branch takes both': [g.BRANCHED, 'd2 d1', 'base+2', '-d1 -c1 -d2 -c2', 'b'],
    'BRANCH@base+2 takes one': [g.BRANCHED, 'd2 d1', 'c2branch@base+2', '-d2 -c2', 'd1'],
    'to an id of one branch': [g.BRANCHED, 'd2 d1', 'c2', '-d2', 'c2 d1'],
    'BRANCH@base+3': [g.BRANCHED, 'd2 d1', 'c2branch@base+3', '-d2', 'c2 d1'],
    'BRANCH@-1': [g.BRANCHED, 'd1 d2', 'c1branch@-1', '-d1', 'c1 d2'],
    'BRANCH@-1 at the foot of a branch': [g.BRANCHED, 'c1 d2', 'c1branch@-1', '-c1', 'd2'],
    'a row for the branch': [g.BRANCHED, 'd1 d2', 'd2@-1', '-d2', 'c2 d1'],
    'ID-1 with rows in one order': [g.BRANCHED, 'd2 c1', 'd2-1', '-d2', 'c1 c2'],
    'ID-1 with rows in the other order': [g.BRANCHED, 'c1 d2', 'd2-1', '-d2', 'c1 c2'],
    'BRANCH@ID': [g.BRANCHED, 'c1 d2', 'c1branch@b', '-c1', 'd2'],
    'BRANCH@ID of the other': [g.BRANCHED, 'c1 d2', 'c2branch@b', '-d2 -c2', 'c1'],
    'a revision for the branch': [g.BRANCHED, 'd1 d2', 'c2@b', '-d2 -c2', 'd1'],
    'a head for the branch': [g.BRANCHED, 'd1 d2', 'd1@b', '-d1 -c1', 'd2'],
    'BRANCH@head-1': [g.BRANCHED, 'd1 d2', 'c1branch@head-1', '-d1', 'c1 d2'],
    'no effect on a branch that is there': [g.BRANCHED, 'd1 c2', 'c2', '', 'c2 d1'],
    'no effect on the other': [g.BRANCHED, 'd1 c2', 'd1', '', 'c2 d1'],
    'across a merge': [g.MERGED, 'f', 'b', '-f -e -d1 -c1 -d2 -c2', 'b'],
    '-1 of a merge, which lands on its parents': [g.MERGED, 'e', '-1', '-e', 'd1 d2'],
    '-2 down to the parents of a merge': [g.MERGED, 'f', '-2', '-f -e', 'd1 d2'],
    'ID-1 of a merge': [g.MERGED, 'f', 'e-1', '-f -e', 'd1 d2'],
    'head-2 over a merge': [g.MERGED, 'f', 'head-2', '-f -e', 'd1 d2'],
    'ID-1 of a merge already taken back': [g.MERGED, 'd1 d2', 'e-1', '', 'd1 d2'],
    'BRANCH@-3 through a merge': [g.MERGED, 'f', 'c2branch@-3', '-f -e -d2', 'c2 d1'],
    'below a merge that another line has left': [g.BRANCH_FROM_MERGE, 'd2 d1', 'b1', '-d1 -c1', 'b1 d2'],
    'below a merge of three': [g.BRANCH_FROM_3_WAY, 'd3 d2 d1', 'b1', '-d1 -c1', 'b1 d2 d3'],
    'of a lineage only': [g.CROSS_ONE, 'b1a b1b d2 b3', 'b_2@base', '-d2 -c2 -b2 -a2 -base2', 'b1a b1b b3'],
    'of a lineage, leaving what it depended on': [
      g.CROSS_ONE,
      'd2',
      'b_2@base',
      '-d2 -c2 -b2 -a2 -base2',
      'a3',
    ],
    'of a lineage with all that depends on it': [
      g.CROSS_ONE,
      'b1a b1b d2 b3',
      'b_3@base',
      '-b1b -d2 -c2 -b3 -a3 -base3',
      'a1b b1a b2',
    ],
    'of a lineage without rows': [g.CROSS_ONE, 'b1a', 'b_2@base', '', 'b1a'],
    'of everything': [
      g.CROSS_ONE,
      'b1a b1b d2 b3',
      'base',
      '-b1a -a1a -b1b -a1b -base1 -d2 -c2 -b2 -a2 -base2 -b3 -a3 -base3',
      '',
    ],
    'of one branch that depends on the other': [g.BRANCHED_CROSS, 'd1 d2', 'c2branch@b', '-d2 -c2', 'd1'],
    'of one branch that the other depends on': [g.BRANCHED_CROSS, 'd1 d2', 'c1branch@b', '-d1 -d2 -c1', 'c2'],
    'over a crisscross of dependencies': [g.CRISSCROSS, 'a3 b2', 'b1', '-b2', 'a3'],
    'to what others depend on': [g.KABOOM, 'amerge bmerge cmerge d1', 'b2', '-bmerge', 'amerge b1 cmerge d1'],
    'of what implied others, which become rows': [
      g.KABOOM,
      'amerge d1 b1 cmerge',
      'd1@base',
      '-d1',
      'amerge b1 b2 cmerge',
    ],
    'of a dependency on its own parent': [graphOf('a1', 'a2 < a1 ^ a1'), 'a2', 'a1', '-a2', 'a1'],
    'of a dependency that an ancestor keeps': [NORMALIZED, 'b4', 'b3', '-b4', 'b3'],
    'of a line beside its dependency': [NORMALIZED, 'b4', 'b1@base', '-b4 -b3 -b2 -b1', 'a3'],
    'of a dependency takes what depends on it': [NORMALIZED, 'b5', 'a2', '-b5 -b4 -b3 -b2 -a3', 'a2 b1'],
    'of a merge to a parent that the other depends on': [MERGE_OF_DEPENDENT, 'bmerge', 'a1', '-bmerge', 'b1'],
    'of a merge to the parent that depends': [MERGE_OF_DEPENDENT, 'bmerge', 'b1', '-bmerge', 'b1'],
    'BRANCH@-1 beside a dependent row': [g.EFFECTIVE, 'x2 y2', 'x@-1', '-x2', 'y2'],
    'BRANCH@-1 of an implied head': [g.EFFECTIVE, 'y2', 'x@-1', '-y2 -x1', 'y1'],
    'BRANCH@-1 with a row that another implies': [g.EFFECTIVE, 'x1 y2', 'x@-1', '-y2 -x1', 'y1'],
    '-1 with a row that another implies': [g.LINEAR, 'a c', '-1', '-c', 'b'],
    'to an implied revision': [g.EFFECTIVE, 'y2', 'x1', '', 'y2'],
  };
  test.each(Object.entries(cases))('%s', (_, [graph, rows, target, steps, after]) => {
    const plan = planDowngrade(graph, words(rows), target);
    expect(shape(plan)).toBe(steps);
    expect(finalRows(plan, words(rows))).toEqual(words(after));
  });
});

describe('the rows of a downgrade', () => {
  const cases: Record<string, Case> = {
    'are updated in line': [g.LINEAR, 'c', 'a', 'upd c b · upd b a', 'a'],
    'are deleted below a base': [g.LINEAR, 'b', 'base', 'upd b a · del a', ''],
    'are deleted where a branch began': [g.BRANCHED, 'c1 c2', 'c1branch@b', 'del c1', 'c2'],
    'come back from a merge, the last parent updated': [g.DIAMOND, 'c', '-1', 'ins b1, upd c b2', 'b1 b2'],
    'come back from a merge of three': [
      graphOf('a', 'b', 'c', 'm < a b c'),
      'm',
      '-1',
      'ins a, ins b, upd m c',
      'a b c',
    ],
    'come back from a merge only where nothing else needs them': [
      g.BRANCH_FROM_MERGE,
      'd1 d2',
      'd1-1',
      'upd d1 c1',
      'c1 d2',
    ],
    'of half a merge are deleted': [g.CRISSCROSS, 'a3 b2', 'b1', 'del b2', 'a3'],
    'of a dependency come back': [g.EFFECTIVE, 'y2', 'y@-1', 'ins y1, upd y2 x1', 'x1 y1'],
    'that another implies are deleted first': [g.LINEAR, 'a c', 'b', 'del a, upd c b', 'b'],
  };
  test.each(Object.entries(cases))('%s', (_, [graph, rows, target, operations, after]) => {
    const plan = planDowngrade(graph, words(rows), target);
    expect(rowText(plan)).toBe(operations);
    expect(finalRows(plan, words(rows))).toEqual(words(after));
  });
});

test('the log names the parents that it goes to', () => {
  expect(lines(planDowngrade(g.DIAMOND, ['d'], 'base'))).toEqual([
    'Running downgrade d -> c, make d',
    'Running downgrade c -> b1, b2, make c',
    'Running downgrade b1 -> a, make b1',
    'Running downgrade b2 -> a, make b2',
    'Running downgrade a -> , make a',
  ]);
});

describe('a downgrade is refused', () => {
  const cases: Record<
    string,
    [graph: RevisionGraph, rows: string, target: string, code: string, message: string]
  > = {
    'up +1': [g.LINEAR, 'b', '+1', 'RELATIVE_TOO_FAR', "Relative revision +1 didn't produce 1 migrations"],
    'up +2': [g.LINEAR, 'b', '+2', 'RELATIVE_TOO_FAR', "Relative revision +2 didn't produce 2 migrations"],
    'below base': [
      g.LINEAR,
      'b',
      '-5',
      'RELATIVE_TOO_FAR',
      "Relative revision -5 didn't produce 5 migrations",
    ],
    '-1 from base': [
      g.LINEAR,
      '',
      '-1',
      'RELATIVE_TOO_FAR',
      "Relative revision -1 didn't produce 1 migrations",
    ],
    'BRANCH@-1 of a branch that is not there': [
      g.CROSS_ONE,
      'b3',
      'b_2@-1',
      'RELATIVE_TOO_FAR',
      "Relative revision -1 didn't produce 1 migrations",
    ],
    'below base from an id': [g.LINEAR, 'e', 'b-3', 'WALKED_TOO_FAR', 'Walked too far'],
    'past the head from an id': [g.LINEAR, 'e', 'd+2', 'WALKED_TOO_FAR', 'Walked too far'],
    'to what is not applied': [
      g.LINEAR,
      '',
      'b',
      'DESTINATION_INVALID',
      'Destination b is not a valid downgrade target from current head(s)',
    ],
    'to what is above': [
      g.LINEAR,
      'b',
      'c',
      'DESTINATION_INVALID',
      'Destination c is not a valid downgrade target from current head(s)',
    ],
    'to the parents of a merge that are not there': [
      g.MERGED,
      'd1',
      'e-1',
      'DESTINATION_INVALID',
      'Destination e-1 is not a valid downgrade target from current head(s)',
    ],
    '-1 with several rows': [
      g.BRANCHED,
      'd2 d1',
      '-1',
      'RELATIVE_AMBIGUOUS',
      'Ambiguous downgrade from multiple current revisions (d2, d1)',
    ],
    'BRANCH@-1 with several rows on the branch': [
      g.BRANCHED,
      'd1 d2',
      'a@-1',
      'RELATIVE_AMBIGUOUS',
      'Ambiguous downgrade from multiple current revisions (d1, d2)',
    ],
    'through a merge': [g.MERGED, 'f', '-3', 'WALK_AMBIGUOUS', 'Ambiguous walk: e merges d1, d2'],
    'to one of several heads': [
      g.BRANCHED,
      'd1',
      'head-1',
      'MULTIPLE_HEADS',
      "Multiple head revisions are present for given argument 'head'; please specify a specific target revision, '<branchname>@head' to narrow to a specific head, or 'heads' for all heads",
    ],
    'over a range': [g.LINEAR, 'b', 'b:a', 'RANGE_NOT_ALLOWED', 'Range revision not allowed'],
  };
  test.each(Object.entries(cases))('%s', (_, [graph, rows, target, code, message]) => {
    const thrown = errorOf(() => planDowngrade(graph, words(rows), target));
    expect([thrown.code, thrown.message]).toEqual([code, message]);
    expect(thrown.hint).toBeTruthy();
  });

  test('with several rows, naming what can be said instead', () => {
    expect(errorOf(() => planDowngrade(g.BRANCHED, ['d2', 'd1'], '-1')).hint).toBe(
      "The database is at d2, d1: say which, 'd2@-1' or 'd1@-1'.",
    );
  });

  test('where the database is ahead of the files', () => {
    expect(errorOf(() => planDowngrade(g.LINEAR, ['c', 'gone'], 'a')).code).toBe('REVISION_DATABASE_AHEAD');
  });
});
