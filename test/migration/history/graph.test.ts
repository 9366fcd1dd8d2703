/** The graph: what it knows of a history, and which histories it refuses. */

import { RevisionGraph } from '../../../src/migration/history/graph.js';
import { firstParagraph, revisionFrom } from '../../../src/migration/history/revision.js';
import { findGraphProblems } from '../../../src/migration/history/validate.js';
import { errorOf, graphOf, revision } from './build.js';
import * as g from './graphs.js';

describe('a graph knows', () => {
  test('heads, real heads and bases', () => {
    expect(g.CROSS_ONE.heads).toEqual(['b1a', 'b1b', 'd2', 'b3']);
    expect(g.CROSS_TWO.heads).toEqual(['c1', 'd2', 'd3']);
    expect(g.EFFECTIVE.heads).toEqual(['y2', 'x2']);
    expect(graphOf('x1', 'y1 ^ x1').heads).toEqual(['x1', 'y1']);
    expect(graphOf('x1', 'y1 ^ x1').realHeads).toEqual(['y1']);
    expect(g.CROSS_ONE.bases).toEqual(['base1', 'base2', 'base3']);
    expect([g.EMPTY.heads, g.EMPTY.realHeads, g.EMPTY.bases, g.EMPTY.order]).toEqual([[], [], [], []]);
  });

  test('branch points and merge points, newest first', () => {
    expect(g.TRAVELLING.branchPoints).toEqual(['db1', 'a3']);
    expect(g.MERGED.mergePoints).toEqual(['e']);
    expect(g.BRANCHED.branchPoints).toEqual(['b']);
  });

  test('parents and dependencies, children and dependents', () => {
    expect(g.CROSS_ONE.parentsOf('c2')).toEqual(['b2', 'a3']);
    expect(g.CROSS_TWO.dependenciesOf('base2')).toEqual(['base1']);
    expect(g.CROSS_ONE.childrenOf('a3')).toEqual(['b3']);
    expect(g.CROSS_ONE.dependentsOf('a3')).toEqual(['b1b', 'c2', 'b3']);
    expect(graphOf('a', 'b < a ^ a').parentsOf('b')).toEqual(['a']);
  });

  test('ancestors and lineages', () => {
    expect([...g.CROSS_ONE.ancestorsOf(['c2'])].sort()).toEqual(['a2', 'a3', 'b2', 'base2', 'base3', 'c2']);
    expect([...g.CROSS_ONE.lineageOf('a2')].sort()).toEqual(['a2', 'b2', 'base2', 'c2', 'd2']);
    expect([...g.MERGED.lineageOf('c2')].sort()).toEqual(['a', 'b', 'c2', 'd2', 'e', 'f']);
  });

  test('that an unknown id is a mistake of the caller', () => {
    expect(g.LINEAR.get('x')).toBeUndefined();
    expect(() => g.LINEAR.revision('x')).toThrow(RangeError);
  });
});

describe('the order', () => {
  test.each([
    ['of a diamond', g.DIAMOND, 'd c b1 b2 a'],
    [
      'of branches of different length',
      graphOf('a', 'b1 < a', 'b2 < a', 'c1 < b1', 'd11 < c1', 'd12 < c1'),
      'b2 d11 d12 c1 b1 a',
    ],
    [
      'goes along a branch, then ends it',
      g.TRAVELLING,
      'fe1b1 e1b1 merge e2b1 db1 cb1 b1 e2b2 db2 cb2 b2 a3 a2 a1',
    ],
    ['of several bases', g.CROSS_ONE, 'b1a a1a b1b a1b base1 d2 c2 b2 a2 base2 b3 a3 base3'],
    ['of dependencies', g.CROSS_TWO, 'c1 b1 a1 d2 c2 d3 c3 b3 a3 base3 b2 a2 base2 base1'],
    [
      'of a base that depends',
      graphOf('base1', 'a1 < base1', 'b1 < a1', 'c2 ^ a1', 'c3 < c2'),
      'b1 c3 c2 a1 base1',
    ],
    ['of a dependency that is a parent', graphOf('user_foo', 'user < user_foo ^ user_foo'), 'user user_foo'],
  ])('%s', (_, graph, newestFirst) => {
    expect([...graph.order].reverse().join(' ')).toBe(newestFirst);
  });
});

describe('a label', () => {
  const labels = (graph: RevisionGraph): string =>
    graph.revisions
      .filter(({ id }) => graph.labelsOf(id).length > 0)
      .map(({ id }) => `${id}:${graph.labelsOf(id)}`)
      .join(' ');

  test.each([
    ['applies down to base and up to the head', graphOf('a', 'b < a # x', 'c < b'), 'a:x b:x c:x'],
    ['stops below at a branch point', g.BRANCHED, 'c1:c1branch d1:c1branch c2:c2branch d2:c2branch'],
    ['goes on above a merge', g.MERGED, 'c2:c2branch d2:c2branch e:c2branch f:c2branch'],
    ['stops below at a merge', graphOf('a', 'b', 'm < a b', 'c < m # x'), 'c:x'],
    ['stays on a branch point that has it', graphOf('z', 'a < z # x', 'b1 < a', 'b2 < a'), 'a:x b1:x b2:x'],
    [
      'reaches its ancestors also below a branch',
      graphOf('a', 'b < a # x', 'c < b', 'd1 < c', 'd2 < c'),
      'a:x b:x c:x d1:x d2:x',
    ],
    ['stops at what another branch depends on', graphOf('a', 'b < a # x', 'y ^ a'), 'b:x'],
    ['does not follow dependencies', graphOf('a # x', 'b ^ a'), 'a:x'],
    ['joins others', graphOf('a # x w', 'b < a # y'), 'a:w,x,y b:w,x,y'],
  ])('%s', (_, graph, expected) => {
    expect(labels(graph)).toBe(expected);
  });
});

describe('a graph is refused', () => {
  const cases: Record<string, [texts: string[], code: string, message: string]> = {
    'with a cycle': [
      ['a < c', 'b < a', 'c < b'],
      'REVISION_CYCLE',
      'Cycle is detected in revisions (a, b, c)',
    ],
    'with a cycle beside': [
      ['d', 'e < d', 'a < c', 'b < a', 'c < b'],
      'REVISION_CYCLE',
      'Cycle is detected in revisions (a, b, c)',
    ],
    'with a cycle below, naming only what runs in it': [
      ['a < c', 'b < a', 'c < b', 'd < c', 'e < d'],
      'REVISION_CYCLE',
      'Cycle is detected in revisions (a, b, c)',
    ],
    'with a cycle above': [
      ['a', 'b < a', 'c < b e', 'd < c', 'e < d'],
      'REVISION_CYCLE',
      'Cycle is detected in revisions (c, d, e)',
    ],
    'with a dependency cycle': [
      ['a ^ c', 'b < a', 'c < b'],
      'REVISION_DEPENDENCY_CYCLE',
      'Dependency cycle is detected in revisions (a, b, c)',
    ],
    'with a dependency cycle above': [
      ['a', 'b < a', 'c < b ^ e', 'd < c', 'e < d'],
      'REVISION_DEPENDENCY_CYCLE',
      'Dependency cycle is detected in revisions (c, d, e)',
    ],
    'with a cycle through a label': [
      ['a ^ x', 'b < a # x'],
      'REVISION_DEPENDENCY_CYCLE',
      'Dependency cycle is detected in revisions (a, b)',
    ],
    'with a self-loop': [['a < a'], 'REVISION_SELF_LOOP', 'Self-loop is detected in revisions (a)'],
    'with a self-loop at a merge': [
      ['a', 'b1 < a', 'b2 < a', 'c < b1 b2 c'],
      'REVISION_SELF_LOOP',
      'Self-loop is detected in revisions (c)',
    ],
    'with a dependency self-loop': [
      ['a ^ a'],
      'REVISION_DEPENDENCY_SELF_LOOP',
      'Dependency self-loop is detected in revisions (a)',
    ],
    'with a dependency on its own label': [
      ['a ^ x # x'],
      'REVISION_DEPENDENCY_SELF_LOOP',
      'Dependency self-loop is detected in revisions (a)',
    ],
    'with an id twice': [
      ['a', 'a'],
      'REVISION_DUPLICATE',
      'Revision a is present more than once: in migrations/a.ts and migrations/a.ts',
    ],
    'with a parent that has no file': [
      ['b < a'],
      'REVISION_MISSING_FILE',
      "Can't locate revision identified by 'a': migrations/b.ts names it as its downRevision, but no file has that id. Bring the file back, or correct the downRevision.",
    ],
    'with a dependency that has no file': [
      ['b ^ a'],
      'REVISION_MISSING_FILE',
      "Can't locate revision identified by 'a': migrations/b.ts names it as its dependsOn, but no file has that id. Bring the file back, or correct the dependsOn.",
    ],
    'with the beginning of an id as a dependency': [
      ['aaaabbbb', 'b ^ aaaa'],
      'REVISION_MISSING_FILE',
      "Can't locate revision identified by 'aaaa': migrations/b.ts names it as its dependsOn, but no file has that id. Bring the file back, or correct the dependsOn.",
    ],
    'with a label as a parent': [
      ['a # x', 'b < x'],
      'REVISION_MISSING_FILE',
      "Can't locate revision identified by 'x': migrations/b.ts names it as its downRevision, but no file has that id. Bring the file back, or correct the downRevision.",
    ],
    'with a label twice': [
      ['a # net', 'b # net'],
      'BRANCH_LABEL_DUPLICATE',
      "Branch name 'net' in revision b already used by revision a",
    ],
    'with a label that is an id': [
      ['a', 'b # a'],
      'BRANCH_LABEL_IS_REVISION',
      "Branch name 'a' in revision b is the id of a revision",
    ],
    'with a label that is a later id': [
      ['a # b', 'b'],
      'BRANCH_LABEL_IS_REVISION',
      "Branch name 'b' in revision a is the id of a revision",
    ],
    'with an illegal label': [
      ['a # x-y'],
      'BRANCH_LABEL_INVALID',
      "Character(s) '-' not allowed in branch label 'x-y' of revision a",
    ],
    'with a label that arguments use': [
      ['a # head'],
      'REVISION_ID_RESERVED',
      "'head' cannot be a branch label: arguments use the word",
    ],
    'with an illegal id': [
      ['a-b+c'],
      'REVISION_ID_INVALID',
      "Character(s) '+, -' not allowed in revision identifier 'a-b+c'",
    ],
    'with other illegal characters': [
      ['a@b:c'],
      'REVISION_ID_INVALID',
      "Character(s) ':, @' not allowed in revision identifier 'a@b:c'",
    ],
    'with an id that arguments use': [
      ['current'],
      'REVISION_ID_RESERVED',
      "'current' cannot be a revision identifier: arguments use the word",
    ],
    'with an empty id': [[''], 'REVISION_ID_RESERVED', 'A revision identifier must not be empty'],
    'with an id that the version table cannot hold': [
      ['a'.repeat(33)],
      'REVISION_ID_TOO_LONG',
      `Revision identifier '${'a'.repeat(33)}' is 33 characters long; the version table holds 32`,
    ],
  };
  test.each(Object.entries(cases))('%s', (_, [texts, code, message]) => {
    const thrown = errorOf(() => graphOf(...texts));
    expect([thrown.code, thrown.message]).toEqual([code, message]);
    expect(thrown.hint).toBeTruthy();
  });

  test('with the class that says what is missing', () => {
    expect(errorOf(() => graphOf('b < a')).name).toBe('RevisionNotFoundError');
  });

  test('but all its problems can be had', () => {
    const problems = findGraphProblems(
      ['a-b', 'c < gone', 'd # x', 'e # x', 'f < f', 'g < h', 'h < g'].map(revision),
    );
    expect(problems.map(({ code }) => code)).toEqual([
      'REVISION_ID_INVALID',
      'BRANCH_LABEL_DUPLICATE',
      'REVISION_MISSING_FILE',
      'REVISION_SELF_LOOP',
      'REVISION_CYCLE',
    ]);
  });

  test.each([["it's"], ['a b'], ['ünïcode'], ['a.b'], ['x'.repeat(32)], ['😀'.repeat(32)]])(
    'not for the id %s',
    (id) => {
      expect(new RevisionGraph([revisionFrom({ id })]).heads).toEqual([id]);
    },
  );
});

describe('a revision', () => {
  test('takes its message from the first paragraph', () => {
    expect(revisionFrom({ id: 'a', doc: '\nadd genre\n  to books\n\nRevises: b\n' }).message).toBe(
      'add genre to books',
    );
    expect(firstParagraph('one\r\ntwo\r\n\r\nthree')).toBe('one two');
    expect(firstParagraph('')).toBe('');
  });

  test('says nothing twice', () => {
    expect(revisionFrom({ id: 'c', downRevisions: ['a', 'b', 'a'] }).downRevisions).toEqual(['a', 'b']);
  });
});
