/** docs/cli.md and the table in README.md tell the commands and options that there are. */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArguments } from '../../src/cli/args';
import { VERBS } from '../../src/cli/commands/index';
import { sectionOf } from './walk';

const root = path.resolve(__dirname, '../..');
const reference = readFileSync(path.join(root, 'docs/cli.md'), 'utf8');
const readme = readFileSync(path.join(root, 'README.md'), 'utf8');

test('the reference has a section for every command, in the order of --help', () => {
  const sections = [...reference.matchAll(/^## `(.+)`$/gm)].map(([, usage]) => usage);
  expect([...sections].sort()).toEqual(VERBS.map(({ usage }) => usage).sort());
});

test.each(VERBS.map((verb) => [verb.usage, verb] as const))(
  'every option of %s is documented, and no other',
  (usage, verb) => {
    const names = (text: string): string[] => text.match(/(?<![\w-])--[a-z][\w-]*/g) ?? [];
    const section = sectionOf(reference, `## \`${usage}\``);
    const items = section.slice(section.indexOf('\n- '));
    const listed = [...items.matchAll(/`(-[^`]+)`/g)].flatMap(([, flags = '']) => names(flags));
    const declared = (verb.options ?? []).flatMap(({ flags }) => names(flags));
    expect([...new Set(listed)].sort()).toEqual(declared.sort());
  },
);

test('the global options are documented', () => {
  const invocation = parseArguments(['--help'], VERBS, '0.0.0');
  const help = invocation.kind === 'text' ? invocation.text : '';
  const options = [...help.matchAll(/^ {2}(-.+?) {2,}/gm)]
    .map(([, flags = '']) => flags)
    .filter((flags) => !flags.includes('--help'));
  const table = reference.split('\n## ')[0] ?? '';
  expect(options.filter((flags) => !table.includes(`\`${flags}\``))).toEqual([]);
});

test('the table in the README has every command', () => {
  const table = sectionOf(readme, '## Commands');
  const listed = [...table.matchAll(/^\| `(\w+)/gm)].map(([, name]) => name);
  expect(listed.sort()).toEqual(VERBS.map(({ usage }) => usage.split(' ')[0]).sort());
});
