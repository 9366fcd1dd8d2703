/**
 * The law of migrations on SQLite, with revisions written by hand from the difference of two schemas (views
 * and triggers included): run, the database is what was wanted; taken back, it is what it was, with every
 * value that both have; refused, nothing has changed.
 */

import { describeConvergence } from '../../support/sqlite-convergence';

describe('pairs of schemas, by hand', () => describeConvergence('hand', { from: 1001, count: 100 }));
