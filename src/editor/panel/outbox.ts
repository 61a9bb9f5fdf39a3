/**
 * Sends messages to the panel's page, one at a time: the next one waits until the page has drawn the last. Messages that
 * are not drawn are kept in memory by VS Code, so a slow page would otherwise make it grow without bound.
 */

/** A page that reports nothing for so long has missed a message. */
const maxWaitMs = 10_000;

export interface OutboxTiming {
  now(): number;
}

export class Outbox<Key extends string> {
  readonly #send: (key: Key) => void;
  readonly #timing: OutboxTiming;
  readonly #pending = new Set<Key>();
  /** Time of the latest message, until the page has drawn it. */
  #sentMs: number | undefined;

  /** @param send builds and sends the newest message of a kind; called only when the page can take it */
  constructor(send: (key: Key) => void, timing: OutboxTiming = performance) {
    this.#send = send;
    this.#timing = timing;
  }

  /** Sends the newest messages of these kinds now or, if the page is busy, once it has drawn. */
  request(...keys: readonly Key[]): void {
    for (const key of keys) this.#pending.add(key);
    if (this.#sentMs === undefined || this.#timing.now() - this.#sentMs > maxWaitMs) this.#flush();
  }

  /** Reports that the page has drawn what it was sent. */
  acknowledge(): void {
    this.#sentMs = undefined;
    this.#flush();
  }

  /** Forgets everything, because the page is gone or was loaded anew. */
  reset(): void {
    this.#sentMs = undefined;
    this.#pending.clear();
  }

  #flush(): void {
    if (this.#pending.size === 0) return;
    const keys = [...this.#pending];
    this.#pending.clear();
    this.#sentMs = this.#timing.now();
    for (const key of keys) this.#send(key);
  }
}
