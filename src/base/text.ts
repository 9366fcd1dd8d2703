/**
 * Questions about plain text: case, the nearest of several names, short hashes, length in bytes.
 * Names of tables and constraints are made from these, so every function here is deterministic for ever.
 */

/** `authorId` → `author_id`, `HTMLParser` → `html_parser`; digits stay with the word before them. */
export function snakeCase(name: string): string {
  // Most names are one word, or a few of the letters whose cases any regular expression knows.
  if (/^[a-z0-9_]*$/.test(name)) return name;
  return (/^[\w$]*$/.test(name) ? asciiWords(name) : anyWords(name)).toLowerCase();
}

function asciiWords(name: string): string {
  return name.replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2').replace(/([a-z0-9])([A-Z])/g, '$1_$2');
}

function anyWords(name: string): string {
  return name
    .replace(/(\p{Lu}+)(\p{Lu}\p{Ll})/gu, '$1_$2')
    .replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1_$2')
    .replace(/[\s-]+/g, '_');
}

/** How many letters must be changed, put in, left out or swapped with their neighbour; O(a · b). */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min((row[j - 1] ?? 0) + 1, (previous[j] ?? 0) + 1, (previous[j - 1] ?? 0) + cost);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) best = Math.min(best, (before[j - 2] ?? 0) + 1);
      row.push(best);
    }
    before = previous;
    previous = row;
  }
  return previous[b.length] ?? 0;
}

/**
 * The candidate that a mistyped name most likely means.
 *
 * @returns undefined when none is near: more than a third of the letters (at least two) would have to change
 */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  const limit = Math.max(2, Math.floor(name.length / 3));
  let best: { candidate: string; distance: number } | undefined;
  for (const candidate of candidates) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance <= limit && (best === undefined || distance < best.distance)) best = { candidate, distance };
  }
  return best?.candidate;
}

const encoder = new TextEncoder();

/** Length in UTF-8, the unit in which databases limit names. */
export function byteLength(text: string): number {
  return Buffer.byteLength(text);
}

/** FNV-1a over the UTF-8 bytes, as 8 hex digits. Short and stable; no protection against forgery. */
export function hash32(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of encoder.encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

/** The longest beginning that fits into so many bytes of UTF-8; never ends inside a character. */
export function cutToBytes(text: string, maxBytes: number): string {
  let bytes = 0;
  let cut = '';
  for (const character of text) {
    bytes += byteLength(character);
    if (bytes > maxBytes) return cut;
    cut += character;
  }
  return cut;
}

/** `a`, `a and b`, `a, b and c`. */
export function enumerate(names: readonly string[]): string {
  if (names.length < 2) return names.join('');
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
