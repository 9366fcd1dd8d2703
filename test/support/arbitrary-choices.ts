/**
 * Random decisions read from a tape of numbers, so that fast-check can shrink what is built from them: a
 * shorter tape with smaller numbers makes a simpler thing, and an empty one makes the simplest of all.
 */

import fc from 'fast-check';

export class Choices {
  readonly #tape: readonly number[];
  #at = 0;

  constructor(tape: readonly number[]) {
    this.#tape = tape;
  }

  /** From 0 to `count - 1`; 0 when the tape has ended. */
  below(count: number): number {
    const drawn = this.#tape[this.#at++] ?? 0;
    return count <= 1 ? 0 : drawn % count;
  }

  between(min: number, max: number): number {
    return min + this.below(max - min + 1);
  }

  /** True in so many cases of a hundred; false when the tape has ended. */
  chance(percent: number): boolean {
    return this.below(100) >= 100 - percent;
  }

  pick<T>(list: readonly [T, ...T[]] | readonly T[]): T {
    if (list.length === 0) throw new Error('There is nothing to pick from.');
    return list[this.below(list.length)] as T;
  }

  /** Like `pick`, for a list that may be empty. */
  maybe<T>(list: readonly T[]): T | undefined {
    return list.length === 0 ? undefined : this.pick(list);
  }

  /** So many different ones of a list, in random order. */
  some<T>(list: readonly T[], min: number, max: number): T[] {
    const rest = [...list];
    const count = Math.min(this.between(min, max), rest.length);
    return Array.from({ length: count }, () => rest.splice(this.below(rest.length), 1)[0] as T);
  }

  shuffle<T>(list: readonly T[]): T[] {
    return this.some(list, list.length, list.length);
  }
}

/** Something built by decisions. */
export function fromChoices<T>(build: (choices: Choices) => T, decisions = 700): fc.Arbitrary<T> {
  return fc
    .array(fc.nat({ max: 0x3fffffff }), { maxLength: decisions, size: 'max' })
    .map((tape) => build(new Choices(tape)));
}
