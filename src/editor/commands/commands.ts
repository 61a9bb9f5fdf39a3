/** All commands: one row each. Their titles and menus are in package.json. */
import type { BenchmarkCommands } from '../benchmark/benchmark-commands.ts';
import type { BenchmarkResults } from '../benchmark-results.ts';
import type { CurrentRun } from '../current-run.ts';
import type { Lens } from '../lens/lens.ts';
import type { Log } from '../log.ts';
import type { Panel } from '../panel/panel.ts';
import type { ExactTimingCommands } from '../run/exact-timing-commands.ts';
import type { OtlpReceiverCommand } from '../run/otlp-receiver-command.ts';
import type { ProfileCommand } from '../run/profile-command.ts';
import type { ProgramCommands } from '../run/program-commands.ts';
import type { TaskProvider } from '../run/task-provider.ts';
import type { TerminalProfiling } from '../run/terminal-profiling.ts';
import type { Settings } from '../settings.ts';
import type { EvidenceDocuments } from '../validation/evidence-documents.ts';
import type { Validator } from '../validation/validator.ts';
import { type CommandId, commandIds } from './command-ids.ts';
import type { Navigation } from './navigation.ts';

/** Objects that commands act on. */
export interface CommandContext {
  readonly benchmark: BenchmarkCommands;
  readonly currentRun: CurrentRun;
  /** Folder of the built bundles. */
  readonly dist: string;
  readonly evidence: EvidenceDocuments;
  readonly exactTiming: ExactTimingCommands;
  readonly lens: Lens;
  readonly log: Log;
  readonly navigation: Navigation;
  readonly panel: Panel;
  readonly profile: ProfileCommand;
  readonly programs: ProgramCommands;
  readonly receiver: OtlpReceiverCommand;
  readonly results: BenchmarkResults;
  readonly settings: Settings;
  readonly tasks: TaskProvider;
  readonly terminals: TerminalProfiling;
  readonly validator: Validator;
}

export interface Command {
  readonly id: CommandId;
  /** True for commands that start programs. They are disabled in Restricted Mode. */
  readonly needsTrust?: true;
  /** True for commands of tree rows and pages. They are hidden from the palette. */
  readonly internal?: true;
  /** @param argument from the caller, so its type must be checked */
  run(context: CommandContext, argument: unknown): unknown;
}

export const commands: readonly Command[] = [
  { id: commandIds.openPanel, run: ({ panel }) => panel.open() },
  { id: commandIds.profile, needsTrust: true, run: ({ profile }, pipeline) => profile.run(pipeline) },
  { id: commandIds.profileFile, needsTrust: true, run: ({ programs }, file) => programs.profileFile(file) },
  { id: commandIds.profileScript, needsTrust: true, run: ({ programs }, script) => programs.profileScript(script) },
  { id: commandIds.profileCommand, needsTrust: true, run: ({ programs }, text) => programs.profileCommand(text) },
  { id: commandIds.profileTask, needsTrust: true, run: ({ tasks }, name) => tasks.profileTask(name) },
  {
    id: commandIds.profileFine,
    needsTrust: true,
    run: async (context, file) => (await import('../run/profile-finely.ts')).profileFinely(context, file),
  },
  {
    id: commandIds.attach,
    needsTrust: true,
    run: async ({ profile }, pid) => (await import('../run/attach-command.ts')).attachToProcess(profile, pid),
  },
  { id: commandIds.toggleTerminals, needsTrust: true, run: ({ terminals }) => terminals.toggle() },
  { id: commandIds.validate, needsTrust: true, run: ({ validator }, request) => validator.run(request) },
  {
    id: commandIds.openValidationReport,
    run: async ({ validator }, folder) => (await import('../validation/open-report.ts')).openReport(validator, folder),
  },
  {
    id: commandIds.verifyReceipt,
    needsTrust: true,
    run: async ({ validator, dist }, path) =>
      (await import('../validation/verify-receipt.ts')).verifyReceipt(validator, dist, path),
  },
  { id: commandIds.startReceiver, needsTrust: true, run: ({ receiver }) => receiver.start() },
  { id: commandIds.stop, run: ({ currentRun }) => currentRun.stop() },
  { id: commandIds.restart, needsTrust: true, run: ({ profile }) => profile.restart() },
  { id: commandIds.pause, run: ({ currentRun }) => currentRun.pause() },
  { id: commandIds.resume, run: ({ currentRun }) => currentRun.resume() },
  { id: commandIds.benchmark, needsTrust: true, run: ({ benchmark }, target) => benchmark.run(target) },
  { id: commandIds.benchmarkAgainst, needsTrust: true, run: ({ benchmark }, target) => benchmark.runAgainst(target) },
  { id: commandIds.saveBaseline, run: ({ benchmark }, name) => benchmark.saveBaseline(name) },
  { id: commandIds.compareBaseline, run: ({ benchmark }, name) => benchmark.compare(name) },
  { id: commandIds.showReport, run: ({ benchmark }) => benchmark.showReport() },
  {
    id: commandIds.showComparison,
    run: ({ results, panel }) => {
      results.selectTab('compare');
      panel.open();
    },
  },
  {
    id: commandIds.showHistory,
    run: ({ results, panel }) => {
      results.selectTab('history');
      panel.open();
    },
  },
  { id: commandIds.clearComparison, run: ({ benchmark }) => benchmark.clearComparison() },
  {
    id: commandIds.exportBenchmark,
    run: async ({ benchmark }, options) =>
      (await import('../benchmark/export-benchmark.ts')).exportBenchmark(benchmark, options),
  },
  {
    id: commandIds.measureOverhead,
    needsTrust: true,
    run: ({ benchmark }, target) => benchmark.measureOverhead(target),
  },
  {
    id: commandIds.exportSnapshot,
    run: async ({ currentRun }, target) => (await import('./export-snapshot.ts')).exportSnapshot(currentRun, target),
  },
  { id: commandIds.compareStacks, run: ({ panel }) => panel.compareStacks() },
  {
    id: commandIds.openProfile,
    run: async (_context, file) => (await import('./open-profile.ts')).openProfile(file),
  },
  {
    id: commandIds.toggleCodeLens,
    run: ({ settings }) => settings.set('codeLens.enabled', !settings.get('codeLens.enabled')),
  },
  { id: commandIds.timeExactly, run: ({ exactTiming }, row) => exactTiming.add(row) },
  { id: commandIds.stopTimingExactly, run: ({ exactTiming }, row) => exactTiming.remove(row) },
  { id: commandIds.goToHottest, run: ({ navigation }) => navigation.goToHottest() },
  {
    id: commandIds.nextHotSpot,
    run: async (context) => (await import('./go-to-hot-spot.ts')).goToHotSpot(context, 'next'),
  },
  {
    id: commandIds.previousHotSpot,
    run: async (context) => (await import('./go-to-hot-spot.ts')).goToHotSpot(context, 'previous'),
  },
  {
    id: commandIds.showInFlameGraph,
    run: async (context, target) => (await import('./show-in-flame-graph.ts')).showInFlameGraph(context, target),
  },
  { id: commandIds.showLog, run: ({ log }) => log.show() },
  {
    id: commandIds.clearData,
    run: async ({ currentRun, lens }) => {
      await currentRun.clear();
      await lens.clear();
    },
  },
  {
    id: commandIds.runQuickFix,
    needsTrust: true,
    internal: true,
    run: async ({ validator }, row) => (await import('../validation/quick-fix.ts')).runQuickFix(validator, row),
  },
  {
    id: commandIds.copyResult,
    internal: true,
    run: async ({ validator }, row) => (await import('../validation/open-report.ts')).copyResult(validator, row),
  },
  { id: commandIds.showEvidence, internal: true, run: ({ evidence }, row) => evidence.show(row) },
  { id: commandIds.revealOperation, internal: true, run: ({ navigation }, location) => navigation.reveal(location) },
];
