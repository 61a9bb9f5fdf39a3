/** Runs the workspace's own tools, such as compilers and linters, and converts their reports to a check outcome. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve, sep } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { defined } from '../../../../../protocol/defined.ts';
import { plural } from '../../../../../protocol/plural.ts';
import type { Finding, Remediation } from '../../../../../protocol/validation/validation.ts';
import {
  type CheckContext,
  type CheckOutcome,
  fail,
  type ProgramOptions,
  type ProgramResult,
  pass,
  skip,
} from '../../../check/check.ts';
import { findingsOf } from '../../../check/findings.ts';
import type { Stack, StackId } from '../../../repository/repository.ts';
import { fingerprintFiles } from './fingerprint.ts';

/** Report of one tool on one project. */
export interface ToolReport {
  readonly tool: string;
  /** `unavailable`: the tool is configured but could not run, for the given `reason`. */
  readonly status: 'clean' | 'findings' | 'unavailable';
  readonly reason?: string;
  readonly findings: readonly Finding[];
  /** Last part of the tool's output. */
  readonly output: string;
  /** Command that fixes the findings automatically. */
  readonly fix?: readonly string[];
}

export interface Tool {
  readonly id: string;
  /** Returns one job per project that is configured for the tool. */
  jobs(context: CheckContext): Promise<readonly ToolJob[]>;
}

/** Work for one project: a run of the tool, or the reason why it cannot run. */
export type ToolJob =
  | { readonly unavailable: ToolReport }
  | {
      /** Relative to the workspace. */
      readonly folder: string;
      /** Matches the files that the report depends on. */
      readonly inputs: RegExp;
      run(context: CheckContext, cacheFolder: string): Promise<ToolReport>;
    };

/** Limit for machine-readable tool output. */
export const maxReportBytes = 64 * 1024 * 1024;
const maxOutputLength = 8000;

export const unavailable = (tool: string, reason: string): ToolReport => ({
  tool,
  status: 'unavailable',
  reason,
  findings: [],
  output: '',
});

/** Returns the projects of one language. */
export async function selectStacks({ repository }: CheckContext, id: StackId): Promise<Stack[]> {
  return (await repository.stacks()).filter((stack) => stack.id === id);
}

/** Runs a tool without colors. Returns undefined if the program is not installed. */
export async function runTool(
  { run }: CheckContext,
  command: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<ProgramResult | undefined> {
  const result = await run(command, args, {
    maxBytes: maxReportBytes,
    ...options,
    cwd: options.cwd || '.',
    // The output is parsed. A tool of Python or Node prints colors into a pipe if `FORCE_COLOR` is set.
    env: { NO_COLOR: '1', FORCE_COLOR: undefined, ...options.env },
  });
  // Exit code of a shell and of `env` for a missing program.
  if (!result || result.code === 127) return undefined;
  return {
    ...result,
    stdout: stripVTControlCharacters(result.stdout),
    stderr: stripVTControlCharacters(result.stderr),
  };
}

const outputTail = ({ stdout, stderr }: ProgramResult): string => `${stdout}\n${stderr}`.trim().slice(-maxOutputLength);

/** Creates a report. A tool that exits with an error code but has no findings counts as unavailable. */
export function createReport(tool: string, result: ProgramResult, findings: readonly Finding[]): ToolReport {
  if (findings.length > 0) return { tool, status: 'findings', findings, output: outputTail(result) };
  if (result.code === 0) return { tool, status: 'clean', findings, output: '' };
  const message = firstLine(result.stderr) || firstLine(result.stdout);
  return {
    ...unavailable(tool, `${tool} failed with exit code ${result.code}: ${message}.`),
    output: outputTail(result),
  };
}

/** Returns the first line that contains a word of at least three letters, at most 200 characters of it. */
export function firstLine(text: string): string {
  const line = text.split('\n').find((candidate) => /\w{3}/.test(candidate)) ?? '';
  return line.trim().slice(0, 200);
}

/** Converts a path that a tool printed to a workspace path with `/`. Returns a path outside the workspace unchanged. */
export function toWorkspacePath(root: string, folder: string, path: string): string {
  const inside = relative(root, resolve(root, folder, path));
  return inside.startsWith('..') ? path : inside.split(sep).join('/');
}

/** Minimum age of the files of a cached report. A younger file may change again without a visible timestamp change. */
export const minFileAgeMs = 20;

interface CachedReport {
  readonly fingerprint: string;
  readonly report: ToolReport;
}

/** Runs each tool on each project. Reuses the cached report if none of its input files has changed. */
async function collectReports(tools: readonly Tool[], context: CheckContext): Promise<ToolReport[]> {
  const folder = context.toolCacheFolder ?? (await mkdtemp(join(tmpdir(), 'pipescope-tools-')));
  try {
    await mkdir(folder, { recursive: true });
    const reports: ToolReport[] = [];
    const files = await context.repository.files();
    for (const tool of tools) {
      for (const job of await tool.jobs(context)) {
        if ('unavailable' in job) {
          reports.push(job.unavailable);
          continue;
        }
        const key = `report:${tool.id}:${job.folder}`;
        const startMs = Date.now();
        const fingerprint = await fingerprintFiles(context.repository.root, files, job.inputs);
        const cached = context.cache.get<CachedReport>(key);
        if (cached?.fingerprint === fingerprint.text) {
          reports.push(cached.report);
          continue;
        }
        const report = await job.run(context, folder);
        reports.push(report);
        if (report.status !== 'unavailable' && fingerprint.newestMs < startMs - minFileAgeMs)
          context.cache.set(key, { fingerprint: fingerprint.text, report } satisfies CachedReport);
      }
    }
    return reports;
  } finally {
    if (context.toolCacheFolder === undefined) await rm(folder, { recursive: true, force: true });
  }
}

/** Messages of a check that runs tools. */
interface ToolCheckTexts {
  /** Shown if no tool is configured. */
  readonly notConfigured: string;
  clean(tools: string): string;
  failed(count: string, tools: string): string;
  readonly noun: readonly [singular: string, plural: string];
  readonly remediation: Remediation;
}

/** Runs all tools and combines their reports. Findings of one tool count even if another tool is unavailable. */
export async function checkWithTools(
  tools: readonly Tool[],
  context: CheckContext,
  texts: ToolCheckTexts,
): Promise<CheckOutcome> {
  const reports = await collectReports(tools, context);
  const evidence = reports
    .filter(({ output }) => output !== '')
    .map(({ tool, output }) => ({ kind: 'command_output', content: `${tool}\n${output}` }) as const);
  const toolsWith = (status: ToolReport['status']): string =>
    [...new Set(reports.filter((report) => report.status === status).map(({ tool }) => tool))].join(', ');
  const reasons = [
    ...new Set(reports.filter(({ status }) => status === 'unavailable').map(({ reason }) => reason)),
  ].join(' ');
  if (reports.length === 0) return skip('not_applicable', texts.notConfigured);
  const failed = reports.filter(({ status }) => status === 'findings');
  if (failed.length > 0) {
    const findings = failed.flatMap((report) => report.findings);
    const command = failed.find(({ fix }) => fix)?.fix;
    return fail(texts.failed(plural(findings.length, ...texts.noun), toolsWith('findings')), {
      findings: findingsOf(findings, (finding) => finding),
      evidence,
      remediation: [{ ...texts.remediation, ...defined({ command }) }],
    });
  }
  if (reports.every(({ status }) => status === 'unavailable')) return skip('tool_missing', reasons);
  return pass([texts.clean(toolsWith('clean')), reasons].filter((text) => text !== '').join(' '), { evidence });
}
