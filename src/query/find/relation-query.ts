/**
 * The statement that reads the other side of a relation for many entities at once. Its text is written when the
 * shape is compiled, with a gap for the keys, whose number is only known when it runs.
 */

import type { Dialect, PackedList, SqlValue } from '../../dialects/contract.js';
import { roomFor } from '../conditions/where-shape.js';
import { whereClause, writeVisible, writeWhere } from '../conditions/where-sql.js';
import type { Encoder, MappedRelation, RowLayout, Values } from '../mapping/entity-map.js';
import { StatementWriter } from '../statement.js';
import { type CompiledOrder, compileOrder, orderClause, totalOrder } from './order.js';

import type { Key } from './row-keys.js';

/** Most keys in one query; a compound key is a condition, of which SQLite takes no deeper expression. */
const MAX_KEYS = 16_384;
const MAX_COMPOUND_KEYS = 512;

/** What is read of the other side. */
interface ReadList {
  readonly layout: RowLayout;
  readonly list: (alias: string) => string;
}

/** The text of one relation's query, for one key or for many. */
export interface RelationQuery {
  /** How many of a call's values it takes. */
  readonly valueCount: number;
  /** Most keys that it takes at once. */
  readonly maxKeys: number;
  /** Told what is to be read, which is compiled after it. */
  complete(selection: ReadList): void;
  /** The text and the parameters for some keys, at least one. */
  statement(keys: readonly Key[], values: readonly unknown[]): { sql: string; params: SqlValue[] };
}

/** What narrows and orders a relation. */
interface RelationNarrowing {
  readonly where?: unknown;
  readonly order?: unknown;
  readonly take?: unknown;
  readonly skip?: unknown;
  readonly withDeleted?: unknown;
}

/** Compiles the query of a relation. @throws PROPERTY_UNKNOWN · OPTION_INVALID */
export function compileRelationQuery(relation: MappedRelation, options: Values): RelationQuery {
  return new CompiledRelationQuery(relation, options);
}

class CompiledRelationQuery implements RelationQuery {
  readonly valueCount: number;
  readonly maxKeys: number;
  readonly #relation: MappedRelation;
  readonly #options: RelationNarrowing;
  #one: Template | undefined;
  #many: Template | undefined;

  constructor(relation: MappedRelation, options: RelationNarrowing) {
    this.#relation = relation;
    this.#options = options;
    this.maxKeys = relation.local.length === 1 ? MAX_KEYS : MAX_COMPOUND_KEYS;
    const counter = new StatementWriter(relation.target.dialect);
    if (options.where !== undefined) {
      writeWhere(relation.target, options.where, relation.target.sql, counter);
    }
    this.valueCount =
      counter.valueCount + (options.take === undefined ? 0 : 1) + (options.skip === undefined ? 0 : 1);
  }

  complete(selection: ReadList): void {
    const { take, skip } = this.#options;
    const isLimited = take !== undefined || skip !== undefined;
    // Written at once: the options of the first call are the caller's, who may change them.
    this.#one = writeTemplate(this.#relation, selection, this.#options, isLimited ? 'limit' : 'none');
    this.#many = isLimited ? writeTemplate(this.#relation, selection, this.#options, 'window') : this.#one;
  }

  statement(keys: readonly Key[], values: readonly unknown[]): { sql: string; params: SqlValue[] } {
    const template = (keys.length === 1 ? this.#one : this.#many) as Template;
    return template.fill(keys, values);
  }
}

/** How a list is cut: not at all, as the list of the only entity, or of each entity. */
type Cut = 'none' | 'limit' | 'window';

function writeTemplate(
  relation: MappedRelation,
  selection: ReadList,
  options: RelationNarrowing,
  cut: Cut,
): Template {
  const { target, joinTable } = relation;
  const writer = new TemplateWriter(target.dialect);
  const between = joinTable === undefined ? undefined : writer.alias();
  const keyColumns =
    between === undefined
      ? relation.remote.map((column) => `${target.sql}.${column.sql}`)
      : (joinTable as NonNullable<typeof joinTable>).local.map((name) => `${between}.${name}`);
  const place: Place = { relation, selection, options, writer, between, keyColumns };
  const order = relationOrder(place);
  const sql = cut === 'window' ? writeWindow(place, order) : writePlain(place, order, cut === 'limit');
  const type = relation.local.length === 1 ? relation.local[0]?.meta.type : undefined;
  const packed = type === undefined ? undefined : target.dialect.conditions.list(type);
  return new Template(target.dialect, sql, writer, keyColumns, { limits: limitsOf(options, cut), packed });
}

interface Place {
  readonly relation: MappedRelation;
  readonly selection: ReadList;
  readonly options: RelationNarrowing;
  readonly writer: TemplateWriter;
  readonly between: string | undefined;
  readonly keyColumns: readonly string[];
}

/** Lists that ask for no order stand in that of their keys, so that the same rows are always the same list. */
function relationOrder({ relation, options, writer }: Place): CompiledOrder {
  const { target, toMany } = relation;
  const order = options.order ?? (toMany ? target.meta.orderBy : undefined);
  const compiled = compileOrder(target, order, target.sql, writer);
  return toMany ? totalOrder(target, compiled, target.sql) : compiled;
}

function writePlain(place: Place, order: CompiledOrder, isLimited: boolean): string {
  const { relation, selection, options, writer, between, keyColumns } = place;
  const list = [selection.list(relation.target.sql), ...(between === undefined ? [] : keyColumns)];
  const body = `SELECT ${list.join(', ')} ${writeFrom(place, order)}`;
  if (!isLimited) return `${body}${orderInLists(place, order)}`;
  const ordered = `${body}${orderClause(order, writer)}`;
  const take = options.take === undefined ? '9223372036854775807' : writer.value(asNumber);
  return `${ordered} LIMIT ${take}${options.skip === undefined ? '' : ` OFFSET ${writer.value(asNumber)}`}`;
}

/**
 * The order inside each entity's list is all that shows. List by list it is often that of the index on the key,
 * which is followed by the primary key, so nothing has to be sorted.
 */
function orderInLists({ relation, writer, keyColumns }: Place, order: CompiledOrder): string {
  const inside = orderClause(order, writer);
  if (!relation.toMany) return inside;
  return inside.replace(' ORDER BY ', ` ORDER BY ${keyColumns.join(', ')}, `);
}

/** Each entity's list cut by itself, in one statement. */
function writeWindow(place: Place, order: CompiledOrder): string {
  const { relation, selection, options, writer, between, keyColumns } = place;
  const { dialect } = writer;
  const [outer, number] = [dialect.quoteIdentifier('_of'), dialect.quoteIdentifier('_n')];
  const keys = between === undefined ? [] : keyColumns.map((_, i) => dialect.quoteIdentifier(`_k${i}`));
  const columns = selection.layout.columns.map(({ sql }) => sql);
  const inner = [
    selection.list(relation.target.sql),
    ...keys.map((name, i) => `${keyColumns[i]} AS ${name}`),
    `ROW_NUMBER() OVER (PARTITION BY ${keyColumns.join(', ')}${orderClause(order, writer)}) AS ${number}`,
  ];
  const body = `SELECT ${inner.join(', ')} ${writeFrom(place, order)}`;
  const list = [...columns, ...keys].map((name) => `${outer}.${name}`).join(', ');
  const limits = [
    options.skip === undefined ? '' : `${outer}.${number} > ${writer.value(asNumber)}`,
    options.take === undefined ? '' : `${outer}.${number} <= ${writer.value(asNumber)}`,
  ];
  return `SELECT ${list} FROM (${body}) AS ${outer}${whereClause(limits)} ORDER BY ${outer}.${number}`;
}

const asNumber: Encoder = (value) => value as number;

function writeFrom(place: Place, { joins }: CompiledOrder): string {
  const { relation, options, writer, between } = place;
  const { target } = relation;
  const from = between === undefined ? target.source : joinedTable(relation, between);
  const keys = writer.keys();
  const where =
    options.where === undefined
      ? ''
      : writeWhere(target, options.where, target.sql, writer, { withDeleted: options.withDeleted === true });
  return `FROM ${from}${joins}${whereClause([keys, where, ...visible(place)])}`;
}

/** A key that is stored is followed, whatever became of its row, unless told not to; lists leave out what was deleted. */
function visible({ relation, options, writer }: Place): string[] {
  const { withDeleted } = options;
  if (!relation.toMany && withDeleted !== false) return [];
  return writeVisible(relation.target, relation.target.sql, writer, { withDeleted: withDeleted === true });
}

function joinedTable(relation: MappedRelation, between: string): string {
  const { target, joinTable, remote } = relation;
  const pairs = remote.map((column, i) => `${between}.${joinTable?.remote[i]} = ${target.sql}.${column.sql}`);
  return `${joinTable?.sql} AS ${between} JOIN ${target.source} ON ${pairs.join(' AND ')}`;
}

/** Turns the last values of a call, `take` and `skip`, into what a statement binds. */
type Limits = (values: readonly unknown[]) => readonly unknown[];

function limitsOf({ take, skip }: RelationNarrowing, cut: Cut): Limits | undefined {
  if (cut !== 'window' || take === undefined || skip === undefined) return undefined;
  // The values come as take, skip; rows are numbered from 1.
  return (values) => {
    const [size, before] = values.slice(-2) as [number, number];
    return [...values.slice(0, -2), before, before + size];
  };
}

/** Stand in a text for a placeholder and for the keys; no text of a user's can hold them by chance. */
const SLOT = '\u0001limbeck:slot\u0001';
const KEYS = '\u0001limbeck:keys\u0001';
const MARKS = new RegExp(`(${SLOT}|${KEYS})`);

class TemplateWriter extends StatementWriter {
  /** How many placeholders stand before the keys. */
  before = 0;

  override value(encode: Encoder): string {
    super.value(encode);
    return SLOT;
  }

  override constant(constant: unknown): string {
    super.constant(constant);
    return SLOT;
  }

  keys(): string {
    this.before = this.size;
    return KEYS;
  }
}

interface TemplateParts {
  readonly limits: Limits | undefined;
  /** How keys are one parameter, where they can be. */
  readonly packed: PackedList | undefined;
}

/** Stands for the number of keys where they are one parameter. */
const PACKED = 0;

class Template {
  readonly #dialect: Dialect;
  readonly #parts: readonly string[];
  readonly #before: number;
  readonly #bind: (values: readonly unknown[]) => SqlValue[];
  readonly #keyColumns: readonly string[];
  readonly #limits: Limits | undefined;
  readonly #texts = new Map<number, string>();
  readonly #packed: PackedList | undefined;
  readonly #packedFrom: number;

  constructor(
    dialect: Dialect,
    text: string,
    writer: TemplateWriter,
    keyColumns: readonly string[],
    { limits, packed }: TemplateParts,
  ) {
    this.#dialect = dialect;
    this.#parts = text.split(MARKS);
    this.#before = writer.before;
    this.#bind = writer.binder();
    this.#keyColumns = keyColumns;
    this.#limits = limits;
    this.#packed = packed;
    this.#packedFrom = packed?.fasterFrom ?? Number.POSITIVE_INFINITY;
  }

  fill(keys: readonly Key[], values: readonly unknown[]): { sql: string; params: SqlValue[] } {
    const isPacked = keys.length >= this.#packedFrom;
    const room = isPacked
      ? PACKED
      : keyRoom(keys.length, keys[0]?.length === 1 ? MAX_KEYS : MAX_COMPOUND_KEYS);
    const bound = this.#bind(this.#limits === undefined ? values : this.#limits(values));
    const params = bound.slice(0, this.#before);
    if (isPacked) params.push((this.#packed as PackedList).pack(keys.map(([key]) => key as SqlValue)));
    for (let i = 0; i < room; i++) params.push(...(keys[Math.min(i, keys.length - 1)] as Key));
    for (let i = this.#before; i < bound.length; i++) params.push(bound[i] as SqlValue);
    return { sql: this.#text(room), params };
  }

  #text(room: number): string {
    let text = this.#texts.get(room);
    if (text !== undefined) return text;
    let next = 0;
    const slot = (): string => this.#dialect.placeholder(next++);
    text = this.#parts
      .map((part) => (part === SLOT ? slot() : part === KEYS ? this.#keys(room, slot) : part))
      .join('');
    this.#texts.set(room, text);
    return text;
  }

  #keys(room: number, slot: () => string): string {
    if (room !== PACKED) return writeKeys(this.#keyColumns, room, slot);
    return (this.#packed as PackedList).sql(this.#keyColumns[0] as string, slot());
  }
}

/** Few lengths make few statements: powers of two, and from a thousand on whole thousands. */
function keyRoom(count: number, most: number): number {
  return Math.min(count <= 1_024 ? roomFor(count) : Math.ceil(count / 1_024) * 1_024, most);
}

function writeKeys(columns: readonly string[], room: number, slot: () => string): string {
  const places = Array.from({ length: room });
  if (columns.length === 1) {
    return room === 1 ? `${columns[0]} = ${slot()}` : `${columns[0]} IN (${places.map(slot).join(', ')})`;
  }
  const one = (): string => `(${columns.map((column) => `${column} = ${slot()}`).join(' AND ')})`;
  return room === 1 ? one() : `(${places.map(one).join(' OR ')})`;
}
