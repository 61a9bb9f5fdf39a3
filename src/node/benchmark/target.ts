/** What a benchmark runs: a pipeline or a program, in each of its cases. */
import { commandOf, type LaunchSpec, launchOf, type Pipeline } from '../run/launch-spec.ts';
import { launchOfCase, suiteOf } from './suites.ts';

export interface Case {
  readonly name: string;
  /** How one run of it is started, with the folder for what is kept between runs. */
  readonly launch: (data: string) => LaunchSpec;
}

export interface Subject {
  /** Sets it apart from the others of the same benchmark, such as a commit. */
  readonly name: string;
  readonly pipeline: Pipeline;
  readonly workspace: string;
  /** In the order of the first round; one may need what an earlier one leaves. */
  readonly cases: readonly Case[];
}

export interface PipelineSubject {
  readonly pipeline: Pipeline;
  readonly workspace: string;
  readonly dist: string;
  readonly name?: string;
  /** Started as if there were no profiler. */
  readonly bare?: boolean;
}

/** A built-in pipeline in the cases of its suite; a program of a person's own has just one. */
export function pipelineSubject({ pipeline, workspace, dist, name = 'now', bare = false }: PipelineSubject): Subject {
  const suite = suiteOf(pipeline.id);
  const one = { name: 'run', launch: (data: string) => barely(launchOf(pipeline, { dist, workspace, data }), bare) };
  if (!suite) return { name, pipeline, workspace, cases: [one] };
  const cases = suite.cases.map((row) => ({
    name: row.name,
    launch: (data: string) => barely(launchOfCase(suite, row, { dist, workspace, data }), bare),
  }));
  return { name, pipeline, workspace, cases };
}

function barely(launch: LaunchSpec, bare: boolean): LaunchSpec {
  return bare && launch.start.kind !== 'listen' ? { ...launch, start: { ...launch.start, bare } } : launch;
}

export interface CommandSubject {
  readonly words: readonly [string, ...string[]];
  readonly workspace: string;
  readonly cwd?: string;
  readonly name?: string;
  /** Started as if there were no profiler. */
  readonly bare?: boolean;
}

export function commandSubject({ words, name = 'now', bare = false, ...place }: CommandSubject): Subject {
  const launch = barely(commandOf(words, { ...place, stdio: 'pipe' }), bare);
  return {
    name,
    pipeline: launch.pipeline,
    workspace: place.workspace,
    cases: [{ name: 'run', launch: () => launch }],
  };
}
