// Bundles the build: a file a part instead of a file a module, for Node takes longer to find and open two hundred
// files than to run what is in them.
//
// What is loaded late stays apart, at the place of its source: `import('./introspect.js')` and, in `lazy()`,
// `require('./plan.js')`. What several parts share goes into chunks/, so every module is there once. Names, comments
// and line breaks stay as they are: the output is as readable as the source.
import path from 'node:path';
import { rollup } from 'rollup';

/**
 * @param {string} from folder of ES modules
 * @param {string} to folder of CommonJS bundles
 * @param {string[]} entries module paths inside it, without extension
 */
export async function bundle(from, to, entries) {
  const graph = await rollup({
    input: Object.fromEntries(entries.map((entry) => [entry, path.join(from, `${entry}.js`)])),
    external: (specifier) => !specifier.startsWith('.') && !path.isAbsolute(specifier),
    plugins: [lateRequires(from)],
    onwarn: refuse,
  });
  await graph.write({
    dir: to,
    format: 'cjs',
    // As TypeScript understands `import fs from 'node:fs'`.
    interop: 'default',
    esModule: true,
    exports: 'named',
    externalLiveBindings: false,
    generatedCode: 'es2015',
    hoistTransitiveImports: false,
    minifyInternalExports: false,
    // By the place of the source where the file stands for one module, else by the last of its modules.
    chunkFileNames: ({ facadeModuleId, moduleIds }) => {
      const name = path.relative(from, facadeModuleId ?? moduleIds.at(-1));
      return facadeModuleId ? name : `chunks/${name.split(path.sep).join('-')}`;
    },
    entryFileNames: '[name].js',
  });
  await graph.close();
}

/** Rollup knows `import()`; to `require()` of a module of ours it is shown the way. */
function lateRequires(from) {
  return {
    name: 'late-requires',
    transform(code, id) {
      // Most modules have none, and need not be read for it.
      if (!/\brequire\b/.test(code)) return null;
      let moved = code;
      // From the last to the first, so that places before stay where they are.
      for (const { value, start, end } of requiredPaths(this.parse(code)).reverse()) {
        const target = path.resolve(path.dirname(id), value);
        const name = path.relative(from, target).replace(/\.js$/, '');
        const chunk = this.emitFile({ type: 'chunk', id: target, name, implicitlyLoadedAfterOneOf: [id] });
        moved = `${moved.slice(0, start)}import.meta.ROLLUP_FILE_URL_${chunk}${moved.slice(end)}`;
      }
      return { code: moved, map: null };
    },
    resolveFileUrl: ({ relativePath }) => `'${relativePath.startsWith('.') ? '' : './'}${relativePath}'`,
  };
}

/** The literals in `require('./x.js')` and `require.resolve('./x.js')`, in their order. */
function requiredPaths(node) {
  if (Array.isArray(node)) return node.flatMap(requiredPaths);
  if (typeof node?.type !== 'string') return [];
  const inside = Object.values(node).flatMap((child) =>
    typeof child === 'object' ? requiredPaths(child) : [],
  );
  const callee = node.type === 'CallExpression' ? (node.callee.object ?? node.callee) : undefined;
  const [argument] = callee?.name === 'require' ? node.arguments : [];
  return typeof argument?.value === 'string' && argument.value.startsWith('.')
    ? [argument, ...inside]
    : inside;
}

/** A warning tells of an import that leads nowhere, or of a circle. */
function refuse(warning) {
  throw new Error(`The bundle: ${warning.message}`);
}
