/** Whether every source can be read as what it is. Where the first parser stumbles, a second one is asked. */
import { posix } from 'node:path';
import type { Finding } from '../../../../../protocol/validation.ts';
import { type Check, type Context, fault, pass, skip } from '../../../check/check.ts';
import { counted, findingsOf } from '../../../check/findings.ts';
import { field } from '../../../repository/manifest-formats.ts';
import { fitsSpecifier } from '../../workspace/config/version-specifier.ts';
import { inTurns, sourcesOf } from '../imports/import-sources.ts';
import { parsed } from '../lockfile/parse-json.ts';
import { ask, reportBytes } from '../tools/tool.ts';
import { type Opinion, pythonProgram, scriptOpinion } from './second-parser.ts';

/** Broken on purpose, by their own names. */
const onPurpose = /(?:^|[/_.-])(?:bad|broken|invalid|malformed|wrong|syntax[-_]?err(?:or)?s?)[^/]*\.\w+$/i;

interface Look {
  readonly seen: number;
  /** Not understood here, and nobody else could be asked. */
  readonly unsure: readonly string[];
  readonly faults: readonly Finding[];
  readonly languages: readonly string[];
}

async function look(context: Context): Promise<Look> {
  const { repository } = context;
  const sources = (await sourcesOf(repository)).filter(
    ({ file }) => !(repository.isTest(file) && onPurpose.test(file)),
  );
  const faults: Finding[] = [];
  const unsure: string[] = [];
  for await (const { file, facts, isPython } of inTurns(sources)) {
    if (isPython || facts.syntaxError === undefined) continue;
    const text = await repository.text(file);
    const opinion: Opinion = text === undefined ? 'unknown' : scriptOpinion(file, text);
    if (opinion === 'unknown') unsure.push(file);
    else if (opinion !== 'fine') faults.push(findingOf(file, opinion, facts.syntaxError));
  }
  const snakes = sources.filter(({ isPython }) => isPython);
  const broken = snakes.filter(({ facts }) => facts.syntaxError !== undefined).map(({ file }) => file);
  const python =
    snakes.length === 0
      ? undefined
      : await pythonFaults(
          context,
          snakes.map(({ file }) => file),
          broken,
        );
  const go = await goFaults(context);
  return {
    seen: sources.length + (go?.seen ?? 0),
    unsure: [...unsure, ...(python?.unsure ?? [])],
    faults: [...faults, ...(python?.faults ?? []), ...(go?.faults ?? [])],
    languages: [
      ...(snakes.length < sources.length ? ['JavaScript and TypeScript'] : []),
      ...(snakes.length > 0 ? ['Python'] : []),
      ...(go ? ['Go'] : []),
    ],
  };
}

function findingOf(
  file: string,
  { line, message }: { readonly line?: number; readonly message: string },
  first: string,
): Finding {
  const at = line ?? Number(/^Line (\d+)/.exec(first)?.[1]);
  return { file, ...(at > 0 ? { line: at } : {}), message };
}

interface PythonReport {
  readonly version: readonly [number, number];
  readonly fine: Readonly<Record<string, string>>;
  readonly faults: readonly { readonly file: string; readonly line: number | null; readonly message: string }[];
}

const memoryKey = 'BLD_SYNTAX python';
/** What only Python 2 takes; a repository of that age is not broken. */
const old =
  /Missing parentheses in call to|multiple exception types must be|leading zeros in decimal|invalid decimal literal|inconsistent use of tabs/;

/** Python's own parser looks at every file: it is strict where the grammar here is not. */
async function pythonFaults(
  context: Context,
  files: readonly string[],
  broken: readonly string[],
): Promise<Pick<Look, 'unsure' | 'faults'>> {
  const program = (await context.repository.tool('python')) ?? (process.platform === 'win32' ? 'python' : 'python3');
  const fine = context.memory.get<Record<string, string>>(memoryKey) ?? {};
  const ran = await ask(context, program, ['-I', '-c', pythonProgram], {
    input: JSON.stringify({ files, fine }),
    maxBytes: reportBytes,
  });
  const report = ran?.code === 0 ? (parsed(ran.stdout) as PythonReport | undefined) : undefined;
  if (!report || (await isTooOld(context, report.version))) return { unsure: broken, faults: [] };
  context.memory.set(memoryKey, report.fine);
  const faults = report.faults.filter(({ file, message }) => broken.includes(file) || !old.test(message));
  const version = report.version.join('.');
  return {
    unsure: [],
    faults: faults.map(({ file, line, message }) => ({
      file,
      ...(line ? { line } : {}),
      message: `Python ${version}: ${message}.`,
    })),
  };
}

/** An older Python does not understand what a newer one does. */
async function isTooOld({ repository }: Context, version: readonly [number, number]): Promise<boolean> {
  for (const { id, manifest } of await repository.stacks()) {
    if (id !== 'python' || !manifest.endsWith('pyproject.toml')) continue;
    const range = field(field(await repository.toml(manifest), 'project'), 'requires-python');
    if (typeof range === 'string' && fitsSpecifier(`${version.join('.')}.99`, range) === false) return true;
  }
  return false;
}

const stretch = 200;

/** gofmt reads what the detection pipeline does not. */
async function goFaults(
  context: Context,
): Promise<{ readonly seen: number; readonly faults: readonly Finding[] } | undefined> {
  const { repository } = context;
  const files = (await repository.files()).filter(
    (file) => file.endsWith('.go') && !repository.isForeign(file) && !onPurpose.test(file),
  );
  if (files.length === 0) return undefined;
  const faults: Finding[] = [];
  for (let at = 0; at < files.length; at += stretch) {
    const ran = await ask(
      context,
      'gofmt',
      ['-e', '-l', ...files.slice(at, at + stretch).map((file) => `./${file}`)],
      {},
    );
    if (!ran) return undefined;
    const seen = new Set<string>();
    for (const line of ran.stderr.split('\n')) {
      const [, file, number, message] = /^(.+\.go):(\d+):\d+: (.+)$/.exec(line) ?? [];
      // What follows the first fault of a file mostly comes from it.
      if (!file || !message || seen.has(file)) continue;
      seen.add(file);
      faults.push({ file: posix.normalize(file), line: Number(number), message });
    }
  }
  return { seen: files.length, faults };
}

const syntax: Check = {
  id: 'BLD_SYNTAX',
  category: 'build',
  severity: 'fatal',
  from: 'dev',
  title: 'Every source can be read',
  timeoutMs: 60_000,
  lane: 'process',
  run: async (context) => {
    const { seen, unsure, faults, languages } = await look(context);
    if (seen === 0) return skip('not_applicable', 'There is no source in JavaScript, TypeScript, Python or Go.');
    const rest =
      unsure.length > 0
        ? ` ${counted(unsure.length, 'file')} could be read by no parser at hand, such as ${unsure[0]}.`
        : '';
    if (faults.length === 0) return pass(`${counted(seen, 'source')} in ${languages.join(', ')} can be read.${rest}`);
    const broken = new Set(faults.map(({ file }) => file));
    return fault(
      `${broken.size} of ${counted(seen, 'source')} cannot be read: ${faults[0]?.file}: ${faults[0]?.message.replace(/\.$/, '')}.`,
      {
        findings: findingsOf(faults, (one) => one),
        remediation: [
          {
            priority: 'critical',
            title: 'Mend the syntax',
            steps: ['Open each place that is named: the code does not parse there.'],
          },
        ],
      },
    );
  },
};

export const syntaxChecks: readonly Check[] = [syntax];
