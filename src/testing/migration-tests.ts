/** `migrationTests()`: the tests that every folder of migrations should pass, registered with the runner. */

import { error } from '../base/error-codes.js';
import { isLimbeckError } from '../base/errors.js';
import { deepEqual } from '../base/structure.js';
import type { Config } from '../config.js';
import { resolveConfig } from '../config.js';
import { DataSource, databaseOf } from '../data-source.js';
import { ownTables } from '../migration/environment.js';
import type { Migrations, RevisionEntry } from '../migration/types.js';
import { migrations } from '../migrations.js';
import type { Schema } from '../schema/model.js';
import { findRunner, type TestRunner } from './runner.js';
import { type ConfigLike, configOf, scratchConfig } from './test-config.js';

/**
 * Registers tests of the migrations: there is one head, they upgrade an empty database, the entities ask for
 * nothing more, and each can be taken back and applied again.
 *
 * ```ts
 * import { migrationTests } from 'limbeck/testing';
 * import config from '../ormconfig';
 *
 * migrationTests(config);
 * ```
 *
 * @throws TEST_RUNNER_MISSING outside a test runner
 */
export function migrationTests(config: ConfigLike, options: { readonly runner?: TestRunner } = {}): void {
  const { describe, it } = findRunner(options.runner, ['describe', 'it']);
  const checked = configOf(config);
  describe('migrations', () => {
    it('have one head', () => inScratch(checked, ({ commands }) => checkOneHead(commands)));
    it('upgrade an empty database', () =>
      inScratch(checked, async ({ commands }) => {
        await commands.upgrade('heads');
      }));
    // Without entities there is nothing to match.
    if ((checked.entities ?? []).length > 0) it('match the entities', () => inScratch(checked, checkMatch));
    it('go down and up again, one by one', () => inScratch(checked, checkDownAndUp));
  });
}

interface Scratch {
  readonly commands: Migrations;
  readonly schema: () => Promise<Schema>;
}

/** Runs a test on an empty database of its own. */
async function inScratch(config: Config, test: (scratch: Scratch) => Promise<void>): Promise<void> {
  const scratch = await scratchConfig(config);
  const source = new DataSource(scratch.config);
  try {
    await source.initialize();
    await test({ commands: migrations(source), schema: () => readSchema(source) });
  } finally {
    await source.destroy();
    await scratch.drop();
  }
}

async function readSchema(source: DataSource): Promise<Schema> {
  const database = databaseOf(source);
  const lease = await database.acquire('read');
  try {
    return await database.dialect.introspect(lease.connection, {
      ignoreTables: ownTables(resolveConfig(source.options)),
    });
  } finally {
    lease.release();
  }
}

async function checkOneHead(commands: Migrations): Promise<void> {
  const heads = await commands.heads();
  if (heads.length <= 1) return;
  const names = heads.map(({ revision }) => revision).join(', ');
  throw error('MIGRATION_TEST_FAILED', {
    problem: `there are ${heads.length} heads (${names})`,
    cure: 'Merge them: limbeck merge heads',
  });
}

async function checkMatch({ commands }: Scratch): Promise<void> {
  await commands.upgrade('heads');
  const { changes } = await commands.diff();
  if (changes.length === 0) return;
  throw error('MIGRATION_TEST_FAILED', {
    problem: [
      'the entities ask for more than the migrations make:',
      ...changes.map((change) => `  - ${change}`),
    ].join('\n'),
    cure: 'Write them down: limbeck revision --autogenerate',
  });
}

async function checkDownAndUp({ commands, schema }: Scratch): Promise<void> {
  const entries = [...(await commands.history())].reverse();
  for (const entry of entries) {
    const before = await schema();
    await commands.upgrade(entry.revision);
    const after = await schema();
    if (!(await takeBack(commands, entry))) continue;
    if (entry.downRevisions.length < 2) requireSame(before, await schema(), entry, 'downgrade() leaves');
    await commands.upgrade(entry.revision);
    requireSame(after, await schema(), entry, 'upgrade() after downgrade() makes');
  }
}

/** @returns false where a revision says itself that it cannot be taken back */
async function takeBack(commands: Migrations, { downRevisions }: RevisionEntry): Promise<boolean> {
  const target = downRevisions.length > 1 ? '-1' : (downRevisions[0] ?? 'base');
  try {
    await commands.downgrade(target);
    return true;
  } catch (cause) {
    if (isLimbeckError(cause) && cause.name === 'IrreversibleError') return false;
    throw cause;
  }
}

function requireSame(wanted: Schema, found: Schema, { revision }: RevisionEntry, what: string): void {
  const places = differences(wanted, found);
  if (places.length === 0) return;
  throw error('MIGRATION_TEST_FAILED', {
    problem: `revision ${revision}: ${what} another schema (${places.join(', ')})`,
    cure: 'Compare its upgrade() and downgrade()',
  });
}

/** Names of what is not the same in both schemas; the order of a table's columns does not count. */
function differences(a: Schema, b: Schema): string[] {
  const parts = ['tables', 'enums', 'views', 'sequences', 'triggers'] as const;
  return parts.flatMap((part) => {
    const named = (schema: Schema): Map<string, unknown> =>
      new Map(schema[part].map((item) => [item.name, part === 'tables' ? sorted(item) : item]));
    const [left, right] = [named(a), named(b)];
    const names = [...new Set([...left.keys(), ...right.keys()])];
    return names.filter((name) => !deepEqual(left.get(name), right.get(name))).map((name) => `'${name}'`);
  });
}

function sorted(table: unknown): unknown {
  const { columns, ...rest } = table as Schema['tables'][number];
  return { ...rest, columns: [...columns].sort((a, b) => (a.name < b.name ? -1 : 1)) };
}
