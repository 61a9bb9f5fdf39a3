/**
 * Runs a program and receives its batches while hosts come and go, so that the program survives a window reload. Each new
 * host first gets everything from the start of the run. Without a host for some time, the keeper ends the program.
 */
import { messageOf } from '../core/human-error.ts';
import type { KeeperRequest } from '../node/detached/keeper-request.ts';
import { GuestListener } from '../node/run/guest-listener.ts';
import { type RunHandle, startRun } from '../node/run/start-run.ts';
import type { DroppedRecords } from '../protocol/batch/batch.ts';
import { callsIn, salvageBatch } from '../protocol/batch/salvage-batch.ts';
import { isControl } from '../protocol/control.ts';
import { defined } from '../protocol/defined.ts';
import { socketVariable } from '../protocol/environment-variables.ts';
import type { KeeperMessage, OutputStream } from '../protocol/keeper-message.ts';
import { OutputBuffer } from './output-buffer.ts';
import { SourceStore } from './source-store.ts';

const tickMs = 50;
/** If more bytes than this are queued for the host, batches are merged and the program's output is not read. */
const maxBacklogBytes = 1024 * 1024;
const maxFaultLength = 1000;
/** Time for which the keeper waits for another host after one was killed, e.g. because the extension host has crashed. */
const maxLostHostMs = 1000;
/** Time between SIGTERM and SIGKILL for a program without a host. */
const abandonedGraceMs = 500;

type Message<Type> = Extract<KeeperMessage, { readonly type: Type }>;
type LastMessage = Message<'ended' | 'failed'>;

/** The program starts when the first host connects. A run that could not be started resolves to undefined. */
type ProgramState =
  | { readonly phase: 'waiting' }
  | { readonly phase: 'starting'; readonly run: Promise<RunHandle | undefined> }
  | { readonly phase: 'running'; readonly run: RunHandle; readonly started: Message<'started'> }
  | {
      readonly phase: 'ended';
      readonly run: RunHandle;
      readonly started: Message<'started'>;
      readonly last: LastMessage;
    }
  | { readonly phase: 'failed'; readonly last: LastMessage };

export class Keeper {
  readonly #request: KeeperRequest;
  readonly #sources = new SourceStore(({ batches = 0, ...records }) =>
    this.#countFault('a lost batch', batches, records),
  );
  readonly #output = new OutputBuffer();
  readonly #ticker = setInterval(() => this.#tick(), tickMs);
  #listener: GuestListener | undefined;
  #state: ProgramState = { phase: 'waiting' };
  #faults: Message<'faults'> = { type: 'faults', times: 0, first: '' };
  /** Number of faults that the host knows of. */
  #sentFaults = 0;
  #hostSeenMs = performance.now();
  #startedMs = performance.now();
  /** True if the last host has left in order. */
  #isDetached = false;
  #shutdown: Promise<void> | undefined;

  constructor(request: KeeperRequest) {
    this.#request = request;
  }

  /** Returns the address on which it listens for a host. The program starts when the first host connects. */
  async open(): Promise<string> {
    this.#listener = await GuestListener.open({
      onMessage: (message) => this.#onControl(message),
      onFault: () => undefined,
      greet: () => this.#greet(),
      maxGuests: 1,
    });
    return this.#listener.environment[socketVariable] ?? '';
  }

  /**
   * Ends the program with all its descendants, then this process.
   * @param graceMs time between SIGTERM and SIGKILL
   */
  shutDown(graceMs?: number): Promise<void> {
    this.#shutdown ??= this.#endEverything(graceMs);
    return this.#shutdown;
  }

  async #endEverything(graceMs: number | undefined): Promise<void> {
    clearInterval(this.#ticker);
    try {
      await this.#stopProgram(graceMs);
      await this.#listener?.close();
    } finally {
      process.exit();
    }
  }

  async #stopProgram(graceMs?: number): Promise<void> {
    const run = this.#state.phase === 'starting' ? await this.#state.run : this.#run;
    await run?.child.stop(graceMs);
  }

  #greet(): readonly object[] {
    this.#isDetached = false;
    if (this.#state.phase === 'waiting') this.#state = { phase: 'starting', run: this.#start() };
    const state = this.#state;
    switch (state.phase) {
      case 'starting':
        return [];
      case 'failed':
        return [state.last];
      default: {
        this.#sentFaults = this.#faults.times;
        const last = state.phase === 'ended' ? [state.last] : [];
        const clock: Message<'clock'> = { type: 'clock', elapsedMs: performance.now() - this.#startedMs };
        return [clock, ...this.#sources.allBatches(), state.started, ...this.#output.pieces, this.#faults, ...last];
      }
    }
  }

  async #start(): Promise<RunHandle | undefined> {
    this.#startedMs = performance.now();
    const { launch, ...options } = this.#request;
    const { start } = launch;
    let environment: Message<'started'>['environment'];
    const listen = {
      ...(start.kind === 'listen' ? defined({ port: start.port }) : {}),
      kind: 'listen' as const,
      onEnvironment: (variables: NodeJS.ProcessEnv) => {
        environment = Object.fromEntries(
          Object.entries(variables).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
        );
      },
    };
    try {
      const run = await startRun(
        { ...launch, start: start.kind === 'listen' ? listen : start },
        {
          ...options,
          onMessage: (message) => this.#onBatch(message),
          onLine: (message, line) => this.#onBatch(message, line),
          onFault: (fault) => this.#countFault(fault),
          onOutput: (stream, text) => this.#onOutput(stream, text),
        },
      );
      this.#onStarted(run, { type: 'started', ...defined({ pid: run.child.pid, environment }) });
      return run;
    } catch (error) {
      const last: LastMessage = { type: 'failed', message: messageOf(error) };
      this.#sendPending();
      this.#state = { phase: 'failed', last };
      this.#send(last);
      return undefined;
    }
  }

  #onStarted(run: RunHandle, started: Message<'started'>): void {
    this.#state = { phase: 'running', run, started };
    this.#send(started);
    const end = (last: LastMessage): void => {
      this.#sendPending();
      this.#state = { phase: 'ended', run, started, last };
      this.#send(last);
    };
    run.ended.then(
      (exit) => end({ type: 'ended', ...exit }),
      (error: unknown) => end({ type: 'failed', message: messageOf(error) }),
    );
  }

  /** @param line the message as JSON, if it came from a socket */
  #onBatch(message: unknown, line?: string): void {
    const received = salvageBatch(message);
    if (!received) {
      this.#countFault('a malformed or oversized batch', 1, { calls: callsIn(message) });
      return;
    }
    const batch = this.#sources.ingest(received, this.#isHostSlow);
    if (!batch) return;
    // Most batches are passed on as they are. To write thousands of operations as JSON again would be half of the work.
    if (line !== undefined && batch === message) this.#listener?.broadcastLine(line);
    else this.#send(batch);
  }

  #onOutput(stream: OutputStream, text: string): void {
    this.#send(this.#output.add(stream, text));
    this.#throttleOutput();
  }

  #countFault(fault: string, times = 1, records: DroppedRecords = {}): void {
    const { times: previous, first, calls = 0, values = 0 } = this.#faults;
    this.#faults = {
      type: 'faults',
      times: previous + times,
      first: previous > 0 ? first : fault.slice(0, maxFaultLength),
      calls: calls + (records.calls ?? 0),
      values: values + (records.values ?? 0),
    };
  }

  #onControl(message: unknown): void {
    if (!isControl(message)) return;
    switch (message.type) {
      case 'stop':
        // After the end, `stop` confirms that the host has received the last message.
        if ('last' in this.#state) void this.shutDown();
        else void this.#stopProgram();
        break;
      case 'detach':
        this.#isDetached = true;
        // The next host may already be waiting to connect.
        this.#listener?.disconnect();
        break;
      case 'wish':
        this.#run?.configure(message.wishes);
        break;
      case 'signal':
        this.#run?.child.kill(message.name as NodeJS.Signals);
        break;
    }
  }

  #tick(): void {
    if ((this.#listener?.guestCount ?? 0) > 0) this.#hostSeenMs = performance.now();
    else if (performance.now() - this.#hostSeenMs > this.#maxHostlessMs) void this.shutDown(abandonedGraceMs);
    this.#throttleOutput();
    if (!this.#isHostSlow) this.#sendPending();
  }

  /** Maximum time without a host. */
  get #maxHostlessMs(): number {
    const { reconnectTimeoutMs } = this.#request;
    const isLost = !this.#isDetached && this.#state.phase !== 'waiting';
    return isLost ? Math.min(maxLostHostMs, reconnectTimeoutMs) : reconnectTimeoutMs;
  }

  #sendPending(): void {
    for (const batch of this.#sources.drainPending()) this.#send(batch);
    if (this.#sentFaults === this.#faults.times) return;
    this.#sentFaults = this.#faults.times;
    this.#send(this.#faults);
  }

  /** Pauses the program's output while the host is slow, as any slow reader of a pipe would. */
  #throttleOutput(): void {
    this.#run?.setOutputPaused?.(this.#isHostSlow);
  }

  /** The program that runs or has ended. */
  get #run(): RunHandle | undefined {
    const { phase } = this.#state;
    return phase === 'running' || phase === 'ended' ? this.#state.run : undefined;
  }

  get #isHostSlow(): boolean {
    return (this.#listener?.backlogBytes ?? 0) > maxBacklogBytes;
  }

  #send(message: object): void {
    this.#listener?.broadcast(message);
  }
}
