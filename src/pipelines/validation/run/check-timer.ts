/** The time that one check takes: a clock and a timeout which stand still while it waits for what all checks share. */
import { nowNs } from '../../../probe/api/api.ts';

export class Stint {
  readonly #timeoutMs: number;
  readonly #onTimeout: () => void;
  #state: 'running' | 'waiting' | 'over' = 'waiting';
  #pastNs = 0;
  #sinceNs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(timeoutMs: number, onTimeout: () => void) {
    this.#timeoutMs = timeoutMs;
    this.#onTimeout = onTimeout;
    this.goOn();
  }

  /** False where it waits already, or is over. */
  wait(): boolean {
    if (this.#state !== 'running') return false;
    this.#stand('waiting');
    return true;
  }

  /** False where it does not wait. */
  goOn(): boolean {
    if (this.#state !== 'waiting') return false;
    this.#state = 'running';
    this.#sinceNs = nowNs();
    this.#timer = after(this.#timeoutMs - this.#pastNs / 1e6, this.#onTimeout);
    return true;
  }

  /** The timeout begins anew. */
  extend(): void {
    if (this.#state !== 'running') return;
    clearTimeout(this.#timer);
    this.#timer = after(this.#timeoutMs, this.#onTimeout);
  }

  /** Nanoseconds that it took of its own, and whether it was waiting at its end. */
  end(): { readonly durationNs: number; readonly waited: boolean } {
    const waited = this.#state === 'waiting';
    if (this.#state === 'running') this.#stand('over');
    this.#state = 'over';
    return { durationNs: Math.round(this.#pastNs), waited };
  }

  #stand(state: 'waiting' | 'over'): void {
    this.#state = state;
    this.#pastNs += nowNs() - this.#sinceNs;
    clearTimeout(this.#timer);
  }
}

/** The longest that a timer of Node can wait: more is as good as never. */
const longestMs = 2 ** 31 - 1;

export function after(ms: number, then: () => void): NodeJS.Timeout | undefined {
  return ms > longestMs ? undefined : setTimeout(then, ms);
}
