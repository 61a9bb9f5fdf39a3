/** Start OTLP Receiver: programs that are started elsewhere send what OpenTelemetry tells of them here, until it is stopped. */
import * as vscode from 'vscode';
import { exportsOf } from '../../node/otlp/receive/otlp-environment.ts';
import type { Pipeline } from '../../node/run/launch-spec.ts';
import type { Live } from '../current-run.ts';
import type { Settings } from '../settings.ts';
import { pickFolder } from '../workspace-folders.ts';
import type { Profile } from './profile-command.ts';

const pipeline: Pipeline = {
  id: 'otlp',
  title: 'OpenTelemetry',
  description: 'What instrumented programs send.',
  components: [],
  throughput: [],
};

/** What a program needs of all that a guest is told. */
const ours = /^OTEL_/;

export class OtlpReceiver {
  readonly #live: Live;
  readonly #profile: Profile;
  readonly #settings: Settings;
  readonly #item: vscode.StatusBarItem;
  readonly #listening: vscode.Disposable;
  #on = false;

  constructor(live: Live, profile: Profile, settings: Settings) {
    this.#live = live;
    this.#profile = profile;
    this.#settings = settings;
    this.#item = vscode.window.createStatusBarItem('pipescope.receiver', vscode.StatusBarAlignment.Left, -102);
    this.#item.name = 'Pipescope OTLP Receiver';
    this.#item.command = 'pipescope.stop';
    this.#listening = live.onChange(() => {
      if (this.#on && !this.#live.busy) this.#hide();
    });
  }

  /** Resolves with the address at which it receives; with nothing where no folder was chosen or another run goes on. */
  async start(): Promise<string | undefined> {
    const workspace = await pickFolder();
    if (workspace === undefined) return undefined;
    const { promise, resolve, reject } = Promise.withResolvers<NodeJS.ProcessEnv | undefined>();
    const start = { kind: 'listen' as const, port: this.#settings.get('receiver.port'), onEnvironment: resolve };
    // Its end, or a refusal, comes before any address: then there is nothing to show.
    this.#profile.launch({ pipeline, workspace, start }).then(() => resolve(undefined), reject);
    const variables = await promise;
    return variables && this.show(variables);
  }

  /** Says where it receives, and offers what programs need to find it. */
  show(variables: NodeJS.ProcessEnv): string | undefined {
    const told = Object.entries(variables).flatMap(([name, value]) =>
      value !== undefined && ours.test(name) ? [[name, value] as const] : [],
    );
    const endpoint = variables['OTEL_EXPORTER_OTLP_ENDPOINT'];
    if (endpoint === undefined) return undefined;
    this.#on = true;
    this.#item.text = `$(radio-tower) OTLP ${new URL(endpoint).port}`;
    this.#item.tooltip = `OpenTelemetry is received at ${endpoint}. Click to stop.`;
    this.#item.accessibilityInformation = { label: `OpenTelemetry is received at ${endpoint}` };
    this.#item.show();
    void this.#offer(endpoint, exportsOf(Object.fromEntries(told)));
    return endpoint;
  }

  dispose(): void {
    this.#listening.dispose();
    this.#item.dispose();
  }

  async #offer(endpoint: string, lines: string): Promise<void> {
    const copy = 'Copy Environment';
    const answer = await vscode.window.showInformationMessage(
      `OpenTelemetry is received at ${endpoint}. Programs that send elsewhere need its environment.`,
      copy,
    );
    if (answer === copy) await vscode.env.clipboard.writeText(`${lines}\n`);
  }

  #hide(): void {
    this.#on = false;
    this.#item.hide();
  }
}
