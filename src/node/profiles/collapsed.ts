import { addableThreads } from '../../core/stacks/thread-kinds.ts';
import { type CallProfile, callPathsOf, threadTitle, titleOf } from './call-profile.ts';

/**
 * Writes collapsed stacks: one line for each call path, with its nanoseconds. The format of flamegraph.pl, see
 * https://github.com/brendangregg/FlameGraph.
 */
export function writeCollapsed({ stacks }: CallProfile): string {
  const { functions } = stacks;
  const threads = addableThreads(stacks.threads);
  const lines = threads.flatMap((thread) => {
    const first = threads.length > 1 ? [escapeName(threadTitle(thread))] : [];
    return [...callPathsOf(thread)].flatMap(({ functions: path, cpuNs }) => {
      const names = path.map((index) => escapeName(titleOf(functions[index] ?? { name: '?', component: '' })));
      return cpuNs > 0 ? [`${[...first, ...names].join(';')} ${Math.round(cpuNs)}`] : [];
    });
  });
  return lines.map((line) => `${line}\n`).join('');
}

/** A semicolon separates functions, and a line break stacks. */
function escapeName(name: string): string {
  return name.replace(/;/g, ':').replace(/\s+/g, ' ');
}
