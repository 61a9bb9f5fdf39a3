import type { RunEvents } from './run-events.ts';

/** Keeps the events of a run, in order, until the code that records them has been loaded. */
export class EarlyEvents {
  #events: RunEvents | undefined;
  #pending: ((events: RunEvents) => void)[] = [];

  /** Events to start a run with. */
  readonly early: Pick<RunEvents, 'onMessage' | 'onOutput' | 'onFault'> = {
    onMessage: (...message) => this.#pass(({ onMessage }) => onMessage(...message)),
    onOutput: (...output) => this.#pass(({ onOutput }) => onOutput(...output)),
    onFault: (...fault) => this.#pass(({ onFault }) => onFault(...fault)),
  };

  /** Passes on the events so far and all further ones. */
  passOn(events: RunEvents): void {
    for (const pass of this.#pending) pass(events);
    this.#pending = [];
    this.#events = events;
  }

  #pass(action: (events: RunEvents) => void): void {
    if (this.#events) action(this.#events);
    else this.#pending.push(action);
  }
}
