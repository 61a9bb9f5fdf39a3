/** Start OTLP Receiver: records OpenTelemetry data from programs that were started elsewhere, until it is stopped. */
import * as vscode from 'vscode';
import { otlpPipeline } from '../../node/otlp/receive/otlp-pipeline.ts';
import { commandIds } from '../commands/command-ids.ts';
import type { CurrentRun } from '../current-run.ts';
import type { Settings } from '../settings.ts';
import { showMessage } from '../show-message.ts';
import { pickFolder } from '../workspace-folders.ts';
import type { ProfileCommand } from './profile-command.ts';

/** Matches the variables that instrumented programs need; the others are for Pipescope's own probes. */
const otelVariable = /^OTEL_/;

export class OtlpReceiverCommand {
  readonly #profile: ProfileCommand;
  readonly #settings: Settings;
  readonly #item: vscode.StatusBarItem;
  readonly #listener: vscode.Disposable;
  #isReceiving = false;

  constructor(currentRun: CurrentRun, profile: ProfileCommand, settings: Settings) {
    this.#profile = profile;
    this.#settings = settings;
    this.#item = vscode.window.createStatusBarItem('pipescope.receiver', vscode.StatusBarAlignment.Left, -102);
    this.#item.name = 'Pipescope OTLP Receiver';
    this.#item.command = commandIds.stop;
    this.#listener = currentRun.onChange(() => {
      if (this.#isReceiving && !currentRun.isBusy) this.#hide();
    });
  }

  /** Resolves with the receiver's endpoint, or with undefined if the user cancels. */
  async start(): Promise<string | undefined> {
    const workspace = await pickFolder();
    if (workspace === undefined) return undefined;
    const { promise, resolve, reject } = Promise.withResolvers<NodeJS.ProcessEnv | undefined>();
    const start = { kind: 'listen' as const, port: this.#settings.get('receiver.port'), onEnvironment: resolve };
    // If the run ends or fails before it listens, there is nothing to show.
    this.#profile.launch({ pipeline: otlpPipeline, workspace, start }).then(() => resolve(undefined), reject);
    const variables = await promise;
    return variables && this.show(variables);
  }

  /** Shows the receiver in the status bar, and offers to copy the environment that programs need. */
  show(variables: NodeJS.ProcessEnv): string | undefined {
    const endpoint = variables['OTEL_EXPORTER_OTLP_ENDPOINT'];
    if (endpoint === undefined) return undefined;
    this.#isReceiving = true;
    const label = `Receiving OpenTelemetry at ${endpoint}`;
    this.#item.text = `$(radio-tower) OTLP ${new URL(endpoint).port}`;
    this.#item.tooltip = `${label}. Click to stop.`;
    this.#item.accessibilityInformation = { label };
    this.#item.show();
    const environment = Object.entries(variables).flatMap(([name, value]) =>
      value !== undefined && otelVariable.test(name) ? [[name, value] as const] : [],
    );
    void this.#offerEnvironment(endpoint, Object.fromEntries(environment));
    return endpoint;
  }

  dispose(): void {
    this.#listener.dispose();
    this.#item.dispose();
  }

  async #offerEnvironment(endpoint: string, environment: Readonly<Record<string, string>>): Promise<void> {
    const copy = 'Copy Environment';
    const answer = await showMessage(
      'information',
      `Receiving OpenTelemetry at ${endpoint}. Set these environment variables in programs that use another endpoint.`,
      { buttons: [copy] },
    );
    if (answer !== copy) return;
    const { formatExports } = await import('../../node/otlp/receive/otlp-environment.ts');
    await vscode.env.clipboard.writeText(`${formatExports(environment)}\n`);
  }

  #hide(): void {
    this.#isReceiving = false;
    this.#item.hide();
  }
}
