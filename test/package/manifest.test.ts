/** What package.json and the lockfile promise to those who install, checked without installing. */

import { readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(__dirname, '../..');
const readJson = (file: string) => JSON.parse(readFileSync(path.join(root, file), 'utf8'));
const manifest = readJson('package.json');

test('every entry point offers its types first, to import and to require', () => {
  const { './package.json': itself, ...entries } = manifest.exports;
  expect(itself).toBe('./package.json');
  expect(Object.keys(entries)).toEqual(['.', './testing']);
  for (const entry of Object.values<Record<string, Record<string, string>>>(entries)) {
    expect(Object.keys(entry)).toEqual(['import', 'require']);
    expect(Object.keys(entry.import)).toEqual(['types', 'default']);
    expect(Object.keys(entry.require)).toEqual(['types', 'default']);
    expect(entry.import.types.replace(/\.d\.mts$/, '')).toBe(entry.import.default.replace(/\.mjs$/, ''));
    expect(entry.require.types.replace(/\.d\.ts$/, '')).toBe(entry.require.default.replace(/\.js$/, ''));
  }
});

test('every peer is optional, and none is a dependency as well', () => {
  const peers = Object.keys(manifest.peerDependencies);
  expect(Object.keys(manifest.peerDependenciesMeta)).toEqual(peers);
  for (const peer of peers) {
    expect(manifest.peerDependenciesMeta[peer]).toEqual({ optional: true });
    expect(manifest.dependencies).not.toHaveProperty(peer);
  }
});

test('every dependency loads by require on the oldest Node that we support', () => {
  for (const name of Object.keys(manifest.dependencies)) {
    const entry = require.resolve(name, { paths: [root] });
    expect(entry).toMatch(/\.c?js$/);
    expect(() => jest.requireActual(name)).not.toThrow();
  }
});

test('installing runs scripts of reviewed packages only', () => {
  const lock = readJson('package-lock.json');
  const scripted = Object.entries<{ hasInstallScript?: boolean; os?: string[] }>(lock.packages)
    .filter(([place, entry]) => place !== '' && entry.hasInstallScript && entry.os === undefined)
    .map(([place]) => place.replace(/^.*node_modules\//, ''));
  expect(Object.keys(manifest.allowScripts).sort()).toEqual([...new Set(scripted)].sort());
});

test('the lockfile names no registry host', () => {
  const lock = readFileSync(path.join(root, 'package-lock.json'), 'utf8');
  expect(lock).not.toContain('"resolved"');
});

test('the lockfile has every platform that a package offers, or `npm ci` refuses it (cure: npm run lock)', () => {
  const { packages } = readJson('package-lock.json');
  const missing = Object.entries<{ optionalDependencies?: Record<string, string> }>(packages)
    .flatMap(([, entry]) => Object.keys(entry.optionalDependencies ?? {}))
    .filter((name) => !Object.keys(packages).some((place) => place.endsWith(`node_modules/${name}`)));
  expect(missing).toEqual([]);
});
