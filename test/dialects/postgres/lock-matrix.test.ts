/**
 * What each change costs on a live PostgreSQL, measured: the strongest lock on the table, and whether it is
 * written anew. The plan's choices rest on these facts, so a server that behaves otherwise turns this red.
 */

import { impactPostgres } from '../../../src/dialects/postgres/impact';
import { planPostgres } from '../../../src/dialects/postgres/plan';
import type { ColumnType, Schema } from '../../../src/schema/model';
import type { Operation } from '../../../src/schema/operations';
import { column, schema, table } from '../../schema/schemas';
import { DatabaseBench } from '../../support/database-bench';
import { isAvailable } from '../../support/databases';

const BEFORE: Schema = schema([
  table(
    't',
    [
      column('id', { nullable: false }),
      column('n', { nullable: false }),
      column('v', { type: { kind: 'varchar', length: 10 } }),
      column('d', { type: { kind: 'decimal', precision: 8, scale: 2 } }),
      column('at', { type: { kind: 'timestamp' } }),
      column('p_id'),
    ],
    { primaryKey: { name: 'pk_t', columns: ['id'] } },
  ),
  table('p', [column('id', { nullable: false })], { primaryKey: { name: 'pk_p', columns: ['id'] } }),
]);

type Cost = readonly [lock: string, rewrites: boolean];

const alter = (name: string, change: object, options?: object): Operation =>
  ({ kind: 'alterColumn', table: 't', name, change, ...(options && { options }) }) as Operation;
const typed = (name: string, type: ColumnType): Operation => alter(name, { type });
const add = (parts: object): Operation => ({ kind: 'addColumn', table: 't', column: column('x', parts) });
const fk = { name: 'fk', columns: ['p_id'], refTable: 'p', refColumns: ['id'] };

const CASES: readonly [string, Operation, Cost][] = [
  ['a nullable column', add({}), ['AccessExclusiveLock', false]],
  [
    'a column with a constant default',
    add({ nullable: false, default: { kind: 'literal', value: 5 } }),
    ['AccessExclusiveLock', false],
  ],
  [
    'a column with now() as default',
    add({ type: { kind: 'timestamptz' }, default: { kind: 'expression', sql: 'now()' } }),
    ['AccessExclusiveLock', false],
  ],
  [
    'a column with a volatile default',
    add({ type: { kind: 'uuid' }, default: { kind: 'expression', sql: 'gen_random_uuid()' } }),
    ['AccessExclusiveLock', true],
  ],
  [
    'a stored generated column',
    add({ generated: { sql: 'n + 1', stored: true } }),
    ['AccessExclusiveLock', true],
  ],
  ['a column less', { kind: 'dropColumn', table: 't', name: 'v' }, ['AccessExclusiveLock', false]],
  [
    'another name of a column',
    { kind: 'renameColumn', table: 't', name: 'v', to: 'w' },
    ['AccessExclusiveLock', false],
  ],
  ['a default', alter('n', { default: { kind: 'literal', value: 1 } }), ['AccessExclusiveLock', false]],
  ['NULL allowed', alter('n', { nullable: true }), ['AccessExclusiveLock', false]],
  ['a longer varchar', typed('v', { kind: 'varchar', length: 50 }), ['AccessExclusiveLock', false]],
  ['text of a varchar', typed('v', { kind: 'text' }), ['AccessExclusiveLock', false]],
  [
    'more digits of a decimal',
    typed('d', { kind: 'decimal', precision: 12, scale: 2 }),
    ['AccessExclusiveLock', false],
  ],
  [
    'another scale of a decimal',
    typed('d', { kind: 'decimal', precision: 12, scale: 4 }),
    ['AccessExclusiveLock', true],
  ],
  ['bigint of an integer', typed('n', { kind: 'bigint' }), ['AccessExclusiveLock', true]],
  ['a shorter varchar', typed('v', { kind: 'varchar', length: 5 }), ['AccessExclusiveLock', true]],
  [
    // Without a precision it would not be written anew; three digits are checked row by row.
    'a time zone, at three digits',
    typed('at', { kind: 'timestamptz' }),
    ['AccessExclusiveLock', true],
  ],
  [
    'a check',
    { kind: 'createCheck', table: 't', check: { name: 'c', expression: 'n > 0' } },
    ['AccessExclusiveLock', false],
  ],
  [
    'a unique constraint',
    { kind: 'createUnique', table: 't', unique: { name: 'u', columns: ['n'] } },
    ['AccessExclusiveLock', false],
  ],
  [
    'a foreign key',
    { kind: 'createForeignKey', table: 't', foreignKey: fk },
    ['ShareRowExclusiveLock', false],
  ],
  [
    'an index',
    { kind: 'createIndex', table: 't', index: { name: 'i', columns: [{ column: 'n' }], unique: false } },
    ['ShareLock', false],
  ],
  ['a comment', alter('n', { comment: 'x' }), ['ShareUpdateExclusiveLock', false]],
];

/** Weakest first ("Explicit Locking"). */
const STRENGTH = [
  'AccessShareLock',
  'RowShareLock',
  'RowExclusiveLock',
  'ShareUpdateExclusiveLock',
  'ShareLock',
  'ShareRowExclusiveLock',
  'ExclusiveLock',
  'AccessExclusiveLock',
];

(isAvailable('postgres') ? describe : describe.skip)('what a change costs on PostgreSQL', () => {
  let bench: DatabaseBench;
  beforeAll(async () => {
    bench = await DatabaseBench.open('postgres');
    await bench.autogenerate(BEFORE);
    await bench.commands.upgrade('head');
    await bench.sql("INSERT INTO t SELECT i, i, 'x', 1, now(), NULL FROM generate_series(1, 100) i");
  });
  afterAll(() => bench.close());

  /** Carries out the operations and takes them back, after a look at what they hold. */
  async function costOf(operations: readonly Operation[]): Promise<Cost> {
    return bench.with(async (connection) => {
      const file = async (): Promise<unknown> =>
        (await connection.queryArrays("SELECT pg_relation_filenode('t')"))[0]?.[0];
      await connection.run('BEGIN');
      try {
        const before = await file();
        for (const step of planPostgres(BEFORE, operations).steps) {
          if (step.kind === 'statement') await connection.run(step.sql);
        }
        const locks = await connection.queryArrays(
          "SELECT mode FROM pg_locks WHERE relation = 't'::regclass AND pid = pg_backend_pid()",
        );
        const strongest = Math.max(...locks.map(([mode]) => STRENGTH.indexOf(String(mode))));
        return [STRENGTH[strongest] ?? '', (await file()) !== before];
      } finally {
        await connection.run('ROLLBACK');
      }
    });
  }

  test.each(CASES)('%s', async (_, operation, cost) => {
    expect(await costOf([operation])).toEqual(cost);
  });

  /** `SHARE ROW EXCLUSIVE` as the server has it in pg_locks: `ShareRowExclusiveLock`. */
  const lockName = (lock: string): string =>
    `${lock.replace(/\w+ ?/g, (word) => word[0] + word.slice(1).toLowerCase().trim())}Lock`;

  test.each(CASES)('impact() tells the truth of %s', async (_, operation) => {
    const impacts = impactPostgres(BEFORE, operation).filter(({ tables }) => tables.includes('t'));
    const strongest = Math.max(...impacts.map(({ lock }) => STRENGTH.indexOf(lockName(lock))));
    const rewrites = impacts.some(({ work }) => work === 'rewrite');
    expect([STRENGTH[strongest], rewrites]).toEqual(await costOf([operation]));
  });

  const work = (operation: Operation): string[] =>
    impactPostgres(BEFORE, operation).map(({ lock, work, tables }) => `${lock}: ${work} of ${tables}`);

  test.each<[string, Operation, string[]]>([
    ['NOT NULL', alter('v', { nullable: false }), ['ACCESS EXCLUSIVE: scan of t']],
    [
      'NOT NULL online',
      alter('v', { nullable: false }, { concurrently: true }),
      ['ACCESS EXCLUSIVE: catalog of t', 'SHARE UPDATE EXCLUSIVE: scan of t'],
    ],
    ['a key', { kind: 'createForeignKey', table: 't', foreignKey: fk }, ['SHARE ROW EXCLUSIVE: scan of t,p']],
    [
      'a key online',
      { kind: 'createForeignKey', table: 't', foreignKey: fk, options: { concurrently: true } },
      ['SHARE ROW EXCLUSIVE: catalog of t,p', 'SHARE UPDATE EXCLUSIVE: scan of t'],
    ],
    [
      'an index online',
      {
        kind: 'createIndex',
        table: 't',
        index: { name: 'i', columns: [{ column: 'n' }], unique: false },
        options: { concurrently: true },
      },
      ['SHARE UPDATE EXCLUSIVE: index build of t'],
    ],
    [
      'a unique constraint',
      { kind: 'createUnique', table: 't', unique: { name: 'u', columns: ['n'] } },
      ['ACCESS EXCLUSIVE: index build of t'],
    ],
    [
      'a default that holds the words of other changes',
      add({
        type: { kind: 'text' },
        default: { kind: 'literal', value: "ALTER COLUMN x TYPE 'SET NOT NULL'" },
      }),
      ['ACCESS EXCLUSIVE: catalog of t'],
    ],
    ['a new table', { kind: 'createTable', table: table('q', [column('id')]) }, []],
    [
      'a new table with a key',
      {
        kind: 'createTable',
        table: table('q', [column('p_id')], { foreignKeys: [{ ...fk, name: 'fq' }] }),
      },
      ['SHARE ROW EXCLUSIVE: catalog of p'],
    ],
  ])('impact() of %s, lock by lock', (_, operation, expected) => {
    expect(work(operation)).toEqual(expected);
  });

  test('the online ways hold nobody up: none of their steps takes more than it must', () => {
    const online = { concurrently: true };
    const texts = (operation: Operation): string[] =>
      planPostgres(BEFORE, [operation]).steps.flatMap((step) =>
        step.kind === 'statement' ? [`${step.outside ? 'outside: ' : ''}${step.sql}`] : [],
      );
    expect(
      texts({
        kind: 'createIndex',
        table: 't',
        index: { name: 'i', columns: [{ column: 'n' }], unique: false },
        options: online,
      }),
    ).toEqual([expect.stringMatching(/^outside: CREATE INDEX CONCURRENTLY "?i"? ON/)]);
    expect(texts({ kind: 'createForeignKey', table: 't', foreignKey: fk, options: online })).toEqual([
      expect.stringMatching(/NOT VALID$/),
      expect.stringMatching(/^outside: ALTER TABLE "?t"? VALIDATE CONSTRAINT/),
    ]);
    expect(
      texts({ kind: 'createCheck', table: 't', check: { name: 'c', expression: 'n > 0' }, options: online }),
    ).toEqual([
      expect.stringMatching(/NOT VALID$/),
      expect.stringMatching(/^outside: ALTER TABLE "?t"? VALIDATE CONSTRAINT/),
    ]);
    const notNull = texts(alter('v', { nullable: false }, online));
    expect(notNull.findIndex((text) => /VALIDATE/.test(text))).toBeLessThan(
      notNull.findIndex((text) => /SET NOT NULL/.test(text)),
    );
    expect(notNull.filter((text) => /VALIDATE/.test(text))).toHaveLength(1);
  });
});
