/** `reset()` of the test kit for 50 tables, against dropping and creating them, and against deleting all rows. */

import { DataSource } from 'limbeck';
import { useTestDatabase } from 'limbeck/testing';
import { entities } from './entities.js';
import { median } from './harness.js';

const ROUNDS = 40;

export async function reset(): Promise<void> {
  const classes = entities(50);
  const hooks: (() => Promise<void>)[] = [];
  const hook = (run: () => Promise<void>): void => void hooks.push(run);
  const block = (): void => {};
  const runner = { describe: block, it: block, beforeAll: hook, afterAll: hook };
  const kit = useTestDatabase({ url: 'sqlite::memory:', entities: classes }, { runner });
  const [open, close] = hooks;
  await open?.();
  const other = await new DataSource({ url: 'sqlite::memory:', entities: classes }).initialize();
  await other.createSchema();

  const candidates: Readonly<Record<string, () => Promise<unknown>>> = {
    'drop and create all tables': async () => {
      await other.dropSchema();
      await other.createSchema();
    },
    'delete all rows of every table': async () => {
      for (let i = classes.length - 1; i >= 0; i--) await other.query(`DELETE FROM thing_${i}`, []);
    },
    'limbeck reset()': () => kit.reset(),
  };
  const fill = async (): Promise<void> => {
    const row = "'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'";
    const columns = Array.from({ length: 8 }, (_, c) => `column${c}`).join(', ');
    for (const place of [other, kit])
      await place.query(`INSERT INTO thing_0 (${columns}) VALUES (${row})`, []);
  };
  const times = new Map(Object.keys(candidates).map((name) => [name, [] as number[]]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, run] of Object.entries(candidates)) {
      await fill();
      const start = process.hrtime.bigint();
      await run();
      times.get(name)?.push(Number(process.hrtime.bigint() - start) / 1e6);
    }
  }
  console.log('\nreset for 50 tables   (aim: about a millisecond)');
  const base = median(times.get('drop and create all tables') ?? []);
  for (const [name, list] of times) {
    const middle = median(list);
    const ratio = (middle / base).toFixed(3).padStart(8);
    console.log(`  ${name.padEnd(44)} ${middle.toFixed(2).padStart(10)} ms ${ratio} x`);
  }
  await other.destroy();
  await close?.();
}
