import { subscribe } from 'node:diagnostics_channel';
import { basename } from 'node:path';
import { socketVariable } from '../../protocol/environment-variables.ts';

/** Maximum number of distinct programs that are reported. */
const maxPrograms = 10;
const maxShownLength = 100;
/** Programs whose functions the probe can see, by their file name. */
const runtimes = /^(node|nodejs|npm|npx|pnpm|yarn|tsx|ts-node|python[\d.]*)$/;
const nodeRuntimes = /^(node|nodejs|npm|npx|pnpm|yarn|tsx|ts-node)$/;
const shells = /^(sh|bash|zsh|dash|cmd)$/;

/** Program, arguments and environment that Node passes to the operating system. */
interface SpawnRequest {
  readonly file: string;
  readonly args: readonly unknown[];
  readonly environment: readonly string[];
}

type Spawn = (...parameters: unknown[]) => unknown;

/**
 * Reports children that are started with an environment without the probe, once for each program. Starting a process with
 * `spawnSync` and its kind is not announced by Node, so those are not seen.
 */
export function watchChildren(report: (notice: string) => void): void {
  const reported = new Set<string>();
  subscribe('child_process', (message) => {
    const { process: child } = message as { readonly process?: { readonly _handle?: { spawn: Spawn } } };
    const handle = child?._handle;
    if (typeof handle?.spawn !== 'function') return;
    const { spawn } = handle;
    // The environment is complete only in this call. The property is on this one handle, and nothing calls it twice.
    handle.spawn = (...parameters) => {
      const request = readRequest(parameters);
      const title = request && titleOfUnseen(request);
      if (title && !reported.has(title) && reported.size < maxPrograms) {
        reported.add(title);
        report(
          `A child process was started with its own environment, so it is not profiled: ${title}. Pass process.env to it to profile it.`,
        );
      }
      return Reflect.apply(spawn, handle, parameters);
    };
  });
}

/** Reads the parameters, which are one object or, in newer versions of Node, a list that begins with file and arguments. */
function readRequest(parameters: readonly unknown[]): SpawnRequest | undefined {
  const isList = parameters.length > 1;
  const options = (parameters[0] ?? {}) as {
    readonly file?: unknown;
    readonly args?: unknown;
    readonly envPairs?: unknown;
  };
  const [file, args, , environment] = isList ? parameters : [options.file, options.args, undefined, options.envPairs];
  if (typeof file !== 'string' || !Array.isArray(environment)) return undefined;
  return { file, args: Array.isArray(args) ? args : [], environment: environment.map(String) };
}

/** Returns the command line of a program that could be profiled with another environment; undefined for others. */
function titleOfUnseen({ file, args, environment }: SpawnRequest): string | undefined {
  const name = basename(file).replace(/\.(exe|cmd)$/i, '');
  const commandLine = [name, ...args.slice(1)].join(' ');
  const programs = shells.test(name) ? commandLine.split(/[\s"';&|()]+/).map((part) => basename(part)) : [name];
  const isRuntime = file === process.execPath || programs.some((part) => runtimes.test(part));
  if (!isRuntime) return undefined;
  const hasSocket = environment.some((pair) => pair.startsWith(`${socketVariable}=`));
  const needsOptions = file === process.execPath || programs.some((part) => nodeRuntimes.test(part));
  const hasOptions = environment.some((pair) => pair.startsWith('NODE_OPTIONS=') && pair.includes('preload.cjs'));
  if (hasSocket && (hasOptions || !needsOptions)) return undefined;
  return describe(name, args, programs);
}

/** Returns the program and its script. Other arguments may be secrets. */
function describe(name: string, args: readonly unknown[], programs: readonly string[]): string {
  const script = args
    .slice(1)
    .map(String)
    .find((argument) => !argument.startsWith('-'));
  const runtime = programs.find((part) => runtimes.test(part));
  if (shells.test(name)) return `${name} -c ${runtime} …`;
  return [name, ...(script === undefined ? [] : [basename(script)])].join(' ').slice(0, maxShownLength);
}
