/**
 * The one catalogue of error codes, joined from one file an area, and `error()`, which turns a code and
 * its context into the right class with the right words. A test proves catalogue, docs and types agree.
 */

import { CONFIG_CODES } from './catalogue/config.js';
import { DATABASE_CODES } from './catalogue/database.js';
import { METADATA_CODES } from './catalogue/metadata.js';
import { MIGRATION_CODES } from './catalogue/migration.js';
import { QUERY_CODES } from './catalogue/query.js';
import { REVISION_CODES } from './catalogue/revision.js';
import { SCHEMA_CODES } from './catalogue/schema.js';
import type { LimbeckError } from './errors.js';

/** Every code with its class and words. */
export const ERROR_CODES = {
  ...CONFIG_CODES,
  ...DATABASE_CODES,
  ...METADATA_CODES,
  ...MIGRATION_CODES,
  ...QUERY_CODES,
  ...REVISION_CODES,
  ...SCHEMA_CODES,
};

export type ErrorCode = keyof typeof ERROR_CODES;

/** What the words of a code are made from. */
export type ErrorContext<C extends ErrorCode> = Parameters<(typeof ERROR_CODES)[C]['message']>[0];

/**
 * Makes the error that belongs to a code.
 *
 * @param code from the catalogue
 * @param context what is involved; becomes part of the message and stays readable as `error.context`
 * @param options `cause`: the original error
 */
export function error<C extends ErrorCode>(
  code: C,
  context: ErrorContext<C>,
  options: { readonly cause?: unknown } = {},
): LimbeckError {
  // The catalogue's entries are functions of different contexts; the signature above ties each to its code.
  const entry = ERROR_CODES[code] as unknown as CatalogueEntry<ErrorContext<C>>;
  return new entry.type({
    code,
    message: entry.message(context),
    hint: typeof entry.hint === 'function' ? entry.hint(context) : entry.hint,
    context: context as Readonly<Record<string, unknown>>,
    cause: options.cause,
    retryable: entry.retryable,
  });
}

interface CatalogueEntry<X> {
  readonly type: typeof LimbeckError;
  readonly message: (context: X) => string;
  readonly hint?: string | ((context: X) => string | undefined);
  readonly retryable?: boolean;
}
