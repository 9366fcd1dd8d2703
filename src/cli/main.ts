#!/usr/bin/env node
/** The binary `limbeck`: hands the process over to `program.ts`, and its answer back to the process. */

import { error } from '../base/error-codes.js';
import { runCommandLine, tellFailure } from './program.js';

// `limbeck history | head`: the reader is gone, and nobody is left to tell.
process.stdout.on('error', (cause: NodeJS.ErrnoException) => {
  if (cause.code !== 'EPIPE') throw cause;
});

const argv = process.argv.slice(2);
const { stdin, stdout, stderr } = process;
const io = { cwd: process.cwd(), stdin, stdout, stderr };
let status: number | undefined;
let isBroken = false;

// What a migration or a configuration started and nobody waits for.
process.on('uncaughtException', (cause) => {
  isBroken = true;
  process.exitCode = tellFailure(argv, io, cause);
});
// A promise that is never settled leaves Node with nothing to do, and it would call that a success.
process.on('exit', () => {
  if (status === undefined && !isBroken) {
    process.exitCode = tellFailure(argv, io, error('COMMAND_UNFINISHED', {}));
  }
});

runCommandLine(argv, io).then((result) => {
  status = result;
  // The process ends by itself once its output is written; exit() would cut a pipe short.
  if (!isBroken) process.exitCode = status;
});
