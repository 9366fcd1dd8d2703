/**
 * The diagram in Mermaid's `erDiagram`. Names of tables stand in quotes and may be anything; its types and attributes
 * are words, so whatever is none is written with underscores, and told in full in the attribute's comment.
 */

import { mermaid } from '../escape.js';
import type { Diagram, DiagramColumn, DiagramLink, DiagramTable } from './model.js';

export function diagramMermaid({ title, tables, links }: Diagram): string {
  return [
    '---',
    `title: "${quoted(title)}"`,
    '---',
    'erDiagram',
    ...tables.map(entity),
    ...links.map(relationship),
  ].join('\n');
}

function entity(table: DiagramTable): string {
  const head = `  "${quoted(headOf(table))}"`;
  if (table.columns.length === 0) return head;
  return [`${head} {`, ...table.columns.map(attribute), '  }'].join('\n');
}

/** Views and enums have their own names: a link can only lead to a table. */
function headOf({ kind, name }: DiagramTable): string {
  return kind === 'view' || kind === 'enum' ? `${name} (${kind})` : name;
}

function attribute({ name, type, nullable, keys, mark, was, comment }: DiagramColumn): string {
  const [shownType, shownName] = [word(type === '' ? 'value' : type), word(name)];
  const notes = [
    ...(mark === undefined ? [] : [mark]),
    ...(was === undefined || was === '' ? [] : [`was ${was}`]),
    ...(nullable ? ['null'] : []),
    ...(shownName === name ? [] : [`named ${name}`]),
    ...(shownType === type || type === '' ? [] : [type]),
    ...(comment === undefined ? [] : [comment]),
  ];
  const list = keys.length === 0 ? '' : ` ${keys.join(', ')}`;
  return `    ${shownType} ${shownName}${list}${notes.length === 0 ? '' : ` "${quoted(notes.join(', '))}"`}`;
}

/** One word of Mermaid's, and none that means a key. */
function word(text: string): string {
  const plain = text.replace(/[^A-Za-z0-9_()[\]-]/g, '_');
  const begun = /^[A-Za-z_]/.test(plain) ? plain : `_${plain}`;
  return /^[pfu]k(?![A-Za-z0-9_])/i.test(begun) ? `_${begun}` : begun;
}

function relationship({ name, from, to, isUnique, isOptional, mark }: DiagramLink): string {
  const shape = `${isUnique ? '|o' : '}o'}${mark === 'removed' ? '..' : '--'}${isOptional ? 'o|' : '||'}`;
  const label = mark === undefined ? name : `${mark}: ${name}`;
  return `  "${quoted(from)}" ${shape} "${quoted(to)}" : "${quoted(label)}"`;
}

/** Mermaid takes a line with `direction LR` in it for a statement, even in quotes. */
function quoted(text: string): string {
  const safe = mermaid(text).replace(/(direction) (?=\s*(?:TB|BT|RL|LR))/gi, '$1#32;');
  return safe === '' ? ' ' : safe;
}
