/** Clock and timeout of one check. Both pause while the check waits for something that all checks share. */
import { nowNs } from '../../../probe/api/api.ts';

export class CheckTimer {
  readonly #timeoutMs: number;
  readonly #onTimeout: () => void;
  #state: 'running' | 'paused' | 'stopped' = 'paused';
  #elapsedNs = 0;
  #resumedNs = 0;
  #timeout: NodeJS.Timeout | undefined;

  /** Starts the clock and the timeout. */
  constructor(timeoutMs: number, onTimeout: () => void) {
    this.#timeoutMs = timeoutMs;
    this.#onTimeout = onTimeout;
    this.resume();
  }

  /** Returns false if the timer is not running. */
  pause(): boolean {
    if (this.#state !== 'running') return false;
    this.#halt('paused');
    return true;
  }

  /** Returns false if the timer is not paused. */
  resume(): boolean {
    if (this.#state !== 'paused') return false;
    this.#state = 'running';
    this.#resumedNs = nowNs();
    this.#timeout = setLongTimeout(this.#timeoutMs - this.#elapsedNs / 1e6, this.#onTimeout);
    return true;
  }

  /** Starts the timeout again with its full duration. The elapsed time is kept. */
  restart(): void {
    if (this.#state !== 'running') return;
    clearTimeout(this.#timeout);
    this.#timeout = setLongTimeout(this.#timeoutMs, this.#onTimeout);
  }

  /** Stops the timer. Returns the elapsed time without pauses, and whether the timer was paused when stopped. */
  stop(): { readonly durationNs: number; readonly wasPaused: boolean } {
    const wasPaused = this.#state === 'paused';
    if (this.#state === 'running') this.#halt('stopped');
    this.#state = 'stopped';
    return { durationNs: Math.round(this.#elapsedNs), wasPaused };
  }

  #halt(state: 'paused' | 'stopped'): void {
    this.#state = state;
    this.#elapsedNs += nowNs() - this.#resumedNs;
    clearTimeout(this.#timeout);
  }
}

/** Maximum delay of a Node timer, about 25 days. A longer one would fire immediately. */
const maxDelayMs = 2 ** 31 - 1;

/** Like `setTimeout`, but never calls back if the delay exceeds `maxDelayMs` (such as an infinite budget). */
export function setLongTimeout(delayMs: number, callback: () => void): NodeJS.Timeout | undefined {
  return delayMs > maxDelayMs ? undefined : setTimeout(callback, delayMs);
}
