/** Writes stacks in every format, and reads them again where Pipescope does. */
import { strict as assert } from 'node:assert';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { functionTimes } from '../../../src/core/stacks/function-times.ts';
import { mergeThreads } from '../../../src/core/stacks/merge-threads.ts';
import { StackTree } from '../../../src/core/stacks/stack-tree.ts';
import { type CallProfile, titleOf } from '../../../src/node/profiles/call-profile.ts';
import { profileFormatOf, profileFormats } from '../../../src/node/profiles/profile-formats.ts';
import { snapshotOfProfile } from '../../../src/node/profiles/profile-snapshot.ts';
import { readProfile } from '../../../src/node/profiles/read/read-profile.ts';
import type { StackFunction, Stacks } from '../../../src/protocol/stacks.ts';

const functions: readonly StackFunction[] = [
  { name: 'main', file: 'src/main.js', line: 1, column: 1, component: 'src' },
  { name: 'parse', file: 'src/parse.js', line: 12, column: 8, component: 'src' },
  { name: 'sort', component: '(native)' },
  { name: '(anonymous)', file: '/outside/été/a b.js', line: 3, component: '(outside the workspace)' },
  { name: 'a;b "quoted" <b>', file: 'src/odd;name.js', component: 'src' },
];

const sample = fc.record({
  stack: fc.array(fc.nat({ max: functions.length - 1 }), { minLength: 1, maxLength: 7 }),
  cpuNs: fc.integer({ min: 1, max: 1e9 }),
});
const threads = fc.array(fc.array(sample, { minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 3 });

function profileOf(recorded: readonly (readonly { readonly stack: readonly number[]; readonly cpuNs: number }[])[]) {
  const stacks: Stacks = {
    functions,
    threads: recorded.map((samples, thread) => {
      const tree = new StackTree();
      for (const { stack, cpuNs } of samples) tree.addStack(stack, 1, cpuNs);
      return { process: 7, thread, name: `worker ${thread}`, nodes: tree.nodes(), omitted: 0 };
    }),
  };
  const profile: CallProfile = {
    stacks,
    title: 'npm run build',
    startedAtMs: Date.UTC(2026, 0, 2),
    durationNs: 2e9,
    workspace: '/w',
  };
  return profile;
}

/** Adds lines to each thread: a share of 10 is the whole self time of a function. */
function withLines(
  profile: CallProfile,
  linesByFunction: readonly (readonly { readonly line: number; readonly share: number }[])[],
): CallProfile {
  const linedThreads = profile.stacks.threads.map((thread) => {
    const lines = [...functionTimes(thread.nodes)].flatMap(([index, { selfNs }]) => {
      const seen = new Set<number>();
      let rest = selfNs;
      return (linesByFunction[index] ?? []).flatMap(({ line, share }) => {
        const lineNs = Math.min(rest, Math.floor((selfNs * share) / 10));
        // Lines in front of a function are not its own.
        if (lineNs === 0 || seen.has(line) || line <= (functions[index]?.line ?? 0)) return [];
        seen.add(line);
        rest -= lineNs;
        return [[index, line, 1, lineNs, lineNs] as const];
      });
    });
    return { ...thread, ...(lines.length > 0 ? { lines } : {}) };
  });
  return { ...profile, stacks: { ...profile.stacks, threads: linedThreads, lineSource: 'ticks' } };
}

/** Returns the self time of each line by function and line. */
function linesByName(stacks: Stacks | undefined): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const { lines = [] } of stacks?.threads ?? [])
    for (const [index, line, , selfNs] of lines) {
      const place = `${stacks?.functions[index]?.name}:${line}`;
      if (selfNs > 0) sums[place] = (sums[place] ?? 0) + selfNs;
    }
  return sums;
}

/** Returns the time of each call path, without the threads: not every format has them. */
function timesByPath({ functions: all, threads: list }: Stacks, nameOf: (called: StackFunction) => string) {
  const sums = new Map<string, number>();
  for (const { nodes } of list) {
    const paths: string[] = [];
    for (const [parent, index, , cpuNs] of nodes) {
      const path = `${parent < 0 ? '' : `${paths[parent]} > `}${nameOf(all[index] as StackFunction)}`;
      paths.push(path);
      if (cpuNs > 0) sums.set(path, (sums.get(path) ?? 0) + cpuNs);
    }
  }
  return Object.fromEntries([...sums].sort());
}

function totalOf({ threads: list }: Stacks): number {
  return list.flatMap(({ nodes }) => nodes).reduce((sum, [, , , cpuNs]) => sum + cpuNs, 0);
}

function samplesIn({ threads: list }: Stacks): number {
  return list.flatMap(({ nodes }) => nodes).reduce((sum, [, , samples]) => sum + samples, 0);
}

const plainTitle = (called: StackFunction): string => titleOf(called).replace(/;/g, ':');
/** What a format keeps of a function, for those that Pipescope reads. */
const keptNames: Readonly<Record<string, (called: StackFunction) => string>> = {
  cpuprofile: ({ name, file = '', line = 0, column = 0 }) => [name, file.replace(/^\/w\//, ''), line, column].join(' '),
  pprof: ({ name, file = '', line = 0 }) => [name, file, line].join(' '),
  speedscope: ({ name, file = '', line = 0, column = 0 }) => [name, file, line, column].join(' '),
  collapsed: plainTitle,
};

describe('profile formats', () => {
  it('keep the wall time of spans apart from CPU time', async () => {
    const profile = profileOf([[{ stack: [0, 1], cpuNs: 40 }], [{ stack: [0, 2], cpuNs: 700 }]]);
    const [sampled, other] = profile.stacks.threads;
    const spans = { ...(other as (typeof profile.stacks.threads)[number]), kind: 'spans' as const };
    const mixed = { ...profile, stacks: { ...profile.stacks, threads: [sampled as typeof spans, spans] } };
    const onlySpans = { ...profile, stacks: { ...profile.stacks, threads: [spans] } };
    /** Time that is left of CPU time and spans, and of spans only. */
    const kept: Readonly<Record<string, readonly [mixedNs: number, spansNs: number]>> = {
      cpuprofile: [40, 700],
      pprof: [40, 700],
      speedscope: [740, 700],
      collapsed: [40, 700],
    };
    for (const { id, write } of profileFormats) {
      if (!kept[id]) continue;
      const read = async (written: CallProfile) =>
        totalOf(await readProfile(Buffer.from(await write(written)), 'title'));
      assert.deepEqual([await read(mixed), await read(onlySpans)], kept[id], id);
    }
  });

  for (const { id, extension, write } of profileFormats) {
    it(`are selected by the extension .${extension}`, () => {
      assert.equal(profileFormatOf(`/tmp/x.${extension}`)?.id, id);
    });

    const kept = keptNames[id];
    if (!kept) continue;
    it(`keep every call path and all time when ${id} is written and read again`, async () => {
      await fc.assert(
        fc.asyncProperty(threads, async (recorded) => {
          const profile = profileOf(recorded);
          const written = await write(profile);
          const bytes = typeof written === 'string' ? new TextEncoder().encode(written) : written;
          const read = await readProfile(bytes, 'title');
          // Microseconds with fractions lose less than a nanosecond for each call path.
          const paths = profile.stacks.threads.reduce((sum, { nodes }) => sum + nodes.length, 0);
          assert.ok(Math.abs(totalOf(read) - totalOf(profile.stacks)) <= (id === 'cpuprofile' ? paths : 0));
          if (id === 'cpuprofile' || id === 'pprof') assert.equal(samplesIn(read), samplesIn(profile.stacks));
          const expected = timesByPath(profile.stacks, kept);
          const actual = timesByPath(withoutThreadFrames(read), kept);
          assert.deepEqual(Object.keys(actual), Object.keys(expected));
          for (const [path, cpuNs] of Object.entries(expected))
            assert.ok(Math.abs((actual[path] ?? 0) - cpuNs) <= profile.stacks.threads.length, path);
        }),
        { numRuns: 30 },
      );
    });
  }

  const lined = fc.array(fc.record({ line: fc.integer({ min: 1, max: 40 }), share: fc.nat({ max: 9 }) }), {
    maxLength: 6,
  });
  for (const extension of ['cpuprofile', 'pb.gz'])
    it(`keep the cost of lines in .${extension} files`, async () => {
      await fc.assert(
        fc.asyncProperty(
          threads,
          fc.array(lined, { minLength: 5, maxLength: 5 }),
          async (recorded, linesByFunction) => {
            const profile = withLines(profileOf(recorded), linesByFunction);
            const written = await profileFormatOf(`x.${extension}`)?.write(profile);
            assert.ok(written);
            const bytes = typeof written === 'string' ? new TextEncoder().encode(written) : written;
            const stacks = await readProfile(bytes, 'title');
            const { stacks: reopened } = snapshotOfProfile(stacks, 'title');
            assert.deepEqual(linesByName(reopened), linesByName(stacks));
            const [expected, actual] = [linesByName(profile.stacks), linesByName(stacks)];
            if (extension === 'pb.gz') return assert.deepEqual(actual, expected);
            // Ticks are whole samples, so each is as exact as one sample of its call path.
            const nodes = profile.stacks.threads.flatMap((thread) => thread.nodes);
            const largestNs = Math.max(0, ...nodes.map(([, , samples, cpuNs]) => (samples > 0 ? cpuNs / samples : 0)));
            for (const [place, selfNs] of Object.entries(expected))
              assert.ok(Math.abs((actual[place] ?? 0) - selfNs) <= (nodes.length + 1) * largestNs, place);
          },
        ),
        { numRuns: 30 },
      );
    });

  it('write the samples of each line to a CPU profile as V8 does', async () => {
    const profile = withLines(profileOf([Array.from({ length: 10 }, () => ({ stack: [0, 1], cpuNs: 100 }))]), [
      [],
      [
        { line: 14, share: 7 },
        { line: 20, share: 2 },
      ],
    ]);
    const { nodes } = JSON.parse((await profileFormatOf('x.cpuprofile')?.write(profile)) as string) as {
      nodes: { callFrame: { functionName: string }; hitCount: number; positionTicks?: unknown }[];
    };
    const parse = nodes.find(({ callFrame }) => callFrame.functionName === 'parse');
    assert.deepEqual(parse?.positionTicks, [
      { line: 14, ticks: 7 },
      { line: 20, ticks: 2 },
    ]);
    assert.equal(parse?.hitCount, 10);
  });

  it('have a test of their content each', () => {
    const tested = [...Object.keys(keptNames), 'trace'];
    assert.deepEqual(profileFormats.map(({ id }) => id).sort(), tested.sort());
  });

  it('place callees inside of their caller in a Chrome trace, with the same total', async () => {
    const trace = profileFormats.find(({ id }) => id === 'trace');
    assert.ok(trace);
    const profile = profileOf([
      [
        { stack: [0, 1], cpuNs: 3000 },
        { stack: [0, 2], cpuNs: 1000 },
        { stack: [0], cpuNs: 500 },
      ],
    ]);
    const { traceEvents } = JSON.parse((await trace.write(profile)) as string) as {
      traceEvents: { ph: string; name: string; ts: number; dur: number }[];
    };
    const events = traceEvents.filter(({ ph }) => ph === 'X').map(({ name, ts, dur }) => [name, ts, dur]);
    assert.deepEqual(events, [
      ['main', 0, 4.5],
      ['parse', 0, 3],
      ['sort', 3, 1],
    ]);
  });

  it('write a compressed pprof profile', async () => {
    const written = await profileFormatOf('x.pb.gz')?.write(profileOf([[{ stack: [0], cpuNs: 5 }]]));
    assert.ok(written instanceof Uint8Array && gunzipSync(written).length > 20);
  });
});

describe('snapshotOfProfile', () => {
  it('has the times of every function, and shows the same stacks', () => {
    fc.assert(
      fc.property(threads, (recorded) => {
        const { stacks } = profileOf(recorded);
        const snapshot = snapshotOfProfile(stacks, 'a.cpuprofile');
        const nameOf = ({ name, file = '' }: StackFunction): string => `${name} ${file}`;
        assert.deepEqual(timesByPath(snapshot.stacks as Stacks, nameOf), timesByPath(stacks, nameOf));
        const times = functionTimes(mergeThreads(stacks.threads));
        for (const [index, { selfNs, totalNs }] of times) {
          const { name, file } = functions[index] as StackFunction;
          const operation = snapshot.operations.find((entry) => entry.name === name && entry.file === file);
          assert.deepEqual([operation?.selfNs, operation?.totalNs, operation?.source], [selfNs, totalNs, 'sampled']);
        }
        assert.equal(snapshot.run.durationNs, totalOf(stacks));
        assert.equal(snapshot.run.kind, 'profile');
        assert.deepEqual([snapshot.dropped.values, snapshot.notices.length], [0, 1]);
      }),
      { numRuns: 30 },
    );
  });
});

/** Removes the frame that stands for a thread in formats that have no threads. */
function withoutThreadFrames(stacks: Stacks): Stacks {
  const isThread = (index: number): boolean => /\(process 7, thread \d\)/.test(stacks.functions[index]?.name ?? '');
  return {
    ...stacks,
    threads: stacks.threads.map((thread) => {
      const tree = new StackTree();
      const paths: number[][] = [];
      for (const [parent, index, samples, cpuNs] of thread.nodes) {
        const path = [...(paths[parent] ?? []), ...(isThread(index) ? [] : [index])];
        paths.push(path);
        if (samples > 0 || cpuNs > 0) tree.addStack(path, samples, cpuNs);
      }
      return { ...thread, nodes: tree.nodes() };
    }),
  };
}

describe('readProfile', () => {
  const read = (text: string): Promise<Stacks> => readProfile(new TextEncoder().encode(text), 'title');

  for (const [what, text] of Object.entries({
    'JSON of something else': '{"a":1}',
    'JSON that was cut off': '{"nodes":[{"id":1',
    'a text': 'hello\nworld',
    nothing: '',
  })) {
    it(`refuses ${what} with a message that says what to do`, async () => {
      await assert.rejects(read(text), { name: 'HumanError' });
    });
  }

  it('refuses damaged compressed bytes', async () => {
    await assert.rejects(readProfile(Uint8Array.of(0x1f, 0x8b, 1, 2, 3), 'x'), { name: 'HumanError' });
  });

  it('reads events of speedscope', async () => {
    const file = {
      shared: { frames: [{ name: 'a' }, { name: 'b' }] },
      profiles: [
        {
          type: 'evented',
          name: 't',
          unit: 'microseconds',
          startValue: 0,
          endValue: 10,
          events: [
            { type: 'O', frame: 0, at: 0 },
            { type: 'O', frame: 1, at: 2 },
            { type: 'C', frame: 1, at: 7 },
            { type: 'C', frame: 0, at: 10 },
          ],
        },
      ],
    };
    const times = timesByPath(await read(JSON.stringify(file)), ({ name }) => name);
    assert.deepEqual(times, { a: 5000, 'a > b': 5000 });
  });

  it('leaves out idle time of a CPU profile, and survives a node that is its own ancestor', async () => {
    const frame = (functionName: string) => ({ functionName, url: '', lineNumber: 0, columnNumber: 0, scriptId: '1' });
    const profile = {
      nodes: [
        { id: 1, callFrame: frame('(root)'), children: [2, 3] },
        { id: 2, callFrame: frame('work'), children: [4] },
        { id: 3, callFrame: frame('(idle)') },
        { id: 4, callFrame: frame('loop'), children: [4] },
      ],
      startTime: 0,
      endTime: 30,
      samples: [2, 3, 2],
      timeDeltas: [0, 10, 10],
    };
    assert.deepEqual(
      timesByPath(await read(JSON.stringify(profile)), ({ name }) => name),
      { work: 20_000 },
    );
    const looped = { ...profile, samples: [4], timeDeltas: [0] };
    assert.equal(totalOf(await read(JSON.stringify(looped))), 30_000);
  });
});
