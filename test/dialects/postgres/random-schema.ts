/**
 * Random schemas that PostgreSQL can hold, pairs of them, and rows that fit. Expressions end in a comment that
 * says for which kind of column they are, so that they go when the column becomes another one.
 */

import { renameColumnIn } from '../../../src/schema/column-uses.js';
import type {
  Column,
  ColumnDefault,
  ColumnType,
  Enum,
  Exclusion,
  ForeignKey,
  Index,
  IndexColumn,
  Schema,
  Sequence,
  Table,
  View,
} from '../../../src/schema/model.js';
import { defaultName } from '../../../src/schema/naming.js';
import { quotedNames } from '../../support/arbitrary-names';

/** Random numbers that a seed decides. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  below(count: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % count;
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  some<T>(list: readonly T[], min: number, max: number): T[] {
    const rest = [...list];
    const count = Math.min(min + this.below(max - min + 1), rest.length);
    return Array.from({ length: count }, () => rest.splice(this.below(rest.length), 1)[0] as T);
  }
}

const NAMES = [
  ...['id', 'name', 'title', 'author_id', 'price', 'status', 'a', 'b', 'c', 'books', 'authors', 'created_at'],
  ...['select', 'order', 'group', 'table', 'key', 'end', 'and', 'null', 'default', 'text', 'date', 'rank'],
  ...['index', 'user', 'two words', ' leading', 'trailing ', 'a\tb', 'line\nbreak', 'say "hi"', '"', '""'],
  ...["it's", "'", '`tick`', '[x]', 'a]b', '[', '1st', '2023', '0x1F', '1e5', 'größe', '日本語', 'İı', 'ß'],
  ...['😀', 'a😀b', 'Ω', 'e\u0301', '\u00a0', '__proto__', 'constructor', 'toString', 'length', 'CamelCase'],
  ...[
    'Name',
    'NAME',
    'Id',
    'A',
    'B',
    '$1',
    '?',
    '%s',
    '%',
    '@x',
    '#',
    '--',
    '/*',
    '*/',
    ';',
    '\\',
    '$$',
    '.',
    ':',
  ],
  ...[
    "'); DROP TABLE x; --",
    '${x}',
    'a,b',
    '(',
    ')',
    'lower("a")',
    '-',
    '_',
    'x'.repeat(63),
    'ä'.repeat(31),
  ],
  ...['limbeck_column', 'pg_temp', 'public', 'value', 'own', 'next', 'answer', 'texts', 'oid'],
];
const TABLE_NAMES = [...NAMES, 'audit.logs', 'audit.select', 'a.b.c', 'Other "x".t'];
const TEXTS = [
  ...[
    '',
    'x',
    "it's",
    'say "hi"',
    '`',
    '\\',
    "\\'",
    "''",
    'line\nbreak',
    '😀',
    '--',
    '/* x */',
    '; DROP TABLE x',
  ],
  ...[
    'NULL',
    'true',
    '0',
    'CURRENT_TIMESTAMP',
    '(1)',
    '${x}',
    'ä',
    '__proto__',
    ' ',
    '%',
    '$$',
    '007',
    '5',
    'a',
  ],
];

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const literal = (value: string): string => `'${value.replaceAll("'", "''")}'`;

type TableDraft = { -readonly [K in keyof Table]: Table[K] };
interface Draft {
  tables: TableDraft[];
  enums: Enum[];
  views: View[];
  sequences: Sequence[];
  triggers: Schema['triggers'];
}

/** What expressions may be said over a column. */
function classOf({ kind }: ColumnType): string {
  switch (kind) {
    case 'smallint':
    case 'integer':
    case 'bigint':
    case 'decimal':
    case 'double':
    case 'real':
      return 'number';
    case 'text':
    case 'varchar':
    case 'char':
    case 'simple-array':
      return 'text';
    case 'timestamp':
    case 'timestamptz':
    case 'date':
      return 'moment';
    default:
      return kind;
  }
}

export class RandomSchema {
  readonly #d: Dice;
  readonly #draft: Draft;

  constructor(dice: Dice, from?: Schema) {
    this.#d = dice;
    const { tables = [], enums = [], views = [], sequences = [] } = from ?? {};
    this.#draft = {
      tables: tables.map((table) => ({ ...table })),
      enums: [...enums],
      views: [...views],
      sequences: [...sequences],
      triggers: [],
    };
  }

  static make(dice: Dice): Schema {
    const random = new RandomSchema(dice);
    for (let i = dice.below(3); i > 0; i--) random.#addEnum();
    for (let i = 2 + dice.below(3); i > 0; i--) random.#addTable();
    for (const table of random.#draft.tables) {
      for (let i = dice.below(3); i > 0; i--) random.#addForeignKey(table);
    }
    for (let i = dice.below(4); i > 0; i--) random.#addObject();
    return random.#finished();
  }

  static change(dice: Dice, schema: Schema): Schema {
    const random = new RandomSchema(dice, schema);
    for (let i = 1 + dice.below(6); i > 0; i--) random.#change();
    return random.#finished();
  }

  /** Names of relations, types and the keys that are relations, in one space whatever the schema. */
  #relations(): Set<string> {
    const { tables, enums, views, sequences } = this.#draft;
    const parts = tables.flatMap((table) => [
      ...(table.primaryKey ? [table.primaryKey] : []),
      ...table.uniques,
      ...table.exclusions,
      ...table.indexes,
      // Not relations, but names of one table's constraints are in one space.
      ...table.checks,
      ...table.foreignKeys,
    ]);
    return new Set([...tables, ...enums, ...views, ...sequences, ...parts].map(({ name }) => bare(name)));
  }

  #name(taken: ReadonlySet<string>, wish?: string, list: readonly string[] = NAMES): string {
    let name = wish !== undefined && this.#d.chance(70) ? wish : this.#d.pick(list);
    const base = [...name].slice(0, 25).join('');
    for (let i = 2; taken.has(bare(name)); i++) name = `${base}_${i}`;
    return name;
  }

  #relation(wish?: string, list?: readonly string[]): string {
    return this.#name(this.#relations(), wish, list);
  }

  #addEnum(): void {
    const values = [...new Set(this.#d.some([...TEXTS.slice(1), 'open', 'done', 'new', '10'], 1, 5))];
    // Enums are made before tables go, so none may take the name of a table; some have a built-in type's.
    const name = this.#d.chance(20)
      ? this.#d.pick(['money', 'bit', 'point', 'line'])
      : `${[...this.#d.pick(NAMES)].slice(0, 20).join('')} enum`;
    this.#draft.enums.push({ name: this.#name(this.#relations(), name, [name]), values });
  }

  #type(): ColumnType {
    const d = this.#d;
    const name = this.#draft.enums.length > 0 ? d.pick(this.#draft.enums).name : undefined;
    const enumType: ColumnType = name === undefined ? { kind: 'text' } : { kind: 'enum', name };
    const precision = 1 + d.below(15);
    return d.pick<ColumnType>([
      { kind: 'integer' },
      { kind: 'integer' },
      { kind: 'text' },
      { kind: 'text' },
      enumType,
      enumType,
      { kind: 'smallint' },
      { kind: 'bigint' },
      { kind: 'real' },
      { kind: 'double' },
      { kind: 'boolean' },
      { kind: 'varchar', length: 1 + d.below(300) },
      { kind: 'varchar' },
      { kind: 'char', length: 1 + d.below(9) },
      { kind: 'char' },
      { kind: 'decimal', precision, scale: d.below(precision + 1) },
      { kind: 'decimal', precision },
      { kind: 'decimal' },
      { kind: 'date' },
      { kind: 'time' },
      { kind: 'time', precision: d.below(7) },
      { kind: 'timestamp' },
      { kind: 'timestamp', precision: d.below(7) },
      { kind: 'timestamptz' },
      { kind: 'timestamptz', precision: d.below(7) },
      { kind: 'json' },
      { kind: 'uuid' },
      { kind: 'blob' },
      { kind: 'simple-array' },
      { kind: 'array', of: { kind: 'integer' } },
      { kind: 'array', of: { kind: 'varchar', length: 20 } },
      { kind: 'array', of: enumType },
      {
        kind: 'native',
        sql: { postgres: d.pick(['INET', 'tsvector', 'interval', 'point', 'varbit', 'json']) },
      },
    ]);
  }

  #default(type: ColumnType): ColumnDefault | undefined {
    const d = this.#d;
    const value = (...values: (string | number | boolean)[]): ColumnDefault => ({
      kind: 'literal',
      value: d.pick(values),
    });
    const sql = (...texts: string[]): ColumnDefault => ({ kind: 'expression', sql: d.pick(texts) });
    switch (classOf(type)) {
      case 'number':
        if (type.kind === 'decimal') return value(0);
        return d.chance(30)
          ? sql('1 + 2', 'abs(-3)', '(4)', "length('abc') /* 3 */")
          : value(0, 1, -1, 42, 7, '5');
      case 'text':
        if (type.kind === 'char') return value('x', '');
        return d.chance(30)
          ? sql("lower('A')", "'a' || 'b'", 'NULL', "concat('a', 'b')")
          : value(d.pick(TEXTS), 5, true);
      case 'moment':
        if (type.kind === 'date')
          return d.chance(50) ? sql('CURRENT_DATE', 'current_date + 1') : value('2020-02-29');
        return d.chance(50)
          ? sql('now()', 'CURRENT_TIMESTAMP')
          : value('2020-02-29 12:00:00.000', '2020-01-01T00:00:00Z');
      case 'boolean':
        return value(true, false, 'true');
      case 'time':
        return value('12:00:00', '12:30');
      case 'json':
        return value('{"b": 1,   "a": "it\'s"}', '[]', 'null');
      case 'uuid':
        return d.chance(50) ? sql('gen_random_uuid()') : value('00000000-0000-4000-8000-00000000000A');
      case 'blob':
        return sql("'\\x00ff'", "decode('00', 'hex')");
      case 'enum': {
        const values = this.#draft.enums.find(
          ({ name }) => type.kind === 'enum' && name === type.name,
        )?.values;
        return values?.length ? value(...values) : undefined;
      }
      case 'array':
        return d.chance(50) ? value('{}') : sql("'{}'");
      default:
        return undefined;
    }
  }

  #body(): Omit<Column, 'name'> {
    const d = this.#d;
    const type = this.#type();
    const given = d.chance(40) ? this.#default(type) : undefined;
    const collated = d.chance(15) && ['text', 'varchar', 'char'].includes(type.kind);
    return {
      type,
      nullable: d.chance(50),
      ...(given && { default: given }),
      ...(collated && { collation: d.pick(['C', 'POSIX', 'und-x-icu']) }),
      ...(d.chance(15) && { comment: `${d.pick(TEXTS)}.` }),
    };
  }

  #columnName(table: TableDraft, wish?: string): string {
    return this.#name(new Set(table.columns.map(({ name }) => bare(name))), wish);
  }

  #addColumn(table: TableDraft): void {
    const column: Column = { name: this.#columnName(table), ...this.#body() };
    const at = this.#d.chance(30) ? this.#d.below(table.columns.length + 1) : table.columns.length;
    table.columns = table.columns.toSpliced(at, 0, column);
  }

  #addTable(): void {
    const d = this.#d;
    const table: TableDraft = {
      name: this.#relation(undefined, TABLE_NAMES),
      columns: [],
      uniques: [],
      checks: [],
      foreignKeys: [],
      indexes: [],
      exclusions: [],
    };
    this.#draft.tables.push(table);
    const times = (max: number, add: () => void): void => {
      for (let i = d.below(max + 1); i > 0; i--) add();
    };
    this.#addColumn(table);
    times(4, () => this.#addColumn(table));
    if (d.chance(75)) this.#setPrimaryKey(table);
    times(1, () => this.#addGenerated(table));
    times(2, () => this.#addUnique(table));
    times(2, () => this.#addCheck(table));
    times(3, () => this.#addIndex(table));
    times(1, () => d.chance(40) && this.#addExclusion(table));
    if (d.chance(20)) table.comment = `${d.pick(TEXTS)}.`;
    if (d.chance(10)) table.options = { 'postgres.unlogged': true };
    if (d.chance(10)) table.options = { ...table.options, 'postgres.fillfactor': 50 + d.below(50) };
  }

  #setPrimaryKey(table: TableDraft): void {
    const d = this.#d;
    const usable = table.columns.filter((column) => !column.generated && isKeyable(column.type));
    const columns = d.some(usable, 1, 2).map(({ name }) => name);
    if (columns.length === 0) return;
    delete table.primaryKey;
    table.primaryKey = { name: this.#relation(cut(`pk_${bare(table.name)}`)), columns };
    if (columns.length > 1 || !d.chance(60)) return;
    table.columns = table.columns.map((column): Column => {
      if (column.name !== columns[0]) return column;
      const { default: _, collation: __, ...rest } = column;
      const kind = d.pick(['integer', 'bigint', 'smallint'] as const);
      return {
        ...rest,
        type: { kind },
        nullable: false,
        autoIncrement: d.pick(['increment', 'identity'] as const),
      };
    });
  }

  #addGenerated(table: TableDraft): void {
    const source = this.#d.pick(table.columns);
    const made = source.generated ? undefined : this.#generatedOver(source);
    if (made)
      table.columns = [
        ...table.columns,
        { name: this.#columnName(table), ...made, nullable: this.#d.chance(70) },
      ];
  }

  #generatedOver(source: Column): Pick<Column, 'type' | 'generated'> | undefined {
    const name = quoted(source.name);
    switch (classOf(source.type)) {
      case 'text':
        return {
          type: this.#d.pick<ColumnType>([{ kind: 'text' }, { kind: 'varchar' }]),
          generated: {
            sql: this.#d.pick([`lower(${name}) || 'x' /*text*/`, `coalesce(${name}, 'none') /*text*/`]),
            stored: true,
          },
        };
      case 'number':
        return {
          type: { kind: 'decimal' },
          generated: { sql: `${name}::numeric * 2 /*number*/`, stored: true },
        };
      default:
        return undefined;
    }
  }

  /** A condition over one column, true of most values. */
  #condition({ name, type }: Column, immutable: boolean): string {
    const c = quoted(name);
    const text = this.#texts(type, c, immutable);
    return this.#d.pick([...text, `${c} IS NOT NULL OR ${c} IS NULL /*any*/`]);
  }

  #texts(type: ColumnType, c: string, immutable: boolean): string[] {
    switch (classOf(type)) {
      case 'number':
        return [
          `${c} > 0 OR ${c} <= 0 -- number\n/*number*/`,
          `${c} <> 13 /*number*/`,
          `abs(${c}::numeric) >= 0 /*number*/`,
          `${c} NOT IN (77, 78) /*number*/`,
          `(${c} BETWEEN -10 AND 10 OR ${c} NOT BETWEEN 11 AND 12) /*number*/`,
        ];
      case 'text':
        return [
          `length(${c}) < 1000 /*text*/`,
          `${c} <> 'no; (way' /*text*/`,
          `${c} NOT IN ('q', 'it''s not') /*text*/`,
          `lower(${c}) NOT LIKE 'zzz%' /*text*/`,
          `${c} !~ '^zz' /*text*/`,
        ];
      case 'moment':
        return immutable && type.kind !== 'timestamp'
          ? []
          : [`${c} > '1900-01-01' /*moment*/`, `${c} <= '9999-12-31' /*moment*/`];
      case 'boolean':
        return [`${c} OR NOT ${c} /*boolean*/`];
      case 'json':
        return [`jsonb_typeof(${c}) <> 'x' /*json*/`, `${c} <> '{"zz": 1}' /*json*/`];
      case 'enum': {
        const enumName = type.kind === 'enum' ? type.name : '';
        const [value] = this.#draft.enums.find(({ name }) => name === enumName)?.values ?? [];
        return value === undefined ? [] : [`${c} >= ${literal(value)} OR ${c} < ${literal(value)} /*enum*/`];
      }
      default:
        return [];
    }
  }

  #addUnique(table: TableDraft): void {
    const usable = table.columns.filter(({ type }) => isKeyable(type));
    const columns = this.#d.some(usable, 1, 2).map(({ name }) => name);
    if (columns.length === 0) return;
    const name = this.#relation(cut(defaultName('uq', bare(table.name), columns)));
    const extra = {
      ...(this.#d.chance(20) && { deferrable: this.#d.pick(['immediate', 'deferred'] as const) }),
      ...(this.#d.chance(20) && { nullsNotDistinct: true }),
    };
    table.uniques = [...table.uniques, { name, columns, ...extra }];
  }

  #addCheck(table: TableDraft): void {
    const column = this.#d.pick(table.columns);
    const name = this.#relation(cut(`ck_${bare(table.name)}_${column.name}`));
    table.checks = [...table.checks, { name, expression: this.#condition(column, false) }];
  }

  #addExclusion(table: TableDraft): void {
    const d = this.#d;
    const column = table.columns.find(({ type }) => isKeyable(type));
    if (column === undefined) return;
    const exclusion: Exclusion = {
      name: this.#relation(),
      elements: `${quoted(column.name)} WITH =`,
      method: 'btree',
      ...(d.chance(40) && { where: this.#condition(column, true) }),
      ...(d.chance(20) && { deferrable: 'deferred' as const }),
    };
    table.exclusions = [...table.exclusions, exclusion];
  }

  #addIndex(table: TableDraft): void {
    const d = this.#d;
    const usable = table.columns.filter(({ type }) => isKeyable(type));
    const chosen = d.some(usable, 1, 3);
    if (chosen.length === 0) return;
    const columns = chosen.map((column): IndexColumn => {
      const isText = classOf(column.type) === 'text';
      const number = classOf(column.type) === 'number';
      const expression = !d.chance(25)
        ? undefined
        : isText
          ? `lower(${quoted(column.name)}) /*text*/`
          : number
            ? `${quoted(column.name)} % 10 /*number*/`
            : undefined;
      const isExact = !['real', 'double'].includes(column.type.kind);
      const order = d.chance(25) ? ({ order: 'desc' } as const) : {};
      return {
        ...(expression === undefined || !isExact ? { column: column.name } : { expression }),
        ...order,
        ...(d.chance(15) && { nulls: 'order' in order ? ('last' as const) : ('first' as const) }),
        ...(isText &&
          expression === undefined &&
          column.collation === undefined &&
          d.chance(15) && { collation: 'POSIX' }),
        ...(column.type.kind === 'text' && d.chance(15) && { operatorClass: 'text_pattern_ops' }),
      };
    });
    const others = table.columns.filter((column) => !chosen.includes(column) && isKeyable(column.type));
    const unique = d.chance(30);
    const index: Index = {
      name: this.#relation(),
      columns,
      unique,
      ...(d.chance(25) && { where: this.#condition(d.pick(table.columns), true) }),
      ...(d.chance(15) && others.length > 0 && { include: [d.pick(others).name] }),
      ...(unique && d.chance(15) && { nullsNotDistinct: true }),
    };
    const single = columns.length === 1 ? columns[0] : undefined;
    const isNative = chosen[0]?.type.kind === 'native';
    const isPlain =
      single && 'column' in single && Object.keys(single).length === 1 && !unique && !index.include;
    table.indexes = [
      ...table.indexes,
      isPlain && !isNative && d.chance(40) ? { ...index, method: 'hash' } : index,
    ];
  }

  #addForeignKey(table: TableDraft): void {
    const d = this.#d;
    const target = d.pick(this.#draft.tables);
    const keys = [
      ...(target.primaryKey ? [target.primaryKey] : []),
      ...target.uniques.filter((each) => !each.deferrable),
    ];
    if (keys.length === 0) return;
    const key = d.pick(keys);
    const actions = [undefined, 'CASCADE', 'SET NULL', 'SET DEFAULT', 'RESTRICT'] as const;
    const onDelete = d.pick(actions);
    const onUpdate = d.pick(actions);
    const columns: string[] = [];
    const reuse = d.chance(30);
    for (const refColumn of key.columns) {
      const found = target.columns.find(({ name }) => name === refColumn);
      if (found === undefined) return;
      const fits = table.columns.filter(
        (column) =>
          same(column.type, found.type) &&
          !column.generated &&
          !column.autoIncrement &&
          !columns.includes(column.name) &&
          column.collation === found.collation,
      );
      if (reuse && fits.length > 0) columns.push(d.pick(fits).name);
      else {
        const name = this.#columnName(table, cut(`${bare(target.name)}_${refColumn}`));
        const { type, collation } = found;
        table.columns = [
          ...table.columns,
          { name, type, nullable: d.chance(80), ...(collation && { collation }) },
        ];
        columns.push(name);
      }
    }
    const foreignKey: ForeignKey = {
      name: this.#relation(cut(defaultName('fk', bare(table.name), [...columns, bare(target.name)]))),
      columns,
      refTable: target.name,
      refColumns: key.columns,
      ...(onDelete && { onDelete }),
      ...(onUpdate && { onUpdate }),
      ...(d.chance(25) && { deferrable: d.pick(['immediate', 'deferred'] as const) }),
    };
    table.foreignKeys = [...table.foreignKeys, foreignKey];
  }

  #addObject(): void {
    const d = this.#d;
    if (d.chance(30)) {
      const increment = d.pick([1, 2, -1, -3]);
      this.#draft.sequences.push({
        // Sequences go after everything else, so nothing that is new may take the name of one.
        name: this.#name(this.#relations(), `${[...d.pick(NAMES)].slice(0, 20).join('')} seq`, ['seq seq']),
        ...(d.chance(50) && { start: d.pick([0, 5, -7, 100]) }),
        ...(increment !== 1 && { increment }),
      });
      return;
    }
    if (this.#draft.tables.length === 0) return;
    const table = d.pick(this.#draft.tables);
    const materialized = d.chance(25) && { materialized: true };
    const below = this.#draft.views.length > 0 && d.chance(40) ? d.pick(this.#draft.views).name : undefined;
    const query =
      below !== undefined
        ? `SELECT count(*) AS n, "shown" AS "shown" FROM ${quotedTable(below)} GROUP BY "shown"`
        : this.#viewQuery(table);
    this.#draft.views.push({ name: this.#relation(), query, ...materialized });
  }

  #viewQuery(table: TableDraft): string {
    const columns = table.columns.filter(({ type }) => isKeyable(type));
    const column = columns.length > 0 ? this.#d.pick(columns) : undefined;
    if (column === undefined) return `SELECT 1 AS "shown" FROM ${quotedTable(table.name)}`;
    return `SELECT ${quoted(column.name)} AS "shown" FROM ${quotedTable(table.name)} -- ${'all of it'}`;
  }

  #change(): void {
    const d = this.#d;
    const { tables } = this.#draft;
    if (tables.length === 0) return this.#addTable();
    const table = d.pick(tables);
    const changes: (() => void)[] = [
      () => this.#addColumn(table),
      () => this.#dropColumn(table),
      () => this.#changeColumn(table),
      () => this.#changeColumn(table),
      () => this.#changeColumn(table),
      () => this.#renameColumn(table),
      () => this.#addUnique(table),
      () => this.#addCheck(table),
      () => this.#addIndex(table),
      () => this.#addForeignKey(table),
      () => this.#addExclusion(table),
      () => this.#dropPart(table),
      () => this.#dropPart(table),
      () => this.#changePart(table),
      () => this.#setPrimaryKey(table),
      () => delete table.primaryKey,
      () => this.#addGenerated(table),
      () => this.#addTable(),
      () => {
        this.#draft.tables = tables.filter((each) => each !== table);
      },
      () => this.#renameTable(table),
      () => {
        if (d.chance(50)) table.comment = `${d.pick(TEXTS)}!`;
        else table.options = { 'postgres.fillfactor': 50 + d.below(50) };
      },
      () => this.#changeEnum(),
      () => this.#changeEnum(),
      () => this.#changeObject(),
    ];
    d.pick(changes)();
  }

  #dropColumn(table: TableDraft): void {
    if (table.columns.length < 2) return;
    const gone = this.#d.pick(table.columns);
    table.columns = table.columns.filter((column) => column !== gone);
  }

  #changeColumn(table: TableDraft): void {
    const d = this.#d;
    const column = d.pick(table.columns);
    const { default: old, collation: _, ...rest } = column;
    const body = this.#body();
    const { default: given } = body;
    const changed = d.pick<() => Column>([
      () => ({ ...column, nullable: !column.nullable }),
      () => (column.generated ? column : { ...rest, type: body.type }),
      () => (column.generated ? column : { ...rest, type: body.type, ...(given && { default: given }) }),
      () => {
        const fitting = this.#default(column.type);
        return column.generated || old || column.autoIncrement
          ? rest
          : { ...column, ...(fitting && { default: fitting }) };
      },
      () => ({ ...column, comment: d.pick(TEXTS) }),
      () => {
        const { comment: __, ...bareColumn } = column;
        return bareColumn;
      },
      () => {
        const source = d.pick(table.columns);
        const made = source === column || source.generated ? undefined : this.#generatedOver(source);
        const { autoIncrement: __, default: ___, collation: ____, ...plain } = column;
        if (column.generated) {
          const { generated: _____, ...bareColumn } = column;
          return bareColumn;
        }
        return made ? { ...plain, ...made } : column;
      },
      () => {
        if (!column.autoIncrement) return column;
        const { autoIncrement, ...plain } = column;
        return d.chance(40)
          ? plain
          : { ...plain, autoIncrement: autoIncrement === 'identity' ? 'increment' : 'identity' };
      },
    ])();
    table.columns = table.columns.map((each) => (each === column ? changed : each));
  }

  #renameColumn(table: TableDraft): void {
    const { name } = this.#d.pick(table.columns);
    const to = this.#columnName(table);
    Object.assign(table, renameColumnIn(table, name, to));
    for (const other of this.#draft.tables) {
      other.foreignKeys = other.foreignKeys.map((key) =>
        key.refTable === table.name
          ? { ...key, refColumns: key.refColumns.map((each) => (each === name ? to : each)) }
          : key,
      );
    }
  }

  #renameTable(table: TableDraft): void {
    const from = table.name;
    table.name = this.#relation(undefined, TABLE_NAMES);
    for (const other of this.#draft.tables) {
      other.foreignKeys = other.foreignKeys.map((key) =>
        key.refTable === from ? { ...key, refTable: table.name } : key,
      );
    }
  }

  #dropPart(table: TableDraft): void {
    const list = this.#d.pick(['uniques', 'checks', 'foreignKeys', 'indexes', 'exclusions'] as const);
    const gone = this.#d.below(Math.max(1, table[list].length));
    Object.assign(table, { [list]: table[list].filter((_, i) => i !== gone) });
  }

  #changePart(table: TableDraft): void {
    const d = this.#d;
    if (d.chance(50) && table.indexes.length > 0) {
      const index = d.pick(table.indexes);
      const columns = index.columns.map((part) => ({ ...part }));
      const changed = index.method ? index : { ...index, unique: !index.unique, columns: columns.reverse() };
      const { nullsNotDistinct: _, ...plain } = changed;
      table.indexes = table.indexes.map((each) => (each === index ? plain : each));
    } else if (table.foreignKeys.length > 0) {
      const key = d.pick(table.foreignKeys);
      const { onDelete, ...rest } = key;
      table.foreignKeys = table.foreignKeys.map((each) =>
        each !== key ? each : onDelete ? rest : { ...rest, onDelete: 'CASCADE' },
      );
    } else if (table.uniques.length > 0) {
      const unique = d.pick(table.uniques);
      table.uniques = table.uniques.map((each) =>
        each === unique ? { ...each, columns: [...each.columns].reverse() } : each,
      );
    }
  }

  #changeEnum(): void {
    const d = this.#d;
    if (this.#draft.enums.length === 0 || d.chance(20)) return this.#addEnum();
    const found = d.pick(this.#draft.enums);
    if (d.chance(15)) {
      this.#draft.enums = this.#draft.enums.filter((each) => each !== found);
      return;
    }
    const kept = d.chance(50) ? [...found.values] : d.some(found.values, 1, found.values.length);
    const at = d.below(kept.length + 1);
    const values = [...new Set(d.chance(60) ? kept.toSpliced(at, 0, d.pick(TEXTS.slice(1)), 'extra') : kept)];
    this.#draft.enums = this.#draft.enums.map((each) =>
      each === found ? { name: found.name, values } : each,
    );
  }

  #changeObject(): void {
    const d = this.#d;
    const { views, sequences } = this.#draft;
    if (views.length > 0 && d.chance(30)) {
      const view = d.pick(views);
      const query = this.#viewQuery(d.pick(this.#draft.tables));
      this.#draft.views = views.map((each) => (each === view ? { ...each, query } : each));
    } else if (views.length > 0 && d.chance(40)) this.#draft.views = views.slice(1);
    else if (sequences.length > 0 && d.chance(50)) {
      this.#draft.sequences = sequences
        .map((each) => ({ ...each, start: d.pick([3, -3, 0]) }))
        .slice(d.below(2));
    } else this.#addObject();
  }

  /** The schema without what contradicts the rest of it. */
  #finished(): Schema {
    const draft = this.#draft;
    // Keys between tables that are kept in different ways are refused.
    if (draft.tables.some((table) => table.foreignKeys.length > 0)) {
      for (const table of draft.tables) if (table.options?.['postgres.unlogged']) delete table.options;
    }
    for (const table of draft.tables) this.#repair(table);
    for (let before = -1; before !== count(draft); ) {
      before = count(draft);
      for (const table of draft.tables) {
        table.foreignKeys = table.foreignKeys.filter((key) => isValidKey(key, table, draft.tables));
      }
    }
    // A view without what it shows goes, and those over it.
    for (let before = -1; before !== draft.views.length; ) {
      before = draft.views.length;
      draft.views = draft.views.filter(({ name, query }) => this.#holdsView(name, query));
    }
    return { ...draft, tables: draft.tables.map((table) => ({ ...table })) } as Schema;
  }

  #holdsView(own: string, query: string): boolean {
    const [, source = ''] = / FROM (.*?)(?: GROUP BY "shown"| -- all of it|$)/s.exec(query) ?? [];
    const view = this.#draft.views.find(({ name }) => quotedTable(name) === source);
    if (view) return view.name !== own && query.includes('GROUP BY');
    const table = this.#draft.tables.find(({ name }) => quotedTable(name) === source);
    if (table === undefined || query.includes('GROUP BY')) return false;
    if (query.startsWith('SELECT 1')) return true;
    const [column] = quotedNames(query);
    return table.columns.some(({ name, type }) => name === column && isKeyable(type));
  }

  #repair(table: TableDraft): void {
    const find = (name: string): Column | undefined => table.columns.find((each) => each.name === name);
    const has = (names: readonly string[]): boolean =>
      names.every((name) => {
        const column = find(name);
        return column !== undefined && isKeyable(column.type);
      });
    const holds = (sql: string, immutable = false): boolean => {
      const [, asked = 'any'] = /\/\*(\w+)\*\//.exec(sql) ?? [];
      return quotedNames(sql).every((name) => {
        const column = find(name);
        if (column === undefined) return false;
        if (asked === 'any') return true;
        if (immutable && asked === 'moment' && column.type.kind !== 'timestamp') return false;
        if (asked === 'enum' && column.type.kind === 'enum') {
          const { name: enumName } = column.type;
          const values = this.#draft.enums.find((each) => each.name === enumName)?.values ?? [];
          return values.some((value) => sql.startsWith(`${quoted(name)} >= ${literal(value)} OR`));
        }
        if (asked === 'number' && sql.includes('% 10')) {
          return classOf(column.type) === 'number' && !['real', 'double'].includes(column.type.kind);
        }
        return classOf(column.type) === asked;
      });
    };
    table.columns = table.columns.map((column): Column => this.#repairColumn(column, table));
    table.columns = table.columns.map((column): Column => {
      if (!column.generated) return column;
      const [source = ''] = quotedNames(column.generated.sql);
      if (holds(column.generated.sql) && !find(source)?.generated && source !== column.name) return column;
      const { generated: _, ...plain } = column;
      return plain;
    });
    if (table.primaryKey && !has(table.primaryKey.columns)) delete table.primaryKey;
    const key = table.primaryKey?.columns ?? [];
    table.columns = table.columns.map((column): Column => {
      const isIncrementable =
        ['smallint', 'integer', 'bigint'].includes(column.type.kind) && !column.generated;
      const { autoIncrement, ...rest } = column;
      const isKey = key.length === 1 && key[0] === column.name;
      const kept = autoIncrement && isKey && isIncrementable;
      if (!key.includes(column.name)) return rest;
      if (!kept) return { ...rest, nullable: false };
      const { default: _, ...bareColumn } = column;
      return { ...bareColumn, nullable: false };
    });
    table.uniques = table.uniques.filter(({ columns }) => has(columns));
    table.checks = table.checks.filter(({ expression }) => holds(expression));
    table.exclusions = table.exclusions.filter(
      ({ elements, where }) => has(quotedNames(elements)) && holds(where ?? '', true),
    );
    table.indexes = table.indexes.filter(
      (index) =>
        index.columns.every((part) => {
          if ('expression' in part) return holds(part.expression);
          const column = find(part.column);
          if (column === undefined || !has([part.column])) return false;
          if (part.operatorClass && column.type.kind !== 'text') return false;
          return !part.collation || (classOf(column.type) === 'text' && column.collation === undefined);
        }) &&
        holds(index.where ?? '', true) &&
        has(index.include ?? []),
    );
  }

  #repairColumn(column: Column, table: TableDraft): Column {
    let result = column;
    if (column.generated) {
      const { default: _, autoIncrement: __, collation: ___, ...rest } = column;
      result = rest;
    }
    const enumName = enumNameOf(result.type);
    const values = this.#draft.enums.find(({ name }) => name === enumName)?.values;
    if (enumName !== undefined && values === undefined) {
      const { default: _, ...rest } = result;
      return { ...rest, type: { kind: 'text' } };
    }
    const fits =
      result.type.kind !== 'enum' ||
      result.default?.kind !== 'literal' ||
      values?.includes(String(result.default.value));
    if (!fits) {
      const { default: _, ...rest } = result;
      result = rest;
    }
    if (result.collation !== undefined && !['text', 'varchar', 'char'].includes(result.type.kind)) {
      const { collation: _, ...rest } = result;
      result = rest;
    }
    return table.columns.length === 0 ? column : result;
  }
}

function bare(name: string): string {
  const dot = name.indexOf('.', 1);
  return dot < 1 || dot === name.length - 1 ? name : name.slice(dot + 1);
}

export function quotedTable(name: string): string {
  const own = bare(name);
  return own === name
    ? quoted(name)
    : `${quoted(name.slice(0, name.length - own.length - 1))}.${quoted(own)}`;
}

function cut(name: string): string {
  let text = name;
  while (Buffer.byteLength(text) > 55) text = [...text].slice(0, -1).join('');
  return text;
}

function enumNameOf(type: ColumnType): string | undefined {
  if (type.kind === 'array') return enumNameOf(type.of);
  return type.kind === 'enum' ? type.name : undefined;
}

/** Whether values have an order, as keys and plain indexes need. */
function isKeyable(type: ColumnType): boolean {
  if (type.kind !== 'native') return true;
  return !['point', 'json'].includes(type.sql.postgres ?? '');
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

function count({ tables }: Draft): number {
  return tables.reduce((sum, table) => sum + table.foreignKeys.length, 0);
}

function isValidKey(key: ForeignKey, table: TableDraft, tables: readonly TableDraft[]): boolean {
  const target = tables.find(({ name }) => name === key.refTable);
  if (target === undefined) return false;
  const keys = [
    ...(target.primaryKey ? [target.primaryKey] : []),
    ...target.uniques.filter((each) => !each.deferrable),
  ];
  return (
    keys.some(({ columns }) => same([...columns].sort(), [...key.refColumns].sort())) &&
    new Set(key.columns).size === key.columns.length &&
    key.columns.every((name, i) => {
      const column = table.columns.find((each) => each.name === name);
      const other = target.columns.find((each) => each.name === key.refColumns[i]);
      if (!column || !other) return false;
      // To compare two varchar[] in a key the server finds no operator.
      return (
        !column.generated &&
        column.type.kind !== 'array' &&
        same(column.type, other.type) &&
        column.collation === other.collation
      );
    })
  );
}

/** A value of a type as text that the server reads; undefined for NULL. */
export function randomValue(type: ColumnType, schema: Schema, d: Dice): string | null {
  switch (type.kind) {
    case 'smallint':
      return String(d.pick([0, 1, -1, 7, 42, 32_767, -32_768, d.below(30_000)]));
    case 'integer':
      return String(d.pick([0, 1, -1, 7, 42, 2_147_483_647, d.below(1_000_000)]));
    case 'bigint':
      return d.chance(70) ? String(d.below(1000)) : d.pick(['9007199254740993', '-9223372036854775808']);
    case 'real':
      return d.pick(['0.5', '-2.25', '0.1', '3', '1e-7', String(d.below(100))]);
    case 'double':
      return d.pick(['0.5', '-2.25', '0.1', '1e300', '3', String(d.below(100))]);
    case 'decimal': {
      const scale = type.scale ?? (type.precision === undefined ? 2 : 0);
      const digits = Math.min(type.precision ?? 9, 9);
      return (d.below(10 ** digits) / 10 ** scale).toFixed(scale);
    }
    case 'boolean':
      return d.pick(['true', 'false']);
    case 'date':
      return `20${10 + d.below(80)}-02-${10 + d.below(18)}`;
    case 'time':
      return `1${d.below(9)}:0${d.below(9)}:00`;
    case 'timestamp':
    case 'timestamptz':
      return `20${10 + d.below(80)}-02-${10 + d.below(18)} ${d.chance(50) ? '00' : '12'}:00:0${d.below(9)}${d.chance(30) ? '.123' : ''}`;
    case 'json':
      return d.pick(['{"a":"it\'s"}', 'null', '[1,2]', '"x"', `${d.below(99)}`]);
    case 'uuid':
      return `${String(d.below(99_999_999)).padStart(8, '0')}-0000-4000-8000-00000000000a`;
    case 'blob':
      return `\\x${d.pick(['00ff', '61', '', '313233', 'c3a4'])}`;
    case 'enum':
      return d.pick(schema.enums.find(({ name }) => name === type.name)?.values ?? ['']);
    case 'array': {
      const inner = d.chance(30) ? undefined : randomValue(type.of, schema, d);
      if (inner == null) return '{}';
      return `{"${inner.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"}`;
    }
    case 'native':
      switch (type.sql.postgres) {
        case 'INET':
          return `10.0.0.${d.below(255)}`;
        case 'tsvector':
          return 'a b c';
        case 'interval':
          return `${d.below(20)} days`;
        case 'point':
          return `(${d.below(9)},2)`;
        case 'varbit':
          return '1010';
        case 'json':
          return '{"a": 1}';
        default:
          return null;
      }
    default: {
      const text = d.chance(60) ? d.pick(TEXTS) : `text ${d.below(1000)}`;
      const length = type.kind === 'char' ? (type.length ?? 1) : 'length' in type ? type.length : undefined;
      return length === undefined ? text : [...text].slice(0, length).join('');
    }
  }
}
