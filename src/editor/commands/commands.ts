/** Everything that can be asked for: one row for each command; its title and its place in menus are in the manifest. */
import type { Benchmark } from '../benchmark/benchmark-commands.ts';
import type { Results } from '../benchmark-results.ts';
import type { Live } from '../current-run.ts';
import type { Lens } from '../lens/lens.ts';
import type { Log } from '../log.ts';
import type { Panel } from '../panel/panel.ts';
import type { Exact } from '../run/exact-timing-commands.ts';
import type { OtlpReceiver } from '../run/otlp-receiver-command.ts';
import type { Profile } from '../run/profile-command.ts';
import type { Programs } from '../run/program-commands.ts';
import type { Tasks } from '../run/task-provider.ts';
import type { Terminals } from '../run/terminal-profiling.ts';
import type { Settings } from '../settings.ts';
import type { EvidenceTexts } from '../validation/evidence-documents.ts';
import type { Validator } from '../validation/validator.ts';
import type { Guide } from './navigation.ts';

/** What commands act on. */
export interface Desk {
  readonly benchmark: Benchmark;
  /** Folder of the built bundles. */
  readonly dist: string;
  readonly evidence: EvidenceTexts;
  readonly exact: Exact;
  readonly guide: Guide;
  readonly lens: Lens;
  readonly live: Live;
  readonly log: Log;
  readonly panel: Panel;
  readonly profile: Profile;
  readonly programs: Programs;
  readonly receiver: OtlpReceiver;
  readonly results: Results;
  readonly settings: Settings;
  readonly tasks: Tasks;
  readonly terminals: Terminals;
  readonly validator: Validator;
}

export interface Command {
  readonly id: `pipescope.${string}`;
  /** Starts a program, so never in an untrusted workspace. */
  readonly needsTrust?: true;
  /** For rows and pages only: not offered in the palette. */
  readonly internal?: true;
  run(desk: Desk, argument: unknown): unknown;
}

export const commands: readonly Command[] = [
  { id: 'pipescope.openPanel', run: ({ panel }) => panel.open() },
  { id: 'pipescope.profile', needsTrust: true, run: ({ profile }, wanted) => profile.run(wanted) },
  { id: 'pipescope.profileFile', needsTrust: true, run: ({ programs }, wanted) => programs.file(wanted) },
  { id: 'pipescope.profileScript', needsTrust: true, run: ({ programs }, wanted) => programs.script(wanted) },
  { id: 'pipescope.profileCommand', needsTrust: true, run: ({ programs }, wanted) => programs.command(wanted) },
  { id: 'pipescope.profileTask', needsTrust: true, run: ({ tasks }, wanted) => tasks.pick(wanted) },
  { id: 'pipescope.toggleTerminals', needsTrust: true, run: ({ terminals }) => terminals.toggle() },
  { id: 'pipescope.validate', needsTrust: true, run: ({ validator }, wanted) => validator.run(wanted) },
  {
    id: 'pipescope.openValidationReport',
    run: async ({ validator }, wanted) => (await import('../validation/open-report.ts')).openReport(validator, wanted),
  },
  {
    id: 'pipescope.verifyReceipt',
    needsTrust: true,
    run: async ({ validator, dist }, wanted) =>
      (await import('../validation/verify-receipt.ts')).verifyReceipt(validator, dist, wanted),
  },
  { id: 'pipescope.startReceiver', needsTrust: true, run: ({ receiver }) => receiver.start() },
  { id: 'pipescope.stop', run: ({ live }) => live.stop() },
  { id: 'pipescope.restart', needsTrust: true, run: ({ profile }) => profile.restart() },
  { id: 'pipescope.pause', run: ({ live }) => live.pause() },
  { id: 'pipescope.resume', run: ({ live }) => live.resume() },
  { id: 'pipescope.benchmark', needsTrust: true, run: ({ benchmark }, wanted) => benchmark.run(wanted) },
  { id: 'pipescope.benchmarkAgainst', needsTrust: true, run: ({ benchmark }, wanted) => benchmark.against(wanted) },
  { id: 'pipescope.saveBaseline', run: ({ benchmark }, name) => benchmark.save(name) },
  { id: 'pipescope.compareBaseline', run: ({ benchmark }, name) => benchmark.compare(name) },
  { id: 'pipescope.showReport', run: ({ benchmark }) => benchmark.report() },
  {
    id: 'pipescope.showComparison',
    run: ({ results, panel }) => {
      results.ask('compare');
      panel.open();
    },
  },
  {
    id: 'pipescope.showHistory',
    run: ({ results, panel }) => {
      results.ask('history');
      panel.open();
    },
  },
  { id: 'pipescope.clearComparison', run: ({ benchmark }) => benchmark.clear() },
  {
    id: 'pipescope.exportBenchmark',
    run: async ({ benchmark }, wanted) =>
      (await import('../benchmark/export-benchmark.ts')).exportBenchmark(benchmark, wanted),
  },
  { id: 'pipescope.measureOverhead', needsTrust: true, run: ({ benchmark }, wanted) => benchmark.overhead(wanted) },
  {
    id: 'pipescope.exportSnapshot',
    run: async ({ live }, target) => (await import('./export-snapshot.ts')).exportSnapshot(live, target),
  },
  {
    id: 'pipescope.toggleCodeLens',
    run: ({ settings }) => settings.set('codeLens.enabled', !settings.get('codeLens.enabled')),
  },
  { id: 'pipescope.timeExactly', run: ({ exact }, wanted) => exact.add(wanted) },
  { id: 'pipescope.stopTimingExactly', run: ({ exact }, wanted) => exact.remove(wanted) },
  { id: 'pipescope.goToHottest', run: ({ guide }) => guide.hottest() },
  { id: 'pipescope.showLog', run: ({ log }) => log.show() },
  {
    id: 'pipescope.clearData',
    run: async ({ live, lens }) => {
      await live.clear();
      await lens.clear();
    },
  },
  {
    id: 'pipescope.runQuickFix',
    needsTrust: true,
    internal: true,
    run: async ({ validator }, row) => (await import('../validation/quick-fix.ts')).runQuickFix(validator, row),
  },
  {
    id: 'pipescope.copyResult',
    internal: true,
    run: async ({ validator }, row) => (await import('../validation/open-report.ts')).copyResult(validator, row),
  },
  { id: 'pipescope.showEvidence', internal: true, run: ({ evidence }, row) => evidence.show(row) },
  { id: 'pipescope.revealOperation', internal: true, run: ({ guide }, place) => guide.reveal(place) },
];
