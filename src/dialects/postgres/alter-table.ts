/**
 * Several changes of one table as one ALTER TABLE, so that it is locked, and where need be rewritten, once. The
 * server carries out the parts by kind and not in the order written (tablecmds.c, AlterTablePass): so no two of
 * them may be about the same thing.
 */

import { quoteTable } from './literals.js';

/** One part, and what it is about: `column a`, `constraint c`. */
export interface AlterPart {
  readonly sql: string;
  readonly about: string | readonly string[];
  /** Free SQL in it speaks of the table as it is by then, so it stands alone. */
  readonly alone?: boolean;
}

export class AlterTable {
  readonly table: string;
  /** Statements of other kinds that may wait until this one has run. */
  readonly after: string[] = [];
  readonly #parts: AlterPart[] = [];
  readonly #about = new Set<string>();

  constructor(table: string) {
    this.table = table;
  }

  /** Whether parts can stand beside those that are here. */
  takes(parts: readonly AlterPart[]): boolean {
    if (this.#parts.length === 0) return true;
    if ([...this.#parts, ...parts].some((part) => part.alone)) return false;
    return parts.every((part) => !subjects(part).some((about) => this.#about.has(about)));
  }

  add(parts: readonly AlterPart[]): void {
    for (const part of parts) {
      this.#parts.push(part);
      for (const about of subjects(part)) this.#about.add(about);
    }
  }

  /** The statements in order. */
  get texts(): string[] {
    return this.#parts.length === 0 ? this.after : [this.#text, ...this.after];
  }

  get #text(): string {
    const parts = this.#parts.map(({ sql }) => sql);
    const head = `ALTER TABLE ${quoteTable(this.table)}`;
    return parts.length === 1 ? `${head} ${parts[0]}` : `${head}\n  ${parts.join(',\n  ')}`;
  }
}

function subjects({ about }: AlterPart): readonly string[] {
  return typeof about === 'string' ? [about] : about;
}
