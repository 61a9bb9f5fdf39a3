/** `pipescope bench`: whole-process runs of a pipeline or of any program, compared with others where asked. */
import type { BenchReport } from '../../core/benchmark.ts';
import { type Comparison, compareReports } from '../../core/comparison.ts';
import * as format from '../../core/format.ts';
import { median } from '../../core/statistics.ts';
import { type Verdict, verdicts } from '../../core/verdict.ts';
import { type BenchOptions, benchmark } from '../bench.ts';
import { machineOf } from '../machine.ts';
import { Store } from '../store.ts';
import { commandSubject, pipelineSubject, type Subject } from '../subject.ts';
import { wordsOf } from '../words.ts';
import { checkOut } from '../worktree.ts';
import { type Against, againstOf } from './against.ts';
import { type Benched, formats } from './benched.ts';
import { exitCodes, type Invocation, placeOf, subjectOf, UsageError, wholeOf } from './invocation.ts';
import { Screen } from './screen.ts';

export async function bench(invocation: Invocation): Promise<number> {
  const { options, stdout, stderr, signal, dist } = invocation;
  const screen = new Screen(stderr);
  const { workspace, data, subject } = whatOf(invocation);
  const write = writerOf(options);
  const failsOn = failureOf(options['fail-on']);
  const measuring: BenchOptions = {
    dist,
    signal,
    alone: true,
    ...(options['ignore-failure'] ? { ignoreFailure: true } : {}),
    runs: options.runs === undefined ? 'auto' : wholeOf('runs', options.runs, 10, 1),
    warmup: wholeOf('warmup', options.warmup, 1, 0),
    ...(options.prepare === undefined ? {} : { prepare: wordsOf(options.prepare) }),
    onProgress: ({ done, total, what, remainingNs }) => {
      const left = remainingNs === undefined ? '' : `, at most ${format.duration(remainingNs)} left`;
      screen.status(`run ${Math.min(done + 1, total)} of ${total}: ${what}${left}`);
    },
  };
  const store = new Store(data);
  try {
    const own = subject('now', workspace);
    const key = { pipeline: own.pipeline.id, machine: machineOf() };
    // Asked for before the runs: a name mistyped should not cost minutes.
    const against =
      options.against === undefined ? undefined : await againstOf(options.against, workspace, store.reports, key);
    const benched = options.noise
      ? await sameAgainstSame(subject, workspace, measuring, store)
      : await measured(own, against, { invocation, measuring, screen, store, subject });
    const { verdict } = benched.against?.comparison ?? {};
    if (!options.noise) store.reports.remember(benched.report, verdict);
    if (options.save !== undefined) store.reports.save(options.save, benched.report);
    stdout.write(write(benched, process.env));
    if (options.save !== undefined) screen.line(`Saved as baseline “${options.save}”.`);
    return verdict && failsOn.includes(verdict) ? exitCodes.failed : exitCodes.ok;
  } finally {
    store.close();
  }
}

type SubjectOf = (name: string, folder: string) => Subject;

interface What extends ReturnType<typeof placeOf> {
  /** The same on another folder, where that stands for the workspace. */
  readonly subject: SubjectOf;
}

function whatOf(invocation: Invocation): What {
  const { command, words, dist } = invocation;
  const [first, ...rest] = command;
  if (first === undefined) {
    const { pipeline, ...place } = subjectOf(invocation);
    return { ...place, subject: (name, folder) => pipelineSubject({ pipeline, workspace: folder, dist, name }) };
  }
  if (words.length > 0) throw new UsageError(`Either a pipeline or a command behind --, not both (“${words[0]}”).`);
  return {
    ...placeOf(invocation),
    subject: (name, folder) => commandSubject({ words: [first, ...rest], workspace: folder, name }),
  };
}

interface Tools {
  readonly invocation: Invocation;
  readonly measuring: BenchOptions;
  readonly screen: Screen;
  readonly store: Store;
  readonly subject: SubjectOf;
}

async function measured(own: Subject, against: Against | undefined, tools: Tools): Promise<Benched> {
  const { measuring, screen, store } = tools;
  if (against?.kind === 'commit') return besideCommit(own, against, tools);
  const once = async (): Promise<BenchReport> => {
    const [report] = await benchmark([own], measuring);
    return report as BenchReport;
  };
  const report = await once();
  if (!against) return { report };
  const options = { floors: store.reports.floors(report) };
  const first = compareReports(against.report, report, options);
  if (first.verdict !== 'regressed') return { report, against: { ...against, comparison: first } };
  // Runs at another time are not interleaved: what looks regressed is told only when it is seen twice.
  screen.line('That looks like a regression: running once more to be sure.');
  const again = await once();
  const comparison = confirmed(compareReports(against.report, again, options));
  return { report: again, against: { ...against, comparison } };
}

function confirmed(second: Comparison): Comparison {
  if (second.verdict === 'regressed') return second;
  const warning = `A first series of runs looked regressed; a second one did not (${second.verdict}).`;
  return { ...second, warnings: [...second.warnings, warning] };
}

async function besideCommit(
  own: Subject,
  { name, commit }: Against & { kind: 'commit' },
  tools: Tools,
): Promise<Benched> {
  const { invocation, measuring, screen, subject } = tools;
  const { install } = invocation.options;
  const tree = await checkOut(own.workspace, commit, {
    ...(install === undefined ? {} : { install: wordsOf(install) }),
    signal: invocation.signal,
    onProgress: (what) => screen.line(what),
  });
  try {
    screen.line(`${name} (${commit.slice(0, 9)}): ${tree.prepared}`);
    const [before, after] = await benchmark([subject(name, tree.folder), own], measuring);
    const baseline = before as BenchReport;
    const report = after as BenchReport;
    // The worktree's folder is gone afterwards: it stands for this workspace.
    const comparison = compareReports({ ...baseline, workspace: report.workspace }, report);
    return { report, against: { name, report: { ...baseline, workspace: report.workspace }, comparison } };
  } finally {
    await tree.remove();
  }
}

/** Interleaved runs of the same: what they differ by is this machine's noise for this benchmark. */
async function sameAgainstSame(
  subject: SubjectOf,
  workspace: string,
  measuring: BenchOptions,
  store: Store,
): Promise<Benched> {
  const [one, other] = await benchmark([subject('A', workspace), subject('again', workspace)], measuring);
  const [before, report] = [one as BenchReport, other as BenchReport];
  for (const { name, samplesNs } of report.cases) {
    const same = before.cases.find((found) => found.name === name);
    if (same) store.reports.addSpread(report, name, Math.abs(median([...samplesNs]) / median([...same.samplesNs]) - 1));
  }
  return { report, against: { name: 'the same', report: before, comparison: compareReports(before, report) } };
}

function writerOf({ format: wanted, json }: Invocation['options']): (typeof formats)[string] {
  const name = wanted ?? (json ? 'json' : 'text');
  const found = formats[name];
  if (found) return found;
  throw new UsageError(`--format knows ${Object.keys(formats).join(', ')}, not “${name}”.`);
}

/** Verdicts that make the command fail. */
function failureOf(text = 'regressed'): readonly Verdict[] {
  if (text === 'never') return [];
  const least = verdicts.find((verdict) => verdict === text);
  if (least === 'inconclusive' || least === 'slower' || least === 'regressed')
    return verdicts.slice(verdicts.indexOf(least));
  throw new UsageError(`--fail-on knows regressed, slower, inconclusive and never, not “${text}”.`);
}
