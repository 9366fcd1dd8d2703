/**
 * Names as flags give them: `T.C:NEW`, `T:NEW`, `T.C`, `T`. A name with `.` or `:` stands in double quotes,
 * doubled inside.
 */

import { error } from '../../base/error-codes.js';

/** A name that a flag speaks of, and the new one where it gives one. */
export interface NameSpec {
  readonly path: readonly string[];
  readonly to: string | undefined;
}

/** A name as a flag shows it. */
export function flagName(name: string): string {
  return /[.:"=\s]/.test(name) || name === '' ? `"${name.replaceAll('"', '""')}"` : name;
}

export function flagPath(path: readonly string[]): string {
  return path.map(flagName).join('.');
}

const NAME = /"((?:[^"]|"")*)"|([^.:"]+)/y;

/**
 * Reads what a flag names.
 *
 * @param flag for the error: `--rename`
 * @throws DECISION_UNKNOWN when the text is not of that form
 */
export function readNameSpec(flag: string, text: string): NameSpec {
  const path: string[] = [];
  let at = 0;
  const name = (): string => {
    NAME.lastIndex = at;
    const match = NAME.exec(text);
    if (!match)
      throw error('DECISION_UNKNOWN', {
        flag: `${flag} ${text}`,
        problem: `a name is missing at character ${at + 1}`,
      });
    at = NAME.lastIndex;
    return match[1] === undefined ? (match[2] as string) : match[1].replaceAll('""', '"');
  };
  path.push(name());
  while (text[at] === '.') {
    at++;
    path.push(name());
  }
  let to: string | undefined;
  if (text[at] === ':') {
    at++;
    to = name();
  }
  if (at < text.length) {
    throw error('DECISION_UNKNOWN', {
      flag: `${flag} ${text}`,
      problem: `'${text.slice(at)}' is not understood`,
    });
  }
  return { path, to };
}
