/** The two views of the activity bar: what can be run, and how its components are. */
import * as vscode from 'vscode';
import { count, duration } from '../core/format.ts';
import { pipelines } from '../node/launch.ts';
import type { ComponentState, Light, OperationState, Snapshot } from '../protocol/snapshot.ts';
import { Beat } from './beat.ts';
import type { Live } from './live.ts';
import type { Place } from './place.ts';
import { componentText, resultOf, resultWords } from './summary.ts';

/** A row that is drawn anew only when its text is another. */
interface Row {
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly tooltip: string;
  readonly icon: vscode.ThemeIcon;
  readonly context: string;
  readonly command?: vscode.Command;
  readonly rows?: readonly Row[];
  /** Given to the commands of the row. */
  readonly pipeline?: string;
  readonly place?: Place;
}

const beatMs = 1000;

/** Operations shown below a component: the most expensive. */
const mostOperations = 20;

export class Tree implements vscode.TreeDataProvider<Row> {
  readonly #read: () => readonly Row[];
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #beat = new Beat(
    () => beatMs,
    () => this.#draw(),
  );
  readonly #disposables: readonly vscode.Disposable[];
  #rows: readonly Row[];

  constructor(view: string, live: Live, read: (live: Live) => readonly Row[]) {
    this.#read = () => read(live);
    this.#rows = this.#read();
    this.#disposables = [
      vscode.window.createTreeView(view, { treeDataProvider: this, showCollapseAll: false }),
      live.onChange(() => this.#beat.ask()),
    ];
  }

  getChildren(row?: Row): Row[] {
    return [...((row ? row.rows : this.#rows) ?? [])];
  }

  getTreeItem(row: Row): vscode.TreeItem {
    const { None, Collapsed } = vscode.TreeItemCollapsibleState;
    const item = new vscode.TreeItem(row.label, row.rows?.length ? Collapsed : None);
    item.id = row.id;
    item.description = row.description;
    item.tooltip = row.tooltip;
    item.iconPath = row.icon;
    item.contextValue = row.context;
    item.accessibilityInformation = { label: `${row.label}, ${row.description}` };
    if (row.command) item.command = row.command;
    return item;
  }

  dispose(): void {
    vscode.Disposable.from(...this.#disposables).dispose();
    this.#beat.dispose();
    this.#changed.dispose();
  }

  #draw(): void {
    const rows = this.#read();
    if (JSON.stringify(rows) === JSON.stringify(this.#rows)) return;
    this.#rows = rows;
    this.#changed.fire();
  }
}

/** One row for each pipeline that can be run, with how its last run ended. */
export function pipelineRows(live: Live): readonly Row[] {
  return pipelines.map((pipeline) => {
    const snapshot = live.snapshot?.run.pipeline === pipeline.id ? live.snapshot : undefined;
    return {
      id: pipeline.id,
      label: pipeline.title,
      description: snapshot ? pipelineText(live, snapshot) : '',
      tooltip: snapshot && !live.busy ? `${pipeline.description}\n\n${resultOf(snapshot)}` : pipeline.description,
      icon: new vscode.ThemeIcon(snapshot && live.busy ? 'loading~spin' : 'pulse'),
      context: `pipescope.pipeline ${snapshot && live.busy ? 'running' : 'idle'}`,
      pipeline: pipeline.id,
    };
  });
}

/** One row for each component of the newest run, with its operations below. */
export function componentRows(live: Live): readonly Row[] {
  const { snapshot } = live;
  return (snapshot?.components ?? []).map((component) => ({
    id: component.name,
    label: component.name,
    description: componentText(component),
    tooltip: component.reason,
    icon: lightIcons[component.light],
    context: 'pipescope.component',
    rows: operationRows(component, snapshot?.operations ?? []),
  }));
}

const lightIcons: Readonly<Record<Light, vscode.ThemeIcon>> = {
  ok: new vscode.ThemeIcon('pass-filled', new vscode.ThemeColor('testing.iconPassed')),
  warning: new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground')),
  error: new vscode.ThemeIcon('error', new vscode.ThemeColor('list.errorForeground')),
  off: new vscode.ThemeIcon('circle-outline', new vscode.ThemeColor('disabledForeground')),
};

function operationRows(component: ComponentState, operations: readonly OperationState[]): readonly Row[] {
  return operations
    .filter((operation) => operation.component === component.name && operation.count > 0)
    .sort((a, b) => b.totalNs - a.totalNs)
    .slice(0, mostOperations)
    .map((operation) => operationRow(operation));
}

function operationRow(operation: OperationState): Row {
  const { component, name, file, line } = operation;
  const place = file === undefined || line === undefined ? undefined : { file, line };
  const row = {
    id: `${component}/${name}`,
    label: name,
    description: `${duration(operation.p95Ns)} p95 · ${count(operation.count)} calls`,
    tooltip: place ? `${place.file}:${place.line}` : `${name} tells no place in a file.`,
    icon: new vscode.ThemeIcon('symbol-function'),
    context: `pipescope.operation${place ? ' placed' : ''}`,
  };
  if (!place) return row;
  const command = { title: 'Go to Function', command: 'pipescope.revealOperation', arguments: [place] };
  return { ...row, place, command };
}

function pipelineText(live: Live, snapshot: Snapshot): string {
  return live.busy ? live.phase : `${resultWords[snapshot.run.result]} · ${duration(snapshot.run.durationNs)}`;
}
