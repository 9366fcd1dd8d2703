/** Random changes of a schema, as people make them to models: things come, go, move and change a little. */

import { renameColumnIn } from '../../src/schema/column-uses';
import type { Column } from '../../src/schema/model';
import type { Choices } from './arbitrary-choices';
import { type Draft, type TableDraft, triggerText, viewQuery } from './arbitrary-draft';
import { NameSpace, text } from './arbitrary-names';
import { addEnum, addObject } from './arbitrary-objects';
import {
  addCheck,
  addColumn,
  addExclusion,
  addForeignKey,
  addGeneratedColumn,
  addIndex,
  addTable,
  addUnique,
  columnBody,
  columnNames,
  put,
  relationNames,
  setOptions,
  setPrimaryKey,
} from './arbitrary-tables';

type Change = (c: Choices, draft: Draft, table: TableDraft) => void;

const LISTS = ['uniques', 'checks', 'foreignKeys', 'indexes', 'exclusions'] as const;

const CHANGES: readonly Change[] = [
  (c, draft, table) => void addColumn(c, draft, table),
  (c, _, table) => dropColumn(c, table),
  changeColumn,
  changeColumn,
  renameColumn,
  addUnique,
  addCheck,
  addIndex,
  addForeignKey,
  dropPart,
  dropPart,
  renamePart,
  changePart,
  setPrimaryKey,
  (c, _, table) => {
    if (c.chance(50)) delete table.primaryKey;
    else if (table.primaryKey)
      table.primaryKey = { ...table.primaryKey, columns: c.shuffle(table.primaryKey.columns) };
  },
  addGeneratedColumn,
  (c, _, table) => {
    table.columns = c.shuffle(table.columns);
  },
  (c, draft) => void addTable(c, draft),
  (_, draft, table) => {
    draft.tables = draft.tables.filter((each) => each !== table);
  },
  renameTable,
  replaceTable,
  setOptions,
  (c, draft, table) => {
    if (draft.options.forSqlite) return;
    if (c.chance(50)) addExclusion(c, draft, table);
    else put(table, 'comment', c.chance(30) ? undefined : `${text(c)}!`);
  },
  changeEnum,
  changeEnum,
  changeObject,
];

/** One change; of a schema without tables always a new table. */
export function changeDraft(c: Choices, draft: Draft): void {
  const table = c.maybe(draft.tables);
  if (table === undefined) addTable(c, draft);
  else c.pick(CHANGES)(c, draft, table);
}

function dropColumn(c: Choices, table: TableDraft): void {
  if (table.columns.length < 2) return;
  const gone = c.pick(table.columns);
  table.columns = table.columns.filter((column) => column !== gone);
  const kept = <T extends { readonly columns: readonly string[] }>(list: readonly T[]): T[] =>
    list.filter(({ columns }) => !columns.includes(gone.name));
  table.uniques = kept(table.uniques);
  table.foreignKeys = kept(table.foreignKeys);
}

function changeColumn(c: Choices, draft: Draft, table: TableDraft): void {
  const column = c.pick(table.columns);
  const body = columnBody(c, draft, table);
  const generated = column.generated && { ...column.generated, stored: !column.generated.stored };
  const { default: _, ...withoutDefault } = column;
  const changed = c.pick<Column>([
    { ...column, nullable: !column.nullable },
    { ...withoutDefault, type: body.type },
    {
      ...withoutDefault,
      ...(column.type.kind === body.type.kind && body.default && { default: body.default }),
    },
    { ...(generated ? { ...column, generated } : { name: column.name, ...body }) },
  ]);
  table.columns = table.columns.map((each) => (each === column ? changed : each));
}

/** In a wish a column that was renamed is another column; all that used it uses the new one. */
function renameColumn(c: Choices, draft: Draft, table: TableDraft): void {
  const { name } = c.pick(table.columns);
  const to = columnNames(draft, table).draw(c);
  Object.assign(table, renameColumnIn(table, name, to));
  for (const other of draft.tables) {
    other.foreignKeys = other.foreignKeys.map((key) =>
      key.refTable === table.name
        ? { ...key, refColumns: key.refColumns.map((each) => (each === name ? to : each)) }
        : key,
    );
  }
}

function renameTable(c: Choices, draft: Draft, table: TableDraft): void {
  const from = table.name;
  table.name = relationNames(draft).draw(c);
  for (const other of draft.tables) {
    other.foreignKeys = other.foreignKeys.map((key) =>
      key.refTable === from ? { ...key, refTable: table.name } : key,
    );
  }
}

/** Another table of the same name. */
function replaceTable(c: Choices, draft: Draft, table: TableDraft): void {
  draft.tables = draft.tables.filter((each) => each !== table);
  addTable(c, draft, table.name);
}

function dropPart(c: Choices, _: Draft, table: TableDraft): void {
  const list = c.pick(LISTS);
  const gone = c.maybe<unknown>(table[list]);
  Object.assign(table, { [list]: table[list].filter((each: unknown) => each !== gone) });
}

function renamePart(c: Choices, draft: Draft, table: TableDraft): void {
  const list = c.pick(LISTS);
  const part = c.maybe<{ readonly name: string }>(table[list]);
  if (part === undefined) return;
  const parts = LISTS.flatMap((each): readonly { readonly name: string }[] => table[each]);
  const names = new NameSpace(
    draft.rules,
    [...parts, ...(table.primaryKey ? [table.primaryKey] : [])].map((each) => each.name),
  );
  const name = (list === 'indexes' ? relationNames(draft) : names).draw(c);
  Object.assign(table, { [list]: table[list].map((each) => (each === part ? { ...each, name } : each)) });
}

function changePart(c: Choices, _: Draft, table: TableDraft): void {
  if (c.chance(50)) {
    const index = c.maybe(table.indexes);
    const changed = index && { ...index, unique: !index.unique, columns: c.shuffle(index.columns) };
    table.indexes = table.indexes.map((each) => (each === index && changed ? changed : each));
  } else {
    const key = c.maybe(table.foreignKeys);
    table.foreignKeys = table.foreignKeys.map((each) => {
      if (each !== key) return each;
      const { onDelete: _, ...rest } = each;
      return each.onDelete ? rest : { ...rest, onDelete: 'CASCADE' };
    });
  }
}

function changeEnum(c: Choices, draft: Draft): void {
  const found = c.maybe(draft.enums);
  if (found === undefined || c.chance(20)) return addEnum(c, draft);
  if (c.chance(15)) {
    draft.enums = draft.enums.filter((each) => each !== found);
    return;
  }
  const kept = c.some(found.values, 1, found.values.length);
  const ordered = c.chance(50) ? kept : found.values.filter((value) => kept.includes(value));
  const at = c.below(ordered.length + 1);
  const values = [...new Set(c.chance(60) ? ordered.toSpliced(at, 0, text(c), 'extra') : ordered)];
  draft.enums = draft.enums.map((each) => (each === found ? { name: found.name, values } : each));
}

function changeObject(c: Choices, draft: Draft): void {
  if (draft.options.objects === false) return;
  switch (c.below(6)) {
    case 0:
      draft.views = draft.views.slice(1);
      break;
    case 5: {
      const [first, ...rest] = draft.views;
      const table = c.maybe(draft.tables);
      const query = table && viewQuery(table.name, c.pick(table.columns).name);
      if (first && query) draft.views = [...rest, { ...first, query }];
      break;
    }
    case 1: {
      const [first, ...rest] = draft.triggers;
      const table = c.maybe(draft.tables);
      if (first && table) {
        const moved = {
          name: first.name,
          table: table.name,
          sql: { sqlite: triggerText(first.name, table.name) },
        };
        draft.triggers = c.chance(50) ? [...rest, moved] : rest;
      }
      break;
    }
    case 2:
      draft.sequences = draft.sequences.map((each) => ({ ...each, start: c.below(9) })).slice(c.below(2));
      break;
    default:
      addObject(c, draft);
  }
}
