/**
 * A query in the words of entities → the same in the words of the database: properties become columns, values
 * parameters, `selectAll` the columns of the entities under the names of their properties.
 *
 * It runs when a query is compiled, after the plugins of the user, who so see the names that they have written.
 */

import type {
  AggregateFunctionNode,
  BinaryOperationNode,
  CaseNode,
  ColumnNode,
  ColumnUpdateNode,
  CommonTableExpressionNameNode,
  CommonTableExpressionNode,
  DeleteQueryNode,
  FunctionNode,
  IdentifierNode,
  InsertQueryNode,
  MergeQueryNode,
  OperationNode,
  OperatorNode,
  OrderByNode,
  PrimitiveValueListNode,
  QueryId,
  ReferenceNode,
  ReturningNode,
  RootOperationNode,
  SelectionNode,
  SelectQueryNode,
  TableNode,
  TupleNode,
  UpdateQueryNode,
  ValueNode,
  ValuesNode,
} from 'kysely';
import { error } from '../../base/error-codes.js';
import { nearestName } from '../../base/text.js';
import type { Dialect } from '../../dialects/contract.js';
import type { MappedColumn } from '../../query/mapping/entity-map.js';
import { type Expected, ValueEncoder } from './encode-values.js';
import type { KyselyPackage } from './load.js';
import {
  columnName,
  columnOf,
  isAllOfOne,
  type Outputs,
  QueryReader,
  type Resolved,
  type Scope,
  type Source,
  sourceOfAll,
  tableKey,
  tableNode,
} from './sources.js';
import type { KnownTables } from './tables.js';

/** A statement for the compiler, and what its rows are. */
export interface Rewritten {
  readonly node: RootOperationNode;
  /** Undefined where the statement returns no rows, or nobody can say which. */
  readonly outputs: Outputs | undefined;
}

export type Rewrite = (node: RootOperationNode, queryId: QueryId) => Rewritten;

type Query = SelectQueryNode | InsertQueryNode | UpdateQueryNode | DeleteQueryNode | MergeQueryNode;

/** Operators whose sides are values of one kind. */
const COMPARISONS: ReadonlySet<string> = new Set([
  '=',
  '==',
  '!=',
  '<>',
  '<',
  '<=',
  '>',
  '>=',
  '<=>',
  'in',
  'not in',
  'is',
  'is not',
  'between',
  'between symmetric',
  'is distinct from',
  'is not distinct from',
]);
const REWRITTEN = new Set([
  'SelectQueryNode',
  'InsertQueryNode',
  'UpdateQueryNode',
  'DeleteQueryNode',
  'MergeQueryNode',
  'RawNode',
]);

/** What rewrites the statements of one mapping; made once, for its class extends one of the package. */
export function makeRewrite(
  { OperationNodeTransformer }: KyselyPackage,
  tables: KnownTables,
  dialect: Dialect,
): Rewrite {
  class Rewriter extends OperationNodeTransformer {
    readonly reader = new QueryReader(tables);
    readonly #values = new ValueEncoder(dialect);
    /** References that mean a result by its name. */
    readonly #asTheyAre = new WeakSet<OperationNode>();
    #scope: Scope | undefined;

    protected override transformSelectQuery(node: SelectQueryNode, queryId?: QueryId): SelectQueryNode {
      return this.#within(node, (scope) =>
        super.transformSelectQuery(
          {
            ...node,
            ...(node.selections && { selections: this.#selections(node.selections, scope) }),
            ...(node.orderBy && { orderBy: this.#orderBy(node.orderBy, scope) }),
          },
          queryId as QueryId,
        ),
      );
    }

    protected override transformInsertQuery(node: InsertQueryNode, queryId?: QueryId): InsertQueryNode {
      return this.#within(node, (scope) =>
        super.transformInsertQuery(
          {
            ...this.#withReturning(node, scope),
            ...(node.values && { values: this.#rows(node, scope) }),
          },
          queryId as QueryId,
        ),
      );
    }

    protected override transformUpdateQuery(node: UpdateQueryNode, queryId?: QueryId): UpdateQueryNode {
      return this.#within(node, (scope) =>
        super.transformUpdateQuery(this.#withReturning(node, scope), queryId as QueryId),
      );
    }

    protected override transformDeleteQuery(node: DeleteQueryNode, queryId?: QueryId): DeleteQueryNode {
      return this.#within(node, (scope) =>
        super.transformDeleteQuery(this.#withReturning(node, scope), queryId as QueryId),
      );
    }

    protected override transformMergeQuery(node: MergeQueryNode, queryId?: QueryId): MergeQueryNode {
      return this.#within(node, (scope) =>
        super.transformMergeQuery(this.#withReturning(node, scope), queryId as QueryId),
      );
    }

    protected override transformCommonTableExpression(
      node: CommonTableExpressionNode,
      queryId?: QueryId,
    ): CommonTableExpressionNode {
      const outer = this.#scope;
      this.#scope = this.reader.bodyOf(node);
      try {
        return super.transformCommonTableExpression(node, queryId as QueryId);
      } finally {
        this.#scope = outer;
      }
    }

    /** It gives names, and means none. */
    protected override transformCommonTableExpressionName(
      node: CommonTableExpressionNameNode,
    ): CommonTableExpressionNameNode {
      return node;
    }

    /** A dot that is part of a table's name, where there are no schemas. */
    protected override transformTable(node: TableNode): TableNode {
      const name = tableKey(node);
      if (node.table.schema === undefined || dialect.capabilities.schemas) return node;
      return tables.get(name) === undefined ? node : tableNode({ kind: 'IdentifierNode', name });
    }

    protected override transformReference(node: ReferenceNode, queryId?: QueryId): ReferenceNode {
      if (this.#asTheyAre.has(node)) return node;
      if (isAllOfOne(node)) return super.transformReference(node, queryId as QueryId);
      const resolved = this.reader.resolve(node, this.#scope);
      if (resolved === undefined) throw this.#unknown(node);
      const table = node.table && this.transformTable(node.table);
      if (resolved === 'unknown') return { ...node, ...(table && { table }) };
      const column = columnNode(resolved.column.sql);
      if (table !== undefined) return { ...node, table, column };
      const { reference } = resolved.source;
      return reference !== undefined && this.#needsTable(resolved, columnName(node))
        ? { kind: 'ReferenceNode', table: this.transformTable(reference), column }
        : { kind: 'ReferenceNode', column };
    }

    /** A column of the table that is written. */
    protected override transformColumn(node: ColumnNode): ColumnNode {
      const { name } = node.column;
      const target = this.#target();
      const column = target && columnOf(target, name);
      if (column !== undefined) return columnNode(column.sql);
      if (target?.complete === true) throw unknownColumn(target, name);
      return node;
    }

    protected override transformColumnUpdate(node: ColumnUpdateNode, queryId?: QueryId): ColumnUpdateNode {
      const { column } = node;
      const isBare = column.kind === 'ReferenceNode' && (column as ReferenceNode).table === undefined;
      const written = isBare ? (column as ReferenceNode).column : column;
      const value = this.#values.expecting(node.value, this.#columnWritten(written), 'encode');
      return super.transformColumnUpdate({ ...node, column: written, value }, queryId as QueryId);
    }

    protected override transformBinaryOperation(
      node: BinaryOperationNode,
      queryId?: QueryId,
    ): BinaryOperationNode {
      return super.transformBinaryOperation(this.#compared(node), queryId as QueryId);
    }

    protected override transformFunction(node: FunctionNode, queryId?: QueryId): FunctionNode {
      return super.transformFunction(this.#ownValues(node), queryId as QueryId);
    }

    protected override transformCase(node: CaseNode, queryId?: QueryId): CaseNode {
      return super.transformCase(this.#ownValues(node), queryId as QueryId);
    }

    protected override transformValue(node: ValueNode): ValueNode {
      return this.#values.loose(node);
    }

    protected override transformPrimitiveValueList(node: PrimitiveValueListNode): PrimitiveValueListNode {
      return this.#values.looseList(node);
    }

    #within<R>(node: Query, work: (scope: Scope) => R): R {
      const outer = this.#scope;
      this.#scope = this.reader.scopeOf(node, outer);
      try {
        return work(this.#scope);
      } finally {
        this.#scope = outer;
      }
    }

    #withReturning<Q extends { readonly returning?: ReturningNode }>(node: Q, scope: Scope): Q {
      if (node.returning === undefined) return node;
      const selections = this.#selections(node.returning.selections, scope);
      return { ...node, returning: { ...node.returning, selections } };
    }

    /** Every selection under the name by which it was asked for. */
    #selections(list: readonly SelectionNode[], scope: Scope): SelectionNode[] {
      return list.flatMap((each) => {
        const { selection } = each;
        if (selection.kind === 'SelectAllNode') return this.#allSources(each, scope);
        if (isAllOfOne(selection)) return allOf(each, sourceOfAll(selection as ReferenceNode, scope), true);
        if (selection.kind !== 'ReferenceNode') return [each];
        const resolved = this.reader.resolve(selection as ReferenceNode, scope);
        const name = columnName(selection as ReferenceNode);
        if (typeof resolved !== 'object' || resolved.column.sql === name) return [each];
        return [selected(selection as ReferenceNode, name)];
      });
    }

    #allSources(each: SelectionNode, scope: Scope): SelectionNode[] {
      const sources = [...scope.sources.values()];
      const isNamed = sources.every(({ reference }) => reference !== undefined);
      if (!isNamed || sources.every(({ table }) => table === undefined)) return [each];
      return sources.flatMap((source) => allOf(undefined, source, sources.length > 1));
    }

    /** ORDER BY may name results; a column that has the name of another result must not be taken for that. */
    #orderBy(node: OrderByNode, scope: Scope): OrderByNode {
      for (const { orderBy } of node.items) {
        if (orderBy.kind !== 'ReferenceNode' || (orderBy as ReferenceNode).table !== undefined) continue;
        if (scope.outputs?.has(columnName(orderBy as ReferenceNode))) this.#asTheyAre.add(orderBy);
      }
      return node;
    }

    #rows({ columns, values }: InsertQueryNode, { target }: Scope): OperationNode {
      const node = values as OperationNode;
      if (node.kind !== 'ValuesNode') return node;
      const codecs = columns?.map(({ column }) => target && columnOf(target, column.name)?.codec) ?? [];
      const rows = (node as ValuesNode).values.map((row) => this.#values.row(row, codecs));
      return { ...node, values: rows } as OperationNode;
    }

    #compared(node: BinaryOperationNode): BinaryOperationNode {
      const { leftOperand: left, rightOperand: right, operator } = node;
      if (operator.kind !== 'OperatorNode' || !COMPARISONS.has((operator as OperatorNode).operator))
        return node;
      const expected = this.#expected(left);
      if (expected !== undefined) {
        return { ...node, rightOperand: this.#values.expecting(right, expected, 'encodeOperand') };
      }
      const other = this.#expected(right);
      return { ...node, leftOperand: this.#values.expecting(left, other, 'encodeOperand') };
    }

    #expected(node: OperationNode): Expected {
      if (node.kind !== 'TupleNode') return this.reader.codecOf(node, this.#scope);
      const codecs = (node as TupleNode).values.map((each) => this.reader.codecOf(each, this.#scope));
      return codecs.some((codec) => codec !== undefined) ? codecs : undefined;
    }

    /** `coalesce(a, value)`: the value becomes one of the column beside it. */
    #ownValues<N extends FunctionNode | CaseNode | AggregateFunctionNode>(node: N): N {
      return this.#values.expecting(node, this.reader.codecOf(node, this.#scope), 'encodeOperand') as N;
    }

    #columnWritten(node: OperationNode): MappedColumn | undefined {
      if (node.kind === 'ReferenceNode') return this.reader.codecOf(node, this.#scope);
      const target = this.#target();
      const { name } = (node as ColumnNode).column ?? { name: '' };
      return target && columnOf(target, name)?.codec;
    }

    #target(): Source | undefined {
      for (let level = this.#scope; level !== undefined; level = level.outer) {
        if (level.target !== undefined) return level.target;
      }
      return undefined;
    }

    /** Whether the bare name of a column could be taken for another one, of any table or result in sight. */
    #needsTable({ column, source, scope }: Resolved, name: string): boolean {
      const isRenamed = column.sql !== name;
      const lower = column.sql.toLowerCase();
      for (let level = this.#scope; level !== undefined; level = level.outer) {
        for (const other of level.sources.values()) {
          if (other === source) continue;
          if (!other.complete ? isRenamed : hasColumn(other, lower)) return true;
        }
        if (isRenamed && level.outputs?.has(column.sql)) return true;
        if (level === scope) return false;
      }
      return false;
    }

    #unknown(node: ReferenceNode): Error {
      const name = columnName(node);
      const key = node.table && tableKey(node.table);
      for (let level = this.#scope; level !== undefined; level = level.outer) {
        for (const [alias, source] of level.sources) {
          if (key === undefined || alias === key || alias.endsWith(`.${key}`))
            return unknownColumn(source, name);
        }
      }
      return error('PROPERTY_UNKNOWN', { entity: key ?? 'the query', property: name, place: 'kysely' });
    }
  }

  return (node, queryId) => {
    if (!REWRITTEN.has(node.kind)) return { node, outputs: undefined };
    const rewriter = new Rewriter();
    const outputs = rewriter.reader.outputsOf(node, undefined);
    return { node: rewriter.transformNode(node, queryId), outputs };
  };
}

/** The columns of one source, under the names of its properties. */
function allOf(
  each: SelectionNode | undefined,
  source: Source | undefined,
  isNamed: boolean,
): SelectionNode[] {
  if (source?.table !== undefined) {
    const table = isNamed ? source.reference : undefined;
    return [...source.columns].map(([name, { sql }]) => {
      const reference = { kind: 'ReferenceNode' as const, ...(table && { table }), column: columnNode(name) };
      return sql === name ? { kind: 'SelectionNode', selection: reference } : selected(reference, name);
    });
  }
  if (each !== undefined) return [each];
  const all = { kind: 'SelectAllNode' as const };
  const table = source?.reference;
  if (!isNamed || table === undefined) return [{ kind: 'SelectionNode', selection: all }];
  return [{ kind: 'SelectionNode', selection: { kind: 'ReferenceNode', table, column: all } }];
}

function selected(node: ReferenceNode, name: string): SelectionNode {
  const alias: IdentifierNode = { kind: 'IdentifierNode', name };
  return { kind: 'SelectionNode', selection: { kind: 'AliasNode', node, alias } };
}

function columnNode(name: string): ColumnNode {
  return { kind: 'ColumnNode', column: { kind: 'IdentifierNode', name } };
}

function hasColumn({ columns }: Source, lower: string): boolean {
  for (const { sql } of columns.values()) if (sql.toLowerCase() === lower) return true;
  return false;
}

/** The error for a name that a table has not, with what may have been meant: the key of a relation, most of all. */
function unknownColumn({ columns, table, reference }: Source, property: string): Error {
  const instead = table?.others.get(property)?.join("', '");
  const entity = table?.owner ?? (reference === undefined ? 'the query' : tableKey(reference));
  const nearest = instead || nearestName(property, columns.keys());
  return error('PROPERTY_UNKNOWN', { entity, property, place: 'kysely', nearest });
}
