import { gzipSync } from 'node:zlib';
import { Line, Location, Profile, Function as ProfileFunction, Sample, StringTable, ValueType } from 'pprof-format';
import { type CallProfile, callPathsOf, threadTitle } from './call-profile.ts';

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
  const locations = stacks.functions.map(
    ({ line = 0 }, index) => new Location({ id: index + 1, line: [new Line({ functionId: index + 1, line })] }),
  );
  const samples = stacks.threads.flatMap((thread) =>
    [...callPathsOf(thread)].map(
      ({ functions: path, samples: count, cpuNs }) =>
        new Sample({
          // The innermost function comes first.
          locationId: path.map((index) => index + 1).reverse(),
          value: [count, Math.round(cpuNs)],
          label: [{ key: text('thread'), str: text(threadTitle(thread)) }],
        }),
    ),
  );
  const cpu = { type: text('cpu'), unit: text('nanoseconds') };
  const profile = new Profile({
    sampleType: [new ValueType({ type: text('samples'), unit: text('count') }), new ValueType(cpu)],
    sample: samples,
    location: locations,
    function: functions,
    stringTable,
    timeNanos: BigInt(Math.round(startedAtMs)) * 1_000_000n,
    durationNanos: BigInt(Math.round(durationNs)),
    periodType: new ValueType(cpu),
    defaultSampleType: cpu.type,
    comment: [text(title)],
  });
  return gzipSync(profile.encode());
}
