/** Kysely is an optional package: nobody pays for it before it is asked for, and who lacks it is told. */

import { openLibrary } from './open-library';

const missing = (name: string): Error =>
  Object.assign(new Error(`Cannot find module '${name}'`), { code: 'MODULE_NOT_FOUND' });

afterEach(() => {
  jest.dontMock('kysely');
  jest.resetModules();
});

test.each([
  ['a package that is not there', missing('kysely'), 'DRIVER_MISSING', 'npm install kysely'],
  ['one that lacks another', missing('something-else'), 'DRIVER_BROKEN', undefined],
  [
    'an ES module where there can be none',
    new SyntaxError('Unexpected token export'),
    'DRIVER_BROKEN',
    undefined,
  ],
])('%s is told when it is asked for, and not before', async (_, failure, code, hint) => {
  let asked = 0;
  jest.doMock('kysely', () => {
    asked += 1;
    throw failure;
  });
  const { db } = await openLibrary();
  expect(asked).toBe(0);
  const kysely = (): unknown => db.kysely();
  expect(kysely).toThrow(expect.objectContaining({ code }));
  if (hint !== undefined)
    expect(kysely).toThrow(expect.objectContaining({ hint: expect.stringContaining(hint) }));
  await db.destroy();
});

test('an instance is made once a manager', async () => {
  const { db } = await openLibrary();
  expect(db.kysely()).toBe(db.kysely());
  await db.transaction(async (manager) => expect(manager.kysely()).not.toBe(db.kysely()));
  await db.destroy();
});
