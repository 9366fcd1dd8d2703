/**
 * Which statements a connection's server keeps prepared. One that is seen a second time gets a name; the least
 * recently used are let go a generation at a time, so a hit costs one look-up and no reordering.
 */

import { createHash } from 'node:crypto';
import type { NamedStatement } from './exchange.js';
import { textChangesSession } from './session.js';

/** Statements kept a generation; two generations are kept. */
const GENERATION = 128;

export class StatementCache {
  /** Texts seen once have no statement yet: most DDL never comes again. */
  #young = new Map<string, NamedStatement | undefined>();
  #old = new Map<string, NamedStatement | undefined>();
  #closes: string[] = [];

  /** The statement of a text; undefined where it is not to be kept yet. */
  get(sql: string): NamedStatement | undefined {
    const known = this.#young.get(sql);
    if (known !== undefined) return known;
    const seen = this.#young.has(sql) || this.#old.has(sql);
    const statement = seen ? (this.#old.get(sql) ?? named(sql)) : undefined;
    if (this.#young.size >= GENERATION) this.#letGo();
    this.#young.set(sql, statement);
    this.#old.delete(sql);
    return statement;
  }

  /** Names that the server may forget; asked once. */
  takeCloses(): readonly string[] {
    if (this.#closes.length === 0) return this.#closes;
    const closes = this.#closes;
    this.#closes = [];
    return closes;
  }

  /** When what the server holds may be wrong: after DDL, whose types it remembers. */
  forget(): void {
    this.#close(this.#young);
    this.#close(this.#old);
    this.#young.clear();
    this.#old.clear();
  }

  /** When the server holds none any more, as after DISCARD ALL. */
  clear(): void {
    this.#young.clear();
    this.#old.clear();
    this.#closes = [];
  }

  #letGo(): void {
    this.#close(this.#old);
    this.#old = this.#young;
    this.#young = new Map();
  }

  /** To close what the server does not hold is no error. */
  #close(statements: ReadonlyMap<string, NamedStatement | undefined>): void {
    for (const statement of statements.values())
      if (statement !== undefined) this.#closes.push(statement.name);
  }
}

/**
 * The name says the text: where a pooler before the server hands one server connection to several clients, a name
 * that another client has taken must not mean another statement.
 */
function named(sql: string): NamedStatement {
  const hash = createHash('sha256').update(sql).digest('hex').slice(0, 40);
  return {
    name: `limbeck_${hash}`,
    fields: undefined,
    parsed: false,
    changesSession: textChangesSession(sql),
  };
}
