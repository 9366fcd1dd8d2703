/**
 * Dates and times between JavaScript and the server's ISO form (`2024-05-06 07:08:09.1`, with `+00` where there is
 * a time zone). They are written as the server writes them, so that a value that was not changed is the same text.
 */

import { dateToText, instantToText, textToDate } from '../shared/temporal.js';

/** A Date as `YYYY-MM-DD HH:MM:SS.f` in UTC. @throws VALUE_INVALID also for one finer than `precision` */
export function instantText(value: unknown, precision: number, owner: string): string {
  return withoutTrailingZeros(dateToText(value, precision, owner));
}

/** The same of ISO text, or of a Date. @throws VALUE_INVALID */
export function isoInstantText(value: unknown, precision: number, owner: string): string {
  return withoutTrailingZeros(instantToText(value, precision, owner));
}

function withoutTrailingZeros(text: string): string {
  if (text.length <= 19) return text;
  let end = text.length;
  while (text.charCodeAt(end - 1) === ZERO) end--;
  return text.slice(0, end === 20 ? 19 : end);
}

const ZERO = 48;
const SPACE = 32;
const two = (text: string, at: number): number =>
  (text.charCodeAt(at) - ZERO) * 10 + text.charCodeAt(at + 1) - ZERO;
const WITH_ZONE = '+00';

/** A Date of the server's text; what it writes in other ways (`infinity`, years BC) no Date can hold. @throws VALUE_INVALID */
export function textToInstant(text: string, owner: string): Date {
  // The usual form is read without a regular expression: this runs once for every value of a result.
  const length = text.endsWith(WITH_ZONE) ? text.length - WITH_ZONE.length : text.length;
  if (
    length >= 19 &&
    length <= 23 &&
    length !== 20 &&
    text.charCodeAt(10) === SPACE &&
    isDigits(text, length)
  ) {
    const year = two(text, 0) * 100 + two(text, 2);
    if (year > 99) {
      let ms = 0;
      for (let at = 20, unit = 100; at < length; at++, unit /= 10) ms += (text.charCodeAt(at) - ZERO) * unit;
      const [month, day] = [two(text, 5), two(text, 8)];
      return new Date(Date.UTC(year, month - 1, day, two(text, 11), two(text, 14), two(text, 17), ms));
    }
  }
  return textToDate(text, owner);
}

/** Whether digits stand wherever the form wants them: the server writes only days that exist. */
function isDigits(text: string, length: number): boolean {
  for (let at = 0; at < length; at++) {
    if (at === 4 || at === 7 || at === 10 || at === 13 || at === 16 || at === 19) continue;
    const digit = text.charCodeAt(at) - ZERO;
    if (digit < 0 || digit > 9) return false;
  }
  return true;
}
