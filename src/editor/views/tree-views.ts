/** The tree views of the activity bar, and the rows of two of them: pipelines and components. */
import { basename } from 'node:path';
import * as vscode from 'vscode';
import { count, duration, timing } from '../../core/format.ts';
import { configFile } from '../../node/run/pipelines.ts';
import { defined } from '../../protocol/defined.ts';
import { toVisibleLine } from '../../protocol/escape/visible-line.ts';
import type { ComponentState, OperationState, Snapshot } from '../../protocol/snapshot.ts';
import { commandIds } from '../commands/command-ids.ts';
import type { CurrentRun } from '../current-run.ts';
import { escapeTooltip, separator } from '../escape-label.ts';
import type { CatalogEntry, CatalogError, PipelineCatalog } from '../run/pipeline-catalog.ts';
import { Throttle } from '../throttle.ts';
import { componentText, lightIcons, resultLabels, resultText } from './run-summary.ts';
import type { TreeRow } from './tree-row.ts';

const updateIntervalMs = 1000;

/** Maximum number of operations shown below a component: the first in the snapshot, which is ordered by their rank. */
const maxOperations = 20;

export class TreeView implements vscode.TreeDataProvider<TreeRow> {
  readonly #readRows: () => readonly TreeRow[];
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #throttle = new Throttle(
    () => updateIntervalMs,
    () => this.#update(),
  );
  readonly #disposables: readonly vscode.Disposable[];
  #rows: readonly TreeRow[];

  /** @param readRows returns all rows; called after a change of any of the sources */
  constructor(view: string, sources: readonly Pick<CurrentRun, 'onChange'>[], readRows: () => readonly TreeRow[]) {
    this.#readRows = readRows;
    this.#rows = this.#readRows();
    this.#disposables = [
      vscode.window.createTreeView(view, { treeDataProvider: this, showCollapseAll: false }),
      ...sources.map((source) => source.onChange(() => this.#throttle.request())),
    ];
  }

  getChildren(row?: TreeRow): TreeRow[] {
    return [...((row ? row.rows : this.#rows) ?? [])];
  }

  getTreeItem(row: TreeRow): vscode.TreeItem {
    const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
    const item = new vscode.TreeItem(
      toVisibleLine(row.label),
      row.rows?.length ? (row.open ? Expanded : Collapsed) : None,
    );
    item.id = row.id;
    item.description = toVisibleLine(row.description);
    item.tooltip = escapeTooltip(row.tooltip);
    const { name, color } = row.icon;
    item.iconPath = new vscode.ThemeIcon(name, color === undefined ? undefined : new vscode.ThemeColor(color));
    item.contextValue = row.context;
    item.accessibilityInformation = { label: `${row.label}, ${row.description}` };
    if (row.command) item.command = row.command;
    return item;
  }

  dispose(): void {
    vscode.Disposable.from(...this.#disposables).dispose();
    this.#throttle.dispose();
    this.#changed.dispose();
  }

  #update(): void {
    const rows = this.#readRows();
    if (JSON.stringify(rows) === JSON.stringify(this.#rows)) return;
    this.#rows = rows;
    this.#changed.fire();
  }
}

/** Returns a row for each pipeline, with the result of its last run, and for each invalid `pipescope.json`. */
export function pipelineRows(currentRun: CurrentRun, catalog: PipelineCatalog): readonly TreeRow[] {
  return [...catalog.entries.map((entry) => pipelineRow(currentRun, entry)), ...catalog.errors.map(errorRow)];
}

function pipelineRow(currentRun: CurrentRun, { pipeline, folder }: CatalogEntry): TreeRow {
  const { id, title, description } = pipeline;
  const { isBusy } = currentRun;
  const { run } = currentRun.snapshot ?? {};
  const isLast = run?.pipeline === id && (folder === undefined || run.workspace === folder);
  const snapshot = isLast ? currentRun.snapshot : undefined;
  return {
    id: folder === undefined ? id : `${folder}/${id}`,
    label: title,
    description: snapshot ? pipelineText(currentRun, snapshot) : '',
    tooltip: snapshot && !isBusy ? `${description}\n\n${resultText(snapshot)}` : description,
    icon: { name: snapshot && isBusy ? 'loading~spin' : 'pulse' },
    context: `pipescope.pipeline ${snapshot && isBusy ? 'running' : 'idle'}`,
    pipeline: id,
    ...defined({ folder }),
  };
}

function errorRow({ path, line, message }: CatalogError): TreeRow {
  const selection = new vscode.Range(line - 1, 0, line - 1, 0);
  return {
    id: path,
    label: basename(path),
    description: message.replace(`${configFile}, `, ''),
    tooltip: message,
    icon: lightIcons.warning,
    context: 'pipescope.fault',
    command: { title: 'Open', command: 'vscode.open', arguments: [vscode.Uri.file(path), { selection }] },
  };
}

/** Returns a row for each component of the latest run, with its operations below. */
export function componentRows({ snapshot }: CurrentRun): readonly TreeRow[] {
  if (!snapshot) return [];
  const { components, operations } = snapshot;
  return components.map((component) => ({
    id: component.name,
    label: component.name,
    description: componentText(component, sampledSelfNs(component, operations)),
    tooltip: component.reason,
    icon: lightIcons[component.light],
    context: 'pipescope.component',
    rows: operationRows(component, operations),
  }));
}

function sampledSelfNs({ name }: ComponentState, operations: readonly OperationState[]): number {
  const sampled = operations.filter(({ component, source }) => component === name && source === 'sampled');
  return sampled.reduce((sum, { selfNs = 0 }) => sum + selfNs, 0);
}

function operationRows(component: ComponentState, operations: readonly OperationState[]): readonly TreeRow[] {
  return operations
    .filter((operation) => operation.component === component.name && hasData(operation))
    .slice(0, maxOperations)
    .map((operation) => operationRow(operation));
}

function operationRow(operation: OperationState): TreeRow {
  const { component, name, file, line } = operation;
  const location = file === undefined || line === undefined ? undefined : { file, line };
  const row = {
    id: [component, name, file, line].join('/'),
    label: name,
    description: costText(operation),
    tooltip: location ? `${location.file}:${location.line}` : `${name} has no source location.`,
    icon: { name: 'symbol-function' },
    context: `pipescope.operation${location ? ' placed' : ''}${operation.kind === 'function' ? ' function' : ''}`,
  };
  if (!location) return row;
  const command = { title: 'Go to Function', command: commandIds.revealOperation, arguments: [location] };
  return { ...row, location, command };
}

function hasData({ count, samples = 0 }: OperationState): boolean {
  return count > 0 || samples > 0;
}

function costText({ count: calls, partial, p95Ns, totalNs, samples = 0, source }: OperationState): string {
  return calls > 0
    ? `${source === 'measured' ? '' : '~'}${timing(p95Ns)} p95 · ${partial ? '≥ ' : ''}${count(calls)} calls`
    : `~${duration(totalNs)} · ${count(samples)} samples`;
}

function pipelineText({ isBusy, phase }: CurrentRun, { run }: Snapshot): string {
  return isBusy ? phase : [resultLabels[run.result], duration(run.durationNs)].join(separator);
}
