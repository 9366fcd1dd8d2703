import { loadNative } from '../../../src/dialects/postgres/native';
import { failure } from './connection-support';

afterEach(() => jest.resetModules());

test('pg is loaded when it is first needed', () => {
  expect(loadNative().name).toBe('Client');
});

test('without pg the line that installs it is told', async () => {
  jest.doMock('pg', () => {
    throw Object.assign(new Error("Cannot find module 'pg'\nRequire stack: here"), {
      code: 'MODULE_NOT_FOUND',
    });
  });
  expect(await failure(loadNative)).toMatchObject({
    code: 'DRIVER_MISSING',
    hint: 'Install it: npm install pg',
  });
});

test('a pg that does not load is another matter', async () => {
  jest.doMock('pg', () => {
    throw Object.assign(new Error("Cannot find module 'pg-protocol'\nRequire stack: here"), {
      code: 'MODULE_NOT_FOUND',
    });
  });
  const error = await failure(loadNative);
  expect(error).toMatchObject({
    code: 'DRIVER_BROKEN',
    message: expect.stringContaining("Cannot find module 'pg-protocol'."),
  });
});
