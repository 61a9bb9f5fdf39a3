/** What a benchmark is compared with: a file, a kept baseline, the last good run, or another commit run beside it. */
import { existsSync, readFileSync } from 'node:fs';
import { type BenchReport, isReport } from '../../core/benchmark/bench-report.ts';
import { HumanError } from '../../core/human-error.ts';
import type { Key, Reports } from '../storage/report-store.ts';
import { commitOf, mergeBase } from './worktree.ts';

export type Against =
  | { readonly kind: 'kept'; readonly name: string; readonly report: BenchReport }
  | { readonly kind: 'commit'; readonly name: string; readonly commit: string };

/** Names with a meaning of their own. */
export const lastGood = 'last';
export const base = 'merge-base';

/** In this order: a file that is there, a word of our own, a baseline, a commit. Throws a HumanError otherwise. */
export async function againstOf(text: string, workspace: string, reports: Reports, key: Key): Promise<Against> {
  if (text.endsWith('.json') && existsSync(text)) return { kind: 'kept', name: text, report: readReport(text) };
  if (text === lastGood) {
    const report = reports.lastGood(key);
    if (report) return { kind: 'kept', name: 'the last good run', report };
    throw new HumanError('No good run of this benchmark is kept on this branch and machine yet. Run it once before.');
  }
  if (text === base) {
    const commit = await mergeBase(workspace);
    if (commit) return { kind: 'commit', name: `merge base ${commit.slice(0, 9)}`, commit };
    throw new HumanError('There is no merge base with a main branch. Name a commit instead.');
  }
  const kept = reports.find(text, key);
  if (kept) return { kind: 'kept', name: text, report: kept };
  const commit = await commitOf(workspace, text);
  if (commit) return { kind: 'commit', name: text, commit };
  const names = reports.baselines().filter(({ pipeline }) => pipeline === key.pipeline);
  const known = names.length > 0 ? `baselines: ${names.map(({ name }) => name).join(', ')}` : 'no baselines yet';
  throw new HumanError(
    `“${text}” is no file, baseline or commit. There are ${known}; or ${lastGood}, ${base}, a branch.`,
  );
}

/** Throws a HumanError where the file is none that `pipescope bench --json` or the editor wrote. */
export function readReport(file: string): BenchReport {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    throw new HumanError(`${file} is not JSON. Name a file that pipescope bench --json wrote.`);
  }
  const report = typeof value === 'object' && value !== null && 'report' in value ? value.report : value;
  if (isReport(report)) return report;
  throw new HumanError(`${file} is no benchmark of Pipescope. Name a file that pipescope bench --json wrote.`);
}
