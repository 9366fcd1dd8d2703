import { useNotes } from './app';

useNotes().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
