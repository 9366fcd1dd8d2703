/** The name and place of a new migration file, and writing it so that no broken one is ever seen. */

import { randomBytes } from 'node:crypto';
import { constants, copyFile, link, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { error } from '../base/error-codes.js';
import type { MigrationFile } from './directory.js';
import type { MigrationEnvironment } from './environment.js';

/** Twelve hex digits. */
export function newRevisionId(): string {
  return randomBytes(6).toString('hex');
}

const SLUG_LENGTH = 40;

/** A message as part of a file's name: letters, digits and underscores, cut at the last whole word. */
export function slugOf(message: string): string {
  const words = message
    .normalize('NFC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_]+/gu, '_')
    .replace(/^_+|_+$/g, '');
  if (words.length <= SLUG_LENGTH) return words;
  const cut = words.slice(0, SLUG_LENGTH + 1);
  const end = cut.lastIndexOf('_');
  return end > 0 ? cut.slice(0, end) : [...words].slice(0, SLUG_LENGTH).join('');
}

/** A moment as a header shows it: `2026-11-22 18:25:16 UTC`. */
export function dateText(date: Date, timezone: string | undefined): string {
  const { year, month, day, hour, minute, second } = dateParts(date, timezone);
  return `${year}-${month}-${day} ${hour}:${minute}:${second} ${timezone ?? 'UTC'}`;
}

type DatePart = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second';

function dateParts(date: Date, timezone: string | undefined): Record<DatePart, string> {
  const format = new Intl.DateTimeFormat('en-CA-u-ca-iso8601-nu-latn', {
    timeZone: timezone ?? 'UTC',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  const parts = Object.fromEntries(format.formatToParts(date).map(({ type, value }) => [type, value]));
  return parts as Record<DatePart, string>;
}

type NameOptions = Pick<MigrationEnvironment, 'fileTemplate' | 'timezone' | 'extension'>;

/** The file's name from the template, as Alembic's tokens fill it. */
export function fileName(revision: string, message: string, date: Date, options: NameOptions): string {
  const values: Readonly<Record<string, string>> = {
    rev: revision.replace(/[^\p{L}\p{N}_]+/gu, '_'),
    slug: slugOf(message),
    epoch: String(Math.floor(date.getTime() / 1000)),
    ...dateParts(date, options.timezone),
  };
  const name = options.fileTemplate.replace(
    /%%|%\((\w+)\)(?:\.?\d*[sd])/g,
    (all, token: string | undefined) => (all === '%%' ? '%' : (values[token ?? ''] ?? all)),
  );
  return name.replace(/_+$/, '') + options.extension;
}

/**
 * The folder a new file belongs in: the one asked for, that of its parent, or the only one.
 *
 * @throws VERSION_PATH_UNKNOWN, VERSION_PATH_NEEDED
 */
export function folderFor(
  environment: Pick<MigrationEnvironment, 'folders'>,
  asked: string | undefined,
  parent: MigrationFile | undefined,
): string {
  const { folders } = environment;
  if (asked !== undefined) {
    const path = resolve(asked);
    if (!folders.includes(path)) throw error('VERSION_PATH_UNKNOWN', { path: asked, folders });
    return path;
  }
  if (parent !== undefined) return dirname(parent.path);
  const [only, ...more] = folders;
  if (only === undefined || more.length > 0) throw error('VERSION_PATH_NEEDED', { folders });
  return only;
}

/**
 * Writes a file whole or not at all, and never over another.
 *
 * @throws MIGRATION_FILE_EXISTS
 */
export async function writeNewFile(folder: string, name: string, text: string): Promise<string> {
  const path = join(folder, name);
  if (relative(folder, path).startsWith('..'))
    throw error('VERSION_PATH_UNKNOWN', { path, folders: [folder] });
  await mkdir(dirname(path), { recursive: true });
  const unfinished = join(folder, `.${newRevisionId()}.unfinished`);
  try {
    await writeFile(unfinished, text, { flag: 'wx' });
    await giveName(unfinished, path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST')
      throw error('MIGRATION_FILE_EXISTS', { path }, { cause });
    throw cause;
  } finally {
    await rm(unfinished, { force: true });
  }
  return path;
}

/** Unlike a rename, a link refuses a name that is taken; so does a copy, where the file system has no links. */
async function giveName(unfinished: string, path: string): Promise<void> {
  try {
    await link(unfinished, path);
  } catch (cause) {
    if (!NO_LINKS.has((cause as NodeJS.ErrnoException).code ?? '')) throw cause;
    await copyFile(unfinished, path, constants.COPYFILE_EXCL);
  }
}

/** What exFAT, network shares and mounts of containers say to a link. */
const NO_LINKS: ReadonlySet<string> = new Set([
  'EPERM',
  'EACCES',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EMLINK',
]);
