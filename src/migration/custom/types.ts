/** Operations of one's own, as the configuration registers them. Types only. */

import type { SqlText } from '../../ast/sql-text.js';
import type { CustomArguments, SchemaDirectives } from '../operations-api.js';

/**
 * Functions of the arguments, as methods, of which TypeScript lets each say which arguments it takes:
 * `({ table }: { table: string }) => …`.
 */
interface OfArguments {
  statements(args: CustomArguments): SqlText | readonly SqlText[];
  effect(op: SchemaDirectives, args: CustomArguments): void;
}

/** Makes the statements of one direction; a string is raw SQL. */
export type CustomStatements = OfArguments['statements'];

/** Statements for all databases, or by database (`sqlite`, `postgres`, `mysql`), `default` for the others. */
export type StatementsByDatabase = CustomStatements | { readonly [database: string]: CustomStatements };

/** What an operation of one's own does to the schema, in directives that are not carried out. */
export type CustomEffect = OfArguments['effect'];

/** An operation of one's own: `op.invoke(name, args)` runs `up`, `op.revoke(name, args)` runs `down`. */
export interface CustomOperation {
  readonly up: StatementsByDatabase;
  readonly down: StatementsByDatabase;
  /** Where it changes what models describe; an operation without leaves that as it is. */
  readonly effect?: { readonly up: CustomEffect; readonly down: CustomEffect };
}

export type CustomOperations = Readonly<Record<string, CustomOperation>>;

/** A call of an operation of one's own, among the operations of a revision. */
export interface CustomCall {
  readonly kind: 'invoke' | 'revoke';
  readonly name: string;
  readonly args?: CustomArguments;
}
