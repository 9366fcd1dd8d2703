/** One diagram, drawn in any format. */

import type { ErdFormat } from '../format.js';
import type { Screen } from '../paint.js';
import { diagramHtml } from './html.js';
import { diagramMermaid } from './mermaid.js';
import type { Diagram } from './model.js';
import { diagramSvg } from './svg.js';
import { diagramText } from './text.js';

export function drawDiagram(diagram: Diagram, format: ErdFormat, screen: Screen = {}): string {
  switch (format) {
    case 'text':
      return diagramText(diagram, screen);
    case 'mermaid':
      return diagramMermaid(diagram);
    case 'svg':
      return diagramSvg(diagram);
    case 'html':
      return diagramHtml(diagram);
    case 'json':
      return JSON.stringify(diagram, null, 2);
    default:
      return format satisfies never;
  }
}
