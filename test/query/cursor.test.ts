/** Cursors and comments: text that goes out and comes back, or stands in SQL, and must stay what it is. */

import { commentText } from '../../src/query/find/asking';
import { readCursor, writeCursor } from '../../src/query/find/cursor';
import type { EntityMap } from '../../src/query/mapping/entity-map';

const map = { meta: { name: 'Book' } } as EntityMap;

describe('a cursor', () => {
  test.each([
    ['nothing', []],
    ['NULL', [null]],
    ['numbers', [0, -1.5, 9007199254740991]],
    ['exact integers', [9007199254740993n, -1n]],
    ['text of any kind', ['', "'; DROP TABLE x; --", 'ž 😀 "\\', '{"n":"1"}']],
    ['switches', [true, false]],
    ['bytes', [Buffer.from([0, 255, 39])]],
  ] as const)('gives back %s', (_, values) => {
    const text = writeCursor({ order: 'abc', values });
    expect(text).toMatch(/^[\w-]+$/);
    expect(readCursor(map, text)).toEqual({ order: 'abc', values: [...values] });
  });

  test('that was changed anywhere is refused', () => {
    const text = writeCursor({ order: 'abc', values: ['Dune', 3, null, 5n] });
    for (let i = 0; i < text.length - 1; i++) {
      const other = text[i] === 'A' ? 'B' : 'A';
      const changed = text.slice(0, i) + other + text.slice(i + 1);
      expect(() => readCursor(map, changed)).toThrow("page on 'Book'");
    }
    for (const wrong of [undefined, null, 3, {}, '', 'x', '%%%', text.slice(2), 'x'.repeat(50_000)]) {
      expect(() => readCursor(map, wrong)).toThrow("page on 'Book'");
    }
  });
});

describe('a comment', () => {
  test.each([
    ['plain', ' /* plain */'],
    ['*/ x', ' /* * / x */'],
    ['**/ x', ' /* ** / x */'],
    ['a /* b', ' /* a / * b */'],
    ['*/*/', ' /* * / * / */'],
    ['/*/', ' /* / * / */'],
    ['! code', ' /* ! code */'],
    ['a ? $1\n\0b', ' /* a    1  b */'],
    ['', ' /*  */'],
  ])('%j', (text, written) => {
    expect(commentText(text)).toBe(written);
  });

  test('never ends early, whatever stands in it', () => {
    const pieces = ['*', '/', ' ', 'x', '\\'];
    for (let n = 0; n < 5 ** 6; n++) {
      let text = '';
      for (let rest = n, i = 0; i < 6; i++, rest = Math.floor(rest / 5)) text += pieces[rest % 5];
      const inner = commentText(text).slice(3, -3);
      expect(inner.includes('*/') || inner.includes('/*')).toBe(false);
    }
  });
});
