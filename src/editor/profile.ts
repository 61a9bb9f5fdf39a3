/** Starts and ends runs: which pipeline, on which folder, and what is told when it is over. */
import * as vscode from 'vscode';
import { HumanError } from '../core/error.ts';
import { type Pipeline, pipelines } from '../node/launch.ts';
import type { Snapshot } from '../protocol/snapshot.ts';
import type { Live } from './live.ts';
import type { Log } from './log.ts';
import type { Notice } from './notice.ts';
import type { Panel } from './panel.ts';
import type { Settings } from './settings.ts';
import { pickFolder } from './workspace.ts';

export interface ProfileOptions {
  readonly live: Live;
  readonly panel: Panel;
  readonly settings: Settings;
  readonly notice: Notice;
  readonly log: Log;
}

export class Profile {
  readonly #options: ProfileOptions;

  constructor(options: ProfileOptions) {
    this.#options = options;
  }

  /**
   * Runs a pipeline to its end; asks for what `wanted` leaves open. Resolves with `undefined` when the choice was
   * given up.
   * @param wanted id of a pipeline, or a row of the view that carries one
   */
  async run(wanted: unknown): Promise<Snapshot | undefined> {
    const pipeline = await pickPipeline('Profile', wanted);
    if (!pipeline) return undefined;
    const folder = await pickFolder();
    return folder === undefined ? undefined : this.#run(pipeline, folder);
  }

  /** Ends the run under way, then runs the same pipeline on the same folder again. */
  async restart(): Promise<Snapshot | undefined> {
    const { live } = this.#options;
    const last = live.snapshot?.run;
    const pipeline = pipelines.find(({ id }) => id === last?.pipeline);
    if (!last || !pipeline) throw new HumanError('Nothing has run yet. Profile a pipeline first.');
    await live.stop();
    await live.ended();
    return this.#run(pipeline, last.workspace);
  }

  async #run(pipeline: Pipeline, folder: string): Promise<Snapshot> {
    const { live, panel, settings, notice, log } = this.#options;
    if (settings.get('panel.openOnProfile') && !panel.visible) panel.open({ preserveFocus: true });
    const snapshot = await live.run(pipeline, folder);
    log.run(snapshot);
    notice.ended(snapshot);
    return snapshot;
  }
}

/**
 * The pipeline that is named, else the one that is picked; `undefined` when the choice was given up.
 * @throws HumanError when the named one does not exist
 */
export async function pickPipeline(title: string, wanted: unknown): Promise<Pipeline | undefined> {
  const id = nameOf(wanted);
  if (id !== undefined) {
    const pipeline = pipelines.find((row) => row.id === id);
    if (pipeline) return pipeline;
    throw new HumanError(`There is no pipeline "${id}". There is: ${pipelines.map((row) => row.id).join(', ')}.`);
  }
  const picked = await vscode.window.showQuickPick(
    pipelines.map((pipeline) => ({ label: `$(pulse) ${pipeline.title}`, detail: pipeline.description, pipeline })),
    { title, placeHolder: 'Pipeline to run', matchOnDetail: true },
  );
  return picked?.pipeline;
}

function nameOf(wanted: unknown): string | undefined {
  if (typeof wanted === 'string') return wanted;
  if (typeof wanted !== 'object' || wanted === null || !('pipeline' in wanted)) return undefined;
  return typeof wanted.pipeline === 'string' ? wanted.pipeline : undefined;
}
