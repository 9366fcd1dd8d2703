/** What is made late is made once, and not before. */

import { lazy } from '../../src/base/lazy';

test('is made by the first call, and by no other', () => {
  let count = 0;
  const made = lazy(() => ({ number: ++count }));
  expect(count).toBe(0);
  expect(made()).toBe(made());
  expect(count).toBe(1);
});

test('what is undefined is made once as well', () => {
  let count = 0;
  const made = lazy(() => void count++);
  made();
  made();
  expect(count).toBe(1);
});

test('what could not be made is tried again', () => {
  let isThere = false;
  const made = lazy(() => {
    if (!isThere) throw new Error('not yet');
    return 'here';
  });
  expect(made).toThrow('not yet');
  isThere = true;
  expect(made()).toBe('here');
});
