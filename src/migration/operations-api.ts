/**
 * What a migration file is handed: `op`. Types only, so that a file that imports them stays loadable as
 * long as TypeScript is.
 *
 * Every call takes its place in one queue when it is made; awaiting one waits for the queue to get there.
 */

import type { SqlText } from '../ast/sql-text.js';
import type { NativeOptions, ReferentialAction } from '../schema/model.js';
import type { NativeTypeMap, TypeName } from '../schema/type-names.js';

/** How a step treats those who use the table meanwhile. */
export interface OnlineOptions {
  /**
   * Others go on reading and writing while rows are checked or indexed, at the price of several transactions:
   * PostgreSQL builds indexes CONCURRENTLY, and adds keys, checks and NOT NULL unvalidated before it validates
   * them. MySQL and MariaDB do what they can anyway; SQLite has one writer.
   */
  readonly concurrently?: boolean;
}

/** A column as `@Column` takes it: NOT NULL unless `nullable: true`. */
export interface MigrationColumn {
  readonly type: TypeName | NativeTypeMap;
  readonly length?: number;
  readonly precision?: number;
  readonly scale?: number;
  readonly nullable?: boolean;
  /** A literal; SQL as a function's result or ``sql`…` ``. */
  readonly default?: DefaultOption;
  /** The database makes the keys. */
  readonly generated?: 'increment' | 'identity';
  readonly primary?: boolean;
  readonly unique?: boolean;
  readonly enum?: readonly string[];
  readonly enumName?: string;
  readonly array?: boolean;
  readonly collation?: string;
  readonly comment?: string;
  /** MySQL: no negative numbers. */
  readonly unsigned?: boolean;
  /** MySQL: the character set of the column's text. */
  readonly charset?: string;
  /** MySQL: the value at every update, `CURRENT_TIMESTAMP`. */
  readonly onUpdate?: string;
  /** Options that one database knows, as `{ 'mysql.invisible': true }`. */
  readonly options?: NativeOptions;
  /** Makes a generated column. */
  readonly asExpression?: SqlText;
  readonly generatedType?: 'STORED' | 'VIRTUAL';
}

/** A default: a literal, or SQL as a function's result or ``sql`…` ``. */
export type DefaultOption = string | number | boolean | bigint | Date | object | (() => string) | null;

/** What `alterColumn` changes; what is not named stays. `null` takes a default, comment or collation away. */
export type ColumnAlteration = Partial<
  Omit<
    MigrationColumn,
    | 'generated'
    | 'primary'
    | 'unique'
    | 'collation'
    | 'comment'
    | 'asExpression'
    | 'unsigned'
    | 'charset'
    | 'onUpdate'
    | 'options'
  >
> & {
  /** All of them: what is not named is taken away. */
  readonly options?: NativeOptions | null;
  readonly generated?: 'increment' | 'identity' | null;
  readonly collation?: string | null;
  readonly comment?: string | null;
  readonly asExpression?: SqlText | null;
  /** SQL that makes the new value from the old row. */
  readonly using?: SqlText;
  /** Why rows may lose what does not fit. */
  readonly allowLoss?: string;
} & OnlineOptions;

export interface PrimaryKeyShape {
  readonly columns: readonly string[];
  readonly name?: string;
}

export type DeferrableShape = 'INITIALLY IMMEDIATE' | 'INITIALLY DEFERRED';

export interface UniqueShape {
  readonly columns: readonly string[];
  readonly name?: string;
  readonly deferrable?: DeferrableShape;
  readonly nullsNotDistinct?: boolean;
}

export interface CheckShape {
  readonly expression: SqlText;
  readonly name?: string;
}

export interface ForeignKeyShape {
  readonly columns: readonly string[];
  readonly refTable: string;
  readonly refColumns: readonly string[];
  readonly name?: string;
  readonly onDelete?: ReferentialAction | 'NO ACTION';
  readonly onUpdate?: ReferentialAction | 'NO ACTION';
  readonly deferrable?: DeferrableShape;
}

/** A column's name, an expression as ``sql`…` ``, or either spelt out. */
export type IndexPartShape =
  | string
  | Exclude<SqlText, string>
  | (({ readonly name: string } | { readonly expression: SqlText }) & {
      readonly order?: 'asc' | 'desc';
      readonly nulls?: 'first' | 'last';
      readonly collation?: string;
      readonly operatorClass?: string;
      readonly length?: number;
    });

export interface IndexOptions {
  readonly unique?: boolean;
  readonly where?: SqlText;
  readonly method?: string;
  readonly include?: readonly string[];
  readonly nullsNotDistinct?: boolean;
  /** Options that one database knows, as `{ 'mysql.invisible': true }`. */
  readonly options?: NativeOptions;
  readonly ifNotExists?: boolean;
}

export interface IndexShape extends Omit<IndexOptions, 'ifNotExists'> {
  readonly columns: readonly IndexPartShape[];
  readonly name?: string;
}

export interface TableShape {
  /** By name, in order. */
  readonly columns: Readonly<Record<string, MigrationColumn>>;
  readonly primaryKey?: PrimaryKeyShape;
  readonly uniques?: readonly UniqueShape[];
  readonly checks?: readonly CheckShape[];
  readonly foreignKeys?: readonly ForeignKeyShape[];
  readonly indexes?: readonly IndexShape[];
  readonly comment?: string;
  /** Options that one database knows, as `{ 'sqlite.strict': true }`. */
  readonly options?: NativeOptions;
  readonly ifNotExists?: boolean;
}

export interface EnumAlteration {
  readonly add?: readonly (string | { readonly value: string; readonly before?: string })[];
  readonly rename?: Readonly<Record<string, string>>;
  readonly remove?: readonly string[];
  /** All values in their new order. */
  readonly order?: readonly string[];
  /** The columns that use it; needed where the database keeps the values with each column. */
  readonly columns?: readonly string[];
}

/** A place in the queue; awaiting it waits for the queue to get there. */
export type Queued<T = void> = PromiseLike<T>;

export type MigrationRow = Readonly<Record<string, unknown>>;

/** Says in directives what a statement does to the schema; `() => {}` that it leaves it as it is. */
export type Effect = (op: SchemaDirectives) => void;

export interface StatementOptions {
  readonly effect?: Effect;
}

/** What JSON can say. */
export type PlainData =
  | null
  | boolean
  | number
  | string
  | readonly PlainData[]
  | { readonly [key: string]: PlainData };

/** The arguments of an operation of one's own. */
export type CustomArguments = { readonly [key: string]: PlainData };

/** The directives that change the schema. */
export type SchemaDirectives = Omit<
  Operations,
  'execute' | 'query' | 'bulkInsert' | 'outsideTransaction' | 'require' | 'isOffline' | 'invoke' | 'revoke'
>;

/** The directives of a migration. */
export interface Operations {
  createTable(name: string, table: TableShape): Queued;
  dropTable(name: string, options?: { readonly ifExists?: boolean }): Queued;
  renameTable(from: string, to: string): Queued;
  setTableComment(table: string, comment: string | null): Queued;
  /** Options that one database knows; what is not named is taken away. */
  setTableOptions(table: string, options: NativeOptions): Queued;

  addColumn(
    table: string,
    name: string,
    column: MigrationColumn,
    options?: { readonly fill?: DefaultOption; readonly ifNotExists?: boolean },
  ): Queued;
  dropColumn(table: string, name: string, options?: { readonly ifExists?: boolean }): Queued;
  renameColumn(table: string, from: string, to: string): Queued;
  alterColumn(table: string, name: string, change: ColumnAlteration): Queued;

  createPrimaryKey(name: string | null, table: string, columns: readonly string[]): Queued;
  createUniqueConstraint(
    name: string | null,
    table: string,
    columns: readonly string[],
    options?: Omit<UniqueShape, 'columns' | 'name'> & OnlineOptions,
  ): Queued;
  createForeignKey(
    name: string | null,
    table: string,
    columns: readonly string[],
    refTable: string,
    refColumns: readonly string[],
    options?: Pick<ForeignKeyShape, 'onDelete' | 'onUpdate' | 'deferrable'> & OnlineOptions,
  ): Queued;
  createCheckConstraint(
    name: string | null,
    table: string,
    condition: SqlText,
    options?: OnlineOptions,
  ): Queued;
  createExclusionConstraint(
    name: string,
    table: string,
    elements: string,
    options?: { readonly method?: string; readonly where?: SqlText; readonly deferrable?: DeferrableShape },
  ): Queued;
  dropConstraint(name: string, table: string, options?: { readonly ifExists?: boolean }): Queued;
  createIndex(
    name: string | null,
    table: string,
    columns: readonly IndexPartShape[],
    options?: IndexOptions & OnlineOptions,
  ): Queued;
  dropIndex(name: string, table: string, options?: { readonly ifExists?: boolean } & OnlineOptions): Queued;

  createEnum(name: string, values: readonly string[]): Queued;
  alterEnum(name: string, change: EnumAlteration): Queued;
  dropEnum(name: string): Queued;

  createView(name: string, query: SqlText, options?: { readonly materialized?: boolean }): Queued;
  replaceView(name: string, query: SqlText, options?: { readonly materialized?: boolean }): Queued;
  dropView(name: string): Queued;
  createSequence(name: string, options?: { readonly start?: number; readonly increment?: number }): Queued;
  alterSequence(name: string, options: { readonly start?: number; readonly increment?: number }): Queued;
  dropSequence(name: string): Queued;
  /** @param text the native CREATE TRIGGER, by database */
  createTrigger(name: string, table: string, text: Readonly<Record<string, string>>): Queued;
  dropTrigger(name: string, table: string): Queued;

  /**
   * Runs a statement; a string is raw SQL.
   *
   * @param options `effect`: what it does to the schema, in directives that are not carried out. Without it nobody
   * knows: the files alone no longer tell the schema, and whatever compares with them says so.
   */
  execute(statement: SqlText, options?: StatementOptions): Queued<{ readonly changes: number }>;
  /**
   * Reads rows.
   *
   * @throws OFFLINE where no database is at hand; ask `isOffline` first
   */
  query<R extends MigrationRow = MigrationRow>(statement: SqlText): Queued<R[]>;
  bulkInsert(table: string, rows: readonly MigrationRow[]): Queued;
  /**
   * Runs an operation of one's own, which the configuration registers under `operations`.
   *
   * @param args plain data, as the file says it
   * @throws CUSTOM_OPERATION_UNKNOWN · CAPABILITY_MISSING where it has no statements for this database
   */
  invoke(name: string, args?: CustomArguments): Queued;
  /** Undoes what `invoke` with the same arguments did. */
  revoke(name: string, args?: CustomArguments): Queued;
  /**
   * The steps of a function run by themselves, each committed when it is done, and recorded so that a run which
   * breaks off is resumed behind them. Where a database runs everything in the revision's transaction (SQLite),
   * they run there.
   */
  outsideTransaction(run: () => unknown): Queued;
  /**
   * Refuses the revision unless a condition holds.
   *
   * @param statement selects one value: true, or a number other than 0
   */
  require(statement: SqlText, message: string): Queued;

  /** Of the database that the revision runs on: `sqlite`. */
  readonly dialect: string;
  /** Whether only SQL is written, or files are replayed, and no database is at hand. */
  readonly isOffline: boolean;
}

/** The module of a migration file. */
export interface MigrationModule {
  readonly revision: string;
  readonly downRevision: string | readonly string[] | null;
  readonly branchLabels?: readonly string[];
  readonly dependsOn?: readonly string[];
  upgrade(op: Operations): unknown;
  downgrade(op: Operations): unknown;
}
