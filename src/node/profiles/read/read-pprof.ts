import { Profile } from 'pprof-format';
import { HumanError } from '../../../core/human-error.ts';
import type { StackTree } from '../../../core/stacks/stack-tree.ts';
import { StacksBuilder } from '../../../core/stacks/stacks-builder.ts';
import { defined } from '../../../protocol/defined.ts';
import type { Stacks } from '../../../protocol/stacks.ts';
import { componentOf } from './component-of.ts';

/** Types of values that are times, in the order in which they are preferred, with their nanoseconds by unit. */
const timeTypes = ['cpu', 'time', 'wall', 'delay'];
const nsByUnit: Readonly<Record<string, number>> = {
  nanoseconds: 1,
  microseconds: 1e3,
  milliseconds: 1e6,
  seconds: 1e9,
};

/**
 * Returns the stacks of a pprof profile, one thread for each value of the label `thread`. Of its values, a time is shown;
 * without one, the last, as if it were nanoseconds.
 *
 * @throws HumanError if the bytes are not a profile
 */
export function readPprof(bytes: Uint8Array, title: string): Stacks {
  const profile = decode(bytes);
  const text = (index: number | bigint): string => profile.stringTable.strings[Number(index)] ?? '';
  const types = profile.sampleType.map(({ type, unit }) => ({ type: text(type), unit: text(unit) }));
  const preferred = timeTypes
    .map((type) => types.findIndex((entry) => entry.type === type))
    .find((index) => index >= 0);
  const valueIndex = preferred ?? types.length - 1;
  const countIndex = types.findIndex(({ unit }) => unit === 'count');
  const unitNs = nsByUnit[types[valueIndex]?.unit ?? ''] ?? 1;
  const builder = new StacksBuilder();
  const startLines = new Map(profile.function.map(({ id, startLine }) => [Number(id), Number(startLine)]));
  const functions = new Map(
    profile.function.map(({ id, name, filename, startLine }) => {
      const file = text(filename) || undefined;
      const line = Number(startLine) || undefined;
      return [
        Number(id),
        builder.indexOf({ name: text(name), ...defined({ file, line }), component: componentOf(file) }),
      ];
    }),
  );
  const hasLines = profile.location.some(({ line: frames }) =>
    frames.some(({ functionId, line }) => Number(line) > 0 && Number(line) !== startLines.get(Number(functionId))),
  );
  /** Functions of a location with the line that ran, the innermost first: several if functions were inlined. */
  const locations = new Map(
    profile.location.map(({ id, line: frames }) => [
      Number(id),
      frames.flatMap(({ functionId, line }) => {
        const index = functions.get(Number(functionId));
        return index === undefined ? [] : [{ index, line: hasLines ? Number(line) : 0 }];
      }),
    ]),
  );
  const trees = new Map<string, StackTree>();
  for (const { locationId, value, label } of profile.sample) {
    const thread = label.find(({ key }) => text(key) === 'thread');
    const name = thread ? text(thread.str) : title;
    const tree = trees.get(name) ?? builder.addThread(name);
    trees.set(name, tree);
    const stack = locationId.flatMap((id) => locations.get(Number(id)) ?? []);
    const count = countIndex >= 0 ? Number(value[countIndex] ?? 0) : 1;
    const ns = Math.round(Number(value[valueIndex] ?? 0) * unitNs);
    tree.addStack(stack.map(({ index }) => index).reverse(), count, ns);
    const counted = new Set<string>();
    for (const [depth, { index, line }] of stack.entries()) {
      const key = `${index} ${line}`;
      if (line <= 0 || counted.has(key)) continue;
      counted.add(key);
      builder.addLine(tree, [index, line, count, depth === 0 ? ns : 0, ns]);
    }
  }
  return builder.build();
}

function decode(bytes: Uint8Array): Profile {
  try {
    return Profile.decode(bytes);
  } catch {
    throw new HumanError('The file is not a pprof profile, or it is damaged.');
  }
}
