/** Entry point of the extension: creates all objects in the order of their dependencies. */
import * as vscode from 'vscode';
import { BenchmarkCommands } from './editor/benchmark/benchmark-commands.ts';
import { BenchmarkResults } from './editor/benchmark-results.ts';
import { commands } from './editor/commands/commands.ts';
import { ContextKeys } from './editor/commands/context-keys.ts';
import { Navigation } from './editor/commands/navigation.ts';
import { registerCommands } from './editor/commands/register-commands.ts';
import { CurrentRun } from './editor/current-run.ts';
import { Display } from './editor/lens/display.ts';
import { Lens } from './editor/lens/lens.ts';
import { ScriptLenses } from './editor/lens/script-lenses.ts';
import { SymbolResolver } from './editor/lens/symbol-resolver.ts';
import { Log } from './editor/log.ts';
import { Notifications } from './editor/notifications.ts';
import { Panel } from './editor/panel/panel.ts';
import { ProfileEditor } from './editor/panel/profile-editor.ts';
import { ExactTimingCommands } from './editor/run/exact-timing-commands.ts';
import { OtlpReceiverCommand } from './editor/run/otlp-receiver-command.ts';
import { PipelineCatalog } from './editor/run/pipeline-catalog.ts';
import { ProfileCommand } from './editor/run/profile-command.ts';
import { ProgramCommands } from './editor/run/program-commands.ts';
import { TaskProvider } from './editor/run/task-provider.ts';
import { TerminalProfiling } from './editor/run/terminal-profiling.ts';
import { Settings } from './editor/settings.ts';
import { EvidenceDocuments } from './editor/validation/evidence-documents.ts';
import { Problems } from './editor/validation/problems.ts';
import { Validator } from './editor/validation/validator.ts';
import { StatusBar } from './editor/views/status-bar.ts';
import { componentRows, pipelineRows, TreeView } from './editor/views/tree-views.ts';

export function activate(context: vscode.ExtensionContext): void {
  const { extensionUri, workspaceState: memory } = context;
  const storage = context.storageUri ?? context.globalStorageUri;
  const dist = vscode.Uri.joinPath(extensionUri, 'dist').fsPath;

  const log = new Log(vscode.window.createOutputChannel('Pipescope', { log: true }));
  const settings = new Settings(vscode.workspace);
  const output = vscode.window.createOutputChannel('Pipescope: Program');
  const catalog = new PipelineCatalog(log);
  const exactTiming: ExactTimingCommands = new ExactTimingCommands({
    memory,
    onTargetsChange: () => currentRun.configureProbes(),
    snapshot: () => currentRun.snapshot,
  });
  const currentRun = new CurrentRun({ dist, storage, log, settings, exact: () => exactTiming.targets });
  const results = new BenchmarkResults(currentRun.dataFolder, log);
  const panelOptions = { extensionUri, currentRun, results, settings, log };
  const panel = new Panel(panelOptions);
  const keys = new ContextKeys(currentRun, panel, settings);
  const notifications = new Notifications(log, settings);
  const symbols = new SymbolResolver(currentRun, log);
  const lens = new Lens({ currentRun, settings, symbols, results, memory });
  const profile = new ProfileCommand({ currentRun, catalog, panel, settings, notifications, log });
  const programs = new ProgramCommands(profile, settings, memory);
  const validator = new Validator({ currentRun, profile, settings, keys, log, memory });
  const tasks = new TaskProvider({ currentRun, catalog, profile, validator });
  const terminals = new TerminalProfiling(currentRun, profile, context.environmentVariableCollection);
  const receiver = new OtlpReceiverCommand(currentRun, profile, settings);
  const benchmarkOptions = { currentRun, catalog, settings, keys, log, panel, profile, programs, results, dist };
  const benchmark = new BenchmarkCommands(benchmarkOptions);
  const navigation = new Navigation(currentRun);
  const evidence = new EvidenceDocuments(validator, navigation);

  context.subscriptions.push(
    log,
    output,
    currentRun.onOutput((text) => output.append(text)),
    catalog,
    tasks,
    terminals,
    receiver,
    currentRun,
    panel,
    keys,
    symbols,
    lens,
    results,
    benchmark,
    validator,
    evidence,
    new Problems(validator, settings),
    new Display(lens, currentRun, settings),
    new ScriptLenses(),
    new ProfileEditor(panelOptions),
    new StatusBar(currentRun),
    new TreeView('pipescope.pipelines', [currentRun, catalog], () => pipelineRows(currentRun, catalog)),
    new TreeView('pipescope.components', [currentRun], () => componentRows(currentRun)),
    new TreeView('pipescope.validation', [currentRun, validator], () => validator.rows),
    registerCommands(
      commands,
      {
        benchmark,
        currentRun,
        dist,
        evidence,
        exactTiming,
        lens,
        log,
        navigation,
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
      notifications,
    ),
  );
  void currentRun.restore();
  void validator.restore();
  void profile.resume((variables, pipeline) =>
    pipeline === 'otlp' ? receiver.show(variables) : terminals.enable(variables),
  );
}
