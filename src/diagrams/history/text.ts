/** The history in a terminal: lanes of box characters on the left, what the revisions are on the right. */

import { visible } from '../escape.js';
import { type Ink, type Paint, painter, type Screen } from '../paint.js';
import { shorten, widthOf } from '../width.js';
import { type Lane, type LaneRow, layLanes } from './lanes.js';
import { type DrawnRevision, marksOf, tallyOf } from './model.js';

/** Two cells a column: the lane, and room for what goes across. */
type Cells = string[];

interface Line {
  readonly cells: Cells;
  readonly node?: DrawnRevision;
}

const SYMBOLS = { applied: '●', pending: '○', current: '◉', unknown: '*' } as const;

/** @param nodes newest first */
export function historyText(nodes: readonly DrawnRevision[], screen: Screen = {}): string {
  if (nodes.length === 0) return 'There are no revisions.';
  const paint = painter(screen.colours === true);
  const lines = layLanes(nodes).flatMap(linesOf);
  const indent = Math.max(...lines.map(({ cells }) => cells.join('').trimEnd().length)) + 1;
  const drawn = lines.map(({ cells, node }) => {
    const lanes = paintLanes(cells.join('').trimEnd(), node, paint);
    if (node === undefined) return lanes;
    const gap = ' '.repeat(indent - cells.join('').trimEnd().length);
    return (
      lanes + gap + describe(node, paint, screen.width === undefined ? undefined : screen.width - indent)
    );
  });
  const legend = legendOf(nodes, paint);
  return [...drawn, ...(legend === '' ? [] : ['', legend])].join('\n');
}

function linesOf(row: LaneRow): Line[] {
  const { node, column, passing, ending, beginning, isCut } = row;
  const sideEnding = ending.filter((lane) => lane.column !== column);
  const sideBeginning = beginning.slice(1);
  const lines: Line[] = [];
  if (sideEnding.length > 0) {
    const own = ending.find((lane) => lane.column === column);
    lines.push({ cells: across(column, own, sideEnding, passing, 'up') });
  }
  const own = upright(passing);
  put(own, column, symbolOf(node));
  lines.push({ cells: own, node });
  if (sideBeginning.length > 0) {
    lines.push({ cells: across(column, beginning[0], sideBeginning, passing, 'down') });
  }
  if (isCut && beginning.length === 0) {
    const cut = upright(passing);
    put(cut, column, '~');
    lines.push({ cells: cut });
  }
  return lines;
}

function upright(lanes: readonly Lane[]): Cells {
  const cells: Cells = [];
  for (const { column, kind } of lanes) put(cells, column, kind === 'parent' ? '│' : '┆');
  return cells;
}

/** A line on which lanes leave the revision's column, or come to it. */
function across(
  column: number,
  own: Lane | undefined,
  sides: readonly Lane[],
  passing: readonly Lane[],
  where: 'up' | 'down',
): Cells {
  const cells = upright(own === undefined ? passing : [...passing, own]);
  const columns = sides.map((lane) => lane.column);
  const [first, last] = [Math.min(column, ...columns), Math.max(column, ...columns)];
  // A segment is dashed where nothing but dependencies goes along it.
  const segment = (at: number): string =>
    sides.some(
      (lane) =>
        lane.kind === 'parent' && at >= Math.min(lane.column, column) && at < Math.max(lane.column, column),
    )
      ? '─'
      : '╌';
  for (let at = first; at < last; at++) {
    if (cells[at * 2] === undefined || cells[at * 2] === ' ') put(cells, at, segment(at));
    fill(cells, at * 2 + 1);
    cells[at * 2 + 1] = segment(at);
  }
  for (const at of columns) {
    const [end, start, middle] = where === 'up' ? ['╯', '╰', '┴'] : ['╮', '╭', '┬'];
    put(cells, at, at === last ? end : at === first ? start : middle);
  }
  put(cells, column, column === first ? '├' : column === last ? '┤' : '┼');
  return cells;
}

function put(cells: Cells, column: number, character: string): void {
  fill(cells, column * 2);
  cells[column * 2] = character;
}

function fill(cells: Cells, upTo: number): void {
  for (let at = 0; at <= upTo; at++) cells[at] ??= ' ';
}

function symbolOf({ state, isCurrent }: DrawnRevision): string {
  return isCurrent ? SYMBOLS.current : SYMBOLS[state ?? 'unknown'];
}

function inkOf({ state, isCurrent }: DrawnRevision): Ink {
  if (isCurrent) return 'here';
  return state === null ? 'plain' : state === 'applied' ? 'good' : 'open';
}

function paintLanes(text: string, node: DrawnRevision | undefined, paint: Paint): string {
  if (node === undefined) return paint('line', text);
  const symbol = symbolOf(node);
  const at = text.indexOf(symbol);
  return (
    paint('line', text.slice(0, at)) +
    paint(inkOf(node), symbol) +
    paint('line', text.slice(at + symbol.length))
  );
}

function describe(node: DrawnRevision, paint: Paint, width: number | undefined): string {
  const needs = node.dependsOn.length === 0 ? [] : [`depends on ${node.dependsOn.join(', ')}`];
  const parts: (readonly [Ink, string])[] = [
    [inkOf(node), node.revision],
    ...node.branchLabels.map((label) => ['name', ` (${label})`] as const),
    ...marksOf(node).map((mark) => [mark === 'current' ? 'here' : 'faint', ` (${mark})`] as const),
    ...needs.map((text) => ['faint', ` (${text})`] as const),
    ['plain', node.message === '' ? '' : `  ${node.message}`],
  ];
  let left = width ?? Number.POSITIVE_INFINITY;
  return parts
    .map(([ink, text]) => {
      const shown = shorten(visible(text), Math.max(0, left));
      left -= widthOf(shown);
      return paint(ink, shown);
    })
    .join('');
}

function legendOf(nodes: readonly DrawnRevision[], paint: Paint): string {
  const { applied, pending, current } = tallyOf(nodes);
  const parts = [
    ...(current > 0 ? [`${paint('here', SYMBOLS.current)} current`] : []),
    ...(applied > current ? [`${paint('good', SYMBOLS.applied)} applied`] : []),
    ...(pending > 0 ? [`${paint('open', SYMBOLS.pending)} pending`] : []),
  ];
  if (parts.length === 0) return '';
  const counts = `${applied} applied, ${pending} pending`;
  return `${parts.join('  ')}  ${paint('faint', `(${counts})`)}`;
}
