/**
 * The law of migrations on MariaDB: run, the database is what was wanted; taken back, it is what it was, with every
 * value that both have; refused, nothing has changed.
 */

import { describeConvergence } from '../../support/mysql-convergence';

describe('pairs of schemas', () => describeConvergence({ from: 1, count: 50 }));
