/** What a transaction may be asked for, who is told what, and where reads go. */

import { expectTypeOf } from 'expect-type';
import type { EntityManager, IsolationLevel, LogEntry, TransactionOptions } from '../../src/index';
import { DataSource, sql } from '../../src/index';

declare const db: DataSource;

export async function compiles(): Promise<void> {
  expectTypeOf(await db.transaction(async () => 5)).toEqualTypeOf<number>();
  const options: TransactionOptions = { isolation: 'SERIALIZABLE', readOnly: true, retries: 3 };
  await db.transaction(async (manager) => {
    expectTypeOf(manager).toEqualTypeOf<EntityManager>();
    await manager.transaction(async () => {}, { retries: 1 });
  }, options);
  expectTypeOf<IsolationLevel>().toEqualTypeOf<
    'READ UNCOMMITTED' | 'READ COMMITTED' | 'REPEATABLE READ' | 'SERIALIZABLE'
  >();
  expectTypeOf(await db.readFrom('primary', async () => 'x')).toEqualTypeOf<string>();
  expectTypeOf(await db.query<{ n: number }>('SELECT 1 AS n')).toEqualTypeOf<{ n: number }[]>();
  await db.sql`SELECT ${sql.join([1, sql.id('a')], sql` AND `)} ${sql.val([1, 2])}`;
  new DataSource({ url: 'sqlite:a.db', replicas: ['sqlite:b.db'], pool: { max: 2, acquireTimeoutMs: 100 } });
  new DataSource({ url: 'sqlite:a.db', logger: 'console', logParameters: true, slowQueryMs: 100 });
  new DataSource({
    url: 'sqlite:a.db',
    logger: ({ kind }) => expectTypeOf(kind).toEqualTypeOf<LogEntry['kind']>(),
  });
}

export async function doesNotCompile(): Promise<void> {
  // @ts-expect-error no such level
  await db.transaction(async () => 5, { isolation: 'SNAPSHOT' });
  // @ts-expect-error no such option
  await db.transaction(async () => 5, { isolationLevel: 'SERIALIZABLE' });
  // @ts-expect-error TypeORM's other form
  await db.transaction('SERIALIZABLE', async () => 5);
  // @ts-expect-error not a number
  await db.transaction(async () => 5, { retries: 'three' });
  // @ts-expect-error TypeORM's word
  db.readFrom('master', () => 5);
  // @ts-expect-error the separator is a fragment
  sql.join([1, 2], ', ');
  // @ts-expect-error no such logger
  new DataSource({ url: 'sqlite:a.db', logger: 'advanced-console' });
  // @ts-expect-error URLs, not one
  new DataSource({ url: 'sqlite:a.db', replicas: 'sqlite:b.db' });
}
