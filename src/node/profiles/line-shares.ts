import { functionTimes } from '../../core/stacks/function-times.ts';
import type { ThreadStacks } from '../../protocol/stacks.ts';

/** Part of an amount that belongs to a line; line 0 stands for lines that are not known. */
interface LinePart {
  readonly line: number;
  readonly amount: number;
}

interface SharedLine {
  readonly line: number;
  readonly share: number;
  given: number;
}

/**
 * Splits what the call paths of a thread have by line. It is known how the time of a function is spread over its lines, but not
 * that of each call path, so all paths to a function are split in the same proportion. The parts are whole, and those of all
 * paths together differ from the proportion by less than one.
 */
export class LineShares {
  readonly #lines = new Map<number, SharedLine[]>();
  /** Sum of what was split, by function. */
  readonly #passed = new Map<number, number>();

  constructor({ nodes, lines = [] }: ThreadStacks) {
    if (lines.length === 0) return;
    const times = functionTimes(nodes);
    for (const [index, line, , selfNs] of lines) {
      const { selfNs: wholeNs } = times.get(index) ?? { selfNs: 0 };
      if (selfNs <= 0 || wholeNs <= 0) continue;
      const shared = this.#lines.get(index) ?? [];
      this.#lines.set(index, shared);
      shared.push({ line, share: selfNs / wholeNs, given: 0 });
    }
    for (const shared of this.#lines.values()) {
      const sum = shared.reduce((total, { share }) => total + share, 0);
      // Time beyond that of the lines ran at unknown ones. If a tree was full, the lines may have more than their function.
      if (sum > 1) for (const [at, line] of shared.entries()) shared[at] = { ...line, share: line.share / sum };
      else shared.push({ line: 0, share: 1 - sum, given: 0 });
    }
  }

  /** Returns the parts of a whole amount of the function itself. Their sum is the amount. */
  split(functionIndex: number, amount: number): readonly LinePart[] {
    const shared = this.#lines.get(functionIndex);
    if (!shared) return amount > 0 ? [{ line: 0, amount }] : [];
    const passed = (this.#passed.get(functionIndex) ?? 0) + amount;
    this.#passed.set(functionIndex, passed);
    const wanted = shared.map(({ share, given }) => Math.max(0, share * passed - given));
    const parts = wanted.map(Math.floor);
    let rest = amount - parts.reduce((sum, part) => sum + part, 0);
    const byFraction = [...shared.keys()].sort((left, right) => fractionOf(wanted, right) - fractionOf(wanted, left));
    for (const at of rest > 0 ? byFraction : byFraction.toReversed()) {
      const change = rest > 0 ? 1 : -Math.min(parts[at] as number, -rest);
      if (rest === 0) break;
      parts[at] = (parts[at] as number) + change;
      rest -= change;
    }
    return shared.flatMap((entry, at) => {
      const part = parts[at] as number;
      entry.given += part;
      return part > 0 ? [{ line: entry.line, amount: part }] : [];
    });
  }
}

function fractionOf(amounts: readonly number[], at: number): number {
  return (amounts[at] as number) % 1;
}
