/** Words of a command line in, one call out: nothing is loaded and nothing runs. */

import { parseArguments, parseFills } from '../../src/cli/args';
import { VERBS } from '../../src/cli/commands/index';

function parse(...argv: string[]) {
  const invocation = parseArguments(argv, VERBS, '1.2.3');
  if (invocation.kind !== 'call') throw new Error(`no call: ${invocation.text}`);
  const { verb, args, options, global } = invocation;
  return { verb: verb.usage.split(' ')[0], args, options, global };
}

function failure(run: () => unknown): { code: string; message: string; hint: string } {
  try {
    run();
  } catch (error) {
    return error as { code: string; message: string; hint: string };
  }
  throw new Error('nothing was thrown');
}

test('there is one verb for every command of the contract', () => {
  expect(VERBS.map(({ usage }) => usage.split(' ')[0])).toEqual(
    (
      'init revision upgrade downgrade current history heads branches merge rebase show edit stamp check diff ' +
      'verify plan repair graph erd ' +
      'ensure_version list_templates'
    ).split(' '),
  );
});

describe('revisions that look like options are revisions:', () => {
  test.each([
    [['downgrade', '-1'], ['-1']],
    [['downgrade', '-12', '--sql'], ['-12']],
    [['downgrade', '--sql', '-1'], ['-1']],
    [['downgrade', '--sql', '-3:-1'], ['-3:-1']],
    [['downgrade', '--', '-1'], ['-1']],
    [['upgrade', '+1'], ['+1']],
    [['upgrade', 'net@+2'], ['net@+2']],
    [
      ['stamp', '--purge', '--', 'a1', '-1'],
      ['a1', '-1'],
    ],
    [
      ['merge', 'a1', 'b2'],
      ['a1', 'b2'],
    ],
  ])('%j', (argv, args) => {
    expect(parse(...argv).args).toEqual(args);
  });

  test.each([
    [['-r-3:current']],
    [['-r', '-3:current']],
    [['--rev-range', '-3:current']],
    [['--rev-range=-3:current']],
  ])('history %j', (argv) => {
    expect(parse('history', ...argv).options.revRange).toBe('-3:current');
  });
});

describe('global options', () => {
  const words = ['-c', 'conf.ts', '-n', 'other', '-x', 'a=1', '--json', '-q', '--raiseerr'];
  const global = { config: 'conf.ts', name: 'other', x: { a: '1' }, json: true, quiet: true, raiseerr: true };

  test('stand before or after the verb', () => {
    expect(parse(...words, 'heads').global).toEqual(global);
    expect(parse('heads', ...words).global).toEqual(global);
  });

  test('in both places: -x is joined, of the others the later counts', () => {
    expect(
      parse('-x', 'a=1', '-n', 'x', 'upgrade', '-x', 'b=c=d', 'head', '-x', 'e', '-n', 'y').global,
    ).toEqual({
      name: 'y',
      x: { a: '1', b: 'c=d', e: '' },
      json: false,
      quiet: false,
      raiseerr: false,
    });
  });

  test('are not looked for in the value of a verb’s own option', () => {
    const { options, global } = parse('revision', '-m', '--json');
    expect(options.message).toBe('--json');
    expect(global.json).toBe(false);
  });

  test('--version and --help are texts', () => {
    expect(parseArguments(['--version'], VERBS, '1.2.3')).toEqual({
      kind: 'text',
      text: 'limbeck 1.2.3\n',
      isAsked: true,
    });
    expect(parseArguments(['heads', '--version'], VERBS, '1.2.3')).toMatchObject({ text: 'limbeck 1.2.3\n' });
    expect(parseArguments(['upgrade', '--help'], VERBS, '1.2.3')).toMatchObject({
      isAsked: true,
      text: expect.stringContaining('limbeck upgrade [options] <revision>'),
    });
    expect(parseArguments([], VERBS, '1.2.3')).toMatchObject({ kind: 'text', isAsked: false });
  });
});

test('revision passes its options through', () => {
  const { options } = parse(
    ...'revision -m text --autogenerate --head base --splice --branch-label net --version-path more'.split(
      ' ',
    ),
    ...'--rev-id abc --depends-on a1 --depends-on b2 --rename a.b:c --rename d:e --rename-value s.x:y'.split(
      ' ',
    ),
    ...'--drop f.g --no-rename --fill h.i=1 --fill j.k=l'.split(' '),
  );
  expect(options).toEqual({
    message: 'text',
    autogenerate: true,
    head: 'base',
    splice: true,
    branchLabel: 'net',
    versionPath: 'more',
    revId: 'abc',
    dependsOn: ['a1', 'b2'],
    rename: ['a.b:c', 'd:e'],
    renameValue: ['s.x:y'],
    drop: ['f.g'],
    noRename: true,
    fill: ['h.i=1', 'j.k=l'],
  });
});

test('current knows no -c of its own', () => {
  expect(parse('current', '-c', 'x.ts', '--check-heads')).toMatchObject({
    global: { config: 'x.ts' },
    options: { checkHeads: true },
  });
});

describe('wrong usage names the cure:', () => {
  test.each([
    [['heds'], "unknown command 'heds'", 'Did you mean heads?'],
    [['revision', '--autogenrate'], "unknown option '--autogenrate'", 'Did you mean --autogenerate?'],
    [['--jsn', 'heads'], "unknown option '--jsn'", 'Did you mean --json?'],
    [['upgrade'], "missing required argument 'revision'", 'See `limbeck --help`.'],
    [['heads', '-z'], "unknown option '-z'", 'See `limbeck --help`.'],
    [
      ['heads', 'x'],
      "too many arguments for 'heads'. Expected 0 arguments but got 1.",
      'See `limbeck --help`.',
    ],
    [['-1'], "unknown command '-1'", 'See `limbeck --help`.'],
    [['heads', '-n'], "option '-n, --name <name>' argument missing", 'See `limbeck --help`.'],
  ])('%j', (argv, message, hint) => {
    expect(failure(() => parse(...argv))).toMatchObject({ code: 'CLI_USAGE', message, hint });
  });
});

describe('--fill', () => {
  test.each<[string, string, string | number | boolean]>([
    ['books.genre=unknown', 'books.genre', 'unknown'],
    ['books.pages=0', 'books.pages', 0],
    ['books.pages=-12', 'books.pages', -12],
    ['books.price=1.5', 'books.price', 1.5],
    ['books.price=1.50', 'books.price', '1.50'],
    ['books.isbn=007', 'books.isbn', '007'],
    ['books.big=12345678901234567890', 'books.big', '12345678901234567890'],
    ['books.sold=true', 'books.sold', true],
    ['books.sold=false', 'books.sold', false],
    ["books.sold='true'", 'books.sold', 'true'],
    ["books.note='it''s'", 'books.note', "it's"],
    ['books.note=', 'books.note', ''],
    ["books.note=''", 'books.note', ''],
    ['books.note=a=b', 'books.note', 'a=b'],
    ['"my.books"."a=b"=c=d', '"my.books"."a=b"', 'c=d'],
    ['"a""=b".c=1', '"a""=b".c', 1],
    ['books.note=two\nlines', 'books.note', 'two\nlines'],
  ])('%s', (word, column, literal) => {
    expect({ ...parseFills([word]) }).toEqual({ [column]: literal });
  });

  test('a column that is named like a property of objects is one', () => {
    expect(Object.entries(parseFills(['__proto__=1']))).toEqual([['__proto__', 1]]);
  });

  test.each([
    [['books.genre'], "--fill 'books.genre' names no value"],
    [['=x'], "--fill '=x' names no value"],
    [['"a=b'], `--fill '"a=b' names no value`],
    [['a.b=1', 'a.b=2'], "--fill names 'a.b' twice"],
  ])('%j is wrong', (words, message) => {
    expect(failure(() => parseFills(words))).toMatchObject({ code: 'CLI_USAGE', message });
  });
});
