/** Checks that source files parse. If the parser of the detection pipeline rejects a file, a second parser decides. */
import { posix } from 'node:path';
import { defined } from '../../../../../protocol/defined.ts';
import { parseJson } from '../../../../../protocol/parse-json.ts';
import { plural } from '../../../../../protocol/plural.ts';
import type { Finding } from '../../../../../protocol/validation/validation.ts';
import { type Check, type CheckContext, fail, pass, skip } from '../../../check/check.ts';
import { findingsOf } from '../../../check/findings.ts';
import { readPythonRequirement } from '../../workspace/config/toolchain.ts';
import { findSourceFiles, templateFolders, withYields } from '../imports/import-sources.ts';
import { maxReportBytes, runTool } from '../tools/tool.ts';
import { type ParseResult, parseScript, pythonParser } from './second-parser.ts';

/** Names of files that are broken on purpose, if they are examples or test data. */
const brokenOnPurpose = /(?:^|[/_.-])(?:bad|broken|invalid|malformed|wrong|syntax[-_]?err(?:or)?s?)(?:[^/]*\.\w+$|\/)/i;
/** Folders of code that is shown or tested rather than used. */
const shownCode =
  /(?:^|\/)(?:benchmarks?|corpus|courses?|data|demos?|docs?|examples?|exercises?|fixtures?|lessons?|playground|samples?|testdata|tests?|tutorials?)\//i;
/** Folders of input that a tested parser or compiler must reject. */
const rejectedInput =
  /(?:^|\/)(?:fail(?:s|ing|ures?)?|should[-_]fail|negative|reject(?:s|ed)?)\/(?:.*\/)?(?:input|code|source|\d+)[^/]*$/i;
/** Tags of template engines, whose files are only valid code after they were rendered. */
const templateTags = /<%|\{%|\{\{|\$\{\w+\}|__[A-Z][A-Z0-9_]+__|@@\w+@@|^\s*#(?:if|end)\b/m;

interface SyntaxReport {
  readonly fileCount: number;
  /** Files that the first parser rejects and no second parser supports. */
  readonly unsupported: readonly string[];
  readonly findings: readonly Finding[];
  /** Number of files with errors that are meant to be there. */
  readonly intendedCount: number;
  readonly languages: readonly string[];
}

async function parseSources(context: CheckContext): Promise<SyntaxReport> {
  const { repository } = context;
  const sources = (await findSourceFiles(repository)).filter(
    ({ file }) => !(repository.isTest(file) && (brokenOnPurpose.test(file) || rejectedInput.test(file))),
  );
  const findings: Finding[] = [];
  const unsupported: string[] = [];
  for await (const { file, facts, isPython } of withYields(sources)) {
    if (isPython || facts.syntaxError === undefined) continue;
    const text = await repository.text(file);
    const result: ParseResult = text === undefined || isTemplate(file, text) ? 'unknown' : parseScript(file, text);
    if (result === 'unknown') unsupported.push(file);
    else if (result !== 'valid') findings.push(toFinding(file, result, facts.syntaxError));
  }
  const pythonSources = sources.filter(({ isPython }) => isPython);
  const rejected = pythonSources.filter(({ facts }) => facts.syntaxError !== undefined).map(({ file }) => file);
  const python =
    pythonSources.length === 0
      ? undefined
      : await parsePython(
          context,
          pythonSources.map(({ file }) => file),
          rejected,
        );
  const go = await parseGo(context);
  const all = [...findings, ...(python?.findings ?? []), ...(go?.findings ?? [])];
  const reported = await withoutIntendedErrors(context, all);
  return {
    fileCount: sources.length + (go?.fileCount ?? 0),
    unsupported: [...unsupported, ...(python?.unsupported ?? [])],
    findings: reported,
    intendedCount: countFiles(all) - countFiles(reported),
    languages: [
      ...(pythonSources.length < sources.length ? ['JavaScript and TypeScript'] : []),
      ...(pythonSources.length > 0 ? ['Python'] : []),
      ...(go ? ['Go'] : []),
    ],
  };
}

/** Pairs of tags with a line for each, which no language allows: `{% if … %}` and `{% endif %}`, or `{{ if … }}` and `{{ end }}`. */
const templateBlocks: readonly (readonly [open: RegExp, close: RegExp])[] = [
  [
    /^\s*\{%[-+]?\s*(?:if|for|block|macro|raw|set|with|filter)\b[^\n]*%\}\s*$/m,
    /^\s*\{%[-+]?\s*end\w+\s*[-+]?%\}\s*$/m,
  ],
  [/^\s*\{\{-?\s*(?:if|range|with|define|block)\s[^\n]*\}\}\s*$/m, /^\s*\{\{-?\s*end\s*-?\}\}\s*$/m],
  [/^\s*\{\{#\s*\w+[^\n]*\}\}\s*$/m, /^\s*\{\{\/\s*\w+[^\n]*\}\}\s*$/m],
  [/^\s*<%[-_]?\s*(?:if|for|\w+\.forEach)\b[^\n]*[{:][^\n]*%>\s*$/m, /^\s*<%[-_]?\s*(?:\}|end)[^\n]*%>\s*$/m],
];

/** Returns true for a file with blocks of a template engine, and for one in a folder of templates that has any of its tags. */
const isTemplate = (file: string, text: string): boolean =>
  templateBlocks.some(([open, close]) => open.test(text) && close.test(text)) ||
  (templateFolders.test(file) && templateTags.test(text));

/** Drops errors in templates, and in files whose names say that they are broken if no other file imports them. */
async function withoutIntendedErrors({ repository }: CheckContext, findings: readonly Finding[]): Promise<Finding[]> {
  if (findings.length === 0) return [];
  const imported = new Set<string>();
  for (const [, facts] of await repository.index()) {
    for (const { from } of facts.imports) {
      const name = from.split('/').at(-1) ?? '';
      imported.add(stemOf(name)).add(name.split('.').at(-1) ?? '');
    }
  }
  const isUnused = (file: string): boolean => {
    const stem = stemOf(posix.basename(file));
    return !imported.has(/^(?:index|__init__)$/.test(stem) ? posix.basename(posix.dirname(file)) : stem);
  };
  const isReported = await Promise.all(
    findings.map(async ({ file }) => {
      if (isBrokenExample(file) && isUnused(file)) return false;
      return !isTemplate(file, (await repository.text(file)) ?? '');
    }),
  );
  return findings.filter((_, index) => isReported[index]);
}

const isBrokenExample = (file: string): boolean => brokenOnPurpose.test(file) && shownCode.test(file);

const countFiles = (findings: readonly Finding[]): number => new Set(findings.map(({ file }) => file)).size;

const stemOf = (name: string): string => name.replace(/\..*$/, '');

/** Creates a finding. Falls back to the line of the first parser if the second one reports no line. */
function toFinding(
  file: string,
  { line, message }: { readonly line?: number; readonly message: string },
  firstError: string,
): Finding {
  const knownLine = line ?? Number(/^Line (\d+)/.exec(firstError)?.[1]);
  return { file, ...defined({ line: knownLine > 0 ? knownLine : undefined }), message };
}

interface PythonReport {
  readonly version: readonly [number, number];
  /** Hashes of valid files. */
  readonly valid: Readonly<Record<string, string>>;
  readonly errors: readonly { readonly file: string; readonly line: number | null; readonly message: string }[];
}

const cacheKey = 'BLD_SYNTAX python';
/** Errors that only Python 2 code causes. Such code is old rather than broken. */
const python2Error =
  /Missing parentheses in call to|multiple exception types must be|leading zeros in decimal|invalid decimal literal|inconsistent use of tabs/;

/** Parses every file with Python's own parser, which is stricter than the grammar of the detection pipeline. */
async function parsePython(
  context: CheckContext,
  files: readonly string[],
  rejected: readonly string[],
): Promise<Pick<SyntaxReport, 'unsupported' | 'findings'>> {
  const program = (await context.repository.tool('python')) ?? (process.platform === 'win32' ? 'python' : 'python3');
  const valid = context.cache.get<Record<string, string>>(cacheKey) ?? {};
  const result = await runTool(context, program, ['-I', '-c', pythonParser], {
    input: JSON.stringify({ files, valid }),
    maxBytes: maxReportBytes,
  });
  const report = result?.code === 0 ? (parseJson(result.stdout) as PythonReport | undefined) : undefined;
  if (!report || (await isPythonTooOld(context, report.version))) return { unsupported: rejected, findings: [] };
  context.cache.set(cacheKey, report.valid);
  const errors = report.errors.filter(({ file, message }) => rejected.includes(file) || !python2Error.test(message));
  const version = report.version.join('.');
  return {
    unsupported: [],
    findings: errors.map(({ file, line, message }) => ({
      file,
      ...defined({ line: line || undefined }),
      message: `Python ${version}: ${message}.`,
    })),
  };
}

/** Returns true if a project requires a newer Python, whose syntax this version may not support. */
async function isPythonTooOld({ repository }: CheckContext, version: readonly [number, number]): Promise<boolean> {
  for (const stack of await repository.stacks()) {
    if (stack.id !== 'python') continue;
    const requirement = await readPythonRequirement(repository, stack);
    if (requirement?.matches(`${version.join('.')}.99`) === false) return true;
  }
  return false;
}

const maxFilesPerCall = 200;

/** Parses Go files with gofmt, because the detection pipeline does not support Go. Returns undefined without gofmt. */
async function parseGo(context: CheckContext): Promise<Pick<SyntaxReport, 'fileCount' | 'findings'> | undefined> {
  const { repository } = context;
  const files = (await repository.files()).filter(
    (file) => file.endsWith('.go') && !repository.isForeign(file) && !isBrokenExample(file),
  );
  if (files.length === 0) return undefined;
  const findings: Finding[] = [];
  for (let start = 0; start < files.length; start += maxFilesPerCall) {
    const paths = files.slice(start, start + maxFilesPerCall).map((file) => `./${file}`);
    const result = await runTool(context, 'gofmt', ['-e', '-l', ...paths], {});
    if (!result) return undefined;
    const seen = new Set<string>();
    for (const line of result.stderr.split('\n')) {
      const [, file, number, message] = /^(.+\.go):(\d+):\d+: (.+)$/.exec(line) ?? [];
      // Later errors of a file usually follow from its first one.
      if (!file || !message || seen.has(file)) continue;
      seen.add(file);
      findings.push({ file: posix.normalize(file), line: Number(number), message });
    }
  }
  return { fileCount: files.length, findings };
}

export const syntax: Check = {
  id: 'BLD_SYNTAX',
  category: 'build',
  severity: 'fatal',
  minProfile: 'dev',
  title: 'No syntax errors',
  timeoutMs: 60_000,
  lane: 'process',
  run: async (context) => {
    const { fileCount, unsupported, findings, intendedCount, languages } = await parseSources(context);
    if (fileCount === 0)
      return skip('not_applicable', 'The workspace has no JavaScript, TypeScript, Python or Go files.');
    const [first] = findings;
    if (!first) {
      const note =
        unsupported.length > 0
          ? ` Could not parse ${plural(unsupported.length, 'file')} with the available parsers, for example ${unsupported[0]}.`
          : '';
      const intended =
        intendedCount > 0
          ? ` ${plural(intendedCount, 'template or example', 'templates or examples')} with errors on purpose not counted.`
          : '';
      return pass(
        `No syntax errors in ${plural(fileCount, 'source file')} (${languages.join(', ')}).${note}${intended}`,
      );
    }
    const brokenCount = countFiles(findings);
    const verb = brokenCount === 1 ? 'has' : 'have';
    return fail(
      `${brokenCount} of ${plural(fileCount, 'source file')} ${verb} syntax errors: ${first.file}: ${first.message.replace(/\.$/, '')}.`,
      {
        findings: findingsOf(findings, (finding) => finding),
        remediation: [
          {
            priority: 'critical',
            title: 'Fix syntax errors',
            steps: ['Correct each reported line.'],
          },
        ],
      },
    );
  },
};
