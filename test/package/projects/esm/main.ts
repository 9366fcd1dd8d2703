import { useNotes } from './app.js';

await useNotes();
