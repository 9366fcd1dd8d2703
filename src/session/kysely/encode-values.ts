/** Plain values of a query, encoded by the column that they meet, before anybody else looks at them. */

import type {
  CaseNode,
  FunctionNode,
  OperationNode,
  PrimitiveValueListNode,
  RawNode,
  ValueNode,
} from 'kysely';
import type { Dialect } from '../../dialects/contract.js';
import type { Encoder, MappedColumn } from '../../query/mapping/entity-map.js';
import { looseValue } from '../../query/statement.js';
import { valueParts } from './value-parts.js';

/** The column of a value, or of each member of a tuple. */
export type Expected = MappedColumn | readonly (MappedColumn | undefined)[] | undefined;

/** `operand` for a value to compare with, which may be longer than the column. */
export type Purpose = 'encode' | 'encodeOperand';

export class ValueEncoder {
  readonly #dialect: Dialect;
  /** Nodes whose values are parameters already. */
  readonly #done = new WeakSet<OperationNode>();

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  /** An expression with its values as the column has them; what is no plain value stays as it is. */
  expecting(node: OperationNode, expected: Expected, purpose: Purpose): OperationNode {
    if (expected === undefined) return node;
    const again = (each: OperationNode): OperationNode => this.expecting(each, expected, purpose);
    switch (node.kind) {
      case 'ValueNode':
        return isColumn(expected) ? this.#value(node as ValueNode, expected[purpose]) : node;
      case 'PrimitiveValueListNode':
        return isColumn(expected) ? this.#list(node as PrimitiveValueListNode, expected[purpose]) : node;
      case 'ValueListNode':
        return withList(node, 'values', again);
      case 'TupleNode': {
        if (isColumn(expected)) return node;
        return withList(node, 'values', (each, i) => this.expecting(each, expected[i], purpose));
      }
      case 'AndNode': {
        // `between a and b`
        const { left, right } = node as unknown as { left: OperationNode; right: OperationNode };
        return { ...node, left: again(left), right: again(right) } as OperationNode;
      }
      case 'ParensNode':
        return {
          ...node,
          node: again((node as unknown as { node: OperationNode }).node),
        } as OperationNode;
      case 'FunctionNode':
        return valueParts(node) === undefined ? node : withList(node as FunctionNode, 'arguments', again);
      case 'RawNode':
        return valueParts(node) === undefined ? node : withList(node as RawNode, 'parameters', again);
      case 'CaseNode':
        return this.#cases(node as CaseNode, again);
      default:
        return node;
    }
  }

  /** A row of an INSERT. */
  row(node: OperationNode, columns: readonly (MappedColumn | undefined)[]): OperationNode {
    if (node.kind === 'PrimitiveValueListNode') {
      const { values } = node as PrimitiveValueListNode;
      const encoded = values.map((value, i) => {
        const column = columns[i];
        return column === undefined ? looseValue(this.#dialect, value) : column.encode(value);
      });
      return this.#mark({ ...node, values: encoded });
    }
    return withList(node, 'values', (each, i) => this.expecting(each, columns[i], 'encode'));
  }

  /** A value that meets no column. @throws VALUE_INVALID where it is undefined */
  loose<N extends ValueNode>(node: N): N {
    if (node.immediate === true || this.#done.has(node)) return node;
    return this.#mark({ ...node, value: looseValue(this.#dialect, node.value) });
  }

  looseList(node: PrimitiveValueListNode): PrimitiveValueListNode {
    if (this.#done.has(node)) return node;
    return this.#mark({ ...node, values: node.values.map((value) => looseValue(this.#dialect, value)) });
  }

  #value(node: ValueNode, encode: Encoder): OperationNode {
    if (node.immediate === true || node.value === undefined) return node;
    return this.#mark({ ...node, value: encode(node.value) });
  }

  #list(node: PrimitiveValueListNode, encode: Encoder): OperationNode {
    const values = node.values.map((value) =>
      value === undefined ? looseValue(this.#dialect, value) : encode(value),
    );
    return this.#mark({ ...node, values });
  }

  #cases(node: CaseNode, again: (each: OperationNode) => OperationNode): OperationNode {
    const when = node.when?.map((each) =>
      each.result === undefined ? each : { ...each, result: again(each.result) },
    );
    return {
      ...node,
      ...(when && { when }),
      ...(node.else && { else: again(node.else) }),
    } as OperationNode;
  }

  #mark<N extends OperationNode>(node: N): N {
    this.#done.add(node);
    return node;
  }
}

function isColumn(expected: NonNullable<Expected>): expected is MappedColumn {
  return !Array.isArray(expected);
}

function withList(
  node: OperationNode,
  member: string,
  change: (each: OperationNode, i: number) => OperationNode,
): OperationNode {
  const list = (node as unknown as Record<string, readonly OperationNode[]>)[member] ?? [];
  return { ...node, [member]: list.map(change) } as OperationNode;
}
