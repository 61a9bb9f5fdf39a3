import { StacksBuilder } from '../../../core/stacks/stacks-builder.ts';
import { defined } from '../../../protocol/defined.ts';
import type { StackFunction, Stacks } from '../../../protocol/stacks.ts';
import { componentOf } from './component-of.ts';

const stackLine = /^(.+) (\d+(?:\.\d+)?)$/;

/** Returns true if a text looks like collapsed stacks. */
export function isCollapsed(text: string): boolean {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  return lines.length > 0 && lines.slice(0, 20).every((line) => stackLine.test(line.trimEnd()));
}

/** Returns the stacks of a file with collapsed stacks. Their weights count as nanoseconds and as one sample each. */
export function readCollapsed(text: string, title: string): Stacks {
  const builder = new StacksBuilder();
  const tree = builder.addThread(title);
  for (const line of text.split('\n')) {
    const [, stack, weight] = stackLine.exec(line.trimEnd()) ?? [];
    if (stack === undefined || line.startsWith('#')) continue;
    const path = stack.split(';').map((name) => builder.indexOf(functionOf(name)));
    tree.addStack(path, 1, Math.round(Number(weight)));
  }
  return builder.build();
}

/** A name may be followed by the place of the function: `name (file:line)`. */
function functionOf(text: string): StackFunction {
  const [, name = text, file, line] = /^(.+) \(([^()]*[/\\.].*?)(?::(\d+))?\)$/.exec(text) ?? [];
  return {
    name,
    ...defined({ file, line: line === undefined ? undefined : Number(line) }),
    component: componentOf(file),
  };
}
