/**
 * `Schema`: an immutable value that says what a database looks like, whoever says so.
 *
 * The models become one, an introspected database becomes one, and replaying migrations makes one. It is
 * plain JSON: links go by name, never by pointer. Lists of named things are kept sorted by name (columns
 * in their own order), so that equal schemas are equal structures.
 */

/** A logical column type, the same on every database, or a native one that a single database knows. */
export type ColumnType =
  | { readonly kind: SimpleTypeKind }
  | { readonly kind: 'char' | 'varchar'; readonly length?: number }
  | { readonly kind: 'decimal'; readonly precision?: number; readonly scale?: number }
  | { readonly kind: 'time' | 'timestamp' | 'timestamptz'; readonly precision?: number }
  /** `name` names an entry of `Schema.enums`, which holds the values. */
  | { readonly kind: 'enum'; readonly name: string }
  | { readonly kind: 'array'; readonly of: ColumnType }
  /** Type text by database; `default` for those that are not named. */
  | { readonly kind: 'native'; readonly sql: Readonly<Record<string, string>> };

/** Types without parameters. */
export type SimpleTypeKind =
  | 'smallint'
  | 'integer'
  | 'bigint'
  | 'real'
  | 'double'
  | 'boolean'
  | 'text'
  | 'date'
  | 'json'
  | 'uuid'
  | 'blob'
  | 'simple-array';

/** A default: a literal (never SQL, whatever it holds) or an SQL expression. */
export type ColumnDefault =
  | { readonly kind: 'literal'; readonly value: string | number | boolean }
  | { readonly kind: 'expression'; readonly sql: string };

/** How a column's value is made when none is given. */
export type AutoIncrement = 'increment' | 'identity';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
  readonly default?: ColumnDefault;
  readonly generated?: { readonly sql: string; readonly stored: boolean };
  /** `increment` never gives a key again, also of a deleted row; `identity` promises uniqueness only. */
  readonly autoIncrement?: AutoIncrement;
  readonly collation?: string;
  readonly comment?: string;
  /** Options that one database knows, as `mysql.unsigned`; absent where it has none. */
  readonly options?: NativeOptions;
}

/** Options by the name of the database and its own word for it: `sqlite.strict`, `mysql.onUpdate`. */
export type NativeOptions = Readonly<Record<string, string | number | boolean>>;

export interface PrimaryKey {
  readonly name: string;
  readonly columns: readonly string[];
}

export type Deferrable = 'immediate' | 'deferred';

export interface Unique {
  readonly name: string;
  readonly columns: readonly string[];
  readonly deferrable?: Deferrable;
  readonly nullsNotDistinct?: boolean;
}

export interface Check {
  readonly name: string;
  readonly expression: string;
}

/** `NO ACTION` is said by leaving the property out. */
export type ReferentialAction = 'CASCADE' | 'SET NULL' | 'SET DEFAULT' | 'RESTRICT';

export interface ForeignKey {
  readonly name: string;
  readonly columns: readonly string[];
  readonly refTable: string;
  readonly refColumns: readonly string[];
  readonly onDelete?: ReferentialAction;
  readonly onUpdate?: ReferentialAction;
  readonly deferrable?: Deferrable;
}

/** One column or expression of an index; ascending unless `order` says otherwise. */
export type IndexColumn = ({ readonly column: string } | { readonly expression: string }) & {
  readonly order?: 'desc';
  readonly nulls?: 'first' | 'last';
  readonly collation?: string;
  readonly operatorClass?: string;
  /** Prefix length in characters (MySQL). */
  readonly length?: number;
};

export interface Index {
  readonly name: string;
  readonly columns: readonly IndexColumn[];
  readonly unique: boolean;
  readonly where?: string;
  readonly method?: string;
  readonly include?: readonly string[];
  readonly nullsNotDistinct?: boolean;
  /** Options that one database knows, as `mysql.invisible`; absent where it has none. */
  readonly options?: NativeOptions;
}

/** An exclusion constraint (PostgreSQL); `elements` as the database spells them. */
export interface Exclusion {
  readonly name: string;
  readonly elements: string;
  readonly method?: string;
  readonly where?: string;
  readonly deferrable?: Deferrable;
}

export interface Table {
  readonly name: string;
  /** In the order in which the table was made; equality does not look at it. */
  readonly columns: readonly Column[];
  readonly primaryKey?: PrimaryKey;
  readonly uniques: readonly Unique[];
  readonly checks: readonly Check[];
  readonly foreignKeys: readonly ForeignKey[];
  readonly indexes: readonly Index[];
  readonly exclusions: readonly Exclusion[];
  readonly comment?: string;
  /** Options that one database knows, as `sqlite.strict`; absent where it has none. */
  readonly options?: NativeOptions;
}

export interface Enum {
  readonly name: string;
  readonly values: readonly string[];
}

export interface View {
  readonly name: string;
  readonly query: string;
  readonly materialized?: boolean;
}

export interface Sequence {
  readonly name: string;
  readonly start?: number;
  readonly increment?: number;
}

/** A trigger as opaque text, by database. */
export interface Trigger {
  readonly name: string;
  readonly table: string;
  readonly sql: Readonly<Record<string, string>>;
}

export interface Schema {
  readonly tables: readonly Table[];
  readonly enums: readonly Enum[];
  readonly views: readonly View[];
  readonly sequences: readonly Sequence[];
  readonly triggers: readonly Trigger[];
}

/** The schema of an empty database. */
export const EMPTY_SCHEMA: Schema = { tables: [], enums: [], views: [], sequences: [], triggers: [] };

/** Every kind of named thing that `dropConstraint` drops. */
export type ConstraintKind = 'primaryKey' | 'unique' | 'check' | 'foreignKey' | 'exclusion';

/** Finds one of a list by its name. */
export function byName<T extends { readonly name: string }>(list: readonly T[], name: string): T | undefined {
  return list.find((item) => item.name === name);
}
