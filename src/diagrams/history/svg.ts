/** The history as an SVG of one file: coloured lanes, filled marks for what is applied, hollow ones for the rest. */

import { visible, xml } from '../escape.js';
import { type Palette, themed } from '../theme.js';
import { shorten, widthOf } from '../width.js';
import { type Lane, type LaneRow, layLanes } from './lanes.js';
import { type DrawnRevision, marksOf, tallyOf } from './model.js';

const ROW = 30;
const COLUMN = 20;
const MARGIN = 24;
/** Of a letter of the font, which has equal ones; wide enough for every usual one of them. */
const LETTER = 8;
const PILL_LETTER = 7;
const MAX_MESSAGE = 100;
const LANE_COLOURS = 8;

/** @param nodes newest first */
export function historySvg(nodes: readonly DrawnRevision[]): string {
  const rows = layLanes(nodes);
  const index = new Map(rows.map((row, at) => [row.node.revision, at]));
  const columns = Math.max(
    0,
    ...rows.flatMap(({ column, beginning }) => [column, ...beginning.map((l) => l.column)]),
  );
  const textAt = MARGIN + columns * COLUMN + 24;
  const edges = rows.flatMap((row, at) => row.beginning.map((lane) => edge(lane, at, row, rows, index)));
  const cuts = rows.flatMap((row, at) => (row.isCut && row.beginning.length === 0 ? [cutEdge(row, at)] : []));
  const marks = rows.map((row, at) => dot(row, at));
  const texts = rows.map((row, at) => words(row.node, textAt, y(at)));
  const legend = legendOf(nodes, y(rows.length) + 6);
  const width = Math.ceil(Math.max(320, ...texts.map(({ right }) => right)) + MARGIN);
  const height = y(rows.length) + (legend === '' ? 0 : 24);
  const empty = `<text class="m" x="${MARGIN}" y="${MARGIN + 5}">There are no revisions.</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${Math.max(height, 60)}" viewBox="0 0 ${width} ${Math.max(height, 60)}" role="img" aria-labelledby="title desc">`,
    '<title id="title">Revision history</title>',
    `<desc id="desc">${xml(summary(nodes))}</desc>`,
    `<style>${STYLE}</style>`,
    '<rect class="bg" width="100%" height="100%"/>',
    ...edges,
    ...cuts,
    ...marks,
    ...texts.map(({ text }) => text),
    legend === '' && nodes.length === 0 ? empty : legend,
    '</svg>',
  ].join('\n');
}

const x = (column: number): number => MARGIN + column * COLUMN;
const y = (row: number): number => MARGIN + row * ROW;

/** Leaves its revision sideways in the first half of a row, and comes to the other in the last. */
function edge(
  lane: Lane,
  from: number,
  row: LaneRow,
  rows: readonly LaneRow[],
  index: ReadonlyMap<string, number>,
): string {
  const to = index.get(lane.parent) as number;
  const target = (rows[to] as LaneRow).column;
  const [a, b, c] = [x(row.column), x(lane.column), x(target)];
  const [top, bottom] = [y(from), y(to)];
  const leave = a === b ? '' : bend(a, top, b, top + ROW / 2);
  const arrive = b === c ? '' : bend(b, bottom - ROW / 2, c, bottom);
  const down = b === c ? `V${bottom}` : `V${bottom - ROW / 2}`;
  return `<path class="e l${lane.column % LANE_COLOURS}${lane.kind === 'dependency' ? ' dep' : ''}" d="M${a} ${top}${leave}${down}${arrive}"/>`;
}

function bend(fromX: number, fromY: number, toX: number, toY: number): string {
  const middle = (fromY + toY) / 2;
  return `C${fromX} ${middle} ${toX} ${middle} ${toX} ${toY}`;
}

function cutEdge({ column }: LaneRow, at: number): string {
  return `<path class="e dep l${column % LANE_COLOURS}" d="M${x(column)} ${y(at)}v${ROW / 2}"/>`;
}

function dot({ node, column }: LaneRow, at: number): string {
  const place = `cx="${x(column)}" cy="${y(at)}"`;
  const lane = `l${column % LANE_COLOURS}`;
  const title = `<title>${xml(titleOf(node))}</title>`;
  if (node.isCurrent)
    return `<g>${title}<circle class="ring ${lane}" ${place} r="9"/><circle class="on ${lane}" ${place} r="5.5"/></g>`;
  const filled = node.state === 'pending' ? 'off' : 'on';
  return `<g>${title}<circle class="${filled} ${lane}" ${place} r="5.5"/></g>`;
}

function titleOf(node: DrawnRevision): string {
  const state = node.isCurrent ? 'current' : node.state;
  const needs = node.dependsOn.length === 0 ? '' : `, depends on ${node.dependsOn.join(', ')}`;
  return `${node.revision}${state === null ? '' : ` (${state})`}${needs}${node.message === '' ? '' : `: ${node.message}`}`;
}

function words(node: DrawnRevision, left: number, baseline: number): { text: string; right: number } {
  const parts: string[] = [];
  let at = left;
  const write = (style: string, text: string): void => {
    const shown = shorten(visible(text), MAX_MESSAGE);
    parts.push(`<text class="${style}" x="${at}" y="${baseline + 4.5}">${xml(shown)}</text>`);
    at += widthOf(shown) * LETTER + 8;
  };
  const pill = (style: string, text: string): void => {
    const width = widthOf(visible(text)) * PILL_LETTER + 14;
    parts.push(
      `<rect class="p ${style}" x="${at}" y="${baseline - 9}" width="${width}" height="18" rx="9"/>`,
      `<text class="pt ${style}" x="${at + width / 2}" y="${baseline + 4}">${xml(text)}</text>`,
    );
    at += width + 6;
  };
  write('id', node.revision);
  for (const label of node.branchLabels) pill('label', label);
  for (const mark of marksOf(node)) pill(mark, mark);
  if (node.message !== '') write(node.state === 'pending' ? 'm faint' : 'm', node.message);
  return { text: parts.join(''), right: at };
}

function legendOf(nodes: readonly DrawnRevision[], top: number): string {
  const { applied, pending, current } = tallyOf(nodes);
  if (applied + pending === 0) return '';
  const kinds = [
    ...(current > 0
      ? [['current', `<circle class="ring l0" cx="0" cy="0" r="9"/><circle class="on l0" r="5.5"/>`]]
      : []),
    ...(applied > 0 ? [[`applied (${applied})`, '<circle class="on l0" r="5.5"/>']] : []),
    ...(pending > 0 ? [[`pending (${pending})`, '<circle class="off l0" r="5.5"/>']] : []),
  ] as [string, string][];
  let at = MARGIN;
  return kinds
    .map(([text, mark]) => {
      const part = `<g transform="translate(${at} ${top})">${mark}<text class="m faint" x="16" y="4.5">${text}</text></g>`;
      at += text.length * LETTER + 40;
      return part;
    })
    .join('');
}

function summary(nodes: readonly DrawnRevision[]): string {
  const { applied, pending } = tallyOf(nodes);
  const states = applied + pending === 0 ? '' : `: ${applied} applied, ${pending} pending`;
  return `${nodes.length} ${nodes.length === 1 ? 'revision' : 'revisions'}${states}. The newest stands on top.`;
}

const LANES = {
  light: ['#2563a8', '#b4491f', '#2a7d46', '#8a3ea8', '#a0731a', '#0f7f86', '#b0306a', '#55606e'],
  dark: ['#6cb2ff', '#ff9f73', '#6fd38f', '#d79bf0', '#e6bd5c', '#5cd0d6', '#ff8fbd', '#b3bfcc'],
};
const named = (colours: readonly string[]): Palette =>
  Object.fromEntries(colours.map((colour, at) => [`lane${at}`, colour]));
const LIGHT: Palette = {
  ...{ bg: '#fff', ink: '#1c2430', faint: '#5d6978', pill: '#eef1f5', here: '#2a7d46', hereink: '#fff' },
  ...named(LANES.light),
};
const DARK: Palette = {
  ...{
    bg: '#14181d',
    ink: '#e6eaf0',
    faint: '#9aa7b5',
    pill: '#2a313a',
    here: '#6fd38f',
    hereink: '#0d1a12',
  },
  ...named(LANES.dark),
};

const STYLE = themed(
  [
    'text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:$ink}',
    '.bg{fill:$bg}.e{fill:none;stroke-width:2}.dep{stroke-dasharray:3 4}',
    '.on{stroke:$bg;stroke-width:2}.off,.ring{fill:$bg;stroke-width:2}',
    ...LANES.light.map(
      (_, at) => `.e.l${at},.off.l${at},.ring.l${at}{stroke:$lane${at}}.on.l${at}{fill:$lane${at}}`,
    ),
    '.id{font-weight:600}.faint{fill:$faint}',
    '.p{fill:$pill}.pt{font-size:11px;text-anchor:middle;fill:$faint}.p.label{fill:$pill;stroke:$faint}.pt.label{fill:$ink;font-weight:600}',
    '.p.current{fill:$here}.pt.current{fill:$hereink;font-weight:600}',
  ].join(''),
  LIGHT,
  DARK,
);
