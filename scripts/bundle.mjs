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
    chunkFileNames: ({ facadeModuleId }) =>
      facadeModuleId?.startsWith(from) ? path.relative(from, facadeModuleId) : 'chunks/[name].js',
    entryFileNames: '[name].js',
  });
  await graph.close();
}

/** Rollup knows `import()`; to `require()` of a module of ours it is shown the way. */
function lateRequires(from) {
  const late = /\brequire(\.resolve)?\('(\.[^']+)'\)/g;
  return {
    name: 'late-requires',
    transform(code, id) {
      return code.replace(late, (_, resolve = '', specifier) => {
        const target = path.resolve(path.dirname(id), specifier);
        const name = path.relative(from, target).replace(/\.js$/, '');
        const chunk = this.emitFile({ type: 'chunk', id: target, name, implicitlyLoadedAfterOneOf: [id] });
        return `require${resolve}(import.meta.ROLLUP_FILE_URL_${chunk})`;
      });
    },
    resolveFileUrl: ({ relativePath }) => `'${relativePath.startsWith('.') ? '' : './'}${relativePath}'`,
  };
}

/** A warning tells of an import that leads nowhere, or of a circle. */
function refuse(warning) {
  throw new Error(`The bundle: ${warning.message}`);
}
