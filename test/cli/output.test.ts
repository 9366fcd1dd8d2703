/** Which words go to which stream, and how a failure is told. */

import { error } from '../../src/base/error-codes';
import { DecisionNeededError } from '../../src/base/errors';
import { createOutput, toJson } from '../../src/cli/output';

function capture(options: { json?: boolean; quiet?: boolean; raiseerr?: boolean } = {}) {
  const written = { stdout: '', stderr: '' };
  const output = createOutput({
    stdout: { write: (text) => (written.stdout += text) },
    stderr: { write: (text) => (written.stderr += text) },
    cwd: '/app',
    json: false,
    quiet: false,
    raiseerr: false,
    ...options,
  });
  return { output, written };
}

const step = { direction: 'upgrade' as const, line: 'Running upgrade  -> a1, first', revision: 'a1' };

function tellEverything(output: ReturnType<typeof capture>['output']): void {
  output.line('a1 (head)');
  output.status('Please edit');
  output.done('Generating', '/app/migrations/a1_first.ts');
  output.done('Generating', '/elsewhere/a1_first.ts');
  output.event({ kind: 'detected', text: "added column 'books.genre'" });
  output.event({ kind: 'running', step });
  output.event({ kind: 'warning', text: '3 rows are lost.' });
}

test('what was asked for is on standard output, the rest on standard error, without colour', () => {
  const { output, written } = capture();
  tellEverything(output);
  expect(written.stdout).toBe(
    'a1 (head)\nPlease edit\nGenerating migrations/a1_first.ts ... done\nGenerating /elsewhere/a1_first.ts ... done\n',
  );
  expect(written.stderr).toBe(
    "Detected added column 'books.genre'\nRunning upgrade  -> a1, first\nWarning: 3 rows are lost.\n",
  );
});

test('--quiet leaves what was asked for', () => {
  const { output, written } = capture({ quiet: true });
  tellEverything(output);
  expect(written).toEqual({ stdout: 'a1 (head)\n', stderr: '' });
});

test('--json leaves the document', () => {
  const { output, written } = capture({ json: true });
  output.status('Please edit');
  output.event({ kind: 'running', step });
  output.document({ heads: ['a1'] });
  expect(written.stderr).toBe('');
  expect(JSON.parse(written.stdout)).toEqual({ heads: ['a1'] });
});

describe('a failure', () => {
  const unknown = error('CONFIG_NAME_UNKNOWN', { name: 'mian', names: ['main'], nearest: 'main' });

  test('is a sentence and a hint', () => {
    const { output, written } = capture({ quiet: true });
    output.failure(unknown);
    expect(written).toEqual({
      stdout: '',
      stderr: "FAILED: No configuration is named 'mian'; there is 'main'.\nhint: Did you mean 'main'?\n",
    });
  });

  test('with --json is a document on standard output', () => {
    const { output, written } = capture({ json: true });
    output.failure(unknown);
    expect(written.stderr).toBe('');
    expect(JSON.parse(written.stdout)).toEqual({
      error: {
        code: 'CONFIG_NAME_UNKNOWN',
        message: "No configuration is named 'mian'; there is 'main'.",
        hint: "Did you mean 'main'?",
        context: { name: 'mian', names: ['main'], nearest: 'main' },
      },
    });
  });

  test('with --raiseerr shows the stack', () => {
    const { output, written } = capture({ raiseerr: true });
    output.failure(unknown);
    expect(written.stderr).toMatch(/\n {4}at .*output\.test\.ts[\s\S]*\nFAILED: No configuration/);
  });

  test('that is no error of ours says so', () => {
    const { output, written } = capture();
    output.failure(new TypeError('x is not a function'));
    expect(written.stderr).toMatch(/^FAILED: TypeError: x is not a function\nhint: .*--raiseerr/);
  });

  test('that is a decision lists what can be decided, and the flags, unless its message does', () => {
    const context = {
      candidates: ["column 'a.b' may be 'c' now", { text: "table 'd' may be 'e' now" }],
      flags: ['--rename a.b:c', '--drop a.b'],
    };
    const { output, written } = capture();
    output.failure(
      new DecisionNeededError({ code: 'DECISION_NEEDED', message: 'Decide: --drop a.b', context }),
    );
    expect(written.stderr).toBe(
      "FAILED: Decide: --drop a.b\n  column 'a.b' may be 'c' now\n  table 'd' may be 'e' now\n  --rename a.b:c\n",
    );
  });
});

test('JSON holds what JSON cannot: large integers, errors, circles, nothing', () => {
  const circle: Record<string, unknown> = { a: 1 };
  circle.self = circle;
  const shared = { b: 1 };
  expect(
    JSON.parse(toJson({ n: 3n, big: 10n ** 20n, e: new RangeError('no'), circle, twice: [shared, shared] })),
  ).toEqual({
    n: 3,
    big: '100000000000000000000',
    e: { name: 'RangeError', message: 'no' },
    circle: { a: 1, self: '[circular]' },
    twice: [{ b: 1 }, { b: 1 }],
  });
  expect(toJson(undefined)).toBe('null');
});
