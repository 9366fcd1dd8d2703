/** The diagram in a terminal: a box a table, its foreign keys told in its rows, as many boxes side by side as fit. */

import { visible } from '../escape.js';
import { type Ink, type Paint, painter, type Screen } from '../paint.js';
import { pad, shorten, widthOf } from '../width.js';
import type { Diagram, DiagramColumn, DiagramTable, Mark } from './model.js';

const DEFAULT_WIDTH = 100;
const GAP = 2;
const MARKS: Readonly<Record<Mark, readonly [string, Ink]>> = {
  added: ['+', 'good'],
  removed: ['-', 'gone'],
  changed: ['~', 'open'],
};

/** Lines of the same width. */
interface Box {
  readonly width: number;
  readonly lines: readonly string[];
}

export function diagramText(diagram: Diagram, screen: Screen = {}): string {
  const { tables, title } = diagram;
  const paint = painter(screen.colours === true);
  if (tables.length === 0) return `${visible(title)}: nothing to draw.`;
  const width = Math.max(24, screen.width ?? DEFAULT_WIDTH);
  const boxes = tables.map((table) => boxOf(table, width, paint));
  return [paint('strong', visible(title)), '', ...sideBySide(boxes, width)].join('\n');
}

function boxOf(table: DiagramTable, maxWidth: number, paint: Paint): Box {
  const rows = table.columns.map(rowOf);
  const widths = [0, 1, 2, 3].map((at) => Math.max(0, ...rows.map((row) => widthOf(row.cells[at] ?? ''))));
  const cellsOf = (row: Row): string =>
    row.cells
      .flatMap((cell, at) => ((widths[at] as number) > 0 ? [pad(cell, widths[at] as number)] : []))
      .join('  ');
  const head = headOf(table);
  const texts = rows.map((row) => cellsOf(row));
  const inner = Math.min(
    maxWidth - 4,
    Math.max(widthOf(head) + 1, ...texts.map((text) => widthOf(text.trimEnd())), 8),
  );
  const frame = (text: string): string => paint(inkOf(table.mark) ?? 'line', text);
  const shownHead = shorten(head, inner - 1);
  const top = `${frame('┌─ ')}${paint(inkOf(table.mark) ?? 'strong', shownHead)}${frame(` ${'─'.repeat(Math.max(0, inner - widthOf(shownHead) - 1))}┐`)}`;
  const lines = rows.map((row, at) => {
    const text = pad((texts[at] as string).trimEnd(), inner);
    const ink = inkOf(row.mark) ?? (row.isKey ? 'name' : 'plain');
    return `${frame('│')} ${paint(ink, text)} ${frame('│')}`;
  });
  const bottom = frame(`└${'─'.repeat(inner + 2)}┘`);
  return { width: inner + 4, lines: [top, ...lines, bottom] };
}

interface Row {
  readonly cells: readonly string[];
  readonly mark: Mark | undefined;
  readonly isKey: boolean;
}

function rowOf({ name, type, nullable, keys, references, mark, was }: DiagramColumn): Row {
  const sign = mark === undefined ? '' : MARKS[mark][0];
  const links = references.map((reference) => `→ ${visible(reference)}`).join(' ');
  const before = was === undefined || was === '' ? '' : ` (was ${visible(was)})`;
  const kind = `${visible(type)}${nullable ? ' null' : ''}`;
  const cells = [sign, keys.join(' '), visible(name), `${kind} ${links}${before}`.trim()];
  return { cells, mark, isKey: keys.includes('PK') };
}

function headOf({ kind, name, mark, was }: DiagramTable): string {
  const sign = mark === undefined ? '' : `${MARKS[mark][0]} `;
  const word = kind === 'table' ? '' : ` (${kind === 'outside' ? 'not in this schema' : kind})`;
  return `${sign}${visible(name)}${word}${was === undefined ? '' : ` (was ${visible(was)})`}`;
}

function inkOf(mark: Mark | undefined): Ink | undefined {
  return mark === undefined ? undefined : MARKS[mark][1];
}

/** As many columns as fit; each box goes where there is least so far. */
function sideBySide(boxes: readonly Box[], width: number): string[] {
  for (let count = Math.min(boxes.length, 8); ; count--) {
    const columns = Array.from({ length: count }, (): Box[] => []);
    const height = (column: readonly Box[]): number =>
      column.reduce((sum, { lines }) => sum + lines.length, 0);
    for (const box of boxes) columns.reduce((a, b) => (height(b) < height(a) ? b : a)).push(box);
    const widths = columns.map((column) => Math.max(...column.map((box) => box.width)));
    const total = widths.reduce((sum, one) => sum + one, 0) + GAP * (count - 1);
    if (total <= width || count === 1) return joined(columns, widths);
  }
}

function joined(columns: readonly (readonly Box[])[], widths: readonly number[]): string[] {
  const filled = columns.map((column, at) =>
    column.flatMap(({ lines, width }) =>
      lines.map((line) => line + ' '.repeat((widths[at] as number) - width)),
    ),
  );
  const height = Math.max(...filled.map((lines) => lines.length));
  return Array.from({ length: height }, (_, at) =>
    filled
      .map((lines, column) => lines[at] ?? ' '.repeat(widths[column] as number))
      .join(' '.repeat(GAP))
      .trimEnd(),
  );
}
