/** One history, drawn in any format. */

import type { GraphFormat } from '../format.js';
import type { Screen } from '../paint.js';
import { historyMermaid } from './mermaid.js';
import type { DrawnRevision } from './model.js';
import { historySvg } from './svg.js';
import { historyText } from './text.js';

/** @param nodes newest first */
export function drawHistory(
  nodes: readonly DrawnRevision[],
  format: GraphFormat,
  screen: Screen = {},
): string {
  switch (format) {
    case 'text':
      return historyText(nodes, screen);
    case 'mermaid':
      return historyMermaid(nodes);
    case 'svg':
      return historySvg(nodes);
    case 'json':
      return JSON.stringify(nodes, null, 2);
    default:
      return format satisfies never;
  }
}
