/** Pages that are programs: what they say that a statement gives, it gives. */

import { programBlocks, RUN_PAGES, runPage } from './run-page';

test.each(RUN_PAGES)('%s compiles and runs as it says', runPage, 120_000);

test('blocks are found, hidden ones too', () => {
  const page = ['# x', '```ts', 'a', '```', '<!-- run', 'b', '-->', '```console', 'c', '```', ''].join('\n');
  expect(programBlocks(page)).toEqual([
    { text: 'a\n', line: 3 },
    { text: 'b\n', line: 6 },
  ]);
});
