/** What the driver answers: one result, or of several statements and of CALL a list of them. */

import type { NativeField, NativeFields, NativeOk, NativeResult, NativeRows } from './native.js';

export interface Answer {
  readonly result: NativeResult;
  readonly fields: NativeFields;
}

function isRows(result: NativeResult): result is NativeRows {
  return Array.isArray(result);
}

/** What a statement without rows has said, or the last of several. */
export function lastOk(result: NativeResult): NativeOk | undefined {
  if (!isRows(result)) return result as NativeOk;
  const last = (result as readonly unknown[]).at(-1);
  return typeof last === 'object' && last !== null && !Array.isArray(last) ? (last as NativeOk) : undefined;
}

interface Rows {
  readonly rows: NativeRows;
  readonly fields: readonly NativeField[];
}

const NO_ROWS: Rows = { rows: [], fields: [] };

/** The first rows of an answer: CALL may give several lists of them. */
export function firstRows({ result, fields }: Answer): Rows {
  if (!isRows(result) || fields === undefined) return NO_ROWS;
  const several =
    fields.length > 0 &&
    (fields[0] === undefined || Array.isArray(fields[0]) || Array.isArray(lastField(fields)));
  if (!several)
    return lastOk(result) === undefined
      ? { rows: result, fields: fields as readonly NativeField[] }
      : NO_ROWS;
  const lists = fields as readonly (readonly NativeField[] | undefined)[];
  const at = lists.findIndex((each) => Array.isArray(each));
  if (at === -1) return NO_ROWS;
  return { rows: result[at] as unknown as NativeRows, fields: lists[at] as readonly NativeField[] };
}

function lastField(fields: NonNullable<NativeFields>): unknown {
  return fields[fields.length - 1];
}
