/**
 * The migration files of one or several folders: what each says about itself, without running it where its
 * text says it plainly, and its functions when they are needed.
 */

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { error } from '../base/error-codes.js';
import { isLimbeckError } from '../base/errors.js';
import type { MigrationEnvironment } from './environment.js';
import { RevisionGraph } from './history/graph.js';
import { type Revision, revisionFrom } from './history/revision.js';
import type { MigrationModule } from './operations-api.js';

/** One migration file. */
export interface MigrationFile {
  readonly revision: Revision;
  readonly path: string;
  /** SHA-256 of the text, line endings and byte order mark not counted. */
  readonly checksum: string;
}

type Source = Pick<MigrationEnvironment, 'folders' | 'files' | 'load'>;

/** All migration files and the graph they form. */
export class MigrationDirectory {
  readonly graph: RevisionGraph;
  readonly #files: ReadonlyMap<string, MigrationFile>;
  readonly #source: Source;

  private constructor(files: readonly MigrationFile[], source: Source) {
    this.graph = new RevisionGraph(files.map((file) => file.revision));
    this.#files = new Map(files.map((file) => [file.revision.id, file]));
    this.#source = source;
  }

  /**
   * Reads the folders.
   *
   * @throws MIGRATIONS_FOLDER_MISSING, MIGRATION_FILE_BROKEN, and what is wrong with the graph as a whole
   */
  static async read(source: Source): Promise<MigrationDirectory> {
    const files: MigrationFile[] = [];
    for (const folder of source.folders) {
      for (const path of filesIn(folder, source)) {
        const file = await readMigration(path, source);
        if (file !== undefined) files.push(file);
      }
    }
    return new MigrationDirectory(files, source);
  }

  file(revision: string): MigrationFile {
    return this.#files.get(revision) as MigrationFile;
  }

  /** @throws MIGRATION_FILE_BROKEN when the file cannot be loaded or lacks a function */
  async module(revision: string): Promise<MigrationModule> {
    const { path } = this.file(revision);
    const loaded = await loadModule(path, this.#source);
    for (const name of ['upgrade', 'downgrade'] as const) {
      if (typeof loaded[name] !== 'function') {
        throw error('MIGRATION_FILE_BROKEN', { path, problem: `it exports no function '${name}'` });
      }
    }
    return loaded as unknown as MigrationModule;
  }
}

function filesIn(folder: string, source: Source): readonly string[] {
  try {
    return source.files(folder);
  } catch (cause) {
    throw error('MIGRATIONS_FOLDER_MISSING', { path: folder }, { cause });
  }
}

/** A file that says nothing of a revision is no migration: helpers may live beside them. */
async function readMigration(path: string, source: Source): Promise<MigrationFile | undefined> {
  const raw = await readText(path);
  const text = raw.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
  const checksum = createHash('sha256').update(text).digest('hex');
  const stated = readHeader(text) ?? (await readExports(path, text, source));
  if (stated === undefined) return undefined;
  const doc = readDoc(text) || wordsOfName(path, stated.id);
  const createDate = /^Create Date:\s*(.+)$/m.exec(doc)?.[1];
  return { revision: revisionFrom({ ...stated, doc, createDate, path }), path, checksum };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw error('MIGRATION_FILE_BROKEN', { path, problem, cure: undefined }, { cause });
  }
}

interface Stated {
  readonly id: string;
  readonly downRevisions: readonly string[];
  readonly branchLabels: readonly string[];
  readonly dependsOn: readonly string[];
}

const STATEMENT =
  /^(?:export\s+(?:const|let|var)\s+|exports\.)(revision|downRevision|branchLabels|dependsOn)\s*(?::[^=\n]+)?=\s*([^;]*);?[^\S\n]*$/gm;

/** What the text says by plain literals, as every generated file does; undefined where it takes a run to know. */
function readHeader(text: string): Stated | undefined {
  const found = new Map<string, unknown>();
  for (const [, name, literal] of text.matchAll(STATEMENT)) {
    // A compiled file first says `exports.a = exports.b = void 0`.
    if (/^(?:exports\.|void 0)/.test(literal as string)) continue;
    const value = readLiteral(literal as string);
    if (value === undefined || found.has(name as string)) return undefined;
    found.set(name as string, value);
  }
  const id = found.get('revision');
  if (typeof id !== 'string' || !found.has('downRevision')) return undefined;
  return {
    id,
    downRevisions: list(found.get('downRevision')),
    branchLabels: list(found.get('branchLabels')),
    dependsOn: list(found.get('dependsOn')),
  };
}

/** A string, a list of strings or null; undefined for anything else. */
function readLiteral(text: string): unknown {
  const literal = text.trim().replace(/\s+as\s+const$/, '');
  if (literal === 'null') return null;
  const strings = [...literal.matchAll(/'([^'\\\n]*)'|"([^"\\\n]*)"/g)].map(
    (match) => match[1] ?? match[2] ?? '',
  );
  const rest = literal.replace(/'[^'\\\n]*'|"[^"\\\n]*"/g, 's').replace(/\s+/g, '');
  if (rest === 's') return strings[0];
  return /^\[(?:s(?:,s)*,?)?\]$/.test(rest) ? strings : undefined;
}

function list(value: unknown): string[] {
  if (value === null || value === undefined) return [];
  return Array.isArray(value) ? value.map(String) : [String(value)];
}

async function readExports(path: string, text: string, source: Source): Promise<Stated | undefined> {
  if (!/\brevision\b/.test(text)) return undefined;
  const loaded = await loadModule(path, source);
  if (loaded.revision === undefined) return undefined;
  const problem = exportsProblem(loaded);
  if (problem !== undefined) throw error('MIGRATION_FILE_BROKEN', { path, problem });
  return {
    id: loaded.revision as string,
    downRevisions: list(loaded.downRevision),
    branchLabels: list(loaded.branchLabels),
    dependsOn: list(loaded.dependsOn),
  };
}

function exportsProblem(loaded: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof loaded.revision !== 'string') return "its 'revision' is not a string";
  if (loaded.downRevision === undefined) return "it exports no 'downRevision' (null for a first revision)";
  for (const name of ['downRevision', 'branchLabels', 'dependsOn']) {
    const value = loaded[name];
    const strings = Array.isArray(value) ? value : [value ?? ''];
    if (!strings.every((each) => typeof each === 'string'))
      return `its '${name}' holds something else than strings`;
  }
  return undefined;
}

async function loadModule(path: string, source: Source): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await source.load(path);
  } catch (cause) {
    if (!isLimbeckError(cause)) throw broken(path, { reason: String(cause) }, cause);
    throw cause.code === 'MODULE_BROKEN' ? broken(path, cause.context, cause) : cause;
  }
}

/** @param why what the loader found: the reason, the user's line and the cure, as far as they are known */
function broken(path: string, why: Readonly<Record<string, unknown>>, cause: unknown): Error {
  const place = why.at === undefined ? '' : ` (${why.at})`;
  const problem = String(why.reason).replace(/\.$/, '') + place;
  const cure = why.cure === undefined ? undefined : String(why.cure);
  return error('MIGRATION_FILE_BROKEN', { path, problem, cure }, { cause });
}

/** The opening comment without its stars. */
function readDoc(text: string): string {
  const comment = /^\s*(?:['"]use strict['"];?\s*)?\/\*\*?([\s\S]*?)\*\//.exec(text)?.[1] ?? '';
  return comment
    .split('\n')
    .map((line) => line.replace(/^\s*\*? ?/, '').trimEnd())
    .join('\n')
    .replaceAll('*\\/', '*/')
    .trim();
}

/** What a compiler leaves of the message when it drops the comment: the words of `<revision>_<words>.js`. */
function wordsOfName(path: string, revision: string): string {
  const name = basename(path, extname(path));
  return name.startsWith(`${revision}_`) ? name.slice(revision.length + 1).replaceAll('_', ' ') : '';
}
