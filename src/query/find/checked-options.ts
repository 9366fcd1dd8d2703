/** Options as they are handed to a repository. */

import { error } from '../../base/error-codes.js';
import type { LooseFindOptions, SelectMode } from './select.js';

/** Options that can be meant: conditions that are missing by mistake must not mean every row. */
export function checkedOptions(options: unknown, mode: SelectMode): LooseFindOptions {
  // One of all, whichever it is, is what nobody means who forgot to say.
  if (options === undefined && mode !== 'first') return {};
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw error('OPTION_INVALID', { option: 'options', problem: 'expected an object such as { where: … }' });
  }
  const checked = options as LooseFindOptions;
  if ((checked.where === undefined && 'where' in options) || checked.where === null) {
    throw error('OPTION_INVALID', { option: 'where', problem: `it is ${String(checked.where)}` });
  }
  // An offset needs a limit of its own: only here the row that is wanted is known to be one.
  return mode === 'first' && checked.skip !== undefined ? { ...checked, take: 1 } : checked;
}

/** Whether a call says something of its statements, for which the short way of a find has no place. */
export function isSpecial({ lock, comment, signal }: LooseFindOptions): boolean {
  return lock !== undefined || comment !== undefined || signal !== undefined;
}

/** How many rows there are in all, where a page tells: it is the last one, and not an empty one behind it. */
export function totalOf(found: number, options: LooseFindOptions = {}): number | undefined {
  const { take, skip } = options as { readonly take?: number; readonly skip?: number };
  const isLast = take === undefined || found < take;
  const isReached = found > 0 || skip === undefined || skip === 0;
  return isLast && isReached ? found + (skip ?? 0) : undefined;
}

/** Of options those that say which rows are meant. */
export function criteriaOf<O extends object>(
  options: O | undefined,
): Pick<O, keyof O & ('where' | 'withDeleted' | 'comment' | 'signal')> {
  const { where, withDeleted, comment, signal } = (options ?? {}) as LooseFindOptions;
  const criteria = {
    ...(where !== undefined && { where }),
    ...(withDeleted !== undefined && { withDeleted }),
    ...(comment !== undefined && { comment }),
    ...(signal !== undefined && { signal }),
  };
  return criteria as Pick<O, keyof O & ('where' | 'withDeleted' | 'comment' | 'signal')>;
}
