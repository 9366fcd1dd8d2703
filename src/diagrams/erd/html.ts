/**
 * The diagram as one page: to search, to move about in, to look at one table and its neighbours. It works from a file,
 * asks nobody for anything (its policy forbids that, too), and holds the schema as data that no text in it can leave.
 */

import { crypto } from '../../base/crypto.js';
import { xml } from '../escape.js';
import type { Diagram } from './model.js';
import { PAGE_SCRIPT, PAGE_STYLE } from './page.js';
import { COLOURS, drawing, STYLE } from './svg.js';

export function diagramHtml(diagram: Diagram): string {
  const { width, height, body } = drawing(diagram);
  const style = COLOURS + STYLE + PAGE_STYLE;
  const policy = `default-src 'none'; style-src '${hashOf(style)}'; script-src '${hashOf(PAGE_SCRIPT)}'; base-uri 'none'; form-action 'none'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${xml(diagram.title)}</title>
<style>${style}</style>
</head>
<body>
<aside>
<h1>${xml(diagram.title)}</h1>
<input id="search" type="search" placeholder="Search tables and columns" aria-label="Search tables and columns" autocomplete="off" spellcheck="false">
<p id="count" role="status"></p>
<ul id="list"></ul>
</aside>
<main>
<svg id="canvas" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${xml(diagram.title)}"><g id="scene">
${body}
</g></svg>
<div id="tools"><button id="out" aria-label="Zoom out">−</button><button id="in" aria-label="Zoom in">+</button><button id="whole">Whole picture</button></div>
<section id="details" hidden aria-live="polite"></section>
</main>
<script type="application/json" id="schema">${embedded({ width, height, tables: diagram.tables, links: diagram.links })}</script>
<script>${PAGE_SCRIPT}</script>
</body>
</html>`;
}

/** JSON in which nothing can end the element that it stands in. */
function embedded(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function hashOf(text: string): string {
  return `sha256-${crypto().createHash('sha256').update(text).digest('base64')}`;
}
