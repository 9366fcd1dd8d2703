// Lets jest find `./errors.ts` where our sources, as TypeScript wants it, say `./errors.js`.
// Only for our own files: what packages import is left alone.
const { existsSync } = require('node:fs');
const path = require('node:path');

module.exports = (request, options) => {
  const own = !options.basedir.includes(`${path.sep}node_modules`);
  if (own && /^\.{1,2}\/.*\.js$/.test(request)) {
    const source = path.resolve(options.basedir, request.replace(/\.js$/, '.ts'));
    if (existsSync(source)) return source;
  }
  return options.defaultResolver(request, options);
};
