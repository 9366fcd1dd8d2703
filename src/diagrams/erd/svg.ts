/** The diagram as one SVG: a box a table, and a line from each foreign key to what it refers to. */

import { visible, xml } from '../escape.js';
import { type Palette, themed } from '../theme.js';
import { shorten, widthOf } from '../width.js';
import { type Layout, layOut, type Size, type Wire } from './layout.js';
import type { Diagram, DiagramColumn, DiagramLink, DiagramTable } from './model.js';

const HEAD = 30;
const ROW = 21;
const PADDING = 12;
const MARGIN = 28;
const TITLE = 40;
/** Of a letter of the font, which has equal ones; wide enough for every usual one of them. */
const LETTER = 7.4;
const BADGE = 30;
const MAX_NAME = 64;
const MAX_TYPE = 40;

/** A drawn diagram; `body` is what stands in the `svg` element, under its style. */
export interface Drawing extends Size {
  readonly body: string;
}

export function diagramSvg(diagram: Diagram): string {
  const { width, height, body } = drawing(diagram);
  const { tables, links } = diagram;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title desc">`,
    `<title id="title">${xml(diagram.title)}</title>`,
    `<desc id="desc">Entity-relationship diagram: ${tables.filter(({ kind }) => kind === 'table').length} tables, ${links.length} foreign keys.</desc>`,
    `<style>${STYLE}</style>`,
    '<rect class="bg" width="100%" height="100%"/>',
    body,
    '</svg>',
  ].join('\n');
}

/** Boxes and lines with the classes that `STYLE` knows; `data-t`, `data-a` and `data-b` number the tables. */
export function drawing(diagram: Diagram): Drawing {
  const { tables, links, title } = diagram;
  const at = new Map<string, number>();
  for (const [index, { kind, name, was = name, mark }] of tables.entries()) {
    if (kind !== 'table' && kind !== 'outside') continue;
    // A link that is gone knows a table by the name that it had.
    if (!at.has(was)) at.set(was, index);
    if (mark !== 'removed' || !at.has(name)) at.set(name, index);
  }
  const shown = links.filter(({ from, to }) => at.has(from) && at.has(to));
  const wires = shown.map((link) => wireOf(link, tables, at));
  const layout = layOut(tables.map(sizeOf), wires);
  const boxes = tables.map((table, index) => box(table, index, layout));
  const lines = shown.map((link, index) => line(link, wires[index] as Wire, layout.paths[index] as string));
  const width = Math.max(layout.width, widthOf(visible(title)) * 9.2, 280) + 2 * MARGIN;
  const height = layout.height + TITLE + 2 * MARGIN;
  const nothing = '<text class="faint" y="20">Nothing to draw.</text>';
  const body = [
    MARKERS,
    `<text class="title" x="${MARGIN}" y="${MARGIN + 12}">${xml(title)}</text>`,
    `<g transform="translate(${MARGIN} ${MARGIN + TITLE})">`,
    ...lines,
    ...boxes,
    ...(tables.length === 0 ? [nothing] : []),
    '</g>',
  ].join('\n');
  return { width: Math.ceil(width), height: Math.ceil(Math.max(height, 120)), body };
}

function wireOf(
  { from, columns, to, refColumns }: DiagramLink,
  tables: readonly DiagramTable[],
  at: ReadonlyMap<string, number>,
): Wire {
  const [source, target] = [at.get(from) as number, at.get(to) as number];
  return {
    from: source,
    to: target,
    fromY: rowY(tables[source] as DiagramTable, columns[0]),
    toY: rowY(tables[target] as DiagramTable, refColumns[0]),
  };
}

/** The middle of a column's row; of the head where there is no such row. */
function rowY({ columns }: DiagramTable, name: string | undefined): number {
  const index = columns.findIndex((column) => column.name === name);
  return index < 0 ? HEAD / 2 : HEAD + index * ROW + ROW / 2 + 2;
}

function sizeOf(table: DiagramTable): Size {
  const names = table.columns.map((column) => widthOf(nameText(column)) + widthOf(typeText(column)) + 3);
  const widest = Math.max(widthOf(headText(table)) + 1, ...names.map((cells) => cells + BADGE / LETTER), 12);
  const height = HEAD + table.columns.length * ROW + (table.columns.length > 0 ? 6 : 0);
  return { width: Math.ceil(widest * LETTER + 2 * PADDING), height };
}

const SIGNS = { added: '+ ', removed: '− ', changed: '~ ' } as const;
const sign = (mark: DiagramTable['mark']): string => (mark === undefined ? '' : SIGNS[mark]);

function headText({ kind, name, mark, was }: DiagramTable): string {
  const word = kind === 'table' ? '' : kind === 'outside' ? ' (elsewhere)' : ` (${kind})`;
  return shorten(`${sign(mark)}${visible(name)}${word}${was === undefined ? '' : ` ← ${visible(was)}`}`, 90);
}

function nameText({ name, mark }: DiagramColumn): string {
  return shorten(sign(mark) + visible(name), MAX_NAME);
}

function typeText({ type, nullable, was }: DiagramColumn): string {
  const before = was === undefined || was === '' ? '' : ` ← ${visible(was)}`;
  return shorten(visible(type), MAX_TYPE) + (nullable ? '?' : '') + shorten(before, MAX_TYPE);
}

function box(table: DiagramTable, index: number, { places }: Layout): string {
  const { width, height } = sizeOf(table);
  const { x, y } = places[index] as { x: number; y: number };
  const rows = table.columns.map((column, at) => row(column, HEAD + at * ROW + 2, width));
  return [
    `<g class="t ${table.kind}${table.mark === undefined ? '' : ` ${table.mark}`}" data-t="${index}" transform="translate(${x} ${y})">`,
    `<title>${xml(tooltip(table))}</title>`,
    `<rect class="box" width="${width}" height="${height}" rx="6"/>`,
    height === HEAD
      ? ''
      : `<path class="head" d="M0 ${HEAD}V6a6 6 0 0 1 6 -6H${width - 6}a6 6 0 0 1 6 6V${HEAD}z"/>`,
    `<text class="name" x="${PADDING}" y="20">${xml(headText(table))}</text>`,
    ...rows,
    '</g>',
  ].join('');
}

function row(column: DiagramColumn, top: number, width: number): string {
  const { keys, mark } = column;
  const baseline = top + ROW / 2 + 4;
  const style = mark === undefined ? '' : ` ${mark}`;
  const badge = keys[0];
  return [
    `<g class="c${style}"><title>${xml(columnTooltip(column))}</title>`,
    badge === undefined
      ? ''
      : `<text class="key ${badge.toLowerCase()}" x="${PADDING}" y="${baseline}">${badge}</text>`,
    keys.length > 1 ? `<circle class="also" cx="${PADDING + 19}" cy="${baseline - 3.5}" r="2"/>` : '',
    `<text x="${PADDING + BADGE}" y="${baseline}">${xml(nameText(column))}</text>`,
    `<text class="type" x="${width - PADDING}" y="${baseline}">${xml(typeText(column))}</text></g>`,
  ].join('');
}

function tooltip({ name, comment, details }: DiagramTable): string {
  return [name, ...(comment === undefined ? [] : [comment]), ...details].join(' · ');
}

function columnTooltip(column: DiagramColumn): string {
  const { name, type, nullable, keys, references, comment, generated } = column;
  return [
    `${name} ${type}${nullable ? ' null' : ''}`.trim(),
    ...(keys.length === 0 ? [] : [keys.join(', ')]),
    ...references.map((reference) => `→ ${reference}`),
    ...(column.default === undefined ? [] : [`default ${column.default}`]),
    ...(generated === undefined ? [] : [`generated as ${generated}`]),
    ...(comment === undefined ? [] : [comment]),
  ].join(' · ');
}

/** From what is referred to (one, or one or none) to what refers (many, or one at most). */
function line({ name, isOptional, isUnique, mark }: DiagramLink, { from, to }: Wire, path: string): string {
  const ends = `marker-start="url(#${isOptional ? 'zero' : 'one'})" marker-end="url(#${isUnique ? 'single' : 'many'})"`;
  const style = mark === undefined ? '' : ` ${mark}`;
  return `<g class="e${style}" data-a="${from}" data-b="${to}"><title>${xml(name)}</title><path d="${path}" ${ends}/></g>`;
}

const marker = (id: string, at: number, shape: string): string =>
  `<marker id="${id}" viewBox="0 0 16 16" refX="${at}" refY="8" markerWidth="16" markerHeight="16" markerUnits="userSpaceOnUse" orient="auto"><path class="end" d="${shape}"/></marker>`;

/** The path begins at the left of the first two and ends at the right of the others. */
const MARKERS = [
  '<defs>',
  marker('one', 0, 'M6 3V13M9.5 3V13'),
  marker('zero', 0, 'M5 3V13M8 8a3 3 0 1 0 6 0a3 3 0 1 0 -6 0'),
  marker('many', 16, 'M16 2.5L6 8L16 13.5M5 3V13'),
  marker('single', 16, 'M10 3V13M7 8a3 3 0 1 1 -6 0a3 3 0 1 1 6 0'),
  '</defs>',
].join('');

const LIGHT: Palette = {
  bg: '#f7f8fa',
  box: '#fff',
  ink: '#1c2430',
  faint: '#5d6978',
  rim: '#b4bdc9',
  head: '#e6ebf2',
  line: '#7a8797',
  pk: '#9a6a00',
  fk: '#2563a8',
  uk: '#6b5a95',
  added: '#1f7a3f',
  addedbg: '#e0f4e6',
  removed: '#b3261e',
  removedbg: '#fbe4e2',
  changed: '#94600b',
  changedbg: '#fdf0d3',
  pick: '#2563a8',
};

const DARK: Palette = {
  bg: '#14181d',
  box: '#1d232b',
  ink: '#e6eaf0',
  faint: '#9aa7b5',
  rim: '#465261',
  head: '#2a333f',
  line: '#8b98a8',
  pk: '#e6bd5c',
  fk: '#6cb2ff',
  uk: '#c0a8f0',
  added: '#6fd38f',
  addedbg: '#17301f',
  removed: '#ff8d85',
  removedbg: '#3a1b1a',
  changed: '#f0b95a',
  changedbg: '#362a12',
  pick: '#6cb2ff',
};

const RULES = [
  'svg text{font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:$ink}',
  '.bg{fill:$bg}svg .title{font-size:15px;font-weight:600}svg .faint,svg .type{fill:$faint}',
  '.box{fill:$box;stroke:$rim}.head{fill:$head;stroke:$rim}svg .name{font-weight:600}svg .type{text-anchor:end}',
  'svg .key{font-size:10px;font-weight:600}svg .pk{fill:$pk}svg .fk{fill:$fk}svg .uk{fill:$uk}.also{fill:$fk}',
  '.view .box,.outside .box{stroke-dasharray:5 4}.view .head,.outside .head,.enum .head{fill:$bg}',
  '.e path{fill:none;stroke:$line;stroke-width:1.4}.end{fill:none;stroke:$line;stroke-width:1.4}',
  ...['added', 'removed', 'changed'].map(
    (mark) =>
      `.t.${mark} .box,.t.${mark} .head{stroke:$${mark}}.t.${mark} .head{fill:$${mark}bg}svg .c.${mark} text{fill:$${mark}}.e.${mark} path{stroke:$${mark};stroke-width:2}`,
  ),
  'svg .removed>text{text-decoration:line-through}.e.removed path{stroke-dasharray:5 4}',
].join('');

export const STYLE = themed(RULES, LIGHT, DARK);

/** The same colours by name, for the page around the picture. */
export const COLOURS = themed(
  `:root{${Object.keys(LIGHT)
    .map((name) => `--${name}:$${name}`)
    .join(';')}}`,
  LIGHT,
  DARK,
);
