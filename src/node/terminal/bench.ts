/** `pipescope bench`: whole-process runs of a pipeline or of any program, compared with others where asked. */
import { appendFileSync } from 'node:fs';
import { type Verdict, verdicts } from '../../core/benchmark/judge-change.ts';
import { type BenchFormat, benchFormats } from '../../core/export/bench-formats.ts';
import { jobSummary } from '../../core/export/github.ts';
import * as format from '../../core/format.ts';
import { type CompareTools, measured, type SubjectOf, sameAgainstSame } from '../benchmark/compare.ts';
import { machineOf } from '../benchmark/machine-info.ts';
import { againstOf } from '../benchmark/reference.ts';
import type { BenchOptions } from '../benchmark/run-benchmark.ts';
import { benchmarked, suites } from '../benchmark/suites.ts';
import { commandSubject, pipelineSubject } from '../benchmark/target.ts';
import { wordsOf } from '../command/parse-command.ts';
import { Store } from '../storage/store.ts';
import { exitCodes, type Invocation, placeOf, subjectOf, UsageError, wholeOf } from './invocation.ts';
import { Screen } from './screen.ts';

export async function bench(invocation: Invocation): Promise<number> {
  const { options, stdout, stderr, signal, dist } = invocation;
  const screen = new Screen(stderr);
  const { workspace, data, subject } = whatOf(invocation);
  const { id, write } = formatOf(options);
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
    const key = { pipeline: subject('now', workspace).pipeline.id, machine: machineOf() };
    // Asked for before the runs: a name mistyped should not cost minutes.
    const against =
      options.against === undefined ? undefined : await againstOf(options.against, workspace, store.reports, key);
    const tools: CompareTools = {
      measuring,
      reports: store.reports,
      subject,
      ...(options.install === undefined ? {} : { install: wordsOf(options.install) }),
      onNote: (line) => screen.line(line),
    };
    const benched = options.noise ? await sameAgainstSame(workspace, tools) : await measured(workspace, against, tools);
    const { verdict } = benched.against?.comparison ?? {};
    if (!options.noise) store.reports.remember(benched.report, verdict);
    if (options.save !== undefined) store.reports.save(options.save, benched.report);
    stdout.write(write(benched));
    const summary = process.env['GITHUB_STEP_SUMMARY'];
    if (id === 'github' && summary) appendFileSync(summary, jobSummary(benched.report, benched.against));
    if (options.save !== undefined) screen.line(`Saved as baseline “${options.save}”.`);
    return verdict && failsOn.includes(verdict) ? exitCodes.failed : exitCodes.ok;
  } finally {
    store.close();
  }
}

interface What extends ReturnType<typeof placeOf> {
  readonly subject: SubjectOf;
}

function whatOf(invocation: Invocation): What {
  const { command, words, dist } = invocation;
  const [first, ...rest] = command;
  if (first === undefined) {
    const parts = suites.filter(({ id, pipeline }) => id !== pipeline).map(benchmarked);
    const { pipeline, ...place } = subjectOf(invocation, parts);
    return { ...place, subject: (name, folder) => pipelineSubject({ pipeline, workspace: folder, dist, name }) };
  }
  if (words.length > 0) throw new UsageError(`Either a pipeline or a command behind --, not both (“${words[0]}”).`);
  return {
    ...placeOf(invocation),
    subject: (name, folder) => commandSubject({ words: [first, ...rest], workspace: folder, name }),
  };
}

function formatOf({ format: wanted, json }: Invocation['options']): BenchFormat {
  const name = wanted ?? (json ? 'json' : 'text');
  const found = benchFormats.find(({ id }) => id === name);
  if (found) return found;
  throw new UsageError(`--format knows ${benchFormats.map(({ id }) => id).join(', ')}, not “${name}”.`);
}

/** Verdicts that make the command fail. */
function failureOf(text = 'regressed'): readonly Verdict[] {
  if (text === 'never') return [];
  const least = verdicts.find((verdict) => verdict === text);
  if (least === 'inconclusive' || least === 'slower' || least === 'regressed')
    return verdicts.slice(verdicts.indexOf(least));
  throw new UsageError(`--fail-on knows regressed, slower, inconclusive and never, not “${text}”.`);
}
