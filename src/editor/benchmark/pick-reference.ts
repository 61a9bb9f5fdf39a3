/** Lets the user pick what to compare a benchmark with: a saved report, a git commit or a file. */
import * as vscode from 'vscode';
import type { BenchReport } from '../../core/benchmark/bench-report.ts';
import { HumanError } from '../../core/human-error.ts';
import { type Reference, readReport, resolveReference } from '../../node/benchmark/reference.ts';
import { findMergeBase } from '../../node/benchmark/worktree.ts';
import { type GitRef, listRefs } from '../../node/git-refs.ts';
import type { BenchmarkKey, ReportStore } from '../../node/storage/report-store.ts';
import { escapeLabel } from '../escape-label.ts';

interface ReferenceItem extends vscode.QuickPickItem {
  readonly resolve?: () => Promise<Reference | undefined>;
}

interface PickReferenceOptions {
  readonly workspace: string;
  readonly reports: ReportStore;
  readonly key: BenchmarkKey;
  /** Existing report to compare. It cannot be compared with itself or with a commit. */
  readonly measured?: BenchReport;
}

/**
 * Returns undefined if the user cancels.
 * @param name see `resolveReference`; if it is not a string, the user picks a reference
 */
export async function pickReference(name: unknown, options: PickReferenceOptions): Promise<Reference | undefined> {
  const { workspace, reports, key } = options;
  if (typeof name === 'string') return resolveReference(name, workspace, reports, key);
  const file: ReferenceItem = {
    label: '$(file) File…',
    description: 'exported from a benchmark as JSON',
    resolve: pickFile,
  };
  const commits = options.measured ? [] : await commitItems(options);
  const items = [...savedItems(options), ...commits, separatorItem('Other'), file];
  const picked = await vscode.window.showQuickPick(items, {
    title: options.measured ? 'Compare Benchmark' : 'Benchmark Against',
    placeHolder: 'Select what to compare with',
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return picked?.resolve?.();
}

function savedItems({ workspace, reports, key, measured }: PickReferenceOptions): readonly ReferenceItem[] {
  const lastGood = reports.findLastGood(key, measured?.at);
  const baselines = reports.baselines().filter(({ pipeline }) => pipeline === key.pipeline);
  return [
    ...(lastGood || baselines.length > 0 ? [separatorItem('Saved reports')] : []),
    ...(lastGood
      ? [
          {
            label: '$(history) Last good run',
            description: lastGood.at,
            detail: 'Latest run on this branch and machine that was not slower than the one before',
            resolve: async (): Promise<Reference> => ({ kind: 'report', name: 'the last good run', report: lastGood }),
          },
        ]
      : []),
    ...baselines.map(({ name, branch, at }) => ({
      label: `$(bookmark) ${escapeLabel(name)}`,
      description: escapeLabel(branch === '' ? at : `${branch}, ${at}`),
      resolve: () => resolveReference(name, workspace, reports, key),
    })),
  ];
}

async function commitItems({ workspace }: PickReferenceOptions): Promise<readonly ReferenceItem[]> {
  const [mergeBase, refs] = await Promise.all([findMergeBase(workspace), listRefs(workspace)]);
  const itemsOf = (kind: GitRef['kind'], icon: string): readonly ReferenceItem[] =>
    refs
      .filter((ref) => ref.kind === kind)
      .map(({ name, commit, subject }) => ({
        label: `$(${icon}) ${escapeLabel(name)}`,
        description: escapeLabel(name === commit.slice(0, 9) ? subject : `${commit.slice(0, 9)} ${subject}`),
        resolve: async (): Promise<Reference> => ({ kind: 'commit', name, commit }),
      }));
  const mergeBaseItems: readonly ReferenceItem[] = mergeBase
    ? [
        {
          label: '$(git-merge) Merge base',
          description: mergeBase.slice(0, 9),
          detail: 'Commit at which this branch left the main branch',
          resolve: async () => ({ kind: 'commit', name: `merge base ${mergeBase.slice(0, 9)}`, commit: mergeBase }),
        },
      ]
    : [];
  return [
    ...(refs.length > 0 ? [separatorItem('Commits, measured alternately with the workspace')] : []),
    ...mergeBaseItems,
    ...itemsOf('branch', 'git-branch'),
    ...itemsOf('tag', 'tag'),
    ...itemsOf('commit', 'git-commit'),
  ];
}

function separatorItem(label: string): ReferenceItem {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}

async function pickFile(): Promise<Reference | undefined> {
  const [file] =
    (await vscode.window.showOpenDialog({ title: 'Compare Benchmark', filters: { Benchmark: ['json'] } })) ?? [];
  if (!file) return undefined;
  if (file.scheme !== 'file') throw new HumanError('Only local files can be compared.');
  return { kind: 'report', name: file.path.split('/').at(-1) ?? 'a file', report: readReport(file.fsPath) };
}
