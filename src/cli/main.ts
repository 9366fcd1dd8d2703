#!/usr/bin/env node
/** The binary `limbeck`: hands the process over to `program.ts`, and its answer back to the process. */

import { runCommandLine } from './program.js';

// `limbeck history | head`: the reader is gone, and nobody is left to tell.
process.stdout.on('error', (cause: NodeJS.ErrnoException) => {
  if (cause.code !== 'EPIPE') throw cause;
});

const { stdin, stdout, stderr } = process;
runCommandLine(process.argv.slice(2), { cwd: process.cwd(), stdin, stdout, stderr }).then((status) => {
  // The process ends by itself once its output is written; exit() would cut a pipe short.
  process.exitCode = status;
});
