/**
 * The text of a view as the catalog prints it, in the words in which people write it: without the database before
 * every table, and with standard quotes.
 */

import { canonicalToken, type Token, tokenize } from '../../base/sql-tokens.js';
import { queryToMysql, toPortable } from './expressions.js';

/** The query of a view of one database, portable. */
export function viewQuery(printed: string, database: string): string {
  const qualifier = `\`${database.replaceAll('`', '``')}\`.`;
  // Outside of strings only: a text may hold what looks like a name.
  const local = printed.replace(/'(?:[^'\\]|''|\\[\s\S])*'|`(?:[^`]|``)*`\.?/g, (part) =>
    part === qualifier ? '' : part,
  );
  return toPortable(local);
}

/**
 * A query in the words in which two equal ones are equal text, as far as words tell: names without the table before
 * them, and no alias that says what is said already.
 */
export function canonicalQuery(query: string): string {
  const tokens = tokenize(toPortable(queryToMysql(query)));
  const isName = (token: Token | undefined): boolean => token?.kind === 'word' || token?.kind === 'quoted';
  const unqualified = tokens.filter(
    (token, i) =>
      !(isName(token) && tokens[i + 1]?.text === '.' && isName(tokens[i + 2])) &&
      !(token.text === '.' && isName(tokens[i - 1]) && isName(tokens[i + 1])),
  );
  const words = unqualified.map(canonicalToken);
  return words
    .filter((word, i) => {
      const isAs = (at: number): boolean => words[at] === 'as' && unqualified[at]?.kind === 'word';
      if (isAs(i) && words[i - 1] === words[i + 1]) return false;
      return !(isAs(i - 1) && words[i - 2] === word);
    })
    .join(' ');
}
