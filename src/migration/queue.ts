/**
 * The queue behind `op`: calls take their place when they are made and run in that order.
 *
 * Directives that stand next to each other are handed over together, so that a dialect can join them into
 * one step. A data step runs when everything before it has run. Nothing runs before the first `await` or
 * the end of the function.
 */

import { setImmediate as nextTurn } from 'node:timers/promises';
import { error } from '../base/error-codes.js';
import type { SchemaDraft } from '../schema/draft.js';
import type { Operation } from '../schema/operations.js';
import type { Queued } from './operations-api.js';

/** Makes the operations of a directive from the schema as it is when the queue gets there. */
export type Directive = (schema: SchemaDraft) => Operation[];

/** A place in the source of a migration: stack lines, the user's first. */
export interface CallSite {
  readonly frames: string;
  /** `file:line:column`. */
  readonly place: string | undefined;
}

/** A directive with the place it was called from. */
export interface CalledDirective {
  readonly make: Directive;
  readonly site: CallSite;
}

/** What carries out the queue: a database, a script, or a replay. */
export interface Sink {
  schema(directives: readonly CalledDirective[]): Promise<void>;
  warn(text: string): void;
}

type Entry = { done: boolean; result?: unknown } & (
  | { readonly kind: 'schema'; readonly called: CalledDirective }
  | {
      readonly kind: 'data';
      readonly run: (site: CallSite) => Promise<unknown>;
      readonly site: CallSite;
      awaited: boolean;
    }
);

export class OperationQueue {
  readonly #sink: Sink;
  readonly #entries: Entry[] = [];
  #next = 0;
  #draining: Promise<void> = Promise.resolve();
  #state: 'open' | 'closing' | 'closed' = 'open';
  #failure: { readonly cause: unknown } | undefined;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  /** Queues a directive. `caller` is the public function, whose caller is the user's line. */
  directive(name: string, caller: Caller, make: Directive): Queued {
    const site = this.#open(name, caller);
    return this.#queued({ kind: 'schema', called: { make, site }, done: false });
  }

  /** Queues what gives nothing back to wait for: nobody need await it. */
  mark(name: string, caller: Caller, run: (site: CallSite) => Promise<void>): Queued {
    const site = this.#open(name, caller);
    return this.#queued({ kind: 'data', run, site, awaited: true, done: false });
  }

  /** Queues a data step. */
  data<T>(name: string, caller: Caller, run: (site: CallSite) => Promise<T>): Queued<T> {
    const site = this.#open(name, caller);
    const entry: Entry = { kind: 'data', run, site, awaited: false, done: false };
    const queued = this.#queued<T>(entry);
    return {
      then: (resolve, reject) => {
        if (entry.kind === 'data') entry.awaited = true;
        return queued.then(resolve, reject);
      },
    };
  }

  /** Runs what is left when the function has returned; later calls are errors. */
  async finish(): Promise<void> {
    this.#state = 'closing';
    try {
      await this.#drainTo(this.#entries.length);
      // A helper that nobody awaited goes on by itself; what it does next is heard before the revision counts.
      await nextTurn();
      if (this.#failure) throw this.#failure.cause;
    } finally {
      this.#state = 'closed';
    }
    for (const entry of this.#entries) {
      if (entry.kind === 'data' && !entry.awaited) {
        this.#sink.warn(
          `The data step at ${entry.site.place ?? 'an unknown place'} is not awaited; it ran in its place.`,
        );
      }
    }
  }

  #open(name: string, caller: Caller): CallSite {
    const site = callSite(caller);
    if (this.#state === 'open') return site;
    const late = at(error('OPERATION_AFTER_END', { directive: name }), site);
    // While the last steps run the revision can still be refused, and is; afterwards only the caller hears of it.
    if (this.#state === 'closed') throw late;
    this.#failure ??= { cause: late };
    return site;
  }

  #queued<T = void>(entry: Entry): Queued<T> {
    const position = this.#entries.push(entry);
    return {
      then: (resolve, reject) =>
        this.#drainTo(position)
          .then(() => entry.result as T)
          .then(resolve, reject),
    };
  }

  #drainTo(end: number): Promise<void> {
    this.#draining = this.#draining.then(() => this.#drain(end));
    return this.#draining;
  }

  async #drain(end: number): Promise<void> {
    // A step that failed keeps everything behind it from running, whoever caught the error.
    if (this.#failure) throw this.#failure.cause;
    try {
      while (this.#next < end) await this.#runNext(end);
    } catch (cause) {
      this.#failure = { cause };
      throw cause;
    }
  }

  async #runNext(end: number): Promise<void> {
    const entry = this.#entries[this.#next] as Entry;
    if (entry.kind === 'data') {
      try {
        entry.result = await entry.run(entry.site);
      } catch (cause) {
        throw at(cause, entry.site);
      }
      entry.done = true;
      this.#next++;
      return;
    }
    const batch: CalledDirective[] = [];
    let last = this.#next;
    for (; last < end; last++) {
      const next = this.#entries[last] as Entry;
      if (next.kind !== 'schema') break;
      batch.push(next.called);
    }
    await this.#sink.schema(batch);
    this.#next = last;
  }
}

/** The public function that was called; frames above it are ours. */
type Caller = (...args: never[]) => unknown;

function callSite(caller: Caller): CallSite {
  const holder: { stack?: string } = {};
  Error.captureStackTrace(holder, caller);
  const frames = (holder.stack ?? '').split('\n').slice(1).join('\n');
  return { frames, place: placeOf(frames.split('\n', 1)[0] ?? '') };
}

/** `at upgrade (/a folder/x.ts:3:5)` and `at /a folder/x.ts:3:5` → the place; folders may have blanks in their names. */
function placeOf(frame: string): string | undefined {
  const place = /^\s*at (?:async )?(.*:\d+:\d+)\)?$/.exec(frame)?.[1];
  const opening = place?.search(/ \((?:file:|[/\\]|[A-Za-z]:)/) ?? -1;
  return opening < 0 ? place : place?.slice(opening + 2);
}

/** Makes the user's line the first frame of an error. */
export function at(cause: unknown, site: CallSite): unknown {
  if (cause instanceof Error && site.frames !== '') {
    cause.stack = `${cause.name}: ${cause.message}\n${site.frames}`;
  }
  return cause;
}
