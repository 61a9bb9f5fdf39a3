import { defined } from '../../protocol/defined.ts';
import { type CallProfile, callPathsOf, threadTitle } from './call-profile.ts';

/**
 * Writes a file for https://www.speedscope.app, with one profile for each thread. Weights are CPU time; those of the spans of a
 * thread, which are a profile of their own, are wall time.
 */
export function writeSpeedscope({ stacks, title }: CallProfile): string {
  const frames = stacks.functions.map(({ name, file, line, column }) => ({
    name,
    ...defined({ file, line, col: column }),
  }));
  const profiles = stacks.threads.map((thread) => {
    const paths = [...callPathsOf(thread)].filter(({ cpuNs }) => cpuNs > 0);
    return {
      type: 'sampled',
      name: threadTitle(thread),
      unit: 'nanoseconds',
      startValue: 0,
      endValue: paths.reduce((sum, { cpuNs }) => sum + cpuNs, 0),
      samples: paths.map(({ functions }) => functions),
      weights: paths.map(({ cpuNs }) => cpuNs),
    };
  });
  return JSON.stringify({
    $schema: 'https://www.speedscope.app/file-format-schema.json',
    name: title,
    exporter: 'pipescope',
    activeProfileIndex: 0,
    shared: { frames },
    profiles,
  });
}
