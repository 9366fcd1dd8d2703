/** The picture of a history in every format, from plain data: nothing is opened and nothing runs. */

import fc from 'fast-check';
import { drawHistory } from '../../src/diagrams/history/draw';
import type { DrawnRevision } from '../../src/diagrams/history/model';
import { requireWellFormed } from './well-formed';

/** Newest first. */
function revisions(...given: (Partial<DrawnRevision> & Pick<DrawnRevision, 'revision'>)[]): DrawnRevision[] {
  return given.map((one) => ({
    downRevisions: [],
    dependsOn: [],
    branchLabels: [],
    message: '',
    state: null,
    isCurrent: false,
    isHead: false,
    isBranchPoint: false,
    isMergePoint: false,
    ...one,
  }));
}

const TEAM = revisions(
  {
    revision: 'f6',
    downRevisions: ['d4', 'e5'],
    isHead: true,
    isMergePoint: true,
    state: 'pending',
    message: 'merge',
  },
  {
    revision: 'e5',
    downRevisions: ['b2'],
    branchLabels: ['search'],
    state: 'pending',
    message: 'index titles',
  },
  {
    revision: 'd4',
    downRevisions: ['c3'],
    dependsOn: ['x1'],
    state: 'applied',
    isCurrent: true,
    message: 'bill',
  },
  { revision: 'c3', downRevisions: ['b2'], branchLabels: ['billing'], state: 'applied', message: 'prices' },
  { revision: 'x1', state: 'applied', isHead: true, message: 'audit' },
  { revision: 'b2', downRevisions: ['a1'], isBranchPoint: true, state: 'applied', message: 'add genre' },
  { revision: 'a1', state: 'applied', message: 'create tables' },
);

test('branches and merges are lanes, a dependency is a dashed one', () => {
  expect(drawHistory(TEAM, 'text')).toMatchInlineSnapshot(`
"○     f6 (head) (mergepoint)  merge
├─╮
│ ○   e5 (search)  index titles
◉ │   d4 (current) (depends on x1)  bill
├╌│╌╮
● │ ┆ c3 (billing)  prices
│ │ ● x1 (head)  audit
├─╯
●     b2 (branchpoint)  add genre
●     a1  create tables

◉ current  ● applied  ○ pending  (5 applied, 2 pending)"
`);
});

test('where no database was asked, nothing is marked', () => {
  const text = drawHistory(
    TEAM.map((one) => ({ ...one, state: null, isCurrent: false })),
    'text',
  );
  expect(text).not.toMatch(/[●○◉]|applied|pending/);
});

test('a revision whose parents are left out ends in a wave', () => {
  expect(drawHistory(TEAM.slice(5, 6), 'text').split('\n').slice(0, 2)).toEqual([
    '● b2 (branchpoint)  add genre',
    '~',
  ]);
});

test('no revisions are no error', () => {
  expect(drawHistory([], 'text')).toBe('There are no revisions.');
  expect(drawHistory([], 'mermaid')).toBe('flowchart BT');
  expect(drawHistory([], 'svg')).toContain('There are no revisions.');
  expect(drawHistory([], 'json')).toBe('[]');
});

test('a terminal gets lines that fit, and colours only where it has them', () => {
  const narrow = drawHistory(TEAM, 'text', { width: 24 });
  const lines = narrow.split('\n\n')[0] as string;
  expect(Math.max(...lines.split('\n').map((line) => line.length))).toBeLessThanOrEqual(24);
  expect(narrow).not.toContain('\u001b');
  expect(drawHistory(TEAM, 'text', { colours: true })).toContain('\u001b[');
});

test('Mermaid: the edges, told apart', () => {
  expect(drawHistory(TEAM, 'mermaid')).toMatchInlineSnapshot(`
"flowchart BT
  r0["a1<br/>create tables"]:::applied
  r1["b2 (branchpoint)<br/>add genre"]:::applied
  r2["x1 (head)<br/>audit"]:::applied
  r3["c3 (billing)<br/>prices"]:::applied
  r4["d4 (current)<br/>bill"]:::current
  r5["e5 (search)<br/>index titles"]:::pending
  r6["f6 (head) (mergepoint)<br/>merge"]:::pending
  r0 --> r1
  r1 --> r3
  r3 --> r4
  r2 -.->|needed by| r4
  r1 --> r5
  r4 --> r6
  r5 --> r6
  classDef applied fill:#d7f0dd,stroke:#2a7d46,color:#12301d
  classDef pending fill:#fdf3d6,stroke:#a9761b,color:#3d2b07,stroke-dasharray:4 3
  classDef current fill:#2a7d46,stroke:#174d2a,color:#ffffff,stroke-width:3px"
`);
});

test('SVG: one mark a revision, one line an edge, the same bytes each time', () => {
  const svg = drawHistory(TEAM, 'svg');
  requireWellFormed(svg);
  expect(svg.match(/<path class="e /g)).toHaveLength(7);
  expect(svg.match(/<path class="e l\d dep"/g)).toHaveLength(1);
  expect(svg.match(/<circle class="ring/g)).toHaveLength(2);
  expect(svg).toContain('prefers-color-scheme:dark');
  expect(drawHistory(TEAM, 'svg')).toBe(svg);
});

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom(
    '"]; click r0 href "javascript:alert(1)"',
    '</title><script>alert(1)</script>',
    'end',
    '%%{init: {"securityLevel":"loose"}}%%',
    '`**x**`',
    '#quot;]-->',
    '\u001b[2J\u0007',
    'a\nb\r\nr1 --> r9',
    '\u202egnp.exe',
    '\ud800',
  ),
);

test('whatever a message, a label or an id holds, it stays text', () => {
  fc.assert(
    fc.property(hostile, hostile, hostile, (message, label, revision) => {
      const nodes = revisions({ revision, message, branchLabels: [label], state: 'pending' });
      const svg = drawHistory(nodes, 'svg');
      requireWellFormed(svg);
      expect(svg.match(/<[a-z]+/g)?.sort()).toEqual(
        drawHistory(
          revisions({
            revision: 'a',
            message: message === '' ? '' : 'm',
            branchLabels: ['l'],
            state: 'pending',
          }),
          'svg',
        )
          .match(/<[a-z]+/g)
          ?.sort(),
      );
      // One box, and in it nothing that could end the text or begin something else.
      const mermaid = drawHistory(nodes, 'mermaid').split('\n');
      expect(mermaid).toHaveLength(3);
      expect(mermaid[1]).toMatch(/^ {2}r0\["(?:[^"<>`%&[\]{}|;#]|#\d+;|<br\/>)*"\]:::pending$/u);
      // No control character reaches a terminal.
      expect(drawHistory(nodes, 'text').split('\n')).toHaveLength(3);
      expect(drawHistory(nodes, 'text').replaceAll('\n', '')).not.toMatch(/\p{Cc}|\p{Cs}|\u202e/u);
    }),
  );
});

/** A random history, newest first: each revision stands on some of those before it. */
const histories = fc
  .array(fc.tuple(fc.array(fc.nat(), { maxLength: 3 }), fc.array(fc.nat(), { maxLength: 2 })), {
    maxLength: 30,
  })
  .map((given) =>
    revisions(
      ...given.map(([downs, needs], at) => {
        const pick = (list: readonly number[]): string[] =>
          at === 0 ? [] : [...new Set(list.map((n) => `r${n % at}`))];
        const downRevisions = pick(downs);
        return {
          revision: `r${at}`,
          downRevisions,
          dependsOn: pick(needs).filter((id) => !downRevisions.includes(id)),
        };
      }),
    ).reverse(),
  );

test('no edge is lost in any history', () => {
  fc.assert(
    fc.property(histories, (nodes) => {
      const edges = nodes.flatMap(({ downRevisions, dependsOn }) => [...downRevisions, ...dependsOn]).length;
      expect(drawHistory(nodes, 'svg').match(/<path class="e /g) ?? []).toHaveLength(edges);
      expect(drawHistory(nodes, 'mermaid').match(/-->|-\.->/g) ?? []).toHaveLength(edges);
      const text = nodes.length === 0 ? [] : drawHistory(nodes, 'text').split('\n');
      expect(text.filter((line) => line.includes('*'))).toHaveLength(nodes.length);
    }),
  );
});

test('what is drawn upright is connected: no lane begins or ends in the air', () => {
  const DOWN = '│┆├┤┼╮╭┬*';
  const UP = '│┆├┤┼╯╰┴*';
  fc.assert(
    fc.property(histories, (nodes) => {
      const lines =
        nodes.length === 0
          ? []
          : drawHistory(nodes, 'text')
              .split('\n')
              .map((line) => line.replace(/ r\d+.*/, ''));
      lines.forEach((line, at) => {
        [...line].forEach((cell, column) => {
          const below = lines[at + 1]?.[column] ?? ' ';
          if ('│┆├┤┼╮╭┬'.includes(cell)) expect(UP).toContain(below);
          const above = lines[at - 1]?.[column] ?? ' ';
          if ('│┆├┤┼╯╰┴'.includes(cell)) expect(DOWN).toContain(above);
        });
      });
    }),
  );
});
