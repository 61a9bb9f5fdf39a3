import { gzipSync } from 'node:zlib';
import { Line, Location, Profile, Function as ProfileFunction, Sample, StringTable, ValueType } from 'pprof-format';
import type { ThreadStacks } from '../../protocol/stacks.ts';
import { type CallProfile, callPathsOf, threadTitle } from './call-profile.ts';
import { LineShares } from './line-shares.ts';

/** Writes a compressed profile for pprof, Pyroscope and Grafana: https://github.com/google/pprof, `proto/profile.proto`. */
export function writePprof({ stacks, startedAtMs, durationNs, title }: CallProfile): Uint8Array {
  const stringTable = new StringTable();
  const text = (value: string): number => stringTable.dedup(value);
  const functions = stacks.functions.map(
    ({ name, file = '', line = 0 }, index) =>
      new ProfileFunction({
        id: index + 1,
        name: text(name),
        systemName: text(name),
        filename: text(file),
        startLine: line,
      }),
  );
  const locations = new Map<string, Location>();
  const locationOf = (index: number, line: number): number => {
    const key = `${index} ${line}`;
    const location =
      locations.get(key) ?? new Location({ id: locations.size + 1, line: [new Line({ functionId: index + 1, line })] });
    locations.set(key, location);
    return Number(location.id);
  };
  // CPU time and the wall time of spans are different values, because they must not be added up.
  const units = [...new Set(stacks.threads.map(unitOf))].sort();
  const valuesOf = (thread: ThreadStacks, [count, ns]: readonly [count: number, ns: number]): number[] => [
    count,
    ...units.map((unit) => (unit === unitOf(thread) ? ns : 0)),
  ];
  // Lines are known of innermost functions only. In a profile without lines, the line of a location is that of its function.
  const hasLines = stacks.threads.some(({ lines }) => lines !== undefined);
  const lineOf = (index: number): number => (hasLines ? 0 : (stacks.functions[index]?.line ?? 0));
  const samples = stacks.threads.flatMap((thread) => {
    const [times, counts] = [new LineShares(thread), new LineShares(thread)];
    const label = [{ key: text('thread'), str: text(threadTitle(thread)) }];
    return [...callPathsOf(thread)].flatMap(({ functions: path, samples: count, cpuNs }) => {
      const innermost = path.at(-1) as number;
      const callers = path.slice(0, -1).map((index) => locationOf(index, lineOf(index)));
      const values = new Map<number, readonly [count: number, ns: number]>();
      for (const { line, amount } of counts.split(innermost, count)) values.set(line, [amount, 0]);
      for (const { line, amount } of times.split(innermost, Math.round(cpuNs)))
        values.set(line, [values.get(line)?.[0] ?? 0, amount]);
      return [...values].map(([line, value]) => {
        const location = locationOf(innermost, line > 0 ? line : lineOf(innermost));
        // The innermost function comes first.
        return new Sample({ locationId: [location, ...callers.toReversed()], value: valuesOf(thread, value), label });
      });
    });
  });
  const times = units.map((type) => ({ type: text(type), unit: text('nanoseconds') }));
  const main = times[0] ?? { type: text('cpu'), unit: text('nanoseconds') };
  const profile = new Profile({
    sampleType: [
      new ValueType({ type: text('samples'), unit: text('count') }),
      ...times.map((time) => new ValueType(time)),
    ],
    sample: samples,
    location: [...locations.values()],
    function: functions,
    stringTable,
    timeNanos: BigInt(Math.round(startedAtMs)) * 1_000_000n,
    durationNanos: BigInt(Math.round(durationNs)),
    periodType: new ValueType(main),
    defaultSampleType: main.type,
    comment: [text(title)],
  });
  return gzipSync(profile.encode());
}

/** Returns the type of the times of a thread, in the words of pprof. */
function unitOf({ kind }: ThreadStacks): 'cpu' | 'wall' {
  return kind === 'spans' ? 'wall' : 'cpu';
}
