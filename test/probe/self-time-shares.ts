/** Compares the profile of the probe with that of Node's own `--cpu-prof`: shares of self time by source line. */
import { strict as assert } from 'node:assert';

/** Maximum time counted for one sample: on a busy machine samples can be 100 ms late, and the last function would get it. */
const maxSampleUs = 20_000;

/** Share of the time by `file:line`. */
export type SelfTimeShares = ReadonlyMap<string, number>;

export function sharesByPlace(times: readonly (readonly [string, number])[]): SelfTimeShares {
  const sums = new Map<string, number>();
  for (const [place, time] of times) sums.set(place, (sums.get(place) ?? 0) + time);
  const total = [...sums.values()].reduce((sum, time) => sum + time, 0);
  return new Map([...sums].map(([place, time]) => [place, time / total]));
}

function meanOf(runs: readonly SelfTimeShares[]): SelfTimeShares {
  const places = new Set(runs.flatMap((shares) => [...shares.keys()]));
  return new Map(
    [...places].map((place) => [place, runs.reduce((sum, shares) => sum + (shares.get(place) ?? 0), 0) / runs.length]),
  );
}

/** Reads shares from the text of a `--cpu-prof` file. Garbage collection counts for the code that ran before it. */
export function readCpuProfileShares(text: string): SelfTimeShares {
  interface Profile {
    readonly nodes: readonly { id: number; callFrame: { url: string; lineNumber: number; functionName: string } }[];
    readonly samples: readonly number[];
    readonly timeDeltas: readonly number[];
  }
  const { nodes, samples, timeDeltas } = JSON.parse(text) as Profile;
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  let lastPlace = '';
  return sharesByPlace(
    samples.flatMap((id, index) => {
      const { url, lineNumber, functionName } = frames.get(id) ?? { url: '', lineNumber: 0, functionName: '' };
      if (functionName !== '(garbage collector)')
        lastPlace = /^(file:\/\/)?\//.test(url) ? `${url.replace(/^file:\/\//, '')}:${lineNumber + 1}` : '';
      return lastPlace ? [[lastPlace, Math.min(timeDeltas[index + 1] ?? 0, maxSampleUs)] as const] : [];
    }),
  );
}

/** Returns the share of the time that two profiles attribute to the same places. */
function overlapOf(first: SelfTimeShares, second: SelfTimeShares): number {
  return [...first].reduce((sum, [place, share]) => sum + Math.min(share, second.get(place) ?? 0), 0);
}

/**
 * Asserts that the probe agrees with Node's profiler: the ten hottest places have the same share within five points, and
 * the profiles overlap almost as much as two runs of Node's profiler. V8 attributes inlined code sometimes to the function
 * and sometimes to its caller, so two of the ten places may differ more.
 */
export function assertSimilarShares(
  expectedRuns: readonly SelfTimeShares[],
  actualRuns: readonly SelfTimeShares[],
): void {
  const [expected, actual] = [meanOf(expectedRuns), meanOf(actualRuns)];
  const hottest = [...expected].sort((a, b) => b[1] - a[1]).slice(0, 10);
  assert.equal(hottest.length, 10);
  const differences = hottest.map(([place, share]) => Math.abs((actual.get(place) ?? 0) - share));
  const comparison = hottest
    .map(([place, share]) => `${place}: expected ${share.toFixed(3)}, reported ${(actual.get(place) ?? 0).toFixed(3)}`)
    .join('\n');
  assert.ok(differences.filter((difference) => difference < 0.05).length >= 8, comparison);
  assert.ok(Math.max(...differences) < 0.15, comparison);
  const [firstRun = expected, secondRun = expected] = expectedRuns;
  const [overlap, nodeOverlap] = [overlapOf(expected, actual), overlapOf(firstRun, secondRun)];
  assert.ok(
    overlap > 0.85 * nodeOverlap,
    `the profiles overlap by ${overlap.toFixed(2)}, two runs of Node's profiler by ${nodeOverlap.toFixed(2)}`,
  );
}
