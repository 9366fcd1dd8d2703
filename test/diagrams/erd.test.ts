/** Diagrams in every format, from schemas alone: nothing is opened and nothing runs. */

import fc from 'fast-check';
import { diagramOfChanges } from '../../src/diagrams/erd/changes';
import { drawDiagram } from '../../src/diagrams/erd/draw';
import { diagramOf } from '../../src/diagrams/erd/model';
import { apply } from '../../src/schema/apply';
import { EMPTY_SCHEMA, type Schema } from '../../src/schema/model';
import type { Operation } from '../../src/schema/operations';
import { column, LIBRARY, schema, table } from './schemas';
import { requireWellFormed } from './well-formed';

const library = diagramOf(LIBRARY, { title: 'Models' });

test('a box a table, foreign keys told in their rows, views, enums and tables from elsewhere after them', () => {
  expect(drawDiagram(library, 'text', { width: 100 })).toMatchInlineSnapshot(`
"Models

┌─ authors ──────────────┐              ┌─ books ───────────────────────────────────┐
│ PK  id    integer      │              │ PK     id         integer                 │
│     name  varchar(200) │              │        title      varchar(200)            │
└────────────────────────┘              │        mood       mood null               │
┌─ book_tags ────────────────────────┐  │ FK     author_id  integer → authors.id    │
│ PK FK  book_id  integer → books.id │  │ FK UK  sequel_of  integer null → books.id │
│ PK FK  tag_id   integer → tags.id  │  └───────────────────────────────────────────┘
└────────────────────────────────────┘  ┌─ tags (not in this schema) ┐
┌─ best_books (view) ┐                  └────────────────────────────┘
└────────────────────┘                  ┌─ mood (enum) ┐
                                        │ happy        │
                                        │ sad          │
                                        └──────────────┘"
`);
});

test('boxes stand side by side as far as the terminal is wide, and never beyond', () => {
  const widths = [24, 40, 60, 80, 120, 200];
  const pictures = widths.map((width) => drawDiagram(library, 'text', { width }));
  for (const [at, picture] of pictures.entries()) {
    expect(Math.max(...picture.split('\n').map((line) => line.length))).toBeLessThanOrEqual(
      widths[at] as number,
    );
  }
  const heights = pictures.map((picture) => picture.split('\n').length);
  expect(heights).toEqual([...heights].sort((a, b) => b - a));
  expect(heights[0]).toBeGreaterThan(heights[5] as number);
});

test('Mermaid: cardinalities say who may be missing and who may come twice', () => {
  expect(drawDiagram(library, 'mermaid')).toMatchInlineSnapshot(`
"---
title: "Models"
---
erDiagram
  "authors" {
    integer id PK
    varchar(200) name
  }
  "books" {
    integer id PK
    varchar(200) title "as on the cover"
    mood mood "null"
    integer author_id FK
    integer sequel_of FK, UK "null"
  }
  "book_tags" {
    integer book_id PK, FK
    integer tag_id PK, FK
  }
  "tags"
  "best_books (view)"
  "mood (enum)" {
    value happy
    value sad
  }
  "books" }o--|| "authors" : "fk_books_author_id"
  "books" |o--o| "books" : "fk_books_sequel_of"
  "book_tags" }o--|| "books" : "fk_book_tags_book_id"
  "book_tags" }o--|| "tags" : "fk_book_tags_tag_id""
`);
});

test('composite keys are one link, and unique where a key of the table lies inside', () => {
  const pair = [column('a'), column('b')];
  const key = { columns: ['a', 'b'], refTable: 'parent', refColumns: ['a', 'b'], name: 'fk' };
  const primaryKey = { name: 'pk', columns: ['a', 'b'] };
  const { links } = diagramOf(
    schema([
      table('parent', pair, {}, { primaryKey }),
      table('one', pair, {}, { primaryKey, foreignKeys: [key] }),
      table(
        'many',
        [...pair, column('c')],
        {},
        { primaryKey: { name: 'pk', columns: ['c'] }, foreignKeys: [key] },
      ),
    ]),
    { title: 't' },
  );
  expect(links.map(({ from, columns, isUnique }) => [from, columns, isUnique])).toEqual([
    ['one', ['a', 'b'], true],
    ['many', ['a', 'b'], false],
  ]);
});

test('an empty schema is drawn as such', () => {
  const empty = diagramOf(EMPTY_SCHEMA, { title: 'Models' });
  expect(drawDiagram(empty, 'text')).toBe('Models: nothing to draw.');
  expect(drawDiagram(empty, 'mermaid')).toMatch(/erDiagram$/);
  for (const format of ['svg', 'html'] as const)
    expect(drawDiagram(empty, format)).toContain('Nothing to draw.');
});

describe('what a revision changes', () => {
  const before = schema([
    table('authors', [column('id'), column('name', 'text')]),
    table('books', [column('id'), column('title', 'text'), column('summary', 'text'), column('author_id')], {
      author_id: 'authors',
    }),
    table('drafts', [column('id'), column('book_id')], { book_id: 'books' }),
    table('unrelated', [column('id')]),
  ]);
  const operations: Operation[] = [
    { kind: 'dropTable', table: 'drafts' },
    { kind: 'createTable', table: table('tags', [column('id'), column('book_id')], { book_id: 'books' }) },
    { kind: 'renameColumn', table: 'books', name: 'summary', to: 'description' },
    { kind: 'alterColumn', table: 'books', name: 'title', change: { nullable: true } },
    { kind: 'addColumn', table: 'books', column: column('genre', 'text') },
    { kind: 'renameTable', table: 'books', to: 'volumes' },
  ];
  const diagram = diagramOfChanges(before, apply(before, operations), operations, { title: 'r' });

  test('is marked, a rename as one change, with the neighbours and without the rest', () => {
    const marks = diagram.tables.map(({ name, mark, was, columns }) => [
      name,
      ...(mark === undefined ? [] : [was === undefined ? mark : `${mark} (${was})`]),
      columns.map(
        (one) => `${one.name}${one.mark === undefined ? '' : ` ${one.mark} ${one.was ?? ''}`.trimEnd()}`,
      ),
    ]);
    expect(marks).toEqual([
      ['authors', ['id']],
      ['tags', 'added', ['id added', 'book_id added']],
      [
        'volumes',
        'changed (books)',
        ['id', 'title changed text', 'description changed summary', 'author_id', 'genre added'],
      ],
      ['drafts', 'removed', ['id removed', 'book_id removed']],
    ]);
    expect(diagram.links.map(({ name, mark }) => [name, mark])).toEqual([
      ['fk_tags_book_id', 'added'],
      ['fk_books_author_id', undefined],
      ['fk_drafts_book_id', 'removed'],
    ]);
  });

  test('every format draws it, links of what is gone included', () => {
    const svg = drawDiagram(diagram, 'svg');
    requireWellFormed(svg);
    expect(svg.match(/<g class="e/g)).toHaveLength(3);
    expect(drawDiagram(diagram, 'text')).toContain('~ volumes (was books)');
    expect(drawDiagram(diagram, 'mermaid')).toContain('"tags" }o--|| "volumes" : "added: fk_tags_book_id"');
  });

  test('nothing changed: nothing to draw', () => {
    expect(diagramOfChanges(before, before, [], { title: 'r' }).tables).toEqual([]);
  });
});

interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

function boxesOf(svg: string): Box[] {
  const pattern =
    /<g class="t [^"]*" data-t="\d+" transform="translate\(([\d.]+) ([\d.]+)\)">.*?<rect class="box" width="(\d+)" height="(\d+)"/gs;
  return [...svg.matchAll(pattern)].map(([, ...numbers]) => {
    const [left, top, width, height] = numbers.map(Number) as [number, number, number, number];
    return { left, top, right: left + width, bottom: top + height };
  });
}

/** Points along each line, ends left out: where it touches its own boxes. */
function pointsOf(svg: string): { x: number; y: number }[] {
  const paths = [...svg.matchAll(/<path d="(M[^"]+)" marker/g)].map(([, path = '']) => path);
  return paths.flatMap((path) => {
    let at = { x: 0, y: 0 };
    const points: { x: number; y: number }[] = [];
    for (const [, command = '', text = ''] of path.matchAll(/([MHVCQ])([^MHVCQ]*)/g)) {
      const n = text.split(' ').map(Number) as [number, number, number, number, number, number];
      const [from, to] = [
        at,
        command === 'H'
          ? { x: n[0], y: at.y }
          : command === 'V'
            ? { x: at.x, y: n[0] }
            : { x: n.at(-2) as number, y: n.at(-1) as number },
      ];
      if (command !== 'M') {
        for (let t = 0.1; t < 1; t += 0.1) {
          const mix = (a: number, b: number, c: number, d: number): number =>
            a * (1 - t) ** 3 + 3 * b * t * (1 - t) ** 2 + 3 * c * t ** 2 * (1 - t) + d * t ** 3;
          points.push(
            command === 'C'
              ? { x: mix(from.x, n[0], n[2], to.x), y: mix(from.y, n[1], n[3], to.y) }
              : { x: from.x + (to.x - from.x) * t, y: from.y + (to.y - from.y) * t },
          );
        }
      }
      at = to;
    }
    return points;
  });
}

/** Schemas of every shape: stars, chains, circles, islands. */
const shapes: fc.Arbitrary<Schema> = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 12 }), fc.array(fc.nat(), { maxLength: 3 })), { maxLength: 40 })
  .map((given) =>
    schema(
      given.map(([count, targets], at) => {
        const ids = [...new Set(targets.map((n) => n % (n % 3 === 0 ? 1 : given.length)))];
        return table(
          `t${at}`,
          [
            column('id'),
            ...ids.map((id) => column(`to_${id}`)),
            ...Array.from({ length: count }, (_, i) => column(`c${i}`)),
          ],
          Object.fromEntries(ids.map((id) => [`to_${id}`, `t${id}`])),
        );
      }),
    ),
  );

test('no box overlaps another, and no line runs through a box', () => {
  fc.assert(
    fc.property(shapes, (given) => {
      const svg = drawDiagram(diagramOf(given, { title: 't' }), 'svg');
      const boxes = boxesOf(svg);
      expect(boxes).toHaveLength(given.tables.length);
      for (const [at, a] of boxes.entries()) {
        for (const b of boxes.slice(at + 1)) {
          expect(a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top).toBe(true);
        }
      }
      const isInside = ({ x, y }: { x: number; y: number }) =>
        boxes.some((box) => x > box.left + 1 && x < box.right - 1 && y > box.top + 1 && y < box.bottom - 1);
      expect(pointsOf(svg).filter(isInside)).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

test('forty tables that refer to one stand in columns, not in one tower', () => {
  const star = schema([
    table('users', [column('id')]),
    ...Array.from({ length: 40 }, (_, i) =>
      table(`events_${i}`, [column('id'), column('user_id')], { user_id: 'users' }),
    ),
  ]);
  const [, width, height] =
    /width="(\d+)" height="(\d+)"/.exec(drawDiagram(diagramOf(star, { title: 't' }), 'svg')) ?? [];
  expect(Number(height)).toBeLessThan(Number(width));
});

test('the same schema gives the same bytes', () => {
  for (const format of ['text', 'mermaid', 'svg', 'html', 'json'] as const) {
    expect(drawDiagram(diagramOf(LIBRARY, { title: 'Models' }), format)).toBe(drawDiagram(library, format));
  }
});

const hostile = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }),
  fc.constantFrom(
    '"} a ||--|| b : x',
    '</script><script>alert(1)</script>',
    '</title></svg><img src=x onerror=alert(1)>',
    '<!--',
    'direction LR',
    'pk',
    '%%{init: {}}%%',
    '`x`',
    '-->',
    '\u001b[2J',
    'a\nb',
    '\ud800',
    '__proto__',
    'é'.repeat(31),
    '🎉',
  ),
);

test('whatever names, types, comments and values hold, they stay text', () => {
  fc.assert(
    fc.property(hostile, hostile, hostile, hostile, (name, columnName, text, title) => {
      const type = { kind: 'native', sql: { default: text } } as const;
      const given = schema(
        [
          table(
            name,
            [column(columnName, type, { comment: text, default: { kind: 'literal', value: text } })],
            {},
            { comment: text },
          ),
        ],
        { enums: [{ name: text, values: [columnName] }], views: [{ name: text, query: text }] },
      );
      const diagram = diagramOf(given, { title });

      requireWellFormed(drawDiagram(diagram, 'svg'));

      const mermaid = drawDiagram(diagram, 'mermaid').split('\n');
      expect(mermaid).toHaveLength(11);
      const quotedText = /"(?:[^"<>%\\`;#{}|]|#\d+;)+"/u.source;
      const rows = mermaid.slice(4).join('\n');
      expect(rows).toMatch(
        new RegExp(
          `^  ${quotedText} \\{\\n    \\S+ \\S+ PK( ${quotedText})?\\n  \\}\\n  ${quotedText}\\n  ${quotedText} \\{\\n    value \\S+( ${quotedText})?\\n  \\}$`,
          'u',
        ),
      );
      expect(rows).not.toMatch(/direction\s+(?:TB|BT|LR|RL)/i);

      const html = drawDiagram(diagram, 'html');
      expect(html.match(/<script/g)).toHaveLength(2);
      expect(html.match(/<\/script/g)).toHaveLength(2);
      expect(html).not.toMatch(/<img|<!--|onerror=alert\(1\)>/);
      const data = JSON.parse(
        /<script type="application\/json" id="schema">(.*?)<\/script>/s.exec(html)?.[1] ?? '',
      );
      expect(data.tables).toEqual(JSON.parse(JSON.stringify(diagram.tables)));

      expect(drawDiagram(diagram, 'text').replaceAll('\n', '')).not.toMatch(/\p{Cc}|\p{Cs}|\u202e/u);
    }),
  );
});

describe('the page', () => {
  const html = drawDiagram(library, 'html');

  test('asks nobody for anything, and its policy forbids it', () => {
    expect(html).toMatch(
      /Content-Security-Policy" content="default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+'/,
    );
    expect(html).not.toMatch(/https?:|\/\/[a-z]|@import|url\((?!#)|<link|\bsrc=|\bhref=|\sstyle=/);
  });

  test('its policy names exactly the style and the script that it has', async () => {
    const { createHash } = await import('node:crypto');
    const hash = (text = ''): string => `sha256-${createHash('sha256').update(text).digest('base64')}`;
    expect(html).toContain(`style-src '${hash(/<style>(.*?)<\/style>/s.exec(html)?.[1])}'`);
    expect(html).toContain(`script-src '${hash(/<script>(.*?)<\/script>/s.exec(html)?.[1])}'`);
    expect(html.match(/<style/g)).toHaveLength(1);
  });

  test('its script is JavaScript and writes no markup', () => {
    const script = /<script>(.*?)<\/script>/s.exec(html)?.[1] ?? '';
    expect(() => new Function(script)).not.toThrow();
    expect(script).not.toMatch(/innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|fetch\(|XMLHttp/);
  });
});
