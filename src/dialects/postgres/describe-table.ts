/** One table of the catalog as the model's table. */

import type {
  Check,
  Column,
  ColumnType,
  Deferrable,
  Exclusion,
  ForeignKey,
  Index,
  IndexColumn,
  PrimaryKey,
  ReferentialAction,
  Table,
  Unique,
} from '../../schema/model.js';
import type {
  CatalogColumn,
  CatalogConstraint,
  CatalogIndex,
  CatalogTable,
  QualifiedName,
} from './catalog.js';
import { readDefault } from './defaults.js';
import { readOptions } from './table-options.js';
import { parseType } from './types.js';

/** What belongs to one table. */
export interface CatalogParts {
  readonly columns: readonly CatalogColumn[];
  readonly constraints: readonly CatalogConstraint[];
  readonly indexes: readonly CatalogIndex[];
}

export interface Naming {
  nameOf(name: QualifiedName): string;
  /** The model's names of enums by oid. */
  readonly enums: ReadonlyMap<number, string>;
  /** Operator classes that are no type's default, and collations, by oid. */
  readonly operatorClasses: ReadonlyMap<number, string>;
  readonly collations: ReadonlyMap<number, string>;
  /** Columns of a table by their numbers. */
  columnsOf(table: number): ReadonlyMap<number, CatalogColumn>;
}

type Columns = ReadonlyMap<number, CatalogColumn>;

export function describeTable(table: CatalogTable, parts: CatalogParts, naming: Naming): Table {
  const columns = naming.columnsOf(table.oid);
  const constraints = new Constraints(parts.constraints, columns, naming);
  const options = readOptions(table.unlogged, table.options, constraints.unmodelled);
  return {
    name: naming.nameOf(table.name),
    columns: parts.columns.map((column) => describeColumn(column, naming)),
    ...constraints.parts,
    indexes: parts.indexes.map((index) => describeIndex(index, columns, naming)),
    ...(table.comment !== null && { comment: table.comment }),
    ...(options !== undefined && { options }),
  };
}

function describeColumn(column: CatalogColumn, naming: Naming): Column {
  const type = typeOf(column, naming);
  const collation = column.collated ? naming.collations.get(column.collation) : undefined;
  return {
    name: column.name,
    type,
    nullable: !column.notNull,
    ...sourceOfValue(column, type),
    ...(collation !== undefined && { collation }),
    ...(column.comment !== null && { comment: column.comment }),
    ...(column.identity === 'a' && { options: { 'postgres.identity': 'always' } }),
  };
}

function typeOf({ type, enum: enumOid, array }: CatalogColumn, { enums }: Naming): ColumnType {
  const name = enumOid === null ? undefined : enums.get(enumOid);
  // The enum of a schema that is not looked at is a type as any other.
  if (name === undefined) return parseType(type);
  return array ? { kind: 'array', of: { kind: 'enum', name } } : { kind: 'enum', name };
}

/** How a column gets its value when none is given. */
function sourceOfValue(
  column: CatalogColumn,
  type: ColumnType,
): Pick<Column, 'default' | 'generated' | 'autoIncrement'> {
  if (column.identity !== '') return { autoIncrement: 'identity' };
  if (column.default === null) return {};
  if (column.generated !== '') {
    return { generated: { sql: column.default, stored: column.generated === 's' } };
  }
  if (column.sequence !== null && column.default === nextValueOf(column.sequence)) {
    return { autoIncrement: 'increment' };
  }
  const value = readDefault(column.default, type);
  return value === undefined ? {} : { default: value };
}

function nextValueOf(sequence: string): string {
  return `nextval('${sequence.replaceAll("'", "''")}'::regclass)`;
}

const ACTIONS: Readonly<Record<string, ReferentialAction>> = {
  c: 'CASCADE',
  n: 'SET NULL',
  d: 'SET DEFAULT',
  r: 'RESTRICT',
};

class Constraints {
  readonly unmodelled: string[] = [];
  readonly #own: Columns;
  readonly #naming: Naming;
  readonly #list: readonly CatalogConstraint[];

  constructor(list: readonly CatalogConstraint[], columns: Columns, naming: Naming) {
    this.#list = list;
    this.#own = columns;
    this.#naming = naming;
    for (const each of list) {
      if (each.kind !== 'f') continue;
      if (each.match === 'f') this.unmodelled.push(`MATCH FULL of foreign key '${each.name}'`);
      if (each.partialSet)
        this.unmodelled.push(`SET NULL or DEFAULT (columns) of foreign key '${each.name}'`);
    }
  }

  get parts(): Pick<Table, 'primaryKey' | 'uniques' | 'checks' | 'foreignKeys' | 'exclusions'> {
    const of = (kind: CatalogConstraint['kind']): CatalogConstraint[] =>
      this.#list.filter((each) => each.kind === kind);
    const [key] = of('p').map((each): PrimaryKey => ({ name: each.name, columns: this.#columns(each) }));
    return {
      ...(key && { primaryKey: key }),
      uniques: of('u').map(
        (each): Unique => ({
          name: each.name,
          columns: this.#columns(each),
          ...deferrable(each),
          ...(each.nullsNotDistinct && { nullsNotDistinct: true }),
        }),
      ),
      checks: of('c').map((each): Check => ({ name: each.name, expression: each.text ?? '' })),
      foreignKeys: of('f').map((each) => this.#foreignKey(each)),
      exclusions: of('x').map(exclusion),
    };
  }

  #columns({ columns }: CatalogConstraint): string[] {
    return namesOf(columns ?? [], this.#own);
  }

  #foreignKey(each: CatalogConstraint): ForeignKey {
    const onDelete = ACTIONS[each.onDelete];
    const onUpdate = ACTIONS[each.onUpdate];
    return {
      name: each.name,
      columns: this.#columns(each),
      refTable: each.target === null ? '' : this.#naming.nameOf(each.target),
      refColumns:
        each.targetColumns ?? namesOf(each.targetNumbers ?? [], this.#naming.columnsOf(each.targetTable)),
      ...(onDelete && { onDelete }),
      ...(onUpdate && { onUpdate }),
      ...deferrable(each),
    };
  }
}

function deferrable(each: CatalogConstraint): { readonly deferrable?: Deferrable } {
  return each.deferrable ? { deferrable: each.deferred ? 'deferred' : 'immediate' } : {};
}

/** `EXCLUDE USING gist (room WITH =) WHERE ((…)) DEFERRABLE` taken apart; names and texts in it are quoted. */
function exclusion(each: CatalogConstraint): Exclusion {
  const text = each.text ?? '';
  const method = /^EXCLUDE USING (\w+) /.exec(text)?.[1] ?? 'gist';
  const elements = inParentheses(text, text.indexOf('('));
  const rest = text.slice(elements.end);
  const open = / WHERE \(/.exec(rest);
  const where = open ? inParentheses(rest, open.index + ' WHERE '.length).inner : undefined;
  return {
    name: each.name,
    elements: elements.inner,
    method,
    ...(where !== undefined && { where }),
    ...deferrable(each),
  };
}

/** What stands in the parentheses that open at an offset, and where they end. */
function inParentheses(text: string, at: number): { readonly inner: string; readonly end: number } {
  const token = /"(?:[^"]|"")*"|'(?:[^']|'')*'|[()]/g;
  token.lastIndex = at;
  let depth = 0;
  for (let match = token.exec(text); match; match = token.exec(text)) {
    if (match[0] === '(') depth++;
    else if (match[0] === ')' && --depth === 0) {
      return { inner: text.slice(at + 1, match.index), end: token.lastIndex };
    }
  }
  return { inner: text.slice(at + 1), end: text.length };
}

function namesOf(numbers: readonly number[], columns: Columns): string[] {
  return numbers.map((number) => columns.get(number)?.name ?? '');
}

const DESCENDING = 1;
const NULLS_FIRST = 2;

function describeIndex(index: CatalogIndex, columns: Columns, naming: Naming): Index {
  const vector = (text: string): number[] => text.split(' ').map(Number);
  const numbers = vector(index.keys);
  const flags = vector(index.flags);
  const classes = vector(index.classes);
  const collations = vector(index.collations);
  const include = namesOf(numbers.slice(index.keyCount), columns);
  const options = Object.fromEntries(
    (index.options ?? []).map((entry) => {
      const equals = entry.indexOf('=');
      return [`postgres.${entry.slice(0, equals)}`, entry.slice(equals + 1)];
    }),
  );
  return {
    name: index.name,
    columns: numbers.slice(0, index.keyCount).map((number, i): IndexColumn => {
      const flag = flags[i] ?? 0;
      const isDescending = (flag & DESCENDING) !== 0;
      const nullsFirst = (flag & NULLS_FIRST) !== 0;
      const operatorClass = naming.operatorClasses.get(classes[i] ?? 0);
      const expression = index.expressions?.[i];
      const column = columns.get(number);
      const isOwn = collations[i] !== 0 && collations[i] !== (column?.collation ?? DEFAULT_COLLATION);
      const collation = isOwn ? naming.collations.get(collations[i] ?? 0) : undefined;
      return {
        ...(expression == null ? { column: column?.name ?? '' } : { expression }),
        ...(isDescending && { order: 'desc' }),
        // Where NULLs stand by themselves depends on the direction.
        ...(nullsFirst !== isDescending && { nulls: nullsFirst ? 'first' : 'last' }),
        ...(collation !== undefined && saysCollation(index, expression) && { collation }),
        ...(operatorClass !== undefined && { operatorClass }),
      };
    }),
    unique: index.unique,
    ...(index.predicate !== null && { where: index.predicate }),
    ...(index.method !== 'btree' && { method: index.method }),
    ...(include.length > 0 && { include }),
    ...(index.nullsNotDistinct && { nullsNotDistinct: true }),
    ...(Object.keys(options).length > 0 && { options }),
  };
}

/** The oid of the collation called "default". */
const DEFAULT_COLLATION = 100;

/** Whether an index says a collation of its own; an expression has one of its columns' as well. */
function saysCollation({ definition }: CatalogIndex, expression: string | null | undefined): boolean {
  return expression == null || (definition?.includes(`${expression} COLLATE `) ?? false);
}
