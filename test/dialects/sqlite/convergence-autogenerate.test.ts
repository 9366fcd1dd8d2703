/**
 * The law of migrations on SQLite, with revisions that autogenerate writes: run, the database is what was
 * wanted and autogenerate finds nothing; taken back, it is what it was, with every value that both have.
 */

import { describeConvergence } from '../../support/sqlite-convergence';

describe('pairs of schemas, by autogenerate', () =>
  describeConvergence('autogenerate', { from: 1, count: 100 }));
