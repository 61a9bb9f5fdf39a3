import { HumanError } from '../../../core/human-error.ts';
import { StacksBuilder } from '../../../core/stacks/stacks-builder.ts';
import { defined } from '../../../protocol/defined.ts';
import { type Infer, list, literal, number, object, optional, text, union } from '../../../protocol/schema.ts';
import type { Stacks } from '../../../protocol/stacks.ts';
import { componentOf } from './component-of.ts';

const maxEntries = 10_000_000;

const sampled = object({
  type: literal('sampled'),
  name: text,
  unit: text,
  samples: list(list(number, maxEntries), maxEntries),
  weights: list(number, maxEntries),
});
const evented = object({
  type: literal('evented'),
  name: text,
  unit: text,
  events: list(object({ type: literal('O', 'C'), frame: number, at: number }), maxEntries),
});
export const isSpeedscope = object({
  shared: object({
    frames: list(
      object({ name: text, file: optional(text), line: optional(number), col: optional(number) }),
      maxEntries,
    ),
  }),
  profiles: list(union(sampled, evented), 10_000),
});
/** File of https://www.speedscope.app. */
type Speedscope = Infer<typeof isSpeedscope>;

/** Nanoseconds by unit of a profile. Weights without a unit of time are shown as if they were nanoseconds. */
const nsByUnit: Readonly<Record<string, number>> = {
  nanoseconds: 1,
  microseconds: 1e3,
  milliseconds: 1e6,
  seconds: 1e9,
};

/**
 * Returns the stacks of a speedscope file, one thread for each of its profiles.
 *
 * @throws HumanError if functions end that have not begun
 */
export function readSpeedscope({ shared, profiles }: Speedscope): Stacks {
  const builder = new StacksBuilder();
  const indices = shared.frames.map(({ name, file, line, col }) =>
    builder.indexOf({
      name,
      ...defined({ file, line: positive(line), column: positive(col) }),
      component: componentOf(file),
    }),
  );
  const indexOf = (frame: number): number => {
    const index = indices[frame];
    if (index === undefined) throw new HumanError('The speedscope file refers to a frame that it does not list.');
    return index;
  };
  for (const profile of profiles) {
    const tree = builder.addThread(profile.name);
    const unitNs = nsByUnit[profile.unit] ?? 1;
    if (profile.type === 'sampled') {
      for (const [index, stack] of profile.samples.entries())
        tree.addStack(stack.map(indexOf), 1, Math.round((profile.weights[index] ?? 0) * unitNs));
      continue;
    }
    const stack: number[] = [];
    let lastAt = profile.events[0]?.at ?? 0;
    for (const { type, frame, at } of profile.events) {
      if (stack.length > 0 && at > lastAt) tree.addStack(stack, 1, Math.round((at - lastAt) * unitNs));
      lastAt = at;
      if (type === 'O') stack.push(indexOf(frame));
      else if (stack.pop() !== indexOf(frame))
        throw new HumanError('The speedscope file ends a function that is not the innermost one.');
    }
  }
  return builder.build();
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? Math.round(value) : undefined;
}
