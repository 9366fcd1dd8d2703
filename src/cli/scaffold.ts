/** What `limbeck init` makes: checked first, so that a refusal leaves nothing behind. */

import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { error } from '../base/error-codes.js';
import { MODULE_EXTENSIONS } from '../config.js';
import { isTypeScript, moduleFormat } from '../loading/module-kind.js';
import { findPeer } from '../loading/peers.js';

interface Template {
  readonly synopsis: string;
  readonly extension: '.ts' | '.js';
  /** Packages that must be there for the configuration to be loaded. */
  readonly needs: readonly string[];
}

export const TEMPLATES: Readonly<Record<string, Template>> = {
  generic: {
    synopsis: 'Generic single-database configuration in TypeScript.',
    extension: '.ts',
    needs: ['ts-node', 'typescript'],
  },
  javascript: { synopsis: 'The same in JavaScript.', extension: '.js', needs: [] },
};

export interface Scaffold {
  readonly directory: string;
  readonly createdDirectory: boolean;
  readonly config: string;
  readonly createdConfig: boolean;
  /** Packages that are needed and not installed. */
  readonly missing: readonly string[];
}

/**
 * Makes the folder and, where there is none, the configuration.
 *
 * @throws TEMPLATE_UNKNOWN · INIT_NOT_EMPTY
 */
export function scaffold(wish: {
  readonly directory: string;
  readonly template: string;
  readonly configFile: string | undefined;
  readonly cwd: string;
}): Scaffold {
  const template = Object.hasOwn(TEMPLATES, wish.template) ? TEMPLATES[wish.template] : undefined;
  if (template === undefined) {
    throw error('TEMPLATE_UNKNOWN', { template: wish.template, templates: Object.keys(TEMPLATES) });
  }
  const directory = path.resolve(wish.cwd, wish.directory);
  const exists = existsSync(directory);
  if (exists && !isEmptyFolder(directory)) throw error('INIT_NOT_EMPTY', { directory: wish.directory });

  const present = presentConfig(wish.cwd, wish.configFile);
  const config = present ?? path.resolve(wish.cwd, wish.configFile ?? `ormconfig${template.extension}`);
  if (!exists) mkdirSync(directory, { recursive: true });
  if (present === undefined) {
    mkdirSync(path.dirname(config), { recursive: true });
    // `wx`: what somebody wrote in the meantime is not overwritten.
    writeFileSync(config, configText(config, directory), { flag: 'wx' });
  }
  const needs = present === undefined ? template.needs : [];
  return {
    directory,
    createdDirectory: !exists,
    config,
    createdConfig: present === undefined,
    missing: needs.filter((name) => findPeer(name, config) === undefined),
  };
}

function isEmptyFolder(directory: string): boolean {
  return statSync(directory).isDirectory() && readdirSync(directory).length === 0;
}

function presentConfig(cwd: string, configFile: string | undefined): string | undefined {
  const names =
    configFile === undefined ? MODULE_EXTENSIONS.map((extension) => `ormconfig${extension}`) : [configFile];
  return names.map((name) => path.resolve(cwd, name)).find((file) => existsSync(file));
}

function configText(file: string, directory: string): string {
  const glob = `entities/*${path.extname(file)}`;
  const folder = path.relative(path.dirname(file), directory).split(path.sep).join('/');
  // TypeScript is written with `import` whatever becomes of it.
  const isRequired = moduleFormat(file) === 'commonjs' && !isTypeScript(file);
  const head = isRequired
    ? "const { defineConfig } = require('limbeck');"
    : "import { defineConfig } from 'limbeck';";
  return `${head}

${isRequired ? 'module.exports =' : 'export default'} defineConfig({
  url: 'sqlite:app.db', // or postgres://user:password@host:5432/database
  entities: [${quote(glob)}],
  migrations: ${quote(folder)},
});
`;
}

const quote = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;
