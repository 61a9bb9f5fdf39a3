/** Resolves the reference of a comparison: a report file, a saved baseline, the last good run, or another commit. */
import { existsSync } from 'node:fs';
import { type BenchReport, isBenchReport } from '../../core/benchmark/bench-report.ts';
import { HumanError } from '../../core/human-error.ts';
import { isRecord } from '../../protocol/schema.ts';
import { readJsonFile } from '../storage/read-json-file.ts';
import type { BenchmarkKey, ReportStore } from '../storage/report-store.ts';
import { findMergeBase, resolveCommit } from './worktree.ts';

export type Reference =
  /** An existing report. */
  | { readonly kind: 'report'; readonly name: string; readonly report: BenchReport }
  /** A commit that is checked out and measured beside the workspace. */
  | { readonly kind: 'commit'; readonly name: string; readonly commit: string };

/** A full report with its baseline has a few megabytes. */
const maxReportBytes = 64e6;

const lastGoodKeyword = 'last';
const mergeBaseKeyword = 'merge-base';

/**
 * Resolves, in this order: an existing JSON file, a keyword, a saved baseline, a commit.
 * @param key of the benchmark; with `at`, the last good run must be older than that
 * @throws HumanError if none of them matches
 */
export async function resolveReference(
  text: string,
  workspace: string,
  reports: ReportStore,
  key: BenchmarkKey & { readonly at?: string },
): Promise<Reference> {
  if (text.endsWith('.json') && existsSync(text)) return { kind: 'report', name: text, report: readReport(text) };
  if (text === lastGoodKeyword) {
    const report = reports.findLastGood(key, key.at);
    if (report) return { kind: 'report', name: 'the last good run', report };
    throw new HumanError('No good run of this benchmark on this branch and machine yet. Run it once first.');
  }
  if (text === mergeBaseKeyword) {
    const commit = await findMergeBase(workspace);
    if (commit) return { kind: 'commit', name: `merge base ${commit.slice(0, 9)}`, commit };
    throw new HumanError('No merge base with a main branch found. Specify a commit instead.');
  }
  const baseline = reports.findBaseline(text, key);
  if (baseline) return { kind: 'report', name: text, report: baseline };
  const commit = await resolveCommit(workspace, text);
  if (commit) return { kind: 'commit', name: text, commit };
  const baselines = reports.baselines().filter(({ pipeline }) => pipeline === key.pipeline);
  const saved =
    baselines.length > 0
      ? `Saved baselines: ${baselines.map(({ name }) => name).join(', ')}.`
      : 'No baselines have been saved yet.';
  throw new HumanError(
    `No file, baseline or commit named “${text}”. ${saved} You can also use ${lastGoodKeyword}, ${mergeBaseKeyword}, a branch or a tag.`,
  );
}

/** A file that cannot be used as a report. */
export class InvalidReportError extends HumanError {}

/** Reads a report. Throws an InvalidReportError if `pipescope bench --json` or the editor did not write the file. */
export function readReport(file: string): BenchReport {
  const report = reportIn(file);
  if (isBenchReport(report)) return report;
  throw new InvalidReportError(
    `${file} is not a Pipescope benchmark report. Select a file written by pipescope bench --json.`,
  );
}

function reportIn(file: string): unknown {
  try {
    const value = readJsonFile(file, { maxBytes: maxReportBytes });
    return isRecord(value) && 'report' in value ? value['report'] : value;
  } catch (error) {
    throw error instanceof HumanError ? new InvalidReportError(error.message) : error;
  }
}
