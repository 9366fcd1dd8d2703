/**
 * What the names of a query mean: which tables, subqueries and common table expressions stand in it, what their
 * columns are called in SQL, and of which column an expression is a value. Pure reading; `rewrite.ts` acts on it.
 */

import type {
  AliasNode,
  CommonTableExpressionNode,
  DeleteQueryNode,
  IdentifierNode,
  InsertQueryNode,
  MergeQueryNode,
  OperationNode,
  ReferenceNode,
  SelectionNode,
  SelectQueryNode,
  TableNode,
  UpdateQueryNode,
  WithNode,
} from 'kysely';
import type { MappedColumn } from '../../query/mapping/entity-map.js';
import type { KnownTable, KnownTables, NamedColumn } from './tables.js';
import { valueParts } from './value-parts.js';

/** Something that a query reads from. */
export interface Source {
  readonly columns: ReadonlyMap<string, NamedColumn>;
  /** Whether these are all: raw SQL and tables of no entity have columns that nobody here knows. */
  readonly complete: boolean;
  readonly table?: KnownTable;
  /** How a reference names it; absent where it has no name. */
  readonly reference?: TableNode;
}

/** What the names in one query may mean; what is not there is looked for outside. */
export interface Scope {
  readonly outer: Scope | undefined;
  /** By alias. */
  readonly sources: Map<string, Source>;
  readonly expressions: Map<string, Source>;
  /** The table that the statement writes. */
  target?: Source;
  /** The names of its results, which ORDER BY may use. */
  outputs?: ReadonlyMap<string, MappedColumn | undefined>;
}

/** The columns of a result. */
export interface Outputs {
  readonly list: readonly { readonly name: string; readonly codec: MappedColumn | undefined }[];
  /** Whether these are all. */
  readonly complete: boolean;
}

export interface Resolved {
  readonly column: NamedColumn;
  readonly source: Source;
  readonly scope: Scope;
}

type Query = SelectQueryNode | InsertQueryNode | UpdateQueryNode | DeleteQueryNode | MergeQueryNode;

const UNKNOWN: Source = { columns: new Map(), complete: false };
const NOTHING: Outputs = { list: [], complete: false };

/** Reads one statement; what it finds is kept for as long as that takes. */
export class QueryReader {
  readonly #tables: KnownTables;
  readonly #scopes = new Map<OperationNode, Map<Scope | undefined, Scope>>();
  readonly #bodies = new Map<CommonTableExpressionNode, Scope | undefined>();

  constructor(tables: KnownTables) {
    this.#tables = tables;
  }

  /** The scope inside a query. */
  scopeOf(query: Query, outer: Scope | undefined): Scope {
    let scopes = this.#scopes.get(query);
    if (scopes === undefined) {
      scopes = new Map();
      this.#scopes.set(query, scopes);
    }
    const known = scopes.get(outer);
    if (known !== undefined) return known;
    const scope = emptyScope(this.#withExpressions(query.with, withExcluded(query, outer, this)));
    scopes.set(outer, scope);
    this.#addSources(query, scope);
    if (query.kind === 'SelectQueryNode') {
      const { list } = this.#selected(query.selections, scope);
      scope.outputs = new Map(list.map(({ name, codec }) => [name, codec]));
    }
    return scope;
  }

  /** Where the names in a common table expression are looked for; its query must have been read. */
  bodyOf(expression: CommonTableExpressionNode): Scope | undefined {
    return this.#bodies.get(expression);
  }

  /** The columns of a query's result. */
  outputsOf(node: OperationNode, outer: Scope | undefined): Outputs {
    switch (node.kind) {
      case 'ParensNode':
        return this.outputsOf((node as unknown as { node: OperationNode }).node, outer);
      case 'SelectQueryNode':
        return this.#outputsOfSelect(node as SelectQueryNode, outer);
      case 'InsertQueryNode':
      case 'UpdateQueryNode':
      case 'DeleteQueryNode':
      case 'MergeQueryNode': {
        const query = node as Exclude<Query, SelectQueryNode>;
        return query.returning === undefined
          ? NOTHING
          : this.#selected(query.returning.selections, this.scopeOf(query, outer));
      }
      default:
        return NOTHING;
    }
  }

  /** What a name means; `unknown` where that cannot be said, undefined where there is no such column. */
  resolve(node: ReferenceNode, scope: Scope | undefined): Resolved | 'unknown' | undefined {
    const name = columnName(node);
    const wanted = node.table === undefined ? undefined : tableKey(node.table);
    let isUnknown = scope === undefined;
    for (let level = scope; level !== undefined; level = level.outer) {
      if (wanted !== undefined) {
        const source = sourceNamed(level, wanted);
        if (source === undefined) continue;
        const column = columnOf(source, name);
        return column === undefined
          ? source.complete
            ? undefined
            : 'unknown'
          : { column, source, scope: level };
      }
      for (const source of level.sources.values()) {
        const column = columnOf(source, name);
        if (column !== undefined) return { column, source, scope: level };
        isUnknown ||= !source.complete;
      }
      isUnknown ||= level.outputs?.has(name) === true;
    }
    if (wanted === undefined) return isUnknown ? 'unknown' : undefined;
    // Raw SQL may read a table that is to be seen nowhere but in its text.
    const table = this.#tables.get(wanted);
    const source = table && { ...sourceOfTable(table), reference: node.table as TableNode };
    const column = source && columnOf(source, name);
    return column === undefined || source === undefined
      ? 'unknown'
      : { column, source, scope: emptyScope(undefined) };
  }

  /** The column whose value an expression is. */
  codecOf(node: OperationNode, scope: Scope | undefined): MappedColumn | undefined {
    switch (node.kind) {
      case 'ReferenceNode': {
        if ((node as ReferenceNode).column.kind === 'SelectAllNode') return undefined;
        const resolved = this.resolve(node as ReferenceNode, scope);
        if (typeof resolved === 'object') return resolved.column.codec;
        return outputCodec(node as ReferenceNode, scope);
      }
      case 'SelectQueryNode': {
        const { list, complete } = this.outputsOf(node, scope);
        return complete && list.length === 1 ? list[0]?.codec : undefined;
      }
      default: {
        const parts = valueParts(node);
        return parts && this.#commonCodec(parts, scope);
      }
    }
  }

  /** Of several expressions, whichever of them the value comes from; plain values take what the others are. */
  #commonCodec(nodes: readonly OperationNode[], scope: Scope | undefined): MappedColumn | undefined {
    let common: MappedColumn | undefined;
    for (const node of nodes) {
      if (node.kind === 'ValueNode') continue;
      const codec = this.codecOf(node, scope);
      if (codec === undefined || (common !== undefined && !sameValues(common, codec))) return undefined;
      common ??= codec;
    }
    return common;
  }

  #withExpressions(node: WithNode | undefined, outer: Scope | undefined): Scope | undefined {
    let scope = outer;
    for (const expression of node?.expressions ?? []) {
      const name = expression.name.table.table.identifier.name;
      let body = scope;
      if (node?.recursive === true) {
        // What it is made of first says what its columns are; the rest reads them.
        const base = { ...expression.expression, setOperations: undefined };
        const itself = this.#expressionSource(expression, base, nameScope(scope, name, UNKNOWN));
        body = nameScope(scope, name, itself);
      }
      this.#bodies.set(expression, body);
      scope = nameScope(scope, name, this.#expressionSource(expression, expression.expression, body));
    }
    return scope;
  }

  #expressionSource(
    { name }: CommonTableExpressionNode,
    query: OperationNode,
    scope: Scope | undefined,
  ): Source {
    const outputs = this.outputsOf(query, scope);
    const names = name.columns?.map(({ column }) => column.name);
    if (names === undefined) return sourceOfOutputs(outputs);
    const list = names.map((each, i) => ({
      name: each,
      codec: outputs.complete ? outputs.list[i]?.codec : undefined,
    }));
    return sourceOfOutputs({ list, complete: true });
  }

  #addSources(query: Query, scope: Scope): void {
    const add = (node: OperationNode | undefined): Source | undefined => node && this.#addSource(node, scope);
    switch (query.kind) {
      case 'SelectQueryNode':
        query.from?.froms.forEach(add);
        break;
      case 'InsertQueryNode':
        setTarget(scope, add(query.into));
        return;
      case 'UpdateQueryNode':
        setTarget(scope, add(query.table));
        query.from?.froms.forEach(add);
        break;
      case 'DeleteQueryNode':
        query.from.froms.forEach(add);
        query.using?.tables.forEach(add);
        break;
      case 'MergeQueryNode':
        setTarget(scope, add(query.into));
        add(query.using?.table);
        return;
    }
    for (const join of query.joins ?? []) add(join.table);
  }

  /** @returns the first of them, where several stand in a list */
  #addSource(node: OperationNode, scope: Scope): Source {
    if (node.kind === 'ListNode') {
      const { items } = node as unknown as { items: readonly OperationNode[] };
      return items.map((item) => this.#addSource(item, scope))[0] ?? UNKNOWN;
    }
    if (node.kind === 'TableNode') {
      const source = { ...this.#tableSource(node as TableNode, scope), reference: node as TableNode };
      scope.sources.set(tableKey(node as TableNode), source);
      return source;
    }
    const { node: inner, alias } = node as AliasNode;
    if (node.kind !== 'AliasNode' || alias.kind !== 'IdentifierNode') {
      // No reference can name it, so any name may be its column's.
      scope.sources.set(`\0${scope.sources.size}`, UNKNOWN);
      return UNKNOWN;
    }
    const named =
      inner.kind === 'TableNode'
        ? this.#tableSource(inner as TableNode, scope)
        : sourceOfOutputs(this.outputsOf(inner, scope));
    const source = { ...named, reference: tableNode(alias as IdentifierNode) };
    scope.sources.set((alias as IdentifierNode).name, source);
    return source;
  }

  #tableSource(node: TableNode, scope: Scope): Source {
    const { schema, identifier } = node.table;
    if (schema === undefined) {
      for (let level: Scope | undefined = scope; level !== undefined; level = level.outer) {
        const expression = level.expressions.get(identifier.name);
        if (expression !== undefined) return expression;
      }
    }
    const table = this.#tables.get(tableKey(node)) ?? this.#tables.get(identifier.name);
    return table === undefined ? UNKNOWN : sourceOfTable(table);
  }

  #outputsOfSelect(query: SelectQueryNode, outer: Scope | undefined): Outputs {
    const own = this.#selected(query.selections, this.scopeOf(query, outer));
    if (!query.setOperations?.length) return own;
    const others = query.setOperations.map(({ expression }) => this.outputsOf(expression, outer));
    const isKnown = own.complete && others.every((each) => each.complete);
    const list = own.list.map(({ name, codec }, i) => {
      const agrees = isKnown && others.every(({ list: other }) => sameValues(codec, other[i]?.codec));
      return { name, codec: agrees ? codec : undefined };
    });
    return { list, complete: own.complete };
  }

  #selected(selections: readonly SelectionNode[] | undefined, scope: Scope): Outputs {
    const list: { name: string; codec: MappedColumn | undefined }[] = [];
    let complete = true;
    const addAll = (source: Source): void => {
      complete &&= source.complete;
      for (const [name, { codec }] of source.columns) list.push({ name, codec });
    };
    for (const { selection } of selections ?? []) {
      if (selection.kind === 'SelectAllNode') {
        for (const source of scope.sources.values()) addAll(source);
        complete &&= scope.sources.size > 0;
      } else if (isAllOfOne(selection)) {
        addAll(sourceOfAll(selection as ReferenceNode, scope) ?? UNKNOWN);
      } else if (selection.kind === 'ReferenceNode') {
        // A name that means nothing must not be taken for the result's.
        if (this.resolve(selection as ReferenceNode, scope) === undefined) continue;
        list.push({ name: columnName(selection as ReferenceNode), codec: this.codecOf(selection, scope) });
      } else if (selection.kind === 'AliasNode' && (selection as AliasNode).alias.kind === 'IdentifierNode') {
        const { node, alias } = selection as AliasNode;
        list.push({ name: (alias as IdentifierNode).name, codec: this.codecOf(node, scope) });
      } else complete = false;
    }
    return { list, complete };
  }
}

/** `excluded`, which an upsert calls the row that it could not insert. */
function withExcluded(query: Query, outer: Scope | undefined, reader: QueryReader): Scope | undefined {
  if (query.kind !== 'InsertQueryNode' || query.into === undefined || query.onConflict === undefined)
    return outer;
  const { onConflict, ...plain } = query;
  const { target } = reader.scopeOf(plain as InsertQueryNode, outer);
  if (target === undefined) return outer;
  const scope = emptyScope(outer);
  const reference = tableNode({ kind: 'IdentifierNode', name: 'excluded' });
  scope.sources.set('excluded', { ...target, reference });
  return scope;
}

/** Whether two columns make the same values of what the database holds. */
export function sameValues(a: MappedColumn | undefined, b: MappedColumn | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  if (a.meta.transformers.length + b.meta.transformers.length > 0) return false;
  return typeKey(a) === typeKey(b);
}

/** Lengths and the values of an enum do not change how a value is read. */
function typeKey({ meta: { type, as } }: MappedColumn): string {
  return JSON.stringify([{ ...type, length: undefined, name: undefined }, as]);
}

function emptyScope(outer: Scope | undefined): Scope {
  return { outer, sources: new Map(), expressions: new Map() };
}

function nameScope(outer: Scope | undefined, name: string, source: Source): Scope {
  return { outer, sources: new Map(), expressions: new Map([[name, source]]) };
}

function setTarget(scope: Scope, target: Source | undefined): void {
  if (target !== undefined) scope.target = target;
}

function sourceOfTable(table: KnownTable): Source {
  return { columns: table.columns, complete: true, table };
}

function sourceOfOutputs({ list, complete }: Outputs): Source {
  return { columns: new Map(list.map(({ name, codec }) => [name, { sql: name, codec }])), complete };
}

/** A column by the name that a query knows, or else by the database's own. */
export function columnOf({ columns, table }: Source, name: string): NamedColumn | undefined {
  return columns.get(name) ?? table?.bySql.get(name);
}

function outputCodec(node: ReferenceNode, scope: Scope | undefined): MappedColumn | undefined {
  return node.table === undefined ? scope?.outputs?.get(columnName(node)) : undefined;
}

function sourceNamed({ sources }: Scope, name: string): Source | undefined {
  const exact = sources.get(name);
  if (exact !== undefined || name.includes('.')) return exact;
  for (const [key, source] of sources) if (key.endsWith(`.${name}`)) return source;
  return undefined;
}

/** Whether a selection is `books.*`. */
export function isAllOfOne(node: OperationNode): boolean {
  return node.kind === 'ReferenceNode' && (node as ReferenceNode).column.kind === 'SelectAllNode';
}

/** The source of `books.*` among those of a query itself. */
export function sourceOfAll(node: ReferenceNode, scope: Scope): Source | undefined {
  return node.table && sourceNamed(scope, tableKey(node.table));
}

export function columnName(node: ReferenceNode): string {
  return (node.column as { readonly column: IdentifierNode }).column.name;
}

/** `audit.logs` where a schema is said. */
export function tableKey({ table: { schema, identifier } }: TableNode): string {
  return schema === undefined ? identifier.name : `${schema.name}.${identifier.name}`;
}

export function tableNode(identifier: IdentifierNode): TableNode {
  return { kind: 'TableNode', table: { kind: 'SchemableIdentifierNode', identifier } };
}
