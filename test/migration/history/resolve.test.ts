/** Revision arguments: what each of them means, and what it says where it means nothing. */

import type { RevisionGraph } from '../../../src/migration/history/graph.js';
import {
  currentRevisions,
  isUpToDate,
  resolveRevision,
  resolveRevisions,
} from '../../../src/migration/history/resolve.js';
import { errorOf, graphOf } from './build.js';
import * as g from './graphs.js';

const words = (text: string): string[] => text.split(' ').filter(Boolean);
const HEX = graphOf('ae10', 'ae1f < ae10', 'b1 < ae1f', 'c0ffee < b1', 'c0de < c0ffee');

describe('an argument', () => {
  const cases: Record<string, [graph: RevisionGraph, argument: string, ids: string, rows?: string]> = {
    'a full id': [HEX, 'ae10', 'ae10'],
    'a unique beginning': [HEX, 'ae1f', 'ae1f'],
    'a short unique beginning': [HEX, 'c0f', 'c0ffee'],
    'a short id by itself': [HEX, 'b1', 'b1'],
    'a beginning of one on the branch': [g.LABELED, 'ebranch@some', 'someothername'],
    'a beginning of one on the other branch': [g.LABELED, 'abranch@some', 'somelongername'],
    head: [HEX, 'head', 'c0de'],
    heads: [g.BRANCHED, 'heads', 'd1 d2'],
    'heads without those that others depend on': [graphOf('x', 'y ^ x'), 'heads', 'y'],
    base: [HEX, 'base', ''],
    'BRANCH@base': [g.LABELED, 'abranch@base', ''],
    current: [g.BRANCHED, 'current', 'd1 c2', 'd1 c2'],
    'BRANCH@current': [g.BRANCHED, 'c2branch@current', 'c2', 'd1 c2'],
    LABEL: [g.LABELED, 'ebranch', 'e'],
    'LABEL@LABEL': [g.LABELED, 'ebranch@ebranch', 'e'],
    'LABEL@head': [g.LABELED, 'ebranch@head', 'f'],
    'LABEL@heads': [g.LABELED, 'abranch@heads', 'c'],
    'LABEL@ID': [g.LABELED, 'ebranch@d', 'd'],
    'ID@ID': [g.LABELED, 'e@d', 'd'],
    'a beginning for the branch': [g.LABELED, 'someoth@d', 'd'],
    'ID@head': [g.LABELED, 'someo@head', 'f'],
    'head-1': [HEX, 'head-1', 'c0ffee'],
    'LABEL@head-2': [g.LABELED, 'ebranch@head-2', 'e'],
    'base+2': [HEX, 'base+2', 'ae1f'],
    'LABEL@base+2': [g.LABELED, 'ebranch@base+2', 'e'],
    'ID+N': [HEX, 'ae10+2', 'b1'],
    'ID-N': [HEX, 'c0de-2', 'b1'],
    'ID-N to base': [HEX, 'ae1f-2', ''],
    'a beginning and steps': [HEX, 'c0d-1', 'c0ffee'],
    '+1 from the rows': [HEX, '+1', 'b1', 'ae1f'],
    '-1 from the rows': [HEX, '-1', 'ae10', 'ae1f'],
    '-1 from the heads, where there is no database': [g.BRANCHED, '-1', 'c1 c2'],
    'LABEL@-2 from the heads': [g.LABELED, 'ebranch@-2', 'e'],
    'LABEL@+2 from base': [g.LABELED, 'ebranch@+2', 'e'],
    'LABEL@+1 from the rows': [g.BRANCHED, 'c2branch@+1', 'd2', 'c1 c2'],
    'below a merge, both': [g.MERGED, 'e-1', 'd1 d2'],
    'below a merge, along a branch': [g.MERGED, 'c2branch@e-1', 'd2'],
    'head of an empty folder': [g.EMPTY, 'head', ''],
    'heads of an empty folder': [g.EMPTY, 'heads', ''],
  };
  test.each(Object.entries(cases))('%s', (_, [graph, argument, ids, rows]) => {
    const currentHeads = rows === undefined ? undefined : words(rows);
    expect(resolveRevisions(graph, argument, { currentHeads })).toEqual(words(ids));
  });

  test('must name one revision where one is needed', () => {
    expect(resolveRevision(HEX, 'head')).toBe('c0de');
    expect(resolveRevision(HEX, 'base')).toBeUndefined();
    expect(errorOf(() => resolveRevision(g.BRANCHED, 'heads')).code).toBe('MULTIPLE_HEADS');
    expect(errorOf(() => resolveRevision(g.MERGED, 'e-1')).code).toBe('MULTIPLE_HEADS');
  });
});

describe('an argument is refused', () => {
  const cases: Record<string, [graph: RevisionGraph, argument: string, code: string, message: string]> = {
    'an unknown id, in exactly these words': [
      HEX,
      'nope',
      'REVISION_NOT_FOUND',
      "Can't locate revision identified by 'nope'",
    ],
    'an unknown id on a branch': [
      g.LABELED,
      'abranch@qprstuv',
      'REVISION_NOT_FOUND',
      "Can't locate revision identified by 'qprstuv'",
    ],
    'an unknown id with steps': [
      HEX,
      'nope+1',
      'REVISION_NOT_FOUND',
      "Can't locate revision identified by 'nope'",
    ],
    'an id with something behind it': [
      HEX,
      'ae10x',
      'REVISION_NOT_FOUND',
      "Can't locate revision identified by 'ae10x'",
    ],
    'an id in a wrong shape': [
      HEX,
      'ae-10-x',
      'REVISION_NOT_FOUND',
      "Can't locate revision identified by 'ae-10-x'",
    ],
    'the beginning of a short id': [
      graphOf('ab1'),
      'ab',
      'REVISION_NOT_FOUND',
      "Can't locate revision identified by 'ab'",
    ],
    'the beginning of several': [
      HEX,
      'ae1',
      'REVISION_AMBIGUOUS',
      "Can't locate revision identified by 'ae1': two revisions begin with it (ae10, ae1f). Give more characters.",
    ],
    'the beginning of many': [
      graphOf(...Array.from({ length: 8 }, (_, index) => `aaaa${index}`)),
      'aaa',
      'REVISION_AMBIGUOUS',
      "Can't locate revision identified by 'aaa': 8 revisions begin with it (aaaa0, aaaa1, aaaa2, aaaa3, aaaa4, …). Give more characters.",
    ],
    'the beginning of several for a branch': [
      HEX,
      'ae1@head',
      'REVISION_AMBIGUOUS',
      "Can't locate revision identified by 'ae1': two revisions begin with it (ae10, ae1f). Give more characters.",
    ],
    'an unknown branch': [
      g.LABELED,
      'x@d',
      'REVISION_BRANCH_NOT_FOUND',
      "Can't locate revision identified by 'x': in 'x@d' it stands for a branch, and no branch label or revision is called so. Check the name before the @.",
    ],
    'an unknown branch with steps': [
      g.LABELED,
      'x@+1',
      'REVISION_BRANCH_NOT_FOUND',
      "Can't locate revision identified by 'x': in 'x@+1' it stands for a branch, and no branch label or revision is called so. Check the name before the @.",
    ],
    'a revision of another branch': [
      g.LABELED,
      'ebranch@b',
      'REVISION_NOT_IN_BRANCH',
      "Can't locate revision identified by 'ebranch@b': revision b is not a member of branch 'ebranch'. Leave the branch out, or name one it belongs to.",
    ],
    'the beginning of a revision of another branch': [
      g.LABELED,
      'ebranch@somel',
      'REVISION_NOT_IN_BRANCH',
      "Can't locate revision identified by 'ebranch@somel': revision somelongername is not a member of branch 'ebranch'. Leave the branch out, or name one it belongs to.",
    ],
    nothing: [
      HEX,
      '',
      'REVISION_ARGUMENT_INVALID',
      "Can't locate revision identified by '': the argument is empty.",
    ],
    'nothing after a branch': [
      HEX,
      'ae10@',
      'REVISION_ARGUMENT_INVALID',
      "Can't locate revision identified by 'ae10@': there is no revision after the @.",
    ],
    'nothing before the @': [
      HEX,
      '@head',
      'REVISION_ARGUMENT_INVALID',
      "Can't locate revision identified by '@head': there is no branch before the @.",
    ],
    'two branches': [
      HEX,
      'a@b@c',
      'REVISION_ARGUMENT_INVALID',
      "Can't locate revision identified by 'a@b@c': only one @ is possible.",
    ],
    'current without a database': [
      HEX,
      'current',
      'REVISION_NOT_FOUND',
      "Can't locate revision identified by 'current'",
    ],
    'anything in an empty folder': [
      g.EMPTY,
      'a',
      'REVISION_NOT_FOUND',
      "Can't locate revision identified by 'a'",
    ],
  };
  test.each(Object.entries(cases))('%s', (_, [graph, argument, code, message]) => {
    const thrown = errorOf(() => resolveRevisions(graph, argument));
    expect([thrown.code, thrown.message]).toEqual([code, message]);
    expect(thrown.hint).toBeTruthy();
  });

  test('with the class and the data of its kind', () => {
    const ambiguous = errorOf(() => resolveRevisions(HEX, 'ae1'));
    expect([ambiguous.name, ambiguous.context.candidates]).toEqual([
      'AmbiguousRevisionError',
      ['ae10', 'ae1f'],
    ]);
    expect(errorOf(() => resolveRevisions(HEX, 'nope')).name).toBe('RevisionNotFoundError');
    expect(errorOf(() => resolveRevisions(g.LABELED, 'x@d')).hint).toBe('Branches: abranch, ebranch.');
  });
});

describe('the state of a database', () => {
  test('shows its rows and the heads that they imply', () => {
    expect(currentRevisions(g.LINEAR, ['c'])).toEqual(['c']);
    expect(currentRevisions(g.LINEAR, [])).toEqual([]);
    expect(currentRevisions(g.EFFECTIVE, ['y2'])).toEqual(['y2', 'x1']);
    expect(errorOf(() => currentRevisions(g.LINEAR, ['gone'])).code).toBe('REVISION_DATABASE_AHEAD');
  });

  test('is up to date when everything is applied', () => {
    expect(isUpToDate(g.LINEAR, ['e'])).toBe(true);
    expect(isUpToDate(g.LINEAR, ['d'])).toBe(false);
    expect(isUpToDate(g.EMPTY, [])).toBe(true);
    expect(isUpToDate(graphOf('x', 'y ^ x'), ['y'])).toBe(true);
    expect(isUpToDate(g.FOREST, ['b1'])).toBe(false);
  });
});
