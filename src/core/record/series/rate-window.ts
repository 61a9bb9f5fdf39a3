/** Number of calls during the last ten seconds, in slots of 250 ms: its size does not depend on the number of changes. */
const slotNs = 250e6;
const windowSlots = 40;
/** The slots of the window and the current one. */
const ringSize = windowSlots + 1;

export class RateWindow {
  readonly #calls = new Float64Array(ringSize);
  readonly #slots = new Float64Array(ringSize).fill(-1);

  add(calls: number, nowNs: number): void {
    const slot = Math.floor(nowNs / slotNs);
    const position = positionOf(slot);
    if (this.#slots[position] !== slot) this.#calls[position] = 0;
    this.#slots[position] = slot;
    this.#calls[position] = (this.#calls[position] as number) + calls;
  }

  /** Returns calls per second over the last ten seconds, or over the whole run if it is shorter. */
  perSecond(nowNs: number): number {
    const newest = Math.floor(nowNs / slotNs);
    const first = Math.max(0, newest - windowSlots);
    let sum = 0;
    for (let slot = first; slot <= newest; slot++) {
      const position = positionOf(slot);
      if (this.#slots[position] === slot) sum += this.#calls[position] as number;
    }
    const widthNs = nowNs - first * slotNs;
    return widthNs > 0 ? (sum * 1e9) / widthNs : 0;
  }
}

function positionOf(slot: number): number {
  return ((slot % ringSize) + ringSize) % ringSize;
}
