/**
 * Dates and times as text, the same on every database: reading what databases and people write, refusing
 * days that no calendar has, and writing one fixed width so that text sorts as time does.
 */

import { invalidValue, isDate, kindOf } from './values.js';

const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const TIME = /^(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?$/;
const INSTANT =
  /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9})\d*)?)?)?(?: ?(Z|z|[+-]\d\d(?::?\d\d)?))?$/;

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Whether a day exists in the (proleptic) Gregorian calendar. */
export function isCalendarDay(year: number, month: number, day: number): boolean {
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month >= 1 && month <= 12 && day >= 1 && day <= (MONTH_DAYS[month - 1] ?? 0) + (leap ? 1 : 0);
}

/** `YYYY-MM-DD` that the calendar has. @throws VALUE_INVALID */
export function checkedDate(value: unknown, owner: string): string {
  const match = typeof value === 'string' ? DATE.exec(value) : null;
  if (!match) {
    const got = typeof value === 'string' ? 'other text' : kindOf(value);
    throw invalidValue(owner, `expected a date as 'YYYY-MM-DD', got ${got}`);
  }
  if (!isCalendarDay(Number(match[1]), Number(match[2]), Number(match[3]))) {
    throw invalidValue(owner, 'the calendar has no such day');
  }
  return match[0];
}

/** The same of a day to write. Before year 1 comes year 1 BC (PostgreSQL 8.5.1), so no database is given a year 0. */
export function dateText(value: unknown, owner: string): string {
  return refuseYearZero(checkedDate(value, owner), owner);
}

function refuseYearZero(text: string, owner: string): string {
  if (text.startsWith('0000')) throw invalidValue(owner, 'there is no year 0');
  return text;
}

/** A time of day to write: without zeros at the end of a fraction, so that equal times are equal texts. */
export function timeText(value: unknown, precision: number, owner: string): string {
  return shortTime(checkedTime(value, precision, owner));
}

/** Without zeros at the end of a fraction. */
export function shortTime(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** `HH:MM:SS` with a fraction of at most `precision` digits; `HH:MM` gets its seconds. @throws VALUE_INVALID */
export function checkedTime(value: unknown, precision: number | undefined, owner: string): string {
  const match = typeof value === 'string' ? TIME.exec(value) : null;
  if (!match || Number(match[1]) > 23 || Number(match[2]) > 59 || Number(match[3] ?? 0) > 59) {
    const got = typeof value === 'string' ? 'other text' : kindOf(value);
    throw invalidValue(owner, `expected a time as 'HH:MM:SS', got ${got}`);
  }
  const fraction = match[4];
  if (fraction === undefined) return `${match[1]}:${match[2]}:${match[3] ?? '00'}`;
  refuseFiner(fraction, precision, owner);
  return match[0];
}

function refuseFiner(fraction: string, precision: number | undefined, owner: string): void {
  if (precision !== undefined && /[1-9]/.test(fraction.slice(precision))) {
    throw invalidValue(
      owner,
      `the fraction of a second is finer than the column keeps (${precision} digits)`,
    );
  }
}

/** A point in time: whole seconds as milliseconds since 1970 in UTC, and nine digits of a fraction. */
interface Instant {
  readonly epochMs: number;
  readonly fraction: string;
}

function parseInstant(text: string): Instant | undefined {
  const match = INSTANT.exec(text);
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0));
  if (!isCalendarDay(year as number, month as number, day as number)) return undefined;
  if ((hour as number) > 23 || (minute as number) > 59 || (second as number) > 59) return undefined;
  const date = new Date(0);
  // Not Date.UTC, which takes the years 0 to 99 for 1900 to 1999.
  date.setUTCFullYear(year as number, (month as number) - 1, day as number);
  date.setUTCHours(hour as number, minute as number, second as number);
  return { epochMs: date.getTime() - offsetMs(match[8]), fraction: (match[7] ?? '').padEnd(9, '0') };
}

function offsetMs(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z' || zone === 'z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(zone.length > 3 ? -2 : 3) || 0);
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}

/**
 * A Date as `YYYY-MM-DD HH:MM:SS.SSS` in UTC.
 *
 * @param precision digits of a fraction that the column keeps, at most 3
 * @throws VALUE_INVALID for what is no valid Date of the years 0 to 9999, or finer than the column keeps
 */
export function dateToText(value: unknown, precision: number, owner: string): string {
  if (!isDate(value) || Number.isNaN(value.getTime())) {
    throw invalidValue(
      owner,
      `expected a Date, got ${typeof value === 'string' ? 'a string' : kindOf(value)}`,
    );
  }
  const text = value.toISOString();
  if (text.length !== 24) throw invalidValue(owner, 'the year lies outside 0 to 9999');
  if (precision < 3) refuseFiner(text.slice(20, 23), precision, owner);
  refuseYearZero(text, owner);
  return `${text.slice(0, 10)} ${text.slice(11, 23)}`;
}

const digit = (text: string, at: number): number => text.charCodeAt(at) - 48;
const two = (text: string, at: number): number => digit(text, at) * 10 + digit(text, at + 1);

/** A Date of text that a database holds, read as UTC where it names no zone; digits after the third are cut. */
export function textToDate(text: string, owner: string): Date {
  // Our own form, read without a regular expression: this runs once for every value of a result.
  if (text.length === 23 && OWN_FORM.test(text)) {
    const year = two(text, 0) * 100 + two(text, 2);
    const [month, day] = [two(text, 5), two(text, 8)];
    const [hour, minute, second] = [two(text, 11), two(text, 14), two(text, 17)];
    if (year > 99 && isCalendarDay(year, month, day) && hour < 24 && minute < 60 && second < 60) {
      const ms = digit(text, 20) * 100 + two(text, 21);
      return new Date(Date.UTC(year, month - 1, day, hour, minute, second, ms));
    }
  }
  const instant = parseInstant(text);
  if (instant === undefined) throw invalidValue(owner, 'the database holds text that is no date and time');
  return new Date(instant.epochMs + Number(instant.fraction.slice(0, 3)));
}

const OWN_FORM = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$/;

/**
 * A Date or ISO text as `YYYY-MM-DD HH:MM:SS.f…` in UTC with exactly `precision` digits.
 *
 * @throws VALUE_INVALID
 */
export function instantToText(value: unknown, precision: number, owner: string): string {
  if (isDate(value)) {
    const text = dateToText(value, Math.min(precision, 3), owner);
    return withFraction(text.slice(0, 19), text.slice(20).padEnd(9, '0'), precision);
  }
  const instant = typeof value === 'string' ? parseInstant(value) : undefined;
  if (instant === undefined) {
    const got = typeof value === 'string' ? 'other text' : kindOf(value);
    throw invalidValue(owner, `expected a date and time as ISO text, got ${got}`);
  }
  refuseFiner(instant.fraction, precision, owner);
  const seconds = refuseYearZero(secondsText(instant, owner), owner);
  return withFraction(seconds, instant.fraction, precision);
}

/** ISO text (`YYYY-MM-DDTHH:MM:SS.f…Z`) of text that a database holds; finer digits are cut. */
export function textToIso(text: string, precision: number, owner: string): string {
  const instant = parseInstant(text);
  if (instant === undefined) throw invalidValue(owner, 'the database holds text that is no date and time');
  return `${withFraction(secondsText(instant, owner), instant.fraction, precision).replace(' ', 'T')}Z`;
}

function secondsText(instant: Instant, owner: string): string {
  const text = new Date(instant.epochMs).toISOString();
  if (text.length !== 24) throw invalidValue(owner, 'the year lies outside 0 to 9999');
  return `${text.slice(0, 10)} ${text.slice(11, 19)}`;
}

function withFraction(seconds: string, fraction: string, precision: number): string {
  return precision === 0 ? seconds : `${seconds}.${fraction.slice(0, precision)}`;
}
