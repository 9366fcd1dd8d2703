/**
 * SQL text that names its values (`:min`, `:...ids`) → a fragment with the values in their places.
 *
 * A name begins right behind its colon. Quoted text, comments and casts (`::int`) have none; a slice of an array
 * is written with a blank, `[1: n]`, where it is no parameter.
 */

import { type SqlFragment, sql } from '../../ast/sql.js';
import { tokenize } from '../../base/sql-tokens.js';
import { nearestName } from '../../base/text.js';

/** A name in a text: `:ids` from 4 to 8, `:...ids` from 4 to 11. */
interface Named {
  readonly name: string;
  readonly isList: boolean;
  readonly start: number;
  readonly end: number;
}

type Values = Readonly<Record<string, unknown>>;

/**
 * The fragment that a text and its values make.
 *
 * @throws what `refuse` makes of a name without a value, a value without a name, and a list that is none
 */
export function bindNames(text: string, values: Values, refuse: (problem: string) => Error): SqlFragment {
  const unused = new Set(Object.keys(values));
  const parts: unknown[] = [];
  let at = 0;
  for (const { name, isList, start, end } of namesIn(text)) {
    if (!Object.hasOwn(values, name)) throw refuse(`':${name}' has no value${hint(name, values)}`);
    unused.delete(name);
    const value = values[name];
    if (isList && !Array.isArray(value)) throw refuse(`':...${name}' takes a list of values`);
    parts.push(sql.raw(text.slice(at, start)), isList || !Array.isArray(value) ? value : sql.val(value));
    at = end;
  }
  const [first] = unused;
  if (first !== undefined) throw refuse(`its SQL has no ':${first}'`);
  return sql.join([...parts, sql.raw(text.slice(at))], sql.raw(''));
}

function hint(name: string, values: Values): string {
  const nearest = nearestName(name, Object.keys(values));
  return nearest === undefined ? '' : `; did you mean ':${nearest}'`;
}

function namesIn(text: string): Named[] {
  const tokens = tokenize(text);
  return tokens.flatMap(({ text: symbol, start }, i) => {
    if (symbol !== ':') return [];
    const isList = text.startsWith('...', start + 1);
    const token = tokens[i + (isList ? 4 : 1)];
    const isName = token?.kind === 'word' && token.start === start + (isList ? 4 : 1);
    return isName ? [{ name: token.value, isList, start, end: token.end }] : [];
  });
}
