/** Writing a new migration file: whole or not at all, and never over another. */

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import promises from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { writeNewFile } from '../../src/migration/new-file';

const folder = mkdtempSync(path.join(tmpdir(), 'limbeck-new-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => jest.restoreAllMocks());

/** As a file system behaves that has no links (exFAT, many mounts of containers). */
function forbidLinks(): void {
  const refusal = Object.assign(new Error('EPERM: operation not permitted, link'), { code: 'EPERM' });
  jest.spyOn(promises, 'link').mockRejectedValue(refusal);
}

describe.each([
  ['with links', () => {}],
  ['where there are no links', forbidLinks],
])('%s', (kind, prepare) => {
  const name = `${kind}.ts`;

  test('a file is written, and nothing beside it', async () => {
    prepare();
    const made = await writeNewFile(folder, name, 'first');
    expect(readFileSync(made, 'utf8')).toBe('first');
    expect(readdirSync(folder)).toContain(name);
    expect(readdirSync(folder).filter((each) => each.endsWith('.unfinished'))).toEqual([]);
  });

  test('one that is there stays', async () => {
    prepare();
    await expect(writeNewFile(folder, name, 'second')).rejects.toMatchObject({
      code: 'MIGRATION_FILE_EXISTS',
    });
    expect(readFileSync(path.join(folder, name), 'utf8')).toBe('first');
    expect(readdirSync(folder).filter((each) => each.endsWith('.unfinished'))).toEqual([]);
  });
});

test('what cannot be written leaves nothing behind', async () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
  jest.spyOn(promises, 'link').mockRejectedValue(full);
  await expect(writeNewFile(folder, 'full.ts', 'text')).rejects.toBe(full);
  expect(readdirSync(folder).filter((each) => /full|unfinished/.test(each))).toEqual([]);
});
