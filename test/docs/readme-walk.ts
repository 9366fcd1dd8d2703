/** The walks of README.md, gone word by word on a copy of the example. */

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Scratch } from '../example/scratch';
import { applyEdit, Identifiers, sectionOf, stepsOf } from './walk';

const readme = readFileSync(path.resolve(__dirname, '../../README.md'), 'utf8');

/** Does what a line of the README does, in another way; false where the line itself is to be run. */
export type Substitute = (line: string) => Promise<boolean>;

export class ReadmeWalk {
  readonly #scratch: Scratch;
  readonly #substitute: Substitute | undefined;
  readonly #identifiers = new Identifiers();

  constructor(scratch: Scratch, substitute?: Substitute) {
    this.#scratch = scratch;
    this.#substitute = substitute;
  }

  /** Goes a part of the README; once with npx, which costs half a second more than the script it finds. */
  async go(heading: string): Promise<void> {
    const scratch = this.#scratch;
    let viaNpx = true;
    for (const step of stepsOf(sectionOf(readme, heading))) {
      if (step.kind === 'edit') {
        const file = this.#identifiers.inPlace(step.file);
        scratch.write(file, applyEdit(scratch.read(file), step.hunks));
      } else if (step.kind === 'file') {
        const [newest = ''] = readdirSync(scratch.path('migrations')).filter((name) => name.endsWith('.ts'));
        expect(withoutDate(scratch.read(`migrations/${newest}`))).toBe(
          withoutDate(this.#identifiers.inPlace(step.text)),
        );
      } else {
        const line = this.#identifiers.inPlace(step.line);
        if (await this.#substitute?.(line)) continue;
        const { status, output } = scratch.run(
          viaNpx ? line : line.replace(/^npx limbeck/, 'node_modules/.bin/limbeck'),
        );
        if (line.startsWith('npx')) viaNpx = false;
        this.#identifiers.learn(step.output, output);
        expect(`$ ${line}\n${output}`).toBe(`$ ${line}\n${this.#identifiers.inPlace(step.output)}`);
        expect(status).toBe(step.output.includes('FAILED: ') ? 1 : 0);
      }
    }
  }
}

const withoutDate = (text: string): string => text.replace(/^ \* Create Date: .*$/m, ' * Create Date:');
