/** Values of a column in the form in which they are compared or counted: as text, as bytes that are text. */

import type { ColumnType } from '../../schema/model.js';

/** A value as text, as PostgreSQL writes it; of bytes the text that they are (see `isUtf8`). */
export function textForm(value: string, from: ColumnType): string {
  switch (from.kind) {
    case 'text':
    case 'simple-array':
      return value;
    case 'blob':
      return `convert_from(${value}, 'UTF8')`;
    default:
      return `${value}::text`;
  }
}

/** UTF-8 in hex digits, character by character ("The Unicode Standard", table 3-7), without NUL. */
const UTF8_HEX = [
  '(?!00)[0-7].',
  '(?:c[2-9a-f]|d.)[89ab].',
  'e0[ab].[89ab].',
  'e[1-9abcef][89ab].[89ab].',
  'ed[89].[89ab].',
  'f0[9ab].[89ab].[89ab].',
  'f[123][89ab].[89ab].[89ab].',
  'f48.[89ab].[89ab].',
].join('|');

/** Whether bytes are text: convert_from raises an error where they are not. */
export function isUtf8(bytes: string): string {
  return `encode(${bytes}, 'hex') ~ '^(?:${UTF8_HEX})*$'`;
}
