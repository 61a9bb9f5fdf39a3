/** Resource use of the process tree of a run, measured from outside. */
import { defined } from '../../../protocol/defined.ts';
import type { TreeSample, TreeUsage } from '../../../protocol/tree-sample.ts';
import type { Slot } from '../series/slot.ts';

export class TreeTotals {
  #usage: TreeUsage = {};
  #latest: TreeSample | undefined;
  #latestNs = 0;
  #cpuRatio: number | undefined;

  /** Use from the start of the run, as far as it is known. */
  get usage(): TreeUsage {
    return this.#usage;
  }

  /** The newest sample. Its cumulative values never fall, although the system may forget those of an ended process. */
  get latest(): TreeSample | undefined {
    return this.#latest;
  }

  /** CPU use of the program between the last two samples; 1 is one core. */
  get cpuRatio(): number | undefined {
    return this.#cpuRatio;
  }

  /**
   * @param slot open slot of the series of the processes
   * @param excludedNs CPU time of processes since the previous sample that does not count as that of the program
   */
  sample(sample: TreeSample, nowNs: number, slot: Slot | undefined, excludedNs = 0): void {
    const elapsedNs = nowNs - this.#latestNs;
    const previous = this.#latest;
    if (previous && elapsedNs > 0) {
      // The CPU time of an ended process may vanish from the sum, so the difference can be negative.
      this.#cpuRatio = Math.max(0, sample.cpuNs - previous.cpuNs - excludedNs) / elapsedNs;
      slot?.observe('cpuRatio', this.#cpuRatio);
      for (const name of ['readBytes', 'writtenBytes'] as const) {
        const [now, before] = [sample[name], previous[name]];
        if (now !== undefined && before !== undefined)
          slot?.observe(name, (Math.max(0, now - before) * 1e9) / elapsedNs);
      }
    }
    slot?.observe('rssBytes', sample.rssBytes);
    this.#latest = { ...sample, ...cumulative(previous, sample) };
    this.#latestNs = nowNs;
    this.addUsage({ peakRssBytes: sample.rssBytes, cpuNs: sample.cpuNs });
  }

  /** Values that are absent or lower than before change nothing. */
  addUsage(usage: TreeUsage): void {
    const highest = (name: keyof TreeUsage): number | undefined => {
      const [now, before] = [usage[name], this.#usage[name]];
      return now === undefined || before === undefined ? (now ?? before) : Math.max(now, before);
    };
    this.#usage = defined({ peakRssBytes: highest('peakRssBytes'), cpuNs: highest('cpuNs') });
  }
}

function cumulative(previous: TreeSample | undefined, sample: TreeSample): Partial<TreeSample> {
  const names = ['cpuNs', 'readBytes', 'writtenBytes'] as const;
  const present = names.filter((name) => (sample[name] ?? previous?.[name]) !== undefined);
  return Object.fromEntries(present.map((name) => [name, Math.max(sample[name] ?? 0, previous?.[name] ?? 0)]));
}
