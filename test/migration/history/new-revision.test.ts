/** New revisions and merges, checked before a file is written. */

import type { RevisionGraph } from '../../../src/migration/history/graph.js';
import {
  type MergeRequest,
  planMerge,
  planRevision,
  type RevisionRequest,
} from '../../../src/migration/history/new-revision.js';
import { errorOf, graphOf } from './build.js';
import * as g from './graphs.js';

const words = (text: string): string[] => text.split(' ').filter(Boolean);

describe('a new revision stands', () => {
  const cases: Record<string, [graph: RevisionGraph, request: Partial<RevisionRequest>, parents: string]> = {
    'on the head': [g.LINEAR, {}, 'e'],
    'on nothing in an empty folder': [g.EMPTY, {}, ''],
    'on a head by name': [g.BRANCHED, { head: 'd1' }, 'd1'],
    'on a head by the beginning of its id': [graphOf('abcdef', 'x'), { head: 'abc' }, 'abcdef'],
    'on the head of a branch': [g.BRANCHED, { head: 'c2branch@head' }, 'd2'],
    'on nothing, for a new base': [g.LINEAR, { head: 'base' }, ''],
    'on several heads': [g.BRANCHED, { head: ['d1', 'd2'] }, 'd1 d2'],
    'on all heads': [g.BRANCHED, { head: 'heads' }, 'd1 d2'],
    'beside a head, spliced': [g.LINEAR, { head: 'c', splice: true }, 'c'],
    'on a head that another depends on': [graphOf('x', 'y ^ x'), { head: 'x' }, 'x'],
  };
  test.each(Object.entries(cases))('%s', (_, [graph, request, parents]) => {
    expect(planRevision(graph, { id: 'new', ...request }).downRevisions).toEqual(words(parents));
  });
});

test('a new revision carries what its file must say', () => {
  const made = planRevision(g.CROSS_TWO, {
    id: 'new',
    head: 'd3',
    branchLabels: ['fresh'],
    dependsOn: ['b_1', 'b_1@head', 'd2'],
    doc: 'add more\n\nRevises: d3',
    path: 'migrations/new_add_more.ts',
  });
  expect(made).toEqual({
    id: 'new',
    downRevisions: ['d3'],
    branchLabels: ['fresh'],
    // A label stays, since it means a revision for good; everything else is said in full.
    dependsOn: ['b_1', 'c1', 'd2'],
    message: 'add more',
    doc: 'add more\n\nRevises: d3',
    path: 'migrations/new_add_more.ts',
  });
});

test('a dependency by the beginning of an id is written in full', () => {
  expect(
    planRevision(graphOf('abcdef', 'x'), { id: 'new', head: 'x', dependsOn: ['abc'] }).dependsOn,
  ).toEqual(['abcdef']);
});

describe('a new revision is refused', () => {
  const cases: Record<
    string,
    [graph: RevisionGraph, request: Partial<RevisionRequest>, code: string, message: string]
  > = {
    'with several heads': [
      g.BRANCHED,
      {},
      'MULTIPLE_HEADS',
      'Multiple heads are present; please specify the head revision on which the new revision should be based, or perform a merge.',
    ],
    'on what is not a head': [
      g.LINEAR,
      { head: 'c' },
      'REVISION_NOT_HEAD',
      'Revision c is not a head revision; please specify --splice to create a new branch from this revision',
    ],
    'on what is not there': [
      g.LINEAR,
      { head: 'nope' },
      'REVISION_NOT_FOUND',
      "Can't locate revision identified by 'nope'",
    ],
    'on a head twice': [
      g.BRANCHED,
      { head: ['d1', 'd1'] },
      'DUPLICATE_HEADS',
      'Duplicate head revisions specified',
    ],
    'on one line twice': [
      g.LINEAR,
      { head: ['b', 'e'], splice: true },
      'REVISIONS_OVERLAP',
      'Requested revision e overlaps with other requested revisions b',
    ],
    'with an id that is taken': [
      g.LINEAR,
      { id: 'c' },
      'REVISION_ID_TAKEN',
      "Revision identifier 'c' is taken by the revision in migrations/c.ts",
    ],
    'with an id that is a label': [
      g.BRANCHED,
      { id: 'c1branch', head: 'd1' },
      'REVISION_ID_TAKEN',
      "Revision identifier 'c1branch' is taken by the branch label in migrations/c1.ts",
    ],
    'with an id that is too long': [
      g.LINEAR,
      { id: 'x'.repeat(33) },
      'REVISION_ID_TOO_LONG',
      `Revision identifier '${'x'.repeat(33)}' is 33 characters long; the version table holds 32`,
    ],
    'with an illegal id': [
      g.LINEAR,
      { id: 'a-b+c' },
      'REVISION_ID_INVALID',
      "Character(s) '+, -' not allowed in revision identifier 'a-b+c'",
    ],
    'with an id that arguments use': [
      g.LINEAR,
      { id: 'head' },
      'REVISION_ID_RESERVED',
      "'head' cannot be a revision identifier: arguments use the word",
    ],
    'with a label that is taken': [
      g.BRANCHED,
      { head: 'd1', branchLabels: ['c2branch'] },
      'BRANCH_LABEL_DUPLICATE',
      "Branch name 'c2branch' in revision new already used by revision c2",
    ],
    'with a label that is an id': [
      g.LINEAR,
      { branchLabels: ['a'] },
      'BRANCH_LABEL_IS_REVISION',
      "Branch name 'a' in revision new is the id of a revision",
    ],
    'with a label that is its own id': [
      g.LINEAR,
      { branchLabels: ['new'] },
      'BRANCH_LABEL_IS_REVISION',
      "Branch name 'new' in revision new is the id of a revision",
    ],
    'with an illegal label': [
      g.LINEAR,
      { branchLabels: ['a:b'] },
      'BRANCH_LABEL_INVALID',
      "Character(s) ':' not allowed in branch label 'a:b' of revision new",
    ],
    'with a dependency that is not there': [
      g.LINEAR,
      { dependsOn: ['nope'] },
      'REVISION_NOT_FOUND',
      "Can't locate revision identified by 'nope'",
    ],
    'with a dependency on base': [
      g.LINEAR,
      { dependsOn: ['base'] },
      'DEPENDENCY_INVALID',
      "'base' is no revision to depend on",
    ],
  };
  test.each(Object.entries(cases))('%s', (_, [graph, request, code, message]) => {
    const thrown = errorOf(() => planRevision(graph, { id: 'new', ...request }));
    expect([thrown.code, thrown.message]).toEqual([code, message]);
    expect(thrown.hint).toBeTruthy();
  });
});

describe('a merge joins', () => {
  const cases: Record<string, [graph: RevisionGraph, request: Partial<MergeRequest>, parents: string]> = {
    'all heads': [g.BRANCHED, { revisions: ['heads'] }, 'd1 d2'],
    'heads by name': [g.BRANCHED, { revisions: ['d2', 'd1'] }, 'd2 d1'],
    'heads of branches': [g.BRANCHED, { revisions: ['c1branch@head', 'c2branch@head'] }, 'd1 d2'],
    'a head that another depends on': [graphOf('x', 'y ^ x'), { revisions: ['heads'] }, 'x y'],
    'what is not a head, spliced': [g.BRANCHED, { revisions: ['c1', 'd2'], splice: true }, 'c1 d2'],
  };
  test.each(Object.entries(cases))('%s', (_, [graph, request, parents]) => {
    expect(planMerge(graph, { id: 'new', revisions: [], ...request }).downRevisions).toEqual(words(parents));
  });
});

describe('a merge is refused', () => {
  const cases: Record<
    string,
    [graph: RevisionGraph, request: Partial<MergeRequest>, code: string, message: string]
  > = {
    'of the only head': [
      g.LINEAR,
      { revisions: ['heads'] },
      'MERGE_NEEDS_SEVERAL',
      'There is nothing to merge: e is the only revision given',
    ],
    'of one revision': [
      g.BRANCHED,
      { revisions: ['d1'] },
      'MERGE_NEEDS_SEVERAL',
      'There is nothing to merge: d1 is the only revision given',
    ],
    'of nothing': [
      g.EMPTY,
      { revisions: ['heads'] },
      'MERGE_NEEDS_SEVERAL',
      'There is nothing to merge: no revision is given',
    ],
    'of a revision twice': [
      g.BRANCHED,
      { revisions: ['d1', 'd1'] },
      'DUPLICATE_HEADS',
      'Duplicate head revisions specified',
    ],
    'of heads and one of them': [
      g.BRANCHED,
      { revisions: ['heads', 'd1'] },
      'DUPLICATE_HEADS',
      'Duplicate head revisions specified',
    ],
    'of what is not a head': [
      g.BRANCHED,
      { revisions: ['c1', 'd2'] },
      'REVISION_NOT_HEAD',
      'Revision c1 is not a head revision; please specify --splice to create a new branch from this revision',
    ],
    'of one line': [
      g.LINEAR,
      { revisions: ['b', 'e'], splice: true },
      'REVISIONS_OVERLAP',
      'Requested revision e overlaps with other requested revisions b',
    ],
    'under an id that is taken': [
      g.BRANCHED,
      { revisions: ['heads'], id: 'a' },
      'REVISION_ID_TAKEN',
      "Revision identifier 'a' is taken by the revision in migrations/a.ts",
    ],
  };
  test.each(Object.entries(cases))('%s', (_, [graph, request, code, message]) => {
    const thrown = errorOf(() => planMerge(graph, { id: 'new', revisions: [], ...request }));
    expect([thrown.code, thrown.message]).toEqual([code, message]);
    expect(thrown.hint).toBeTruthy();
  });
});
