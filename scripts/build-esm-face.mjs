// Writes the thin ESM face beside each CommonJS entry: index.mjs names every export of index.js.
//
// The names come from the loaded module itself, not from a guess at its text, and the face imports the CommonJS
// build instead of repeating it: so there is one registry in a process, however the package is loaded.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/**
 * @param {string} folder the CommonJS build
 * @param {string[]} entries module paths inside it, without extension
 */
export async function writeEsmFace(folder, entries) {
  const require = createRequire(path.join(folder, 'index.js'));
  for (const entry of entries) {
    const exported = require(path.join(folder, `${entry}.js`));
    const names = Object.keys(exported)
      .filter((name) => name !== 'default' && name !== '__esModule')
      .sort();
    // Bundling numbers names that several modules give; those of error classes are seen by users.
    const numbered = names.find((name) => /\$\d+$/.test(exported[name]?.name ?? ''));
    if (numbered !== undefined) throw new Error(`${entry}.js: '${numbered}' is called otherwise by itself`);
    if (names.length === 0) throw new Error(`${entry}.js exports nothing: there is no ESM face to write`);

    const base = path.basename(entry);
    const lines = [
      `import cjs from './${base}.js';`,
      ...names.map((name) => `export const ${name} = cjs.${name};`),
    ];
    writeFileSync(path.join(folder, `${entry}.mjs`), `${lines.join('\n')}\n`);
    writeFileSync(path.join(folder, `${entry}.d.mts`), `export * from './${base}.js';\n`);
  }
}
