/** What a logger and subscribers of diagnostics_channel are told, and what never: values, and passwords. */

import { AsyncLocalStorage } from 'node:async_hooks';
import { channel, tracingChannel } from 'node:diagnostics_channel';
import { inspect } from 'node:util';
import {
  Column,
  type Config,
  DataSource,
  Entity,
  type LogEntry,
  PrimaryGeneratedColumn,
  type QueryTrace,
  type TransactionTrace,
} from 'limbeck';
import { error } from '../../src/base/error-codes';
import { databaseOf } from '../../src/data-source';
import { createDatabase, type TestDatabase, testDatabases } from '../support/databases';
import { proxied } from '../support/tcp-proxy';

@Entity('marks')
class Mark {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 20 }) text!: string;
  @Column('blob', { nullable: true }) bytes!: Buffer | null;
}

describe.each(testDatabases())('%s', (kind) => {
  let database: TestDatabase;
  let entries: LogEntry[] = [];
  const sources: DataSource[] = [];
  beforeEach(async () => {
    database = await createDatabase(kind);
  });
  afterEach(async () => {
    for (const source of sources.splice(0)) await source.destroy();
    await database.drop();
  });
  const open = async (config: Partial<Config> = {}): Promise<DataSource> => {
    const source = new DataSource({
      url: database.url,
      entities: [Mark],
      logger: (entry) => entries.push(entry),
      ...config,
    });
    sources.push(source);
    await source.initialize();
    await source.createSchema();
    entries = [];
    return source;
  };
  const queries = (): LogEntry[] => entries.filter((entry) => entry.kind === 'query');
  const others = (): LogEntry[] => entries.filter((entry) => entry.kind !== 'query');

  describe('the logger', () => {
    test('is told of each statement: text, operation, time and rows', async () => {
      const db = await open();
      await db.getRepository(Mark).insert([{ text: 'a' }, { text: 'b' }]);
      entries = [];
      await db.getRepository(Mark).find();
      await db.getRepository(Mark).update({ text: 'a' }, { text: 'c' });
      expect(queries()).toEqual([
        {
          kind: 'query',
          operation: 'SELECT',
          rows: 2,
          sql: expect.stringMatching(/^SELECT/),
          durationMs: expect.any(Number),
        },
        {
          kind: 'query',
          operation: 'UPDATE',
          rows: 1,
          sql: expect.stringMatching(/^UPDATE/),
          durationMs: expect.any(Number),
        },
      ]);
      for (const entry of queries()) expect(entry).toHaveProperty('durationMs', expect.any(Number));
    });

    test('is told of failures, with the error that the caller gets', async () => {
      const db = await open();
      const failure = await db.query('SELECT nothing FROM nowhere').catch((cause: unknown) => cause);
      expect(entries).toEqual([
        {
          kind: 'query',
          operation: 'SELECT',
          sql: 'SELECT nothing FROM nowhere',
          durationMs: expect.any(Number),
          error: failure,
        },
      ]);
    });

    test('never sees values, unless they are asked for', async () => {
      const secret = 'hunter2-secret';
      const quiet = await open();
      await quiet.getRepository(Mark).insert({ text: secret });
      await quiet.getRepository(Mark).findBy({ text: secret });
      await quiet.sql`SELECT ${secret} AS x`;
      expect(inspect(entries, { depth: 9 })).not.toContain(secret);
      const told = await open({ logParameters: true });
      await told.getRepository(Mark).insert({ text: secret, bytes: Buffer.alloc(1_000, 1) });
      const parameters = queries().flatMap((entry) =>
        entry.kind === 'query' ? [...(entry.parameters ?? [])] : [],
      );
      expect(parameters).toContain(secret);
      expect(parameters).toContain(`<1000 bytes: ${'01'.repeat(16)}…>`);
      for (const entry of queries()) expect(entry).toHaveProperty('sql', expect.not.stringContaining(secret));
    });

    test('sees which statements were slow', async () => {
      const db = await open({ slowQueryMs: 0 });
      await db.query('SELECT 1');
      expect(queries()).toMatchObject([{ slow: true }]);
      const patient = await open({ slowQueryMs: 60_000 });
      await patient.query('SELECT 1');
      expect(queries()[0]).not.toHaveProperty('slow');
    });

    test('is told of transactions and retries, in their order', async () => {
      const db = await open();
      let runs = 0;
      await db.transaction(
        async (manager) => {
          await manager.getRepository(Mark).count();
          await manager.transaction(async () => {});
          if (++runs === 1) throw error('DEADLOCK', { reason: 'made for a test' });
        },
        { isolation: 'SERIALIZABLE', retries: 2 },
      );
      const asked = { isolation: 'SERIALIZABLE' };
      const durationMs = expect.any(Number);
      expect(others()).toEqual([
        { kind: 'transaction', event: 'begin', ...asked },
        {
          kind: 'transaction',
          event: 'rollback',
          ...asked,
          durationMs,
          error: expect.objectContaining({ code: 'DEADLOCK' }),
        },
        {
          kind: 'retry',
          attempt: 1,
          attempts: 3,
          delayMs: expect.any(Number),
          error: expect.objectContaining({ code: 'DEADLOCK' }),
        },
        { kind: 'transaction', event: 'begin', ...asked },
        { kind: 'transaction', event: 'commit', ...asked, durationMs },
      ]);
      entries = [];
      await db.transaction(async () => {}, { readOnly: true });
      expect(others()).toEqual([
        { kind: 'transaction', event: 'begin', readOnly: true },
        { kind: 'transaction', event: 'commit', readOnly: true, durationMs },
      ]);
    });

    test('that throws does no harm', async () => {
      const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {});
      const db = await open({
        logger: () => {
          throw new Error('the logger is full');
        },
      });
      await db.transaction(() => db.getRepository(Mark).insert({ text: 'a' }));
      expect(await db.getRepository(Mark).count()).toBe(1);
      const warnings = warn.mock.calls.map(([message]) => message);
      warn.mockRestore();
      expect(warnings).toEqual(['The logger of a data source has failed: Error: the logger is full']);
    });

    test("'console' writes a line each", async () => {
      const lines: string[] = [];
      const spies = (['log', 'error'] as const).map((name) =>
        jest.spyOn(console, name).mockImplementation((...line: unknown[]) => {
          lines.push(`${name}: ${line.join(' ')}`);
        }),
      );
      try {
        const db = await open({ logger: 'console', logParameters: true });
        lines.length = 0;
        await db.query(`SELECT ${kind === 'postgres' ? '$1::text' : '?'} AS x`, ['value']);
        await db.query('SELECT nothing FROM nowhere').catch(() => {});
        await db.transaction(async () => {}, { readOnly: true });
      } finally {
        for (const spy of spies) spy.mockRestore();
      }
      expect(lines[0]).toMatch(/^log: query \(\d+\.\d ms, 1 rows\): SELECT .* AS x -- "value"$/);
      expect(lines[1]).toMatch(
        /^error: query \(\d+\.\d ms, failed: QUERY_FAILED, .*\): SELECT nothing FROM nowhere/,
      );
      expect(lines).toContain('log: transaction commit');
    });

    if (kind !== 'sqlite') {
      test('is told of connections that break, and of those that are not to be had', async () => {
        const { url, proxy } = await proxied(database.url);
        // Long enough to connect on a busy machine; the call that is to time out waits for all of it.
        const db = await open({ url, pool: { max: 1, acquireTimeoutMs: 2_000 } });
        const failure = db.transaction(async (manager) => {
          await manager.getRepository(Mark).insert({ text: 'a' });
          proxy.cutAll();
          await manager.getRepository(Mark).insert({ text: 'b' });
        });
        await expect(failure).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
        expect(others()).toContainEqual({
          kind: 'connection',
          problem: 'lost',
          error: expect.objectContaining({ code: 'CONNECTION_LOST' }),
        });
        proxy.isDown = true;
        entries = [];
        await db
          .getRepository(Mark)
          .count()
          .catch(() => {});
        expect(others()).toEqual([
          {
            kind: 'connection',
            problem: 'failed',
            error: expect.objectContaining({ code: 'CONNECTION_FAILED' }),
          },
        ]);
        proxy.isDown = false;
        let release = (): void => {};
        const held = new Promise<void>((resolve) => {
          release = resolve;
        });
        const holder = db.transaction(() => held);
        entries = [];
        await expect(db.getRepository(Mark).count()).rejects.toMatchObject({ code: 'POOL_TIMEOUT' });
        expect(others()).toContainEqual({
          kind: 'connection',
          problem: 'timeout',
          error: expect.objectContaining({ code: 'POOL_TIMEOUT' }),
        });
        release();
        await holder;
        await db.destroy();
        await proxy.close();
      });
    }
  });

  describe('diagnostics_channel', () => {
    test('limbeck:query and limbeck:transaction nest as spans do', async () => {
      const db = await open({ logger: undefined });
      interface Span {
        name: string;
        parent: string | undefined;
        ended: boolean;
        failed: boolean;
      }
      const spans: Span[] = [];
      const current = new AsyncLocalStorage<Span>();
      const byContext = new WeakMap<object, Span>();
      const start =
        (name: (context: never) => string) =>
        (context: object): Span => {
          const span = {
            name: name(context as never),
            parent: current.getStore()?.name,
            ended: false,
            failed: false,
          };
          spans.push(span);
          byContext.set(context, span);
          return span;
        };
      // As OpenTelemetry's instrumentation does: a span a start, current in what runs inside, ended when it is over.
      const subscribeTo = (name: string, nameOf: (context: never) => string): (() => void) => {
        const traced = tracingChannel<unknown, object>(name);
        traced.start.bindStore(current, start(nameOf) as never);
        const end = (context: object): void => {
          const span = byContext.get(context);
          if (span !== undefined && 'durationMs' in context) span.ended = true;
        };
        const handlers = {
          start() {},
          end,
          asyncStart() {},
          asyncEnd: end,
          error(context: object) {
            const span = byContext.get(context);
            if (span !== undefined) span.failed = true;
          },
        };
        traced.subscribe(handlers);
        return () => {
          traced.unsubscribe(handlers);
          traced.start.unbindStore(current);
        };
      };
      const stops = [
        subscribeTo('limbeck:query', ({ operation }: QueryTrace) => operation),
        subscribeTo('limbeck:transaction', ({ isolation }: TransactionTrace) => `transaction ${isolation}`),
      ];
      try {
        await db
          .transaction(
            async (manager) => {
              await manager.getRepository(Mark).insert({ text: 'a' });
              await db.query('SELECT nothing FROM nowhere').catch(() => {});
              if (kind === 'postgres') throw new Error('a failed transaction takes no more there');
            },
            { isolation: 'SERIALIZABLE' },
          )
          .catch(() => {});
        await db.getRepository(Mark).count();
      } finally {
        for (const stop of stops) stop();
      }
      const inside = spans
        .filter(({ parent }) => parent === 'transaction SERIALIZABLE')
        .map(({ name }) => name);
      expect(inside).toEqual(
        expect.arrayContaining(['INSERT', 'SELECT', kind === 'postgres' ? 'ROLLBACK' : 'COMMIT']),
      );
      expect(spans[0]).toMatchObject({
        name: 'transaction SERIALIZABLE',
        parent: undefined,
        failed: kind === 'postgres',
      });
      expect(spans.every(({ ended }) => ended)).toBe(true);
      expect(spans.filter(({ name, failed }) => failed && name === 'SELECT')).toHaveLength(1);
      expect(spans.at(-1)).toMatchObject({ name: 'SELECT', parent: undefined });
      const before = spans.length;
      await db.getRepository(Mark).count();
      expect(spans).toHaveLength(before);
    });

    test('plain channels of the same names get each one once, when it is over', async () => {
      const db = await open({ logger: undefined, slowQueryMs: 0 });
      const seen: unknown[] = [];
      const listen = (message: unknown): void => {
        seen.push({ ...(message as object) });
      };
      channel('limbeck:query').subscribe(listen);
      channel('limbeck:transaction').subscribe(listen);
      try {
        await db.transaction(() => db.getRepository(Mark).count(), { readOnly: true });
      } finally {
        channel('limbeck:query').unsubscribe(listen);
        channel('limbeck:transaction').unsubscribe(listen);
      }
      const database = databaseOf(db).dialect.describe(db.options.url);
      const counted = seen.find((trace) => (trace as QueryTrace).operation === 'SELECT');
      expect(counted).toEqual({
        sql: expect.stringContaining('COUNT'),
        operation: 'SELECT',
        database,
        rows: 1,
        slow: true,
        durationMs: expect.any(Number),
      });
      expect(seen.at(-1)).toEqual({
        database,
        readOnly: true,
        outcome: 'commit',
        durationMs: expect.any(Number),
      });
    });

    test('without anybody who listens, leases are those of the database itself', async () => {
      const db = await open({ logger: undefined });
      const nameOfConnection = async (): Promise<string> => {
        const lease = await databaseOf(db).acquire('write');
        const { name } = lease.connection.constructor;
        lease.release();
        return name;
      };
      const plain = await nameOfConnection();
      expect(plain).not.toBe('TracedConnection');
      const listen = (): void => {};
      channel('limbeck:query').subscribe(listen);
      expect(await nameOfConnection()).toBe('TracedConnection');
      channel('limbeck:query').unsubscribe(listen);
      expect(await nameOfConnection()).toBe(plain);
    });
  });
});

describe('a password is in no error and no entry', () => {
  const PASSWORD = 'hunter2';
  test.each([
    `postgres://u:${PASSWORD}@127.0.0.1:1/db`,
    `postgres://u:${PASSWORD}@127.0.0.1:1`,
    `postgres://u:${PASSWORD}/x@127.0.0.1:1/db`,
    `postgres://u:${PASSWORD}#x@127.0.0.1:1/db`,
    `postgres://u:${PASSWORD}?x@127.0.0.1:1/db`,
    `postgres://u:${PASSWORD}%zz@127.0.0.1:1/db`,
    `postgres://u:${PASSWORD}@x@127.0.0.1:1/db`,
    `postgres://u:${PASSWORD}@[::1/db`,
    `postgres://u:${PASSWORD}@127.0.0.1:99999/db`,
    `postgres://127.0.0.1:1/db?user=u&password=${PASSWORD}`,
    `postgres://u:x@127.0.0.1:1/db?pasword=${PASSWORD}`,
    `postgres:u:${PASSWORD}@127.0.0.1:1/db`,
    `postgress://u:${PASSWORD}@127.0.0.1:1/db`,
    `mysql://u:${PASSWORD}@127.0.0.1:1/db`,
    `mysql://u:${PASSWORD}@127.0.0.1:1`,
    `mysql://u:${PASSWORD}/x@127.0.0.1:1/db`,
    `mysql://u:${PASSWORD}#x@127.0.0.1:1/db`,
    `mysql://u:${PASSWORD}@x@127.0.0.1:1/db`,
    `mysql://u:${PASSWORD}%zz@127.0.0.1:1/db`,
    `mysql://127.0.0.1:1/db?password=${PASSWORD}`,
    `mariadb://u:${PASSWORD}@127.0.0.1:1/db?ssl=${PASSWORD}`,
    `mariadb://u:${PASSWORD}@nowhere.invalid/db`,
    `MySQL://u:${PASSWORD}@127.0.0.1:1/db`,
    `u:${PASSWORD}@127.0.0.1/db`,
    ` postgres://u:${PASSWORD}@127.0.0.1:1/db`,
  ])('%s', async (url) => {
    const entries: LogEntry[] = [];
    const db = new DataSource({ url, logger: (entry) => entries.push(entry) });
    const failure = await db.initialize().catch((cause: unknown) => cause);
    expect(failure).toMatchObject({
      code: expect.stringMatching(/^(URL_INVALID|CONNECTION_FAILED|CONFIG_INVALID)$/),
    });
    const told = `${inspect(failure, { depth: 20, showHidden: true })} ${JSON.stringify(failure)} ${inspect(entries, { depth: 20 })} ${inspect(db, { depth: 5 })}`;
    expect(told).not.toContain(PASSWORD);
  });
});
