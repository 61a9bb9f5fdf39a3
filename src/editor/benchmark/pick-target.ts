/** Lets the user pick what to benchmark: a pipeline, one of its scenarios, the last program, or a command. */
import * as vscode from 'vscode';
import { partialSuites, suitePipeline } from '../../node/benchmark/suites.ts';
import { needsWarmup, scenarioNames, type TargetSource } from '../../node/benchmark/target.ts';
import { parseCommand } from '../../node/command/parse-command.ts';
import { buildCommandLaunch, type LaunchSpec } from '../../node/run/launch-spec.ts';
import { defined } from '../../protocol/defined.ts';
import { escapeLabel } from '../escape-label.ts';
import type { CatalogEntry, PipelineCatalog } from '../run/pipeline-catalog.ts';
import { pickFolder } from '../workspace-folders.ts';

export interface PickedTarget {
  readonly title: string;
  readonly workspace: string;
  readonly source: TargetSource;
  /** The target depends on files that an earlier run leaves. */
  readonly needsWarmup: boolean;
}

interface PickTargetOptions {
  readonly catalog: PipelineCatalog;
  readonly dist: string;
  /** The last run of this window. */
  readonly last: LaunchSpec | undefined;
  /** Asks for a command. Resolves with undefined if the user cancels. */
  readonly askCommand: () => Promise<string | undefined>;
}

interface TargetItem extends vscode.QuickPickItem {
  readonly request?: TargetRequest | 'last' | 'ask';
}

/** A target given as a command argument. */
interface TargetRequest {
  readonly pipeline?: string;
  readonly folder?: string;
  /** Name of a single scenario. */
  readonly case?: string;
  readonly command?: string;
}

/**
 * Returns the target given by `argument`, or asks the user. Resolves with undefined if the user cancels.
 * @param argument pipeline id, or an object with `pipeline`, `folder`, `case` or `command`
 * @throws HumanError if the given target does not exist
 */
export async function pickTarget(
  title: string,
  argument: unknown,
  options: PickTargetOptions,
): Promise<PickedTarget | undefined> {
  await options.catalog.ready;
  const request = parseRequest(argument);
  if (request) return findTarget(request, options);
  const picked = await vscode.window.showQuickPick(targetItems(options), {
    title,
    placeHolder: 'Select what to measure',
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (picked?.request === 'last') return options.last && repeatLaunch(options.last);
  if (picked?.request !== 'ask') return picked?.request && findTarget(picked.request, options);
  const command = await options.askCommand();
  return command === undefined ? undefined : findTarget({ command }, options);
}

function parseRequest(argument: unknown): TargetRequest | undefined {
  if (typeof argument === 'string') return { pipeline: argument };
  if (typeof argument !== 'object' || argument === null) return undefined;
  const read = (key: keyof TargetRequest): TargetRequest => {
    const value = (argument as Readonly<Record<string, unknown>>)[key];
    return typeof value === 'string' ? { [key]: value } : {};
  };
  const request = { ...read('pipeline'), ...read('folder'), ...read('case'), ...read('command') };
  return request.pipeline === undefined && request.command === undefined ? undefined : request;
}

/** Lists the built-in pipelines, their parts that have a benchmark suite, and the custom pipelines. */
function benchmarkEntries({ entries }: PipelineCatalog): readonly CatalogEntry[] {
  const parts = partialSuites.map((suite) => ({ pipeline: suitePipeline(suite) }));
  return [...entries.filter(({ folder }) => folder === undefined), ...parts, ...entries.filter(({ folder }) => folder)];
}

function targetItems({ catalog, last }: PickTargetOptions): readonly TargetItem[] {
  const pipelines = benchmarkEntries(catalog).flatMap(({ pipeline, folder }): TargetItem[] => {
    const names = scenarioNames(pipeline);
    const request: TargetRequest = { pipeline: pipeline.id, ...defined({ folder }) };
    const all: TargetItem = {
      label: `$(dashboard) ${escapeLabel(pipeline.title)}`,
      detail: escapeLabel(pipeline.description),
      request,
    };
    if (names.length === 1) return [all];
    const single = names.map((name) => ({
      label: `$(blank) ${name}`,
      description: `only this scenario of ${pipeline.title}`,
      request: { ...request, case: name },
    }));
    return [{ ...all, description: names.join(' · ') }, ...single];
  });
  const lastProgram = last?.start.kind === 'command' ? last : undefined;
  return [
    { label: 'Programs', kind: vscode.QuickPickItemKind.Separator },
    ...(lastProgram
      ? [
          {
            label: `$(history) ${escapeLabel(lastProgram.pipeline.title)}`,
            description: 'last run',
            request: 'last' as const,
          },
        ]
      : []),
    { label: '$(terminal) Command…', description: 'enter a program and its arguments', request: 'ask' },
    { label: 'Pipelines', kind: vscode.QuickPickItemKind.Separator },
    ...pipelines,
  ];
}

async function findTarget(
  request: TargetRequest,
  { catalog, dist }: PickTargetOptions,
): Promise<PickedTarget | undefined> {
  if (request.command !== undefined) {
    const argv = parseCommand(request.command);
    const workspace = request.folder ?? (await pickFolder('Benchmark'));
    if (workspace === undefined) return undefined;
    const { title } = buildCommandLaunch(argv, { workspace, stdio: 'pipe' }).pipeline;
    return { title, workspace, source: { kind: 'command', argv }, needsWarmup: false };
  }
  const part = partialSuites.find(({ id }) => id === request.pipeline);
  const { pipeline, folder }: CatalogEntry = part
    ? { pipeline: suitePipeline(part) }
    : catalog.find(request.pipeline ?? '', request.folder);
  const workspace = folder ?? request.folder ?? (await pickFolder('Benchmark'));
  if (workspace === undefined) return undefined;
  const { case: scenario } = request;
  const source: TargetSource = { kind: 'pipeline', pipeline, dist, ...defined({ scenario }) };
  return {
    title: scenario === undefined ? pipeline.title : `${pipeline.title}, ${scenario}`,
    workspace,
    source,
    needsWarmup: needsWarmup(source),
  };
}

function repeatLaunch(launch: LaunchSpec): PickedTarget {
  const { pipeline, workspace } = launch;
  return { title: pipeline.title, workspace, source: { kind: 'launch', launch }, needsWarmup: false };
}
