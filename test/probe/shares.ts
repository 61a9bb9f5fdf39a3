/** Compares what the probe tells of a program with what Node's own `--cpu-prof` does: shares of the time, by place. */
import { strict as assert } from 'node:assert';

/** On a busy machine a look can be late by a tenth of a second, which would go to whatever ran last. */
const latestUs = 20_000;

export type Shares = ReadonlyMap<string, number>;

export function ratios(times: readonly (readonly [string, number])[]): Shares {
  const sums = new Map<string, number>();
  for (const [place, time] of times) sums.set(place, (sums.get(place) ?? 0) + time);
  const all = [...sums.values()].reduce((sum, time) => sum + time, 0);
  return new Map([...sums].map(([place, time]) => [place, time / all]));
}

function meanOf(many: readonly Shares[]): Shares {
  const places = new Set(many.flatMap((shares) => [...shares.keys()]));
  return new Map(
    [...places].map((place) => [place, many.reduce((sum, shares) => sum + (shares.get(place) ?? 0), 0) / many.length]),
  );
}

/** Self time by place out of a profile that Node itself has written; the collector's time goes to the stack before it. */
export function sharesOf(text: string): Shares {
  interface Profile {
    readonly nodes: readonly { id: number; callFrame: { url: string; lineNumber: number; functionName: string } }[];
    readonly samples: readonly number[];
    readonly timeDeltas: readonly number[];
  }
  const { nodes, samples, timeDeltas } = JSON.parse(text) as Profile;
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  let last = '';
  return ratios(
    samples.flatMap((id, index) => {
      const { url, lineNumber, functionName } = frames.get(id) ?? { url: '', lineNumber: 0, functionName: '' };
      if (functionName !== '(garbage collector)')
        last = /^(file:\/\/)?\//.test(url) ? `${url.replace(/^file:\/\//, '')}:${lineNumber + 1}` : '';
      return last ? [[last, Math.min(timeDeltas[index + 1] ?? 0, latestUs)] as const] : [];
    }),
  );
}

/** Share of the time that two profiles give to the same places. */
function overlap(one: Shares, other: Shares): number {
  return [...one].reduce((sum, [place, share]) => sum + Math.min(share, other.get(place) ?? 0), 0);
}

/**
 * The ten hottest places stand on both sides with the same share, within five points, and as much of the time is told
 * alike as by two runs of Node's own. V8 gives the time of inlined code now to one function, now to its caller: two of
 * the ten may differ by that.
 */
export function assertAlike(truths: readonly Shares[], tellings: readonly Shares[]): void {
  const [truth, telling] = [meanOf(truths), meanOf(tellings)];
  const hottest = [...truth].sort((a, b) => b[1] - a[1]).slice(0, 10);
  assert.equal(hottest.length, 10);
  const apart = hottest.map(([place, share]) => Math.abs((telling.get(place) ?? 0) - share));
  const faults = hottest.map(
    ([place, share]) => `${place}: ${share.toFixed(3)}, told ${(telling.get(place) ?? 0).toFixed(3)}`,
  );
  assert.ok(apart.filter((points) => points < 0.05).length >= 8, faults.join('\n'));
  assert.ok(Math.max(...apart) < 0.15, faults.join('\n'));
  const [first = truth, second = truth] = truths;
  const [alike, itself] = [overlap(truth, telling), overlap(first, second)];
  assert.ok(
    alike > 0.85 * itself,
    `${alike.toFixed(2)} of the time is told alike, by Node itself ${itself.toFixed(2)}`,
  );
}
