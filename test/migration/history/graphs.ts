/** The graphs that several tests share; most are drawn in Alembic's own tests, under the names given. */

import { graphOf } from './build.js';

export const EMPTY = graphOf();
export const LINEAR = graphOf('a', 'b < a', 'c < b', 'd < c', 'e < d');
export const DIAMOND = graphOf('a', 'b1 < a', 'b2 < a', 'c < b1 b2', 'd < c');
/** BranchedPathTest. */
export const BRANCHED = graphOf('a', 'b < a', 'c1 < b # c1branch', 'd1 < c1', 'c2 < b # c2branch', 'd2 < c2');
/** MergedPathTest. */
export const MERGED = graphOf(
  'a',
  'b < a',
  'c1 < b',
  'd1 < c1',
  'c2 < b # c2branch',
  'd2 < c2',
  'e < d1 d2',
  'f < e',
);
/** BranchFromMergepointTest. */
export const BRANCH_FROM_MERGE = graphOf(
  'a1',
  'b1 < a1',
  'c1 < b1',
  'a2',
  'b2 < a2',
  'c2 < b2',
  'd1 < c1 c2',
  'd2 < c2',
);
/** BranchFrom3WayMergepointTest. */
export const BRANCH_FROM_3_WAY = graphOf(
  'a1',
  'b1 < a1',
  'c1 < b1',
  'a2',
  'b2 < a2',
  'c2 < b2',
  'a3',
  'b3 < a3',
  'c3 < b3',
  'd1 < c1 c2 c3',
  'd2 < c2',
  'd3 < c3',
);
export const FOREST = graphOf('a1', 'b1 < a1', 'a2', 'b2 < a2');
/** DependsOnBranchTestOne. */
export const DEPENDENT = graphOf(
  'a1 # lib1',
  'b1 < a1',
  'c1 < b1',
  'a2',
  'b2 < a2',
  'c2 < b2 ^ c1',
  'd1 < c1',
  'e1 < d1',
  'f1 < e1',
);
/** DependsOnBranchTestTwo. */
export const KABOOM = graphOf(
  'a1',
  'a2',
  'a3',
  'amerge < a1 a2 a3',
  'b1',
  'b2',
  'bmerge < b1 b2',
  'c1',
  'c2',
  'c3',
  'cmerge < c1 c2 c3',
  'd1 ^ a3 b2 c1',
);
/** DependsOnBranchTestThree, issue 377. */
export const CRISSCROSS = graphOf('a1', 'a2 < a1', 'b1', 'b2 < b1 ^ a2', 'b3 < b2', 'a3 < a2 ^ b1');
/** MultipleBaseCrossDependencyTestOne. */
export const CROSS_ONE = graphOf(
  'base1 # b_1',
  'a1a < base1',
  'a1b < base1',
  'b1a < a1a',
  'b1b < a1b ^ a3',
  'base2 # b_2',
  'a2 < base2',
  'b2 < a2',
  'c2 < b2 ^ a3',
  'd2 < c2',
  'base3 # b_3',
  'a3 < base3',
  'b3 < a3',
);
/** MultipleBaseCrossDependencyTestTwo. */
export const CROSS_TWO = graphOf(
  'base1 # b_1',
  'a1 < base1',
  'b1 < a1',
  'c1 < b1',
  'base2 ^ b_1 # b_2',
  'a2 < base2',
  'b2 < a2',
  'c2 < b2',
  'd2 < c2',
  'base3 # b_3',
  'a3 < base3',
  'b3 < a3',
  'c3 < b3 ^ b2',
  'd3 < c3',
);
/** BranchedPathTestCrossDependencies. */
export const BRANCHED_CROSS = graphOf(
  'a',
  'b < a',
  'c1 < b # c1branch',
  'd1 < c1',
  'c2 < b # c2branch',
  'd2 < c2 ^ c1',
);
/** LabeledBranchTest. */
export const LABELED = graphOf(
  'a # abranch',
  'b < a',
  'somelongername < b',
  'c < somelongername',
  'd',
  'e < d # ebranch',
  'someothername < e',
  'f < someothername',
);
/** MultipleBranchEffectiveHead. */
export const EFFECTIVE = graphOf('y1 # y', 'x1 # x', 'y2 < y1 ^ x1', 'x2 < x1');
/** BranchTravellingTest. */
export const TRAVELLING = graphOf(
  'a1',
  'a2 < a1',
  'a3 < a2',
  'b1 < a3',
  'b2 < a3',
  'cb1 < b1',
  'cb2 < b2',
  'db1 < cb1',
  'db2 < cb2',
  'e1b1 < db1',
  'fe1b1 < e1b1',
  'e2b1 < db1',
  'e2b2 < db2',
  'merge < e2b1 e2b2',
);
