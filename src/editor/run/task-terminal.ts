import * as vscode from 'vscode';
import { HumanError, messageOf } from '../../core/human-error.ts';
import type { LaunchSpec } from '../../node/run/launch-spec.ts';
import { joinTerminalLines } from '../../protocol/escape/terminal-lines.ts';
import type { CurrentRun } from '../current-run.ts';
import type { PipelineCatalog } from './pipeline-catalog.ts';
import type { ProfileCommand } from './profile-command.ts';

interface TaskTerminalOptions {
  readonly currentRun: CurrentRun;
  readonly catalog: PipelineCatalog;
  readonly profile: ProfileCommand;
}

const lineBreak = /\r?\n/g;

/** Terminal of a task: profiles it and shows its output. */
export class TaskTerminal implements vscode.Pseudoterminal {
  readonly #options: TaskTerminalOptions;
  readonly #buildLaunch: () => LaunchSpec;
  readonly #written = new vscode.EventEmitter<string>();
  readonly #closed = new vscode.EventEmitter<number>();
  readonly onDidWrite = this.#written.event;
  readonly onDidClose = this.#closed.event;
  #isRunning = false;

  constructor(options: TaskTerminalOptions, buildLaunch: () => LaunchSpec) {
    this.#options = options;
    this.#buildLaunch = buildLaunch;
  }

  open(): void {
    void this.#run();
  }

  close(): void {
    if (this.#isRunning) void this.#options.currentRun.stop();
  }

  async #run(): Promise<void> {
    const { currentRun, catalog, profile } = this.#options;
    const listener = currentRun.onOutput((text) => this.#write(text));
    try {
      if (currentRun.isBusy) throw new HumanError('Another run is in progress. Stop it or wait until it ends.');
      await catalog.ready;
      const launch = this.#buildLaunch();
      this.#isRunning = true;
      const { run } = await profile.launch(launch);
      if (run.message) this.#write(joinTerminalLines([run.message]));
      this.#closed.fire(run.exitCode ?? (run.result === 'success' ? 0 : 1));
    } catch (error) {
      this.#write(joinTerminalLines([messageOf(error)]));
      this.#closed.fire(1);
    } finally {
      this.#isRunning = false;
      listener.dispose();
    }
  }

  #write(text: string): void {
    // Terminals need a carriage return before each line feed.
    this.#written.fire(text.replace(lineBreak, '\r\n'));
  }
}
