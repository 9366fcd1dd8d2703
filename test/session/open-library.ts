/** A library in memory, with what it is asked. */

import { DataSource } from '../../src/data-source';
import type { EntityClass } from '../../src/metadata/entity';
import { entities } from './library';

export interface OpenLibrary {
  readonly db: DataSource;
  /** Statements since the last call. */
  statements(): string[];
}

export async function openLibrary(
  options: { url?: string; classes?: readonly EntityClass[] } = {},
): Promise<OpenLibrary> {
  let log: string[] = [];
  const db = new DataSource({
    url: options.url ?? 'sqlite::memory:',
    entities: options.classes ?? entities,
    logger: (entry) => {
      if (entry.kind === 'query') log.push(entry.sql);
    },
  });
  await db.initialize();
  await db.createSchema();
  log = [];
  const statements = (): string[] => {
    const said = log;
    log = [];
    return said;
  };
  return { db, statements };
}
