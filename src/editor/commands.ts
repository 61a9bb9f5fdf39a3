/** Everything that can be asked for: one row for each command; its title and its place in menus are in the manifest. */
import type { Benchmark } from './benchmark.ts';
import type { Exact } from './exact.ts';
import type { Exporter } from './export.ts';
import type { Guide } from './guide.ts';
import type { Lens } from './lens.ts';
import type { Live } from './live.ts';
import type { Log } from './log.ts';
import type { Panel } from './panel.ts';
import type { Profile } from './profile.ts';
import type { Programs } from './programs.ts';
import type { OtlpReceiver } from './receiver.ts';
import type { Settings } from './settings.ts';
import type { Tasks } from './tasks.ts';
import type { Terminals } from './terminals.ts';

/** What commands act on. */
export interface Desk {
  readonly benchmark: Benchmark;
  readonly exact: Exact;
  readonly exporter: Exporter;
  readonly guide: Guide;
  readonly lens: Lens;
  readonly live: Live;
  readonly log: Log;
  readonly panel: Panel;
  readonly profile: Profile;
  readonly programs: Programs;
  readonly receiver: OtlpReceiver;
  readonly settings: Settings;
  readonly tasks: Tasks;
  readonly terminals: Terminals;
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
  { id: 'pipescope.startReceiver', needsTrust: true, run: ({ receiver }) => receiver.start() },
  { id: 'pipescope.stop', run: ({ live }) => live.stop() },
  { id: 'pipescope.restart', needsTrust: true, run: ({ profile }) => profile.restart() },
  { id: 'pipescope.pause', run: ({ live }) => live.pause() },
  { id: 'pipescope.resume', run: ({ live }) => live.resume() },
  { id: 'pipescope.benchmark', needsTrust: true, run: ({ benchmark }, wanted) => benchmark.run(wanted) },
  { id: 'pipescope.saveBaseline', run: ({ benchmark }, name) => benchmark.save(name) },
  { id: 'pipescope.compareBaseline', run: ({ benchmark }, name) => benchmark.compare(name) },
  { id: 'pipescope.showReport', run: ({ benchmark }) => benchmark.show() },
  { id: 'pipescope.exportSnapshot', run: ({ exporter }, target) => exporter.write(target) },
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
  { id: 'pipescope.revealOperation', internal: true, run: ({ guide }, place) => guide.reveal(place) },
];
