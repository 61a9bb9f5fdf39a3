/** The two views of the activity bar: what can be run, and how its components are. */
import { basename } from 'node:path';
import * as vscode from 'vscode';
import { count, duration, timing } from '../../core/format.ts';
import { configFile } from '../../node/run/launch-spec.ts';
import { defined } from '../../protocol/defined.ts';
import type { ComponentState, OperationState, Snapshot } from '../../protocol/snapshot.ts';
import type { Live } from '../current-run.ts';
import type { Catalog, Entry, Fault } from '../run/pipeline-catalog.ts';
import { Beat } from '../throttle.ts';
import { componentText, lightIcons, resultOf, resultWords } from './run-summary.ts';
import type { Row } from './tree-row.ts';

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

  /** `read` gives all rows anew; asked on a beat after any of the sources has changed. */
  constructor(view: string, sources: readonly Pick<Live, 'onChange'>[], read: () => readonly Row[]) {
    this.#read = read;
    this.#rows = this.#read();
    this.#disposables = [
      vscode.window.createTreeView(view, { treeDataProvider: this, showCollapseAll: false }),
      ...sources.map((source) => source.onChange(() => this.#beat.ask())),
    ];
  }

  getChildren(row?: Row): Row[] {
    return [...((row ? row.rows : this.#rows) ?? [])];
  }

  getTreeItem(row: Row): vscode.TreeItem {
    const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
    const item = new vscode.TreeItem(row.label, row.rows?.length ? (row.open ? Expanded : Collapsed) : None);
    item.id = row.id;
    item.description = row.description;
    item.tooltip = row.tooltip;
    const { name, color } = row.icon;
    item.iconPath = new vscode.ThemeIcon(name, color === undefined ? undefined : new vscode.ThemeColor(color));
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

/** One row for each pipeline that can be run, with how its last run ended; one for each file that cannot be read. */
export function pipelineRows(live: Live, catalog: Catalog): readonly Row[] {
  return [...catalog.entries.map((entry) => pipelineRow(live, entry)), ...catalog.faults.map(faultRow)];
}

function pipelineRow(live: Live, { pipeline, folder }: Entry): Row {
  const { id, title, description } = pipeline;
  const { run } = live.snapshot ?? {};
  const isLast = run?.pipeline === id && (folder === undefined || run.workspace === folder);
  const snapshot = isLast ? live.snapshot : undefined;
  return {
    id: folder === undefined ? id : `${folder}/${id}`,
    label: title,
    description: snapshot ? pipelineText(live, snapshot) : '',
    tooltip: snapshot && !live.busy ? `${description}\n\n${resultOf(snapshot)}` : description,
    icon: { name: snapshot && live.busy ? 'loading~spin' : 'pulse' },
    context: `pipescope.pipeline ${snapshot && live.busy ? 'running' : 'idle'}`,
    pipeline: id,
    ...defined({ folder }),
  };
}

function faultRow({ path, line, message }: Fault): Row {
  const at = new vscode.Range(line - 1, 0, line - 1, 0);
  return {
    id: path,
    label: basename(path),
    description: message.replace(`${configFile}, `, ''),
    tooltip: message,
    icon: lightIcons.warning,
    context: 'pipescope.fault',
    command: { title: 'Open', command: 'vscode.open', arguments: [vscode.Uri.file(path), { selection: at }] },
  };
}

/** One row for each component of the newest run, with its operations below. */
export function componentRows(live: Live): readonly Row[] {
  const { snapshot } = live;
  return (snapshot?.components ?? []).map((component) => ({
    id: component.name,
    label: component.name,
    description: componentText(component, sampledNs(component, snapshot?.operations ?? [])),
    tooltip: component.reason,
    icon: lightIcons[component.light],
    context: 'pipescope.component',
    rows: operationRows(component, snapshot?.operations ?? []),
  }));
}

/** Time of a component's own that looks at the stack tell. */
function sampledNs({ name }: ComponentState, operations: readonly OperationState[]): number {
  const own = operations.filter(({ component, source }) => component === name && source === 'sampled');
  return own.reduce((sum, { selfNs = 0 }) => sum + selfNs, 0);
}

function operationRows(component: ComponentState, operations: readonly OperationState[]): readonly Row[] {
  return operations
    .filter((operation) => operation.component === component.name && isSeen(operation))
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
    description: costText(operation),
    tooltip: place ? `${place.file}:${place.line}` : `${name} tells no place in a file.`,
    icon: { name: 'symbol-function' },
    context: `pipescope.operation${place ? ' placed' : ''}${operation.kind === 'function' ? ' function' : ''}`,
  };
  if (!place) return row;
  const command = { title: 'Go to Function', command: 'pipescope.revealOperation', arguments: [place] };
  return { ...row, place, command };
}

function isSeen({ count, samples = 0 }: OperationState): boolean {
  return count > 0 || samples > 0;
}

function costText({ count: calls, partial, p95Ns, totalNs, samples = 0 }: OperationState): string {
  return calls > 0
    ? `${timing(p95Ns)} p95 · ${partial ? '≥ ' : ''}${count(calls)} calls`
    : `~${duration(totalNs)} · ${count(samples)} looks`;
}

function pipelineText(live: Live, snapshot: Snapshot): string {
  return live.busy ? live.phase : `${resultWords[snapshot.run.result]} · ${duration(snapshot.run.durationNs)}`;
}
