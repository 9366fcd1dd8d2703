/** Puts a revision on another parent in the text of its file; everything else in it stays byte for byte. */

import { error } from '../../base/error-codes.js';
import { flatLiteral } from '../render/literal.js';

const DOWN_REVISION =
  /^((?:export\s+(?:const|let|var)\s+|exports\.)downRevision\s*(?::[^=\n]+)?=\s*)(null|'[^'\\\n]*'|"[^"\\\n]*"|\[[^\]]*\])/gm;
const REVISES = /^(\s*\*?\s*Revises:)[^\r\n]*/m;

/**
 * @param path for the message
 * @throws REBASE_FILE when the file does not say by a plain literal what it stands on
 */
export function reparent(text: string, path: string, downRevisions: readonly string[]): string {
  const found = [...text.matchAll(DOWN_REVISION)];
  if (found.length !== 1) throw error('REBASE_FILE', { path });
  const [only] = downRevisions;
  const value = downRevisions.length === 1 ? only : downRevisions.length === 0 ? null : downRevisions;
  const named = downRevisions.length === 0 ? '(base)' : downRevisions.join(', ');
  return text
    .replace(DOWN_REVISION, (_, start: string) => start + flatLiteral(value))
    .replace(REVISES, (_, start: string) => `${start} ${named}`);
}
