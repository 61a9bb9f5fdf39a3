/** What a benchmark is to be compared with: picked among what is kept and what git knows. */
import * as vscode from 'vscode';
import type { BenchReport } from '../../core/benchmark/bench-report.ts';
import { HumanError } from '../../core/human-error.ts';
import { type Against, againstOf, readReport } from '../../node/benchmark/reference.ts';
import { mergeBase } from '../../node/benchmark/worktree.ts';
import { type Ref, refsOf } from '../../node/git-refs.ts';
import type { Key, Reports } from '../../node/storage/report-store.ts';

interface Item extends vscode.QuickPickItem {
  readonly choose?: () => Promise<Against | undefined>;
}

export interface AgainstOptions {
  readonly workspace: string;
  readonly reports: Reports;
  readonly key: Key;
  /** Already measured: it is compared with what is kept and not with itself. */
  readonly measured?: BenchReport;
}

/** What is named, else what is picked; `undefined` when the choice was given up. */
export async function pickAgainst(wanted: unknown, options: AgainstOptions): Promise<Against | undefined> {
  const { workspace, reports, key } = options;
  if (typeof wanted === 'string') return againstOf(wanted, workspace, reports, key);
  const file: Item = {
    label: '$(file) File…',
    description: 'that a benchmark was exported to as JSON',
    choose: pickFile,
  };
  const commits = options.measured ? [] : await commitItems(options);
  const items = [...keptItems(options), ...commits, separator('Elsewhere'), file];
  const picked = await vscode.window.showQuickPick(items, {
    title: options.measured ? 'Compare Benchmark' : 'Benchmark Against',
    placeHolder: 'What to compare with',
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return picked?.choose?.();
}

function keptItems({ workspace, reports, key, measured }: AgainstOptions): readonly Item[] {
  const good = reports.lastGood(key, measured?.at);
  const baselines = reports.baselines().filter(({ pipeline }) => pipeline === key.pipeline);
  return [
    ...(good || baselines.length > 0 ? [separator('Kept')] : []),
    ...(good
      ? [
          {
            label: '$(history) Last good run',
            description: good.at,
            detail: 'The newest on this branch and machine that was not found to be worse',
            choose: async (): Promise<Against> => ({ kind: 'kept', name: 'the last good run', report: good }),
          },
        ]
      : []),
    ...baselines.map(({ name, branch, at }) => ({
      label: `$(bookmark) ${name}`,
      description: branch === '' ? at : `${branch}, ${at}`,
      choose: () => againstOf(name, workspace, reports, key),
    })),
  ];
}

async function commitItems({ workspace }: AgainstOptions): Promise<readonly Item[]> {
  const [origin, refs] = await Promise.all([mergeBase(workspace), refsOf(workspace)]);
  const of = (kind: Ref['kind'], icon: string): readonly Item[] => {
    const found = refs.filter((ref) => ref.kind === kind);
    return found.map(({ name, commit, subject }) => ({
      label: `$(${icon}) ${name}`,
      description: name === commit.slice(0, 9) ? subject : `${commit.slice(0, 9)} ${subject}`,
      choose: async (): Promise<Against> => ({ kind: 'commit', name, commit }),
    }));
  };
  const start: readonly Item[] = origin
    ? [
        {
          label: '$(git-merge) Merge base',
          description: origin.slice(0, 9),
          detail: 'Where this branch left the main one',
          choose: async () => ({ kind: 'commit', name: `merge base ${origin.slice(0, 9)}`, commit: origin }),
        },
      ]
    : [];
  return [
    ...(refs.length > 0 ? [separator('Commits, measured in turns')] : []),
    ...start,
    ...of('branch', 'git-branch'),
    ...of('tag', 'tag'),
    ...of('commit', 'git-commit'),
  ];
}

function separator(label: string): Item {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}

async function pickFile(): Promise<Against | undefined> {
  const [file] =
    (await vscode.window.showOpenDialog({ title: 'Compare with a Benchmark', filters: { Benchmark: ['json'] } })) ?? [];
  if (!file) return undefined;
  if (file.scheme !== 'file') throw new HumanError('That file is on no disk. Choose one that is.');
  return { kind: 'kept', name: file.path.split('/').at(-1) ?? 'a file', report: readReport(file.fsPath) };
}
