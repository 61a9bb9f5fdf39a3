/** The door to the editor: builds the objects in the order of their needs and hands them over; decides nothing. */
import * as vscode from 'vscode';
import { Benchmark } from './editor/benchmark/benchmark-commands.ts';
import { Results } from './editor/benchmark-results.ts';
import { commands } from './editor/commands/commands.ts';
import { Context } from './editor/commands/context-keys.ts';
import { Guide } from './editor/commands/navigation.ts';
import { registerCommands } from './editor/commands/register-commands.ts';
import { Live } from './editor/current-run.ts';
import { Display } from './editor/lens/decorations.ts';
import { Lens } from './editor/lens/lens.ts';
import { ScriptLenses } from './editor/lens/script-lenses.ts';
import { Matches } from './editor/lens/symbol-resolver.ts';
import { Log } from './editor/log.ts';
import { Notice } from './editor/notifications.ts';
import { Panel } from './editor/panel/panel.ts';
import { Exact } from './editor/run/exact-timing-commands.ts';
import { OtlpReceiver } from './editor/run/otlp-receiver-command.ts';
import { Catalog } from './editor/run/pipeline-catalog.ts';
import { Profile } from './editor/run/profile-command.ts';
import { Programs } from './editor/run/program-commands.ts';
import { Tasks } from './editor/run/task-provider.ts';
import { Terminals } from './editor/run/terminal-profiling.ts';
import { Settings } from './editor/settings.ts';
import { EvidenceTexts } from './editor/validation/evidence-documents.ts';
import { Problems } from './editor/validation/problems.ts';
import { Validator } from './editor/validation/validator.ts';
import { Status } from './editor/views/status-bar.ts';
import { componentRows, pipelineRows, Tree } from './editor/views/tree-views.ts';

export function activate(context: vscode.ExtensionContext): void {
  const { extensionUri } = context;
  const storage = context.storageUri ?? context.globalStorageUri;
  const dist = vscode.Uri.joinPath(extensionUri, 'dist').fsPath;

  const log = new Log(vscode.window.createOutputChannel('Pipescope', { log: true }));
  const settings = new Settings(vscode.workspace);
  const output = vscode.window.createOutputChannel('Pipescope: Program');
  const catalog = new Catalog(log);
  const exact: Exact = new Exact({
    memory: context.workspaceState,
    retarget: () => live.retarget(),
    snapshot: () => live.snapshot,
  });
  const live = new Live({ dist, storage, log, exact: () => exact.targets });
  const results = new Results(live.data, log);
  const panel = new Panel({ extensionUri, live, results, settings, log });
  const keys = new Context(live, panel, settings);
  const notice = new Notice(log, settings);
  const matches = new Matches(live, log);
  const lens = new Lens(live, settings, matches, results, context.workspaceState);
  const profile = new Profile({ live, catalog, panel, settings, notice, log });
  const programs = new Programs(profile, settings, context.workspaceState);
  const validator = new Validator({ live, profile, settings, keys, log, memory: context.workspaceState });
  const tasks = new Tasks({ live, catalog, profile, validator });
  const terminals = new Terminals(live, profile, context.environmentVariableCollection);
  const receiver = new OtlpReceiver(live, profile, settings);
  const benchmark = new Benchmark({ live, catalog, settings, keys, log, panel, profile, programs, results, dist });
  const guide = new Guide(live);
  const evidence = new EvidenceTexts(validator, guide);

  context.subscriptions.push(
    log,
    output,
    live.onOutput((text) => output.append(text)),
    catalog,
    tasks,
    terminals,
    receiver,
    live,
    panel,
    keys,
    matches,
    lens,
    results,
    benchmark,
    validator,
    evidence,
    new Problems(validator, settings),
    new Display(lens, settings),
    new ScriptLenses(),
    new Status(live),
    new Tree('pipescope.pipelines', [live, catalog], () => pipelineRows(live, catalog)),
    new Tree('pipescope.components', [live], () => componentRows(live)),
    new Tree('pipescope.validation', [live, validator], () => validator.rows),
    registerCommands(
      commands,
      {
        benchmark,
        dist,
        evidence,
        exact,
        guide,
        lens,
        live,
        log,
        panel,
        profile,
        programs,
        receiver,
        results,
        settings,
        tasks,
        terminals,
        validator,
      },
      notice,
    ),
  );
  void live.recall();
  void validator.recall();
  void profile.pickUp((variables, pipeline) =>
    pipeline === 'otlp' ? receiver.show(variables) : terminals.point(variables),
  );
}
