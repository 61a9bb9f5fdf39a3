/**
 * Gives each reporter its own name of a source. A reporter is whatever sends one sequence of batches: a probe, a copy of it,
 * or a program that reports by itself. Two of them in one process may use the same name, and their numbers would be taken
 * for repeats of each other.
 *
 * A reporter keeps its name when it connects again. It is recognized by `instance` in its hello; without one, by a new
 * connection after its previous one has broken.
 */
import { isRecord, text, whole } from '../../../protocol/schema.ts';

interface Reporter {
  /** Name that the receiver uses. */
  readonly name: string;
  readonly instance: string | undefined;
  readonly wallStartMs: unknown;
  /** Undefined while it is not connected. */
  connection: object | undefined;
  /** True once it has sent its last batch. */
  hasEnded: boolean;
}

/** Maximum number of names whose reporters are remembered; those that ended first are forgotten. */
const maxNames = 20_000;

export class ReporterNames {
  /** Reporters by the name that they use, the oldest first. */
  readonly #reporters = new Map<string, Reporter[]>();
  readonly #byConnection = new WeakMap<object, Set<Reporter>>();

  /** Returns the batch with the name of its reporter: the same object if it has that name already. */
  rename(message: unknown, connection: object): unknown {
    if (!isRecord(message) || !text(message['source']) || !whole(message['sequence'])) return message;
    const { source } = message;
    const reporters = this.#reporters.get(source) ?? [];
    const reporter = findReporter(reporters, message, connection) ?? this.#add(source, reporters, message);
    this.#connect(reporter, connection);
    reporter.hasEnded ||= message['bye'] !== undefined;
    return reporter.name === source ? message : { ...message, source: reporter.name };
  }

  /** Marks the reporters of a connection that was closed. */
  disconnect(connection: object): void {
    for (const reporter of this.#byConnection.get(connection) ?? []) {
      if (reporter.connection === connection) reporter.connection = undefined;
    }
  }

  #connect(reporter: Reporter, connection: object): void {
    if (reporter.connection === connection) return;
    reporter.connection = connection;
    const connected = this.#byConnection.get(connection) ?? new Set();
    this.#byConnection.set(connection, connected.add(reporter));
  }

  #add(source: string, reporters: Reporter[], message: Readonly<Record<string, unknown>>): Reporter {
    const { instance, wallStartMs } = helloIn(message);
    // A process that executes another program keeps its number; the receiver distinguishes them by their start.
    const isNext = reporters.every((other) => !other.connection && other.wallStartMs !== wallStartMs);
    const name = isNext ? source : `${source}/${reporters.length + 1}`;
    const reporter = { name, instance, wallStartMs, connection: undefined, hasEnded: false };
    reporters.push(reporter);
    this.#reporters.set(source, reporters);
    this.#limit();
    return reporter;
  }

  #limit(): void {
    if (this.#reporters.size <= maxNames) return;
    for (const [source, reporters] of this.#reporters) {
      if (reporters.some(({ connection, hasEnded }) => connection || !hasEnded)) continue;
      this.#reporters.delete(source);
      return;
    }
  }
}

function findReporter(
  reporters: readonly Reporter[],
  message: Readonly<Record<string, unknown>>,
  connection: object,
): Reporter | undefined {
  const current = reporters.find((reporter) => reporter.connection === connection);
  if (current) return current;
  const { instance } = helloIn(message);
  if (instance !== undefined) return reporters.find((reporter) => reporter.instance === instance);
  const broken = reporters.findLast((reporter) => !reporter.connection && !reporter.hasEnded);
  if (broken) return isRecord(message['hello']) && broken.instance !== undefined ? undefined : broken;
  // A batch in the middle of a sequence is of a reporter whose previous connection is not known to be closed yet.
  return message['sequence'] === 0 ? undefined : reporters.at(-1);
}

function helloIn(message: Readonly<Record<string, unknown>>): { instance: string | undefined; wallStartMs: unknown } {
  const { hello } = message;
  if (!isRecord(hello)) return { instance: undefined, wallStartMs: undefined };
  return { instance: text(hello['instance']) ? hello['instance'] : undefined, wallStartMs: hello['wallStartMs'] };
}
