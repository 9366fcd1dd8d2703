// Gives package-lock.json an entry for every platform's binary package, even for those the registry at hand lacks.
//
// Packages with native parts (biome, swc, esbuild, …) name one optional package per platform. A mirror that only
// carries some of them makes npm leave the others out of the lockfile, and then `npm ci` refuses that lockfile
// ("Missing: … from lock file") on every machine. An entry with version, os and cpu is all that npm needs to know
// that a package is not for this machine; elsewhere it installs from it. Run after each change of dependencies:
// `npm run lock`.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const file = path.join(root, 'package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8'));

const OS = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
];
const CPU = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64'];

let added = 0;
for (const [place, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    if (isLocked(place, name)) continue;
    const platform = platformOf(name);
    if (platform === undefined || !/^\d/.test(version))
      throw new Error(`${name}@${version}: not a platform's package`);
    lock.packages[`node_modules/${name}`] = {
      version,
      cpu: platform.cpu,
      ...(entry.dev ? { dev: true } : {}),
      ...(platform.libc ? { libc: platform.libc } : {}),
      optional: true,
      os: platform.os,
    };
    added++;
  }
}
const places = Object.keys(lock.packages).sort((a, b) => a.localeCompare(b, 'en'));
lock.packages = Object.fromEntries(places.map((place) => [place, lock.packages[place]]));
if (added > 0) writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`package-lock.json: ${added} entries added`);

/** Beside the package that asks, or in any node_modules above it. */
function isLocked(place, name) {
  const above = place
    .split('node_modules/')
    .map((_, index, parts) => parts.slice(0, index).join('node_modules/'));
  return [`${place}/`, ...above].some((folder) => `${folder}node_modules/${name}` in lock.packages);
}

/** `@swc/core-linux-arm-gnueabihf` -> linux, arm, glibc: the words of a name say where it runs. */
function platformOf(name) {
  const words = name.split(/[/-]/);
  const os = OS.filter((candidate) => words.includes(candidate));
  const cpu = CPU.filter((candidate) => words.includes(candidate));
  if (os.length !== 1 || cpu.length !== 1) return undefined;
  const isMusl = words.some((word) => word.startsWith('musl'));
  return { os, cpu, libc: os[0] === 'linux' ? [isMusl ? 'musl' : 'glibc'] : undefined };
}
