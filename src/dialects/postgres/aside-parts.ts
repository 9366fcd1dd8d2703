/**
 * Parts of a table that are taken away while a column changes underneath them, and made anew when it has: columns
 * generated from it, and checks, exclusions and indexes whose expressions would not be understood any more.
 */

import { deepEqual } from '../../base/structure.js';
import { indexColumns, usesOf } from '../../schema/column-uses.js';
import type { SchemaDraft } from '../../schema/draft.js';
import type { ForeignKey, Table } from '../../schema/model.js';
import type { AlterPart } from './alter-table.js';
import {
  checkText,
  columnCommentText,
  columnText,
  createIndexText,
  exclusionText,
  indexText,
  primaryKeyText,
  uniqueText,
} from './ddl.js';
import { namesIn, saysName } from './dependents.js';
import { quoteIdentifier as quote } from './literals.js';

/** What the planner does for it. */
export interface AsideHost {
  readonly draft: SchemaDraft;
  readonly version: number;
  alter(table: string, ...parts: readonly AlterPart[]): void;
  emit(sql: string): void;
  emitAfter(table: string, sql: string): void;
  setViewsAside(table: string, columns?: readonly string[]): void;
  detachKeys(isHeld: (holder: Table, key: ForeignKey) => boolean): void;
}

type PartKind = 'column' | 'primaryKey' | 'unique' | 'check' | 'exclusion' | 'index';

export class AsideParts {
  readonly #state: AsideHost;
  readonly #tables = new Map<string, Map<string, { readonly kind: PartKind; readonly name: string }>>();

  constructor(state: AsideHost) {
    this.#state = state;
  }

  has(table: string, kind: PartKind, name: string): boolean {
    return this.#tables.get(table)?.has(key(kind, name)) ?? false;
  }

  /** Whether it was taken away; then it does not come back. */
  forget(table: string, kind: PartKind, name: string): boolean {
    return this.#tables.get(table)?.delete(key(kind, name)) ?? false;
  }

  forgetTable(table: string): void {
    this.#tables.delete(table);
  }

  #note(table: string, kind: PartKind, name: string): void {
    let parts = this.#tables.get(table);
    if (parts === undefined) {
      parts = new Map();
      this.#tables.set(table, parts);
    }
    parts.set(key(kind, name), { kind, name });
  }

  /** A column, which takes along all that is on it. */
  column(table: Table, name: string): void {
    if (this.has(table.name, 'column', name)) return;
    const state = this.#state;
    state.setViewsAside(table.name, [name]);
    const uses = usesOf(table, name).filter(
      ({ kind, name: part }) => kind !== 'foreignKey' && !this.has(table.name, kind as PartKind, part),
    );
    const keys = [table.primaryKey, ...table.uniques, ...uniqueIndexes(table)].flatMap((each) =>
      each && uses.some((use) => use.name === each.name) ? [each.columns] : [],
    );
    state.detachKeys(
      (holder, foreign) =>
        (holder.name === table.name && foreign.columns.includes(name)) ||
        (foreign.refTable === table.name &&
          (foreign.refColumns.includes(name) ||
            keys.some((columns) => sameSet(columns, foreign.refColumns)))),
    );
    for (const use of uses) if (use.kind === 'generated') this.column(table, use.name);
    for (const { kind, name: part } of uses) {
      if (kind !== 'generated') this.#note(table.name, kind as PartKind, part);
    }
    this.#note(table.name, 'column', name);
    state.alter(table.name, { sql: `DROP COLUMN ${quote(name)}`, about: `column ${name}` });
  }

  /** Checks, exclusions and indexes whose expressions say a column, or anything else that `says` finds in them. */
  expressions(table: Table, says: (names: ReadonlySet<string>) => boolean): void {
    const state = this.#state;
    const affected = (...texts: readonly (string | undefined)[]): boolean =>
      texts.some((text) => text !== undefined && says(namesIn(text)));
    const constraint = (kind: PartKind, name: string): void => {
      if (this.has(table.name, kind, name)) return;
      this.#note(table.name, kind, name);
      state.alter(table.name, { sql: `DROP CONSTRAINT ${quote(name)}`, about: `constraint ${name}` });
    };
    for (const check of table.checks) if (affected(check.expression)) constraint('check', check.name);
    for (const each of table.exclusions) {
      if (affected(each.elements, each.where)) constraint('exclusion', each.name);
    }
    for (const index of table.indexes) {
      const texts = index.columns.map((part) => ('expression' in part ? part.expression : undefined));
      const isOfColumn = index.columns.some(
        (part) => part.operatorClass !== undefined && 'column' in part && says(new Set([part.column])),
      );
      if ((!affected(index.where, ...texts) && !isOfColumn) || this.has(table.name, 'index', index.name))
        continue;
      this.#note(table.name, 'index', index.name);
      if (index.unique)
        state.detachKeys(
          (_, foreign) =>
            foreign.refTable === table.name && sameSet(indexColumns(index, table), foreign.refColumns),
        );
      state.emit(`DROP INDEX ${indexText(index.name, table.name)}`);
    }
  }

  /** Everything that says a name: of a type. */
  expressionsSaying(name: string): void {
    for (const table of this.#state.draft.tables.values()) {
      this.expressions(table, (names) => saysName(names, name));
      for (const column of table.columns) {
        if (column.generated && saysName(namesIn(column.generated.sql), name))
          this.column(table, column.name);
      }
    }
  }

  get tables(): string[] {
    return [...this.#tables.keys()];
  }

  /** Makes the parts of a table again, as the schema has them by now. */
  bringBack(name: string): void {
    const parts = this.#tables.get(name);
    this.#tables.delete(name);
    const table = this.#state.draft.tables.get(name);
    if (parts === undefined || table === undefined) return;
    const has = (kind: PartKind, part: string): boolean => parts.has(key(kind, part));
    const state = this.#state;
    for (const column of table.columns) {
      if (!has('column', column.name)) continue;
      const sql = `ADD COLUMN ${columnText(column, name, state.version)}`;
      state.alter(name, { sql, about: `column ${column.name}` });
      if (column.comment) state.emitAfter(name, columnCommentText(name, column.name, column.comment));
    }
    const { primaryKey } = table;
    if (primaryKey && has('primaryKey', primaryKey.name))
      this.#add(table, primaryKey.name, primaryKeyText(primaryKey), primaryKey.columns);
    for (const unique of table.uniques) {
      if (has('unique', unique.name))
        this.#add(table, unique.name, uniqueText(unique, state.version), unique.columns);
    }
    for (const each of table.exclusions)
      if (has('exclusion', each.name)) this.#add(table, each.name, exclusionText(each));
    for (const check of table.checks)
      if (has('check', check.name)) this.#add(table, check.name, checkText(check));
    for (const index of table.indexes) {
      if (has('index', index.name)) state.emit(createIndexText(index, name, state.version));
    }
  }

  #add(table: Table, name: string, text: string, columns: readonly string[] = []): void {
    this.#state.alter(table.name, { sql: `ADD ${text}`, about: constraintAbout(name, columns) });
  }
}

/** What a constraint is about; of two keys over the same columns one would be left out (see `divideUniques`). */
export function constraintAbout(name: string, columns: readonly string[] = []): string[] {
  return [`constraint ${name}`, ...(columns.length > 0 ? [`key over ${JSON.stringify(columns)}`] : [])];
}

export function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return deepEqual([...a].sort(), [...b].sort());
}

/** Unique indexes over plain columns, to which a foreign key may hold on as well. */
function uniqueIndexes(table: Table): { readonly name: string; readonly columns: readonly string[] }[] {
  return table.indexes
    .filter(({ unique, where }) => unique && where === undefined)
    .map((index) => ({ name: index.name, columns: indexColumns(index, table) }));
}

function key(kind: PartKind, name: string): string {
  return `${kind} ${name}`;
}
