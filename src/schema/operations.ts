/**
 * `Operation`: one change of a schema as a plain, typed value.
 *
 * Operations live beside the model on the ground floor, so that autogenerate, replay, every dialect's plan
 * and the renderer of migration files speak of the same thing. `apply` gives them their meaning and
 * `reverse` their opposite, from the schema they start from: so they carry only what changes.
 */

import type {
  AutoIncrement,
  Check,
  Column,
  ColumnDefault,
  ColumnType,
  Exclusion,
  ForeignKey,
  Index,
  NativeOptions,
  PrimaryKey,
  Sequence,
  Table,
  Trigger,
  Unique,
  View,
} from './model.js';

/** What `alterColumn` changes: absent stays as it is, `null` is taken away. */
export interface ColumnChange {
  readonly type?: ColumnType;
  readonly nullable?: boolean;
  readonly default?: ColumnDefault | null;
  readonly generated?: { readonly sql: string; readonly stored: boolean } | null;
  readonly autoIncrement?: AutoIncrement | null;
  readonly collation?: string | null;
  readonly comment?: string | null;
  /** All of them: what is not named is taken away. */
  readonly options?: NativeOptions | null;
}

/** Options of a step that do not change what the schema is afterwards. */
export interface StepOptions {
  /** Why a step that loses data may run; without it such a step is refused. */
  readonly allowLoss?: string;
  readonly ifExists?: boolean;
  readonly ifNotExists?: boolean;
  /**
   * Others go on reading and writing meanwhile, at the price of several transactions: indexes CONCURRENTLY, keys
   * and checks NOT VALID and then validated. Nothing changes where the database has no such way.
   */
  readonly concurrently?: boolean;
}

export type TableOperation =
  | { readonly kind: 'createTable'; readonly table: Table; readonly options?: StepOptions }
  | { readonly kind: 'dropTable'; readonly table: string; readonly options?: StepOptions }
  | { readonly kind: 'renameTable'; readonly table: string; readonly to: string }
  | { readonly kind: 'setTableComment'; readonly table: string; readonly comment: string | null }
  | {
      readonly kind: 'setTableOptions';
      readonly table: string;
      /** All of them: what is not named is taken away. */
      readonly options: NativeOptions;
    };

export type ColumnOperation =
  | {
      readonly kind: 'addColumn';
      readonly table: string;
      readonly column: Column;
      /** The value for rows that are there already. */
      readonly fill?: ColumnDefault;
      readonly options?: StepOptions;
    }
  | {
      readonly kind: 'dropColumn';
      readonly table: string;
      readonly name: string;
      readonly options?: StepOptions;
    }
  | { readonly kind: 'renameColumn'; readonly table: string; readonly name: string; readonly to: string }
  | {
      readonly kind: 'alterColumn';
      readonly table: string;
      readonly name: string;
      readonly change: ColumnChange;
      /** SQL that makes the new value from the old row. */
      readonly using?: string;
      readonly options?: StepOptions;
    };

export type ConstraintOperation =
  | { readonly kind: 'createPrimaryKey'; readonly table: string; readonly primaryKey: PrimaryKey }
  | {
      readonly kind: 'createUnique';
      readonly table: string;
      readonly unique: Unique;
      readonly options?: StepOptions;
    }
  | {
      readonly kind: 'createForeignKey';
      readonly table: string;
      readonly foreignKey: ForeignKey;
      readonly options?: StepOptions;
    }
  | {
      readonly kind: 'createCheck';
      readonly table: string;
      readonly check: Check;
      readonly options?: StepOptions;
    }
  | { readonly kind: 'createExclusion'; readonly table: string; readonly exclusion: Exclusion }
  | {
      readonly kind: 'dropConstraint';
      readonly table: string;
      readonly name: string;
      readonly options?: StepOptions;
    };

export type IndexOperation =
  | {
      readonly kind: 'createIndex';
      readonly table: string;
      readonly index: Index;
      readonly options?: StepOptions;
    }
  | {
      readonly kind: 'dropIndex';
      readonly table: string;
      readonly name: string;
      readonly options?: StepOptions;
    };

/** Where a new value stands: before another one; at the end when not said. */
export interface EnumAddition {
  readonly value: string;
  readonly before?: string;
}

export type EnumOperation =
  | { readonly kind: 'createEnum'; readonly name: string; readonly values: readonly string[] }
  | {
      readonly kind: 'alterEnum';
      readonly name: string;
      readonly rename?: Readonly<Record<string, string>>;
      readonly remove?: readonly string[];
      readonly add?: readonly EnumAddition[];
      /** The order of all values afterwards, where the parts above do not say it. */
      readonly order?: readonly string[];
      readonly options?: StepOptions;
    }
  | { readonly kind: 'dropEnum'; readonly name: string };

export type ObjectOperation =
  | { readonly kind: 'createView'; readonly view: View }
  | { readonly kind: 'replaceView'; readonly view: View }
  | { readonly kind: 'dropView'; readonly name: string }
  | { readonly kind: 'createSequence'; readonly sequence: Sequence }
  | { readonly kind: 'alterSequence'; readonly sequence: Sequence }
  | { readonly kind: 'dropSequence'; readonly name: string }
  | { readonly kind: 'createTrigger'; readonly trigger: Trigger }
  | { readonly kind: 'dropTrigger'; readonly name: string; readonly table: string };

export type Operation =
  | TableOperation
  | ColumnOperation
  | ConstraintOperation
  | IndexOperation
  | EnumOperation
  | ObjectOperation;

export type OperationKind = Operation['kind'];

/** The operation of one kind. */
export type OperationOf<K extends OperationKind> = Extract<Operation, { readonly kind: K }>;
