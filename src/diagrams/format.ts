/** The kinds of pictures, and which one a file's name asks for. */

import path from 'node:path';

export const GRAPH_FORMATS = ['text', 'mermaid', 'svg', 'json'] as const;
export const ERD_FORMATS = ['text', 'mermaid', 'svg', 'html', 'json'] as const;

export type GraphFormat = (typeof GRAPH_FORMATS)[number];
export type ErdFormat = (typeof ERD_FORMATS)[number];

const OF_EXTENSION: Readonly<Record<string, ErdFormat>> = {
  '.txt': 'text',
  '.mmd': 'mermaid',
  '.mermaid': 'mermaid',
  '.svg': 'svg',
  '.html': 'html',
  '.htm': 'html',
  '.json': 'json',
};

/** What a file's name asks for; undefined where it does not say. */
export function formatOfFile(file: string): ErdFormat | undefined {
  return OF_EXTENSION[path.extname(file).toLowerCase()];
}
