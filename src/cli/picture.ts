/** What the commands that draw have in common: the format, the file, and where the picture goes. */

import { renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { crypto } from '../base/crypto.js';
import { error } from '../base/error-codes.js';
import { formatOfFile } from '../diagrams/format.js';
import type { Call, OptionDeclaration } from './verb.js';

export interface PictureOptions {
  readonly format?: string;
  readonly output?: string;
}

export function pictureOptions(formats: readonly string[]): readonly OptionDeclaration[] {
  return [
    { flags: '-f, --format <format>', words: `${formats.join(', ')}; else as the file's name ends` },
    { flags: '-o, --output <file>', words: 'write it to a file' },
  ];
}

/** The format that is asked for. @throws CLI_USAGE */
export function askedFormat<F extends string>({ format, output }: PictureOptions, formats: readonly F[]): F {
  const asked = format ?? (output === undefined ? undefined : formatOfFile(output)) ?? 'text';
  const known = formats.find((name) => name === asked);
  if (known !== undefined) return known;
  throw error('CLI_USAGE', {
    problem:
      format === undefined
        ? `'${output}' asks for the format '${asked}', which this command does not have`
        : `there is no format '${asked}'`,
    cure: `Write --format with one of these: ${formats.join(', ')}.`,
  });
}

interface Drawn {
  readonly picture: string;
  readonly warnings: readonly string[];
}
type PictureCall = Pick<Call<PictureOptions>, 'options' | 'output' | 'cwd'>;

/** Writes the picture where it is to go, also with `--json`. */
export function saved<R extends Drawn>(result: R, { options, cwd }: PictureCall): R {
  if (options.output !== undefined) savePicture(result.picture, path.resolve(cwd, options.output));
  return result;
}

export function printPicture({ picture, warnings }: Drawn, { options, output, cwd }: PictureCall): void {
  for (const warning of warnings) output.note('Warning', warning);
  if (options.output === undefined) output.line(picture);
  else output.done('Generating', path.resolve(cwd, options.output));
}

/** Whoever reads the file meanwhile has the old picture or the new one, never a half. */
function savePicture(picture: string, file: string): void {
  const draft = `${file}.${crypto().randomUUID()}.tmp`;
  try {
    writeFileSync(draft, `${picture}\n`);
    renameSync(draft, file);
  } catch (cause) {
    rmSync(draft, { force: true });
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw error('PICTURE_NOT_WRITTEN', { file, reason }, { cause });
  }
}
