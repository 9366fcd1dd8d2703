/** Opens one of the test databases by TypeORM. */

import type { DataSourceOptions } from 'typeorm';
import type { DatabaseKind } from '../support/databases';

export function peerOptions(kind: DatabaseKind, url: string): DataSourceOptions {
  switch (kind) {
    case 'sqlite':
      return { type: 'better-sqlite3', database: url.slice('sqlite:'.length) };
    case 'postgres':
      return { type: 'postgres', url };
    case 'mysql':
      return { type: 'mariadb', url };
    default:
      throw new Error(`no databases of kind ${kind satisfies never}`);
  }
}
