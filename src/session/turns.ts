/**
 * One call after the other: a session has one state and one connection, so calls that were not awaited queue. What
 * is called from inside a call (a listener, the function of a savepoint) takes its turn inside that one.
 */

import { AsyncLocalStorage } from 'node:async_hooks';

class Queue {
  #tail: Promise<unknown> | undefined;

  run<R>(task: () => Promise<R>): Promise<R> {
    const before = this.#tail;
    const result = before === undefined ? task() : before.then(task, task);
    this.#tail = result;
    const forget = (): void => {
      if (this.#tail === result) this.#tail = undefined;
    };
    result.then(forget, forget);
    return result;
  }
}

interface Turn {
  readonly queue: Queue;
  isOver: boolean;
}

export class Turns {
  readonly #flow = new AsyncLocalStorage<Turn>();
  readonly #outer = new Queue();

  /** Runs a task when its turn comes: behind those of the same flow, or behind everything else. */
  take<R>(task: () => Promise<R>): Promise<R> {
    const current = this.#flow.getStore();
    const queue = current === undefined || current.isOver ? this.#outer : current.queue;
    return queue.run(async () => {
      const turn: Turn = { queue: new Queue(), isOver: false };
      try {
        return await this.#flow.run(turn, task);
      } finally {
        turn.isOver = true;
      }
    });
  }
}
