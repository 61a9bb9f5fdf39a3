/** The door to the editor: builds the objects in the order of their needs and hands them over; decides nothing. */
import * as vscode from 'vscode';
import { Benchmark } from './editor/benchmark.ts';
import { commands } from './editor/commands.ts';
import { Context } from './editor/context.ts';
import { Exporter } from './editor/export.ts';
import { Guide } from './editor/guide.ts';
import { Lens } from './editor/lens.ts';
import { Live } from './editor/live.ts';
import { Log } from './editor/log.ts';
import { Notice } from './editor/notice.ts';
import { Panel } from './editor/panel.ts';
import { Profile } from './editor/profile.ts';
import { registerCommands } from './editor/register.ts';
import { Settings } from './editor/settings.ts';
import { Status } from './editor/status.ts';
import { componentRows, pipelineRows, Tree } from './editor/trees.ts';

export function activate(context: vscode.ExtensionContext): void {
  const { extensionUri } = context;
  const storage = context.storageUri ?? context.globalStorageUri;
  const dist = vscode.Uri.joinPath(extensionUri, 'dist').fsPath;

  const log = new Log(vscode.window.createOutputChannel('Pipescope', { log: true }));
  const settings = new Settings(vscode.workspace);
  const live = new Live({ dist, storage, log });
  const panel = new Panel({ extensionUri, live, settings, log });
  const keys = new Context(live, panel, settings);
  const notice = new Notice(log, settings);
  const lens = new Lens(live, settings, context.workspaceState);
  const profile = new Profile({ live, panel, settings, notice, log });
  const benchmark = new Benchmark({ live, settings, keys, log, dist, data: live.data });
  const exporter = new Exporter(live);
  const guide = new Guide(live);

  context.subscriptions.push(
    log,
    live,
    panel,
    keys,
    lens,
    benchmark,
    new Status(live),
    new Tree('pipescope.pipelines', live, pipelineRows),
    new Tree('pipescope.components', live, componentRows),
    registerCommands(commands, { benchmark, exporter, guide, lens, live, log, panel, profile, settings }, notice),
  );
  void live.recall();
}
