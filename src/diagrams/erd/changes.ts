/**
 * What a revision changes, as a diagram: everything that it adds, removes and changes, with its neighbours for the
 * context. What it renames is one thing that has changed, not two.
 */

import type { Schema } from '../../schema/model.js';
import type { Operation } from '../../schema/operations.js';
import {
  type Diagram,
  type DiagramColumn,
  type DiagramLink,
  type DiagramOptions,
  type DiagramTable,
  diagramOf,
} from './model.js';

/** @param operations what leads from the one to the other: they know what is a rename */
export function diagramOfChanges(
  before: Schema,
  after: Schema,
  operations: readonly Operation[],
  options: DiagramOptions,
): Diagram {
  const [old, now] = [diagramOf(before, options), diagramOf(after, options)];
  const names = originalNames(operations);
  const oldTables = new Map(old.tables.map((table) => [keyOf(table.kind, table.name), table]));
  const tables = now.tables.map((table) => {
    const key = keyOf(table.kind, names.table(table.name));
    const was = oldTables.get(key);
    oldTables.delete(key);
    return was === undefined ? allMarked(table, 'added') : compareTables(was, table, names);
  });
  const gone = [...oldTables.values()].map((table) => allMarked(table, 'removed'));
  const links = markLinks(old.links, now.links, names);
  return focused({ title: options.title, tables: [...tables, ...gone], links });
}

const keyOf = (kind: DiagramTable['kind'], name: string): string => `${kind} ${name}`;

/** What things that were renamed were called before. */
interface OriginalNames {
  table(name: string): string;
  column(table: string, name: string): string;
}

function originalNames(operations: readonly Operation[]): OriginalNames {
  const tables = new Map<string, string>();
  const columns = new Map<string, Map<string, string>>();
  const columnsOf = (table: string): Map<string, string> => {
    const known = columns.get(table) ?? new Map<string, string>();
    columns.set(table, known);
    return known;
  };
  const move = (names: Map<string, string>, from: string, to: string): void => {
    const original = names.get(from) ?? from;
    names.delete(from);
    names.set(to, original);
  };
  for (const operation of operations) {
    if (operation.kind === 'renameTable') {
      move(tables, operation.table, operation.to);
      columns.set(operation.to, columnsOf(operation.table));
      columns.delete(operation.table);
    } else if (operation.kind === 'renameColumn') {
      move(columnsOf(operation.table), operation.name, operation.to);
    }
  }
  return {
    table: (name) => tables.get(name) ?? name,
    column: (table, name) => columns.get(table)?.get(name) ?? name,
  };
}

function allMarked(table: DiagramTable, mark: 'added' | 'removed'): DiagramTable {
  return { ...table, mark, columns: table.columns.map((column) => ({ ...column, mark })) };
}

function compareTables(was: DiagramTable, now: DiagramTable, names: OriginalNames): DiagramTable {
  const old = new Map(was.columns.map((column) => [column.name, column]));
  const columns = now.columns.map((column): DiagramColumn => {
    const name = names.column(now.name, column.name);
    const before = old.get(name);
    old.delete(name);
    if (before === undefined) return { ...column, mark: 'added' };
    const change = changeOf(before, column);
    return change === undefined ? column : { ...column, mark: 'changed', was: change };
  });
  const removed = [...old.values()].map((column): DiagramColumn => ({ ...column, mark: 'removed' }));
  const isRenamed = was.name !== now.name;
  const isChanged =
    isRenamed ||
    removed.length > 0 ||
    columns.some(({ mark }) => mark !== undefined) ||
    JSON.stringify([was.details, was.comment, was.query]) !==
      JSON.stringify([now.details, now.comment, now.query]);
  return {
    ...now,
    columns: [...columns, ...removed],
    ...(isChanged ? { mark: 'changed' } : {}),
    ...(isRenamed ? { was: was.name } : {}),
  };
}

/** What is to be told of a column as it was; undefined where it is the same. */
function changeOf(was: DiagramColumn, now: DiagramColumn): string | undefined {
  const text = ({ type, nullable, default: value }: DiagramColumn): string =>
    `${type}${nullable ? ' null' : ''}${value === undefined ? '' : ` = ${value}`}`;
  const parts = [
    ...(was.name === now.name ? [] : [was.name]),
    ...(text(was) === text(now) ? [] : [text(was)]),
  ];
  const rest = (column: DiagramColumn): string => JSON.stringify([column.comment, column.generated]);
  return parts.length === 0 && rest(was) === rest(now) ? undefined : parts.join(' ');
}

function markLinks(
  old: readonly DiagramLink[],
  now: readonly DiagramLink[],
  names: OriginalNames,
): DiagramLink[] {
  const key = ({ from, columns, to, refColumns }: DiagramLink): string =>
    JSON.stringify([from, columns, to, refColumns]);
  const original = (link: DiagramLink): string =>
    key({
      ...link,
      from: names.table(link.from),
      columns: link.columns.map((name) => names.column(link.from, name)),
      to: names.table(link.to),
      refColumns: link.refColumns.map((name) => names.column(link.to, name)),
    });
  const before = new Set(old.map(key));
  const after = new Set(now.map(original));
  return [
    ...now.map((link): DiagramLink => (before.has(original(link)) ? link : { ...link, mark: 'added' })),
    ...old.filter((link) => !after.has(key(link))).map((link): DiagramLink => ({ ...link, mark: 'removed' })),
  ];
}

/** What has changed, and what it is linked with: of those only the columns that the links name. */
function focused({ title, tables, links }: Diagram): Diagram {
  const changed = new Set(
    tables.filter(({ mark }) => mark !== undefined).flatMap(({ name, was = name }) => [name, was]),
  );
  for (const { mark, from, to } of links) if (mark !== undefined) changed.add(from).add(to);
  const near = links.filter(({ from, to }) => changed.has(from) || changed.has(to));
  const shown = new Set([...changed, ...near.flatMap(({ from, to }) => [from, to])]);
  const isNamed = (table: string, column: string): boolean =>
    near.some(
      ({ from, columns, to, refColumns }) =>
        (from === table && columns.includes(column)) || (to === table && refColumns.includes(column)),
    );
  return {
    title,
    links: near,
    tables: tables
      .filter(
        ({ kind, name, mark }) =>
          mark !== undefined || (kind !== 'enum' && kind !== 'view' && shown.has(name)),
      )
      .map((table) =>
        changed.has(table.name) || table.mark !== undefined
          ? table
          : { ...table, columns: table.columns.filter(({ name }) => isNamed(table.name, name)), details: [] },
      ),
  };
}
