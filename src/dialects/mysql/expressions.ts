/**
 * Expressions as people write them for all databases ↔ as MySQL reads and prints them.
 *
 * Portable text has names bare or in double quotes, strings in which a backslash is a backslash, `||` to join
 * texts, and standard types in CAST. To MySQL a double quote begins a string, a backslash an escape, and `||` is
 * OR (in our sessions, which leave the server's SQL mode alone there).
 */

import { RESERVED_WORDS } from '../../base/reserved-words.js';
import { canonicalSql, type Token, tokenize } from '../../base/sql-tokens.js';
import { literalText, quoteIdentifier } from './literals.js';
import { unescapeText } from './types.js';

/** A piece of SQL text on its way out. */
interface Piece {
  readonly text: string;
  readonly kind: Token['kind'];
  /** Whether a blank stands before it. */
  readonly spaced: boolean;
}

/** Answers which column a name in double quotes or a reserved word means; undefined for none. */
type Resolve = (name: string) => string | undefined;

/** Finds a column by name; the case of letters does not matter on MySQL. */
export function columnResolver(columns: readonly string[]): Resolve {
  const exact = new Set(columns);
  const folded = new Map([...columns].reverse().map((name) => [name.toLowerCase(), name]));
  return (name) => (exact.has(name) ? name : folded.get(name.toLowerCase()));
}

/**
 * Portable SQL as MySQL text.
 *
 * @param columns those that the expression may name; what stands in double quotes and is none of them is a string
 */
export function toMysql(sql: string, columns: readonly string[]): string {
  const resolve = columnResolver(columns);
  return write(
    sql,
    (token, text) => {
      const column = resolve(token.value);
      if (column !== undefined) return quoteIdentifier(column);
      return token.text.startsWith('"') ? literalText(token.value) : text;
    },
    resolve,
  );
}

/** A whole query as MySQL text: double quotes always enclose names. */
export function queryToMysql(sql: string): string {
  return write(
    sql,
    (token) => quoteIdentifier(token.value),
    () => undefined,
  );
}

function write(sql: string, quoted: (token: Token, text: string) => string, resolve: Resolve): string {
  const tokens = tokenize(sql);
  const pieces = tokens.map((token, i): Piece => {
    const spaced = i > 0 && tokens[i - 1]?.end !== token.start;
    return { kind: token.kind, spaced, text: pieceText(token, i, tokens, quoted, resolve) };
  });
  return joined(withConcat(withCasts(pieces)));
}

function pieceText(
  token: Token,
  at: number,
  tokens: readonly Token[],
  quoted: (token: Token, text: string) => string,
  resolve: Resolve,
): string {
  switch (token.kind) {
    case 'string':
      return literalText(token.value);
    case 'quoted':
      return token.text.startsWith('`') ? token.text : quoted(token, token.text);
    case 'word':
      return isReservedColumn(token, tokens[at - 1], tokens[at + 1])
        ? nameOr(resolve(token.value), token.text)
        : token.text;
    case 'symbol':
      return token.text === '==' ? '=' : token.text;
    default:
      return token.text;
  }
}

function nameOr(column: string | undefined, text: string): string {
  return column === undefined ? text : quoteIdentifier(column);
}

/** Words with a meaning of their own inside an expression; a column of such a name stands in quotes. */
const OPERATORS: ReadonlySet<string> = new Set(
  [
    'and',
    'or',
    'not',
    'null',
    'is',
    'in',
    'between',
    'like',
    'regexp',
    'glob',
    'escape',
    'exists',
    'distinct',
  ]
    .concat(['case', 'when', 'then', 'else', 'end', 'as', 'collate', 'cast', 'interval', 'div', 'mod', 'xor'])
    .concat(['true', 'false', 'using'])
    .concat(['binary', 'current_date', 'current_time', 'current_timestamp', 'localtime', 'localtimestamp']),
);

/** A bare word that may be a column although some database reserves it, as `rank`. */
function isReservedColumn(token: Token, before: Token | undefined, after: Token | undefined): boolean {
  const word = token.text.toLowerCase();
  if (OPERATORS.has(word) || !(RESERVED_WORDS.has(word) || MORE_RESERVED.has(word))) return false;
  if (after?.text === '(' || after?.text === '.' || after?.kind === 'string') return false;
  return !/^(?:as|collate)$/i.test(before?.text ?? '');
}

/** Reserved by MySQL 8 or MariaDB, and by no other database of ours ("Keywords and Reserved Words"). */
export const MORE_RESERVED: ReadonlySet<string> = new Set(
  `accessible before bigint binary blob call change char character condition continue convert cube cume_dist
  cursor databases dec declare delayed dense_rank describe deterministic distinctrow double dual elseif empty
  enclosed escaped exit float4 float8 force fulltext function get grouping high_priority hour_minute if
  ignore infile inout insensitive int1 int2 int3 int4 int8 io_after_gtids iterate keys kill lag
  last_value lead leave linear lines load lock long longblob longtext loop low_priority match maxvalue
  mediumblob mediumint mediumtext middleint modifies nth_value ntile numeric of offset optimize optimizer_costs
  option optionally out outfile parameters percent_rank precision procedure purge read reads read_write real
  recursive rename repeat replace require resignal return returning revoke rlike row_number rows schemas sensitive
  separator show signal smallint spatial specific sql sqlexception sqlstate sqlwarning ssl starting
  stored straight_join system terminated tinyblob tinyint tinytext trigger undo unlock unsigned usage use
  utc_date utc_time utc_timestamp varbinary varcharacter varying while write year_month zerofill`
    .trim()
    .split(/\s+/),
);

function joined(pieces: readonly Piece[]): string {
  let text = '';
  for (const piece of pieces) {
    // Comments are left out, and what they kept apart must stay so.
    text += piece.spaced && text !== '' ? ` ${piece.text}` : piece.text;
  }
  return text;
}

/** Standard names of types in `CAST(… AS type)`, which MySQL knows by others ("Cast Functions and Operators"). */
const CAST_TYPES: readonly (readonly [RegExp, string])[] = [
  [/^(?:text|varchar|character varying|character|clob)$/, 'char'],
  [/^(?:smallint|integer|int|bigint|int2|int4|int8)$/, 'signed'],
  [/^numeric$/, 'decimal'],
  [/^(?:double precision|float8)$/, 'double'],
  [/^(?:blob|bytea)$/, 'binary'],
  [/^(?:timestamp|timestamptz)$/, 'datetime'],
  [/^boolean$/, 'signed'],
];

function withCasts(pieces: readonly Piece[]): Piece[] {
  const result = [...pieces];
  for (let i = 0; i < result.length; i++) {
    if (result[i]?.kind !== 'word' || result[i]?.text.toLowerCase() !== 'cast' || result[i + 1]?.text !== '(')
      continue;
    const as = castAs(result, i + 1);
    if (as === undefined) continue;
    let end = as + 1;
    while (result[end]?.kind === 'word') end++;
    const name = result
      .slice(as + 1, end)
      .map(({ text }) => text.toLowerCase())
      .join(' ');
    const found = CAST_TYPES.find(([pattern]) => pattern.test(name))?.[1];
    if (found !== undefined) result.splice(as + 1, end - as - 1, { kind: 'word', spaced: true, text: found });
  }
  return result;
}

/** Where the AS of a CAST stands whose parenthesis opens at `open`. */
function castAs(pieces: readonly Piece[], open: number): number | undefined {
  let depth = 0;
  for (let i = open; i < pieces.length; i++) {
    const { text, kind } = pieces[i] as Piece;
    if (text === '(') depth++;
    else if (text === ')' && --depth === 0) return undefined;
    else if (depth === 1 && kind === 'word' && text.toLowerCase() === 'as') return i;
  }
  return undefined;
}

/**
 * `a || b || c` as `concat(a, b, c)`: it binds more tightly than any other operator, as on SQLite and as under
 * MySQL's own PIPES_AS_CONCAT ("Operator Precedence"), so an operand is what stands next to it.
 */
function withConcat(pieces: readonly Piece[]): Piece[] {
  let result = [...pieces];
  for (;;) {
    const at = result.findIndex(({ text, kind }) => kind === 'symbol' && text === '||');
    if (at <= 0) return result;
    const from = operandStart(result, at - 1);
    let to = at;
    const breaks: number[] = [];
    while (result[to]?.text === '||') {
      breaks.push(to);
      to = operandEnd(result, to + 1);
    }
    const inside = result.slice(from, to).map((piece, i) => {
      if (breaks.includes(from + i)) return { ...piece, text: ',', spaced: false };
      return i === 0 ? { ...piece, spaced: false } : piece;
    });
    const symbol = (text: string, spaced = false): Piece => ({ kind: 'symbol', text, spaced });
    result = [
      ...result.slice(0, from),
      { kind: 'word', text: 'concat', spaced: result[from]?.spaced ?? false },
      symbol('('),
      ...inside,
      symbol(')'),
      ...result.slice(to),
    ];
  }
}

/** Where the operand begins that ends at `at`. */
function operandStart(pieces: readonly Piece[], at: number): number {
  const last = pieces[at];
  if (last?.text === ')') {
    let depth = 0;
    let open = at;
    for (; open >= 0; open--) {
      if (pieces[open]?.text === ')') depth++;
      else if (pieces[open]?.text === '(' && --depth === 0) break;
    }
    const before = pieces[open - 1];
    const isCall =
      before?.kind === 'quoted' ||
      (before?.kind === 'word' && !OPERATORS_BEFORE_PARENTHESIS.has(before.text.toLowerCase()));
    return isCall ? open - 1 : Math.max(open, 0);
  }
  if (last?.kind === 'word' && last.text.toLowerCase() === 'end') {
    let depth = 0;
    for (let i = at; i >= 0; i--) {
      const word = pieces[i]?.kind === 'word' ? pieces[i]?.text.toLowerCase() : '';
      if (word === 'end') depth++;
      else if (word === 'case' && --depth === 0) return i;
    }
  }
  return pieces[at - 1]?.text === '.' ? at - 2 : at;
}

const OPERATORS_BEFORE_PARENTHESIS: ReadonlySet<string> = new Set([
  'and',
  'or',
  'not',
  'in',
  'is',
  'like',
  'between',
  'when',
  'then',
  'else',
  'case',
  'xor',
  'div',
  'mod',
]);

/** Where the operand ends that begins at `at`. */
function operandEnd(pieces: readonly Piece[], at: number): number {
  const first = pieces[at];
  const closing = (from: number): number => {
    let depth = 0;
    for (let i = from; i < pieces.length; i++) {
      if (pieces[i]?.text === '(') depth++;
      else if (pieces[i]?.text === ')' && --depth === 0) return i + 1;
    }
    return pieces.length;
  };
  if (first?.text === '(') return closing(at);
  if (first?.kind === 'word' && first.text.toLowerCase() === 'case') {
    let depth = 0;
    for (let i = at; i < pieces.length; i++) {
      const word = pieces[i]?.kind === 'word' ? pieces[i]?.text.toLowerCase() : '';
      if (word === 'case') depth++;
      else if (word === 'end' && --depth === 0) return i + 1;
    }
    return pieces.length;
  }
  if (pieces[at + 1]?.text === '.') return at + 3;
  if (pieces[at + 1]?.text === '(') return closing(at + 1);
  return at + 1;
}

/** Where a string begins or a name in backticks, what introduces a character set, everything else. */
const PRINTED = /(_[a-z0-9]+)?'((?:[^'\\]|''|\\[\s\S])*)'|`((?:[^`]|``)*)`/gi;
const SIMPLE = /^[a-z_][a-z0-9_]*$/;

/** A name as portable SQL says it. */
export function portableName(name: string): string {
  if (SIMPLE.test(name) && !RESERVED_WORDS.has(name) && !MORE_RESERVED.has(name)) return name;
  return `"${name.replaceAll('"', '""')}"`;
}

/** What MySQL has printed, as portable SQL: names without backticks, strings without escapes and introducers. */
export function toPortable(printed: string): string {
  return printed.replace(
    PRINTED,
    (_, _charset: string | undefined, string: string | undefined, name: string | undefined) =>
      name !== undefined
        ? portableName(name.replaceAll('``', '`'))
        : `'${unescapeText(string ?? '').replaceAll("'", "''")}'`,
  );
}

/**
 * An expression in the words in which two equal ones are equal text, as far as words can tell: spelled as MySQL
 * reads it, and without what means nothing.
 */
export function canonicalExpression(sql: string): string {
  return canonicalSql(toPortable(queryToMysql(sql)));
}
