import type { CallFrame, CpuProfile, ProfileLines } from '../fold-profile.ts';
import type { OperationRegistry } from '../operation-registry.ts';
import { InlineRepair, type RepairedTick } from './inline-repair.ts';
import type { OutlineSource } from './known-functions.ts';

/** Maximum number of lines whose originals are remembered. */
const maxLines = 50_000;

/** Lines of the profiles of one thread: repaired in the running code, then mapped to the original source. */
export class RepairedLines implements ProfileLines {
  readonly #operations: OperationRegistry;
  readonly #repair: InlineRepair;
  readonly #originals = new Map<string, number>();

  constructor(operations: OperationRegistry, outlines: OutlineSource) {
    this.#operations = operations;
    this.#repair = new InlineRepair(outlines, (file, line, column) => operations.unshiftedColumn(file, line, column));
  }

  /** Learns which functions call each other, before the profile is folded. */
  learn(profile: CpuProfile): void {
    this.#repair.learn(profile);
  }

  repair(frame: CallFrame, line: number): RepairedTick {
    return this.#repair.repair(frame, line);
  }

  between(caller: CallFrame, callee: CallFrame): readonly CallFrame[] {
    return this.#repair.between(caller, callee);
  }

  callLine(caller: CallFrame, callee: CallFrame): number {
    return this.#repair.callLine(caller, callee);
  }

  lineOf(id: number, frame: CallFrame, line: number): number {
    const key = `${id}\0${frame.url}\0${line}`;
    const existing = this.#originals.get(key);
    if (existing !== undefined) return existing;
    const original = this.#operations.lineOf(id, frame, line, 0);
    if (this.#originals.size < maxLines) this.#originals.set(key, original);
    return original;
  }
}
