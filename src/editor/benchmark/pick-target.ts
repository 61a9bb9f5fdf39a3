/** What can be benchmarked: the pipelines in their cases, the program that ran last, or a command. */
import * as vscode from 'vscode';
import { HumanError } from '../../core/human-error.ts';
import type { SubjectOf } from '../../node/benchmark/compare.ts';
import { relocated } from '../../node/benchmark/relocate-launch.ts';
import { benchmarked, suites } from '../../node/benchmark/suites.ts';
import { commandSubject, pipelineSubject, type Subject } from '../../node/benchmark/target.ts';
import { wordsOf } from '../../node/command/parse-command.ts';
import type { LaunchSpec, Pipeline } from '../../node/run/launch-spec.ts';
import { defined } from '../../protocol/defined.ts';
import type { Catalog, Entry } from '../run/pipeline-catalog.ts';
import { pickFolder } from '../workspace-folders.ts';

/** Something to be measured, and how. */
export interface Work {
  readonly title: string;
  readonly workspace: string;
  readonly subject: SubjectOf;
  /** Started as if there were no profiler. */
  readonly bare: SubjectOf;
  /** A case that needs what an earlier run leaves. */
  readonly needsWarmup: boolean;
}

export interface WorksOptions {
  readonly catalog: Catalog;
  readonly dist: string;
  /** What was run last in this window. */
  readonly last: LaunchSpec | undefined;
  /** Asks for a command; `undefined` when that was given up. */
  readonly askCommand: () => Promise<string | undefined>;
}

interface Item extends vscode.QuickPickItem {
  readonly wanted?: Wanted | 'last' | 'ask';
}

/** What is to be measured, by its name, where it is not to be picked. */
interface Wanted {
  readonly pipeline?: string;
  readonly folder?: string;
  /** One case alone. */
  readonly case?: string;
  readonly command?: string;
}

/**
 * What is named, else what is picked; `undefined` when the choice was given up.
 * @throws HumanError when the named one does not exist
 */
export async function pickWork(title: string, wanted: unknown, options: WorksOptions): Promise<Work | undefined> {
  await options.catalog.ready;
  const named = wantedOf(wanted);
  if (named) return workOf(named, options);
  const picked = await vscode.window.showQuickPick(itemsOf(options), {
    title,
    placeHolder: 'What to measure',
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (picked?.wanted === 'last') return options.last && launchWork(options.last);
  if (picked?.wanted !== 'ask') return picked?.wanted && workOf(picked.wanted, options);
  const command = await options.askCommand();
  return command === undefined ? undefined : workOf({ command }, options);
}

function wantedOf(wanted: unknown): Wanted | undefined {
  if (typeof wanted === 'string') return { pipeline: wanted };
  if (typeof wanted !== 'object' || wanted === null) return undefined;
  const text = (key: keyof Wanted): Wanted => {
    const value = (wanted as Readonly<Record<string, unknown>>)[key];
    return typeof value === 'string' ? { [key]: value } : {};
  };
  const named = { ...text('pipeline'), ...text('folder'), ...text('case'), ...text('command') };
  return named.pipeline === undefined && named.command === undefined ? undefined : named;
}

/** The pipelines, and after the built-in ones the parts of them that can be measured by themselves. */
function entriesOf({ entries }: Catalog): readonly Entry[] {
  const parts = suites.filter(({ id, pipeline }) => id !== pipeline).map((suite) => ({ pipeline: benchmarked(suite) }));
  return [...entries.filter(({ folder }) => folder === undefined), ...parts, ...entries.filter(({ folder }) => folder)];
}

function itemsOf({ catalog, dist, last }: WorksOptions): readonly Item[] {
  const pipelines = entriesOf(catalog).flatMap(({ pipeline, folder }): Item[] => {
    const names = pipelineSubject({ pipeline, workspace: folder ?? '', dist }).cases.map(({ name }) => name);
    const wanted: Wanted = { pipeline: pipeline.id, ...defined({ folder }) };
    const all: Item = { label: `$(dashboard) ${pipeline.title}`, detail: pipeline.description, wanted };
    if (names.length === 1) return [all];
    const alone = names.map((name) => ({
      label: `$(blank) ${name}`,
      description: `${pipeline.title}, this case alone`,
      wanted: { ...wanted, case: name },
    }));
    return [{ ...all, description: names.join(' · ') }, ...alone];
  });
  const ran = last?.start.kind === 'command' ? last : undefined;
  return [
    { label: 'Programs', kind: vscode.QuickPickItemKind.Separator },
    ...(ran ? [{ label: `$(history) ${ran.pipeline.title}`, description: 'ran last', wanted: 'last' as const }] : []),
    { label: '$(terminal) Command…', description: 'a program and its arguments', wanted: 'ask' },
    { label: 'Pipelines', kind: vscode.QuickPickItemKind.Separator },
    ...pipelines,
  ];
}

async function workOf(wanted: Wanted, { catalog, dist }: WorksOptions): Promise<Work | undefined> {
  if (wanted.command !== undefined) {
    const words = wordsOf(wanted.command);
    const folder = wanted.folder ?? (await pickFolder('Benchmark'));
    if (folder === undefined) return undefined;
    const subject = (bare: boolean): SubjectOf => {
      return (name, workspace) => commandSubject({ words, workspace, name, bare });
    };
    const { title } = subject(false)('now', folder).pipeline;
    return { title, workspace: folder, subject: subject(false), bare: subject(true), needsWarmup: false };
  }
  const part = suites.find(({ id, pipeline }) => id === wanted.pipeline && id !== pipeline);
  const { pipeline, folder }: Entry = part
    ? { pipeline: benchmarked(part) }
    : catalog.find(wanted.pipeline ?? '', wanted.folder);
  const workspace = folder ?? wanted.folder ?? (await pickFolder('Benchmark'));
  return workspace === undefined ? undefined : pipelineWork(pipeline, workspace, dist, wanted.case);
}

function pipelineWork(pipeline: Pipeline, workspace: string, dist: string, only: string | undefined): Work {
  const subject = (bare: boolean): SubjectOf => {
    return (name, folder) => alone(pipelineSubject({ pipeline, workspace: folder, dist, name, bare }), only);
  };
  const whole = pipelineSubject({ pipeline, workspace, dist });
  return {
    title: only === undefined ? pipeline.title : `${pipeline.title}, ${only}`,
    workspace,
    subject: subject(false),
    bare: subject(true),
    needsWarmup: only !== undefined && whole.cases[0]?.name !== only,
  };
}

function alone(subject: Subject, only: string | undefined): Subject {
  if (only === undefined) return subject;
  const cases = subject.cases.filter(({ name }) => name === only);
  if (cases.length > 0) return { ...subject, cases };
  const names = subject.cases.map(({ name }) => name).join(', ');
  throw new HumanError(`${subject.pipeline.title} has no case “${only}”. There are: ${names}.`);
}

/** A program that was run before, run in the same way. */
function launchWork(launch: LaunchSpec): Work {
  const subject = (bare: boolean): SubjectOf => {
    return (name, folder) => ({
      name,
      pipeline: launch.pipeline,
      workspace: folder,
      cases: [{ name: 'run', launch: () => bared(relocated(launch, folder), bare) }],
    });
  };
  const { workspace } = launch;
  return { title: launch.pipeline.title, workspace, subject: subject(false), bare: subject(true), needsWarmup: false };
}

function bared(launch: LaunchSpec, bare: boolean): LaunchSpec {
  return bare && launch.start.kind === 'command' ? { ...launch, start: { ...launch.start, bare } } : launch;
}
