/**
 * Values as TypeScript source. Every text that came from a database or a model goes through here: it comes
 * out as an escaped literal, so that a hostile one comes back unchanged and never runs.
 */

/** A function's result, `() => 'SQL'`, which is how options say that a default is SQL. */
export class RawSql {
  readonly sql: string;

  constructor(sql: string) {
    this.sql = sql;
  }
}

const WIDTH = 100;

/** A string in the quotes that need fewer escapes; whatever could end it, a line or a comment is escaped. */
export function quoteText(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(/['"\\\p{Cc}\p{Zl}\p{Zp}\ufeff\p{Cs}]/gu, (character) => {
    if (character === "'" || character === '"') return character === quote ? `\\${character}` : character;
    return SHORT[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return quote + escaped + quote;
}

const SHORT: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** A name as a property key: bare where it is an identifier. */
function key(name: string): string {
  // In an object literal this one name would set the prototype instead.
  if (name === '__proto__') return "['__proto__']";
  return /^[A-Za-z_$][A-Za-z0-9_$]*$/.test(name) ? name : quoteText(name);
}

/**
 * A plain value as source, on one line where it fits.
 *
 * @param indent blanks before the line that the value begins on
 * @param before what stands on that line already, in characters
 */
export function literal(value: unknown, indent = 0, before = 0): string {
  const flat = flatLiteral(value);
  if (indent + before + flat.length <= WIDTH || !isCompound(value)) return flat;
  const inner = ' '.repeat(indent + 2);
  const parts = Array.isArray(value)
    ? value.map((item) => `${inner}${literal(item, indent + 2)},\n`)
    : properties(value).map(([name, item]) => {
        const start = `${key(name)}: `;
        return `${inner}${start}${literal(item, indent + 2, start.length)},\n`;
      });
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return `${open}\n${parts.join('')}${' '.repeat(indent)}${close}`;
}

function isCompound(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !(value instanceof RawSql);
}

function properties(value: object): [string, unknown][] {
  return Object.entries(value).filter(([, item]) => item !== undefined);
}

/** A plain value as source on one line. */
export function flatLiteral(value: unknown): string {
  if (typeof value === 'string') return quoteText(value);
  if (value instanceof RawSql) return `() => ${quoteText(value.sql)}`;
  if (Array.isArray(value)) return `[${value.map(flatLiteral).join(', ')}]`;
  if (isCompound(value)) {
    const parts = properties(value).map(([name, item]) => `${key(name)}: ${flatLiteral(item)}`);
    return parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`;
  }
  return String(value);
}
