import type { CallFrame } from '../fold-profile.ts';

/** A captured stack, the innermost function first, and the time for which it stands. */
export interface TurnSample<Frame extends CallFrame> {
  readonly frames: readonly Frame[];
  readonly weight: number;
}

/**
 * Returns the stack that held a thread: the functions that were running, in this order, for at least half of the time. The
 * innermost of them comes first. With samples that share no function for so long, the heaviest one.
 */
export function heldStack<Frame extends CallFrame>(samples: readonly TurnSample<Frame>[]): readonly Frame[] {
  // A stack that was captured at the very start of a turn may stand for no time.
  const total = samples.reduce((sum, { weight }) => sum + weight, 0);
  const weightOf = ({ weight }: TurnSample<Frame>): number => (total > 0 ? weight : 1);
  const half = (total > 0 ? total : samples.length) / 2;
  let candidates = samples.filter(({ frames }) => frames.length > 0);
  const held: Frame[] = [];
  for (;;) {
    const depth = held.length;
    const heaviest = heaviestGroup(candidates, depth, weightOf);
    if (!heaviest || (heaviest.weight < half && depth > 0)) return held;
    candidates = heaviest.samples;
    held.unshift(heaviest.frame);
  }
}

interface Group<Frame extends CallFrame> {
  readonly frame: Frame;
  readonly samples: TurnSample<Frame>[];
  weight: number;
}

/** Groups samples by their function at a distance from the outermost one. */
function heaviestGroup<Frame extends CallFrame>(
  samples: readonly TurnSample<Frame>[],
  depth: number,
  weightOf: (sample: TurnSample<Frame>) => number,
): Group<Frame> | undefined {
  const groups = new Map<string, Group<Frame>>();
  for (const sample of samples) {
    const frame = sample.frames[sample.frames.length - 1 - depth];
    if (!frame) continue;
    const key = `${frame.url}:${frame.lineNumber}:${frame.columnNumber}:${frame.functionName}`;
    const group = groups.get(key) ?? { frame, samples: [], weight: 0 };
    groups.set(key, group);
    group.samples.push(sample);
    group.weight += weightOf(sample);
  }
  let heaviest: Group<Frame> | undefined;
  for (const group of groups.values()) if (!heaviest || group.weight > heaviest.weight) heaviest = group;
  return heaviest;
}
