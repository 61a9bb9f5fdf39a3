/**
 * Holds a program and its guests while hosts come and go: a window that is reloaded takes its extension host with it, but
 * not what runs. One host at a time is told everything from the start; with none for a while, the whole tree is ended.
 */
import { messageOf } from '../core/human-error.ts';
import type { Errand } from '../node/detached/run-note.ts';
import { Listener } from '../node/run/guest-listener.ts';
import { type Started, startRun } from '../node/run/start-run.ts';
import { isBatch } from '../protocol/batch.ts';
import { isControl } from '../protocol/control.ts';
import { defined } from '../protocol/defined.ts';
import { socketVariable } from '../protocol/environment-variables.ts';
import type { Kept, Stream } from '../protocol/keeper-message.ts';
import { Output } from './output-buffer.ts';
import { Memory } from './source-store.ts';

const beatMs = 50;
/** Bytes on their way to the host beyond which batches are merged, and the program's output waits in its pipe. */
const fullBytes = 1024 * 1024;

export class Keeper {
  readonly #errand: Errand;
  readonly #memory = new Memory((batches) => this.#fault('a batch that did not arrive', batches));
  readonly #output = new Output();
  readonly #beat = setInterval(() => this.#look(), beatMs);
  #listener: Listener | undefined;
  #faults: Extract<Kept, { readonly type: 'faults' }> = { type: 'faults', times: 0, first: '' };
  #faultsTold = 0;
  #run: Promise<Started | undefined> | undefined;
  #program: Started | undefined;
  #started: Kept | undefined;
  #ended: Kept | undefined;
  #environment: Readonly<Record<string, string>> | undefined;
  #hostSeenMs = performance.now();
  #leaving = false;

  constructor(errand: Errand) {
    this.#errand = errand;
  }

  /** Address at which it looks for a host; the program is started when the first one is there. */
  async open(): Promise<string> {
    this.#listener = await Listener.open({
      onMessage: (message) => this.#hear(message),
      onFault: () => undefined,
      greet: () => this.#greet(),
      most: 1,
    });
    return this.#listener.environment[socketVariable] ?? '';
  }

  /** Ends the program with all its descendants, then this process. */
  async leave(): Promise<void> {
    if (this.#leaving) return;
    this.#leaving = true;
    clearInterval(this.#beat);
    try {
      const program = await this.#run;
      await program?.child.stop();
      await this.#listener?.close();
    } finally {
      process.exit();
    }
  }

  #greet(): readonly object[] {
    this.#run ??= this.#start();
    if (!this.#started) return this.#ended ? [this.#ended] : [];
    this.#faultsTold = this.#faults.times;
    const last = this.#ended ? [this.#ended] : [];
    return [...this.#memory.whole(), this.#started, ...this.#output.pieces, this.#faults, ...last];
  }

  /** Nothing where it could not be started, which is told. */
  #start(): Promise<Started | undefined> {
    const { launch, ...options } = this.#errand;
    const { start } = launch;
    const listen = {
      ...(start.kind === 'listen' && start.port !== undefined ? { port: start.port } : {}),
      kind: 'listen' as const,
      onEnvironment: (variables: NodeJS.ProcessEnv) => {
        this.#environment = Object.fromEntries(
          Object.entries(variables).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
        );
      },
    };
    return startRun(
      { ...launch, start: start.kind === 'listen' ? listen : start },
      {
        ...options,
        onMessage: (message) => this.#take(message),
        onFault: (what) => this.#fault(what, 1),
        onOutput: (stream, text) => this.#print(stream, text),
      },
    ).then(
      (program) => {
        this.#watch(program);
        return program;
      },
      (error: unknown) => {
        this.#end({ type: 'failed', message: messageOf(error) });
        return undefined;
      },
    );
  }

  #watch(program: Started): void {
    const { child, ended } = program;
    const environment = this.#environment;
    this.#program = program;
    this.#started = {
      type: 'started',
      ...defined({ pid: child.pid }),
      ...(environment ? { environment } : {}),
    };
    this.#tell(this.#started);
    ended.then(
      (end) => this.#end({ type: 'ended', ...end }),
      (error: unknown) => this.#end({ type: 'failed', message: messageOf(error) }),
    );
  }

  #end(word: Kept): void {
    this.#tellWaiting();
    this.#ended = word;
    this.#tell(word);
  }

  #take(message: unknown): void {
    if (!isBatch(message)) {
      this.#fault('a malformed or oversized batch', 1);
      return;
    }
    const batch = this.#memory.take(message, this.#full);
    if (batch) this.#tell(batch);
  }

  #print(stream: Stream, text: string): void {
    this.#tell(this.#output.add(stream, text));
    this.#flow();
  }

  #fault(what: string, times: number): void {
    const { times: before, first } = this.#faults;
    this.#faults = { type: 'faults', times: before + times, first: before > 0 ? first : what.slice(0, 1000) };
  }

  #hear(message: unknown): void {
    if (!isControl(message)) return;
    // Once the program has ended, stop says that the host knows.
    if (message.type === 'stop' && this.#ended) void this.leave();
    else if (message.type === 'stop') void this.#run?.then((program) => program?.child.stop());
    else if (message.type === 'wish') this.#program?.wish(message.wishes);
    else if (message.type === 'signal') this.#program?.child.kill(message.name as NodeJS.Signals);
  }

  #look(): void {
    if (this.#hosts > 0) this.#hostSeenMs = performance.now();
    else if (performance.now() - this.#hostSeenMs > this.#errand.patienceMs) void this.leave();
    this.#flow();
    if (!this.#full) this.#tellWaiting();
  }

  #tellWaiting(): void {
    for (const batch of this.#memory.waiting()) this.#tell(batch);
    if (this.#faultsTold === this.#faults.times) return;
    this.#faultsTold = this.#faults.times;
    this.#tell(this.#faults);
  }

  /** A host that reads slowly slows the program's printing, as any reader of a pipe does; one that is gone does not. */
  #flow(): void {
    this.#program?.hold?.(this.#full);
  }

  get #hosts(): number {
    return this.#listener?.guests ?? 0;
  }

  get #full(): boolean {
    return (this.#listener?.backlogBytes ?? 0) > fullBytes;
  }

  #tell(word: object): void {
    this.#listener?.tell(word);
  }
}
