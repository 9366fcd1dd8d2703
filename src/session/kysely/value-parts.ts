/** Expressions whose value is that of one of their parts: `coalesce(a, b)`, `max(a)`, `case … then a else b end`. */

import type { AggregateFunctionNode, CaseNode, FunctionNode, OperationNode, RawNode } from 'kysely';

const FIRST = new Set([
  'min',
  'max',
  'any_value',
  'first_value',
  'last_value',
  'nth_value',
  'lag',
  'lead',
  'nullif',
]);
const ALL = new Set(['coalesce', 'ifnull', 'greatest', 'least']);

/** The parts that an expression's value may come from; undefined where it makes a value of its own. */
export function valueParts(node: OperationNode): readonly OperationNode[] | undefined {
  switch (node.kind) {
    case 'ParensNode':
      return [(node as unknown as { node: OperationNode }).node];
    case 'RawNode':
      return onlyParameter(node as RawNode);
    case 'FunctionNode': {
      const { func, arguments: list } = node as FunctionNode;
      return partsOfCall(func, list);
    }
    case 'AggregateFunctionNode': {
      const { func, aggregated } = node as AggregateFunctionNode;
      return partsOfCall(func, aggregated);
    }
    case 'CaseNode':
      return partsOfCase(node as CaseNode);
    default:
      return undefined;
  }
}

function partsOfCall(func: string, list: readonly OperationNode[]): readonly OperationNode[] | undefined {
  const name = func.toLowerCase();
  if (ALL.has(name)) return list;
  return FIRST.has(name) ? list.slice(0, 1) : undefined;
}

function partsOfCase({ when = [], else: last }: CaseNode): readonly OperationNode[] | undefined {
  const results = when.map(({ result }) => result).filter((result) => result !== undefined);
  return last === undefined ? results : [...results, last];
}

/** `sql.ref('a')` and `eb.ref('a')` are the same, though the first stands inside raw SQL that says nothing else. */
function onlyParameter({ sqlFragments, parameters }: RawNode): readonly OperationNode[] | undefined {
  return parameters.length === 1 && sqlFragments.every((text) => text === '') ? parameters : undefined;
}
