/**
 * The history as a Mermaid flowchart. Not as a `gitGraph`: it takes commands, not edges, and can show neither a merge
 * of three nor a dependency. Nodes have made-up names, so that no id can be a word of the language.
 */

import { mermaid } from '../escape.js';
import { type DrawnRevision, marksOf } from './model.js';

/** @param nodes newest first */
export function historyMermaid(nodes: readonly DrawnRevision[]): string {
  // Oldest first: Mermaid places in the order in which it reads, and time goes upwards.
  const drawn = [...nodes].reverse();
  const names = new Map(drawn.map(({ revision }, index) => [revision, `r${index}`]));
  const boxes = drawn.map((node) => `  ${names.get(node.revision)}["${label(node)}"]${styleOf(node)}`);
  const edges = drawn.flatMap(({ revision, downRevisions, dependsOn }) => {
    const to = names.get(revision);
    const line = (arrow: string) => (id: string) =>
      names.has(id) ? [`  ${names.get(id)} ${arrow} ${to}`] : [];
    const others = dependsOn.filter((id) => !downRevisions.includes(id));
    return [...downRevisions.flatMap(line('-->')), ...others.flatMap(line('-.->|needed by|'))];
  });
  const styles = STYLES.filter(([name]) => boxes.some((box) => box.endsWith(`:::${name}`))).map(
    ([name, style]) => `  classDef ${name} ${style}`,
  );
  return ['flowchart BT', ...boxes, ...edges, ...styles].join('\n');
}

const STYLES = [
  ['applied', 'fill:#d7f0dd,stroke:#2a7d46,color:#12301d'],
  ['pending', 'fill:#fdf3d6,stroke:#a9761b,color:#3d2b07,stroke-dasharray:4 3'],
  ['current', 'fill:#2a7d46,stroke:#174d2a,color:#ffffff,stroke-width:3px'],
] as const;

function label(node: DrawnRevision): string {
  const marks = [...node.branchLabels, ...marksOf(node)].map((mark) => ` (${mermaid(mark)})`).join('');
  const message = node.message === '' ? '' : `<br/>${mermaid(node.message)}`;
  return mermaid(node.revision) + marks + message;
}

function styleOf({ state, isCurrent }: DrawnRevision): string {
  const name = isCurrent ? 'current' : state;
  return name === null ? '' : `:::${name}`;
}
