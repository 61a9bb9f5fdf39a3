/** Profiles programs without changing them: a file, a package script or a command. */
import type * as vscode from 'vscode';
import type { LaunchSpec } from '../../node/run/launch-spec.ts';
import type { Snapshot } from '../../protocol/snapshot.ts';
import type { Settings } from '../settings.ts';
import type { Launcher } from './profile-command.ts';
import type * as Launches from './program-launches.ts';

export class ProgramCommands {
  readonly #profile: Launcher;
  readonly #settings: Settings;
  readonly #memory: vscode.Memento;

  constructor(profile: Launcher, settings: Settings, memory: vscode.Memento) {
    this.#profile = profile;
    this.#settings = settings;
    this.#memory = memory;
  }

  /** Returns the same commands with another way to run a launch. */
  launchedBy(profile: Launcher): ProgramCommands {
    return new ProgramCommands(profile, this.#settings, this.#memory);
  }

  /**
   * Saves and profiles a file.
   * @param file Uri from the Explorer; without it, the active file is profiled
   */
  profileFile(file: unknown): Promise<Snapshot | undefined> {
    return this.#run(({ buildFileLaunch }) => buildFileLaunch(file, this.#settings.get('pythonPath')));
  }

  /**
   * Profiles a package script, run by the package's own package manager.
   * @param script ScriptRef; without it, the user picks a script
   */
  profileScript(script: unknown): Promise<Snapshot | undefined> {
    return this.#run(({ buildScriptLaunch }) => buildScriptLaunch(script));
  }

  /**
   * Profiles a command, started without a shell.
   * @param command as typed in a terminal; without it, the user enters a command
   */
  profileCommand(command: unknown): Promise<Snapshot | undefined> {
    return this.#run(({ buildTypedLaunch }) => buildTypedLaunch(command, this.#memory));
  }

  /** Lets the user enter a command, with the last one as default. Returns undefined if the user cancels. */
  async askCommand(title: string): Promise<string | undefined> {
    return (await import('./program-launches.ts')).askCommand(title, this.#memory);
  }

  /** Runs a launch, whose code is loaded now. Returns undefined if the user cancels. */
  async #run(build: (launches: typeof Launches) => Promise<LaunchSpec | undefined>): Promise<Snapshot | undefined> {
    const launch = await build(await import('./program-launches.ts'));
    return launch && this.#profile.launch(launch);
  }
}
