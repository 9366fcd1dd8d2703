/**
 * Arrays as text, both ways: `{1,NULL,"a \"b\""}` (8.15.2 "Array Value Input", 8.15.6). Written as the server
 * itself writes them, so that a value that was not changed is the same text.
 */

/** Elements as text; NULL, and arrays inside arrays. */
export type ArrayElement = string | null | readonly ArrayElement[];

/** An array as text. */
export function arrayText(elements: readonly ArrayElement[]): string {
  let text = '{';
  for (let i = 0; i < elements.length; i++) {
    if (i > 0) text += ',';
    text += elementText(elements[i] as ArrayElement);
  }
  return `${text}}`;
}

function elementText(element: ArrayElement): string {
  if (element === null) return 'NULL';
  if (typeof element !== 'string') return arrayText(element);
  // "if they are empty strings, contain curly braces, delimiter characters, double quotes, backslashes, or white
  // space, or match the word NULL".
  if (element !== '' && !/[{}",\\ \t\n\r\v\f]/.test(element) && !/^null$/i.test(element)) return element;
  return `"${element.replace(/["\\]/g, '\\$&')}"`;
}

/** Reads the text of an array; undefined where it is none. Lower bounds (`[2:3]={…}`) are left out. */
export function parseArray(text: string): readonly ArrayElement[] | undefined {
  const start = /^(?:\[[-+\d:[\]]*\]=)?(?=\{)/.exec(text);
  if (start === null) return undefined;
  const reader = new ArrayReader(text, start[0].length);
  const elements = reader.array();
  return reader.isAtEnd ? elements : undefined;
}

class ArrayReader {
  readonly #text: string;
  #at: number;

  constructor(text: string, at: number) {
    this.#text = text;
    this.#at = at;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#text.length;
  }

  /** Reads from `{` to its `}`; undefined where the text ends before. */
  array(): readonly ArrayElement[] | undefined {
    const elements: ArrayElement[] = [];
    this.#at += 1;
    if (this.#text[this.#at] === '}') {
      this.#at += 1;
      return elements;
    }
    for (;;) {
      const element = this.#element();
      if (element === undefined) return undefined;
      elements.push(element);
      const next = this.#text[this.#at];
      this.#at += 1;
      if (next === '}') return elements;
      if (next !== ',') return undefined;
    }
  }

  #element(): ArrayElement | undefined {
    const first = this.#text[this.#at];
    if (first === '{') return this.array();
    return first === '"' ? this.#quoted() : this.#bare();
  }

  #quoted(): string | undefined {
    let value = '';
    let from = this.#at + 1;
    for (let at = from; at < this.#text.length; at++) {
      const char = this.#text[at];
      if (char === '"') {
        this.#at = at + 1;
        return value + this.#text.slice(from, at);
      }
      if (char !== '\\') continue;
      value += this.#text.slice(from, at);
      from = at + 1;
      at += 1;
    }
    return undefined;
  }

  #bare(): string | null | undefined {
    const start = this.#at;
    let end = start;
    while (end < this.#text.length && this.#text[end] !== ',' && this.#text[end] !== '}') end++;
    if (end === start || end === this.#text.length) return undefined;
    this.#at = end;
    const value = this.#text.slice(start, end);
    return value === 'NULL' ? null : value;
  }
}
