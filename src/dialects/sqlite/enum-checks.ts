/**
 * Enums on a database that has none: a `text` column with a check of a telling name,
 * `CONSTRAINT "enum:status" CHECK ("state" IN ('open', 'done'))`, written here and recognised here.
 */

import { tokenize, withoutOuterParentheses } from '../../base/sql-tokens.js';
import type { Check } from '../../schema/model.js';
import { invalidValue } from '../shared/values.js';
import { literalText, quoteIdentifier } from './literals.js';

const PREFIX = 'enum:';

/**
 * The check that keeps a column to an enum's values; NULL passes it, as a check does.
 *
 * @throws VALUE_INVALID for a value with a NUL, which could not be read back
 */
export function enumCheck(column: string, enumName: string, values: readonly string[]): Check {
  if (values.some((value) => value.includes('\0')))
    throw invalidValue(`enum ${enumName}`, 'a value holds a NUL');
  const list = values.map((value) => literalText(value)).join(', ');
  return { name: `${PREFIX}${enumName}`, expression: `${quoteIdentifier(column)} IN (${list})` };
}

/** What an enum's check says. */
export interface EnumUse {
  readonly column: string;
  readonly enumName: string;
  readonly values: readonly string[];
}

/** Reads a check of exactly the form that `enumCheck` writes; undefined for any other. */
export function readEnumCheck(check: Check): EnumUse | undefined {
  if (!check.name.startsWith(PREFIX)) return undefined;
  const enumName = check.name.slice(PREFIX.length);
  const [column, word, ...list] = withoutOuterParentheses(tokenize(check.expression));
  if (column?.kind !== 'quoted' || word?.kind !== 'word' || word.text.toLowerCase() !== 'in')
    return undefined;
  if (list.length < 3 || list[0]?.text !== '(' || list.at(-1)?.text !== ')') return undefined;
  const values: string[] = [];
  for (const [i, token] of list.slice(1, -1).entries()) {
    if (i % 2 === 1 ? token.text !== ',' : token.kind !== 'string') return undefined;
    if (i % 2 === 0) values.push(token.value);
  }
  // Written anew it must be the same text: whoever edited the check by hand keeps it as a check.
  const same = enumCheck(column.value, enumName, values).expression === check.expression.trim();
  return same ? { column: column.value, enumName, values } : undefined;
}
