import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseJson } from '../../protocol/parse-json.ts';
import { isRecord } from '../../protocol/schema.ts';

/** Maximum time for the inspector to answer. A thread that is blocked in native code does not. */
const maxAnswerMs = 5000;
const maxListBytes = 64 * 1024;
/** Answer of V8 if the expression was terminated. */
const terminated = /execution was terminated/i;

/** Connection to the inspector of a Node process on this machine. */
export class InspectorClient {
  readonly #socket: WebSocket;
  readonly #answers = new Map<number, (answer: Answer) => void>();
  #lastId = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => this.#onMessage(data));
    socket.addEventListener('close', () => this.#failAll());
  }

  /** Connects to the inspector on a port of the loopback interface. Rejects if none answers there. */
  static async connect(port: number): Promise<InspectorClient> {
    const url = await readDebuggerUrl(port);
    const socket = new WebSocket(url);
    await withinTime(
      new Promise<void>((resolve, reject) => {
        socket.addEventListener('open', () => resolve());
        socket.addEventListener('error', () => reject(new Error('the inspector refused the connection')));
      }),
    );
    return new InspectorClient(socket);
  }

  /**
   * Evaluates an expression in the main thread, with `require`, and returns its value. Works while the thread is in a loop.
   * Rejects with the error that the expression throws.
   */
  async evaluate(expression: string): Promise<unknown> {
    const params = { expression, includeCommandLineAPI: true, returnByValue: true, silent: true };
    const id = this.#post('Runtime.evaluate', params);
    const answered = new Promise<Answer>((resolve) => this.#answers.set(id, resolve));
    const { result, error } = await withinTime(answered).finally(() => this.#answers.delete(id));
    // A script of `node:vm` whose time was up just then would go on: V8 takes the end of the evaluation for the end of the script.
    if (error?.message && terminated.test(error.message)) this.#post('Runtime.terminateExecution');
    const thrown = result?.exceptionDetails?.exception?.description ?? error?.message;
    if (thrown !== undefined) throw new Error(thrown.split('\n')[0]);
    return result?.result?.value;
  }

  /** Resolves once the inspector has confirmed the end of the connection. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#socket.addEventListener('close', () => resolve()));
    this.#socket.close();
    await withinTime(closed).catch(() => undefined);
  }

  /** Sends a command and returns its number. */
  #post(method: string, params: object = {}): number {
    const id = ++this.#lastId;
    this.#socket.send(JSON.stringify({ id, method, params }));
    return id;
  }

  #onMessage(data: unknown): void {
    const answer = typeof data === 'string' ? parseJson(data) : undefined;
    if (!isRecord(answer) || typeof answer['id'] !== 'number') return;
    this.#answers.get(answer['id'])?.(answer as Answer);
  }

  #failAll(): void {
    for (const answer of this.#answers.values()) answer({ error: { message: 'the inspector was closed' } });
  }
}

interface Answer {
  readonly result?: {
    readonly result?: { readonly value?: unknown };
    readonly exceptionDetails?: { readonly exception?: { readonly description?: string } };
  };
  readonly error?: { readonly message?: string };
}

/** Reads the address of the main thread from the list that an inspector serves. */
async function readDebuggerUrl(port: number): Promise<string> {
  const list = parseJson(
    await new Promise<string>((resolve, reject) => {
      const request = get({ host: '127.0.0.1', port, path: '/json/list', timeout: maxAnswerMs }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
          if (text.length > maxListBytes) request.destroy(new Error('not an inspector'));
        });
        response.on('end', () => resolve(text));
      });
      request.on('timeout', () => request.destroy(new Error('the inspector does not answer')));
      request.on('error', reject);
    }),
  );
  const target: unknown = Array.isArray(list) ? list[0] : undefined;
  const id = isRecord(target) ? target['id'] : undefined;
  // The address is built here, so that a foreign server cannot redirect the connection.
  if (typeof id !== 'string' || !/^[\w-]+$/.test(id)) throw new Error(`no inspector listens on port ${port}`);
  return `ws://127.0.0.1:${port}/${id}`;
}

async function withinTime<T>(work: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const timeout = sleep(maxAnswerMs, undefined, { signal: timer.signal }).then(() => {
    throw new Error('the program does not answer');
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    timer.abort();
    timeout.catch(() => undefined);
  }
}
