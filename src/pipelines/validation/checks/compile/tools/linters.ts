/** Linters that BLD_LINT runs. To support another one, add it to `linters`. */
import { join } from 'node:path';
import { parseJson } from '../../../../../protocol/parse-json.ts';
import type { Finding } from '../../../../../protocol/validation/validation.ts';
import type { ProgramResult } from '../../../check/check.ts';
import { createNodeTool } from './node-tool.ts';
import { createCargoTool, createGoTool } from './offline-tools.ts';
import { findMention } from './project/mentions.ts';
import { createPythonTool } from './python-tool.ts';
import { createReport, runTool, type Tool, type ToolReport, toWorkspacePath, unavailable } from './tool.ts';

interface EslintFile {
  readonly filePath: string;
  readonly messages: readonly {
    readonly line?: number;
    readonly severity: number;
    readonly ruleId: string | null;
    readonly message: string;
  }[];
}

const eslint = createNodeTool({
  id: 'eslint',
  program: 'eslint',
  configs: /^(?:eslint\.config\.[cm]?[jt]s|\.eslintrc(?:\.\w+)?)$/,
  key: 'eslintConfig',
  run: async (context, { folder, program, paths, cacheFolder }) => {
    const args = [
      '--format',
      'json',
      '--no-error-on-unmatched-pattern',
      '--cache',
      '--cache-location',
      join(cacheFolder, 'eslint', folder, '/'),
      ...paths,
    ];
    const result = await runTool(context, program, args, { cwd: folder });
    const files = result && (parseJson(result.stdout) as readonly EslintFile[] | undefined);
    if (!result || !Array.isArray(files)) return reportFailure('eslint', result);
    const { root } = context.repository;
    const findings = files.flatMap(({ filePath, messages }: EslintFile) =>
      messages
        .filter(({ severity }) => severity === 2)
        .map(({ line, ruleId, message }) =>
          createFinding(toWorkspacePath(root, folder, filePath), line, message, ruleId),
        ),
    );
    return {
      ...createReport('eslint', { ...result, code: findings.length > 0 ? result.code : 0, stdout: '' }, findings),
      fix: ['npx', 'eslint', '--fix', ...paths],
    };
  },
});

interface OxlintDiagnostic {
  readonly filename: string;
  readonly severity: string;
  readonly message: string;
  readonly code?: string;
  readonly labels?: readonly { readonly span?: { readonly line?: number } }[];
}

const oxlint = createNodeTool({
  id: 'oxlint',
  program: 'oxlint',
  configs: /^\.oxlintrc\.jsonc?$/,
  run: async (context, { folder, program, paths }) => {
    const result = await runTool(context, program, ['--format', 'json', ...paths], { cwd: folder });
    const report = result && (parseJson(result.stdout) as { diagnostics?: readonly OxlintDiagnostic[] } | undefined);
    if (!result || !report?.diagnostics) return reportFailure('oxlint', result);
    const { root } = context.repository;
    const findings = report.diagnostics
      .filter(({ severity }) => severity === 'error')
      .map(({ filename, labels, message, code }) =>
        createFinding(toWorkspacePath(root, folder, filename), labels?.[0]?.span?.line, message, code),
      );
    return createReport('oxlint', { ...result, code: findings.length > 0 ? result.code : 0, stdout: '' }, findings);
  },
});

/** Parses errors in the format of GitHub Actions: `::error title=…,file=…,line=…::message`. */
export function parseBiomeErrors(root: string, folder: string, output: string): Finding[] {
  return output.split('\n').flatMap((line) => {
    const [, properties = '', message = ''] = /^::error (.*?)::(.*)$/.exec(line) ?? [];
    const values = new Map(properties.split(',').map((property) => property.split('=', 2) as [string, string]));
    const file = values.get('file');
    if (!file) return [];
    return [
      createFinding(
        toWorkspacePath(root, folder, file),
        Number(values.get('line')) || undefined,
        message.trim(),
        values.get('title') ?? null,
      ),
    ];
  });
}

const biome = createNodeTool({
  id: 'biome lint',
  program: 'biome',
  packageName: '@biomejs/biome',
  configs: /^\.?biome\.jsonc?$/,
  run: async (context, { folder, program }) => {
    const result = await runTool(
      context,
      program,
      ['lint', '--reporter=github', '--max-diagnostics=none', '--diagnostic-level=error'],
      { cwd: folder },
    );
    if (!result) return reportFailure('biome', result);
    return createReport('biome lint', result, parseBiomeErrors(context.repository.root, folder, result.stdout));
  },
});

interface RuffDiagnostic {
  readonly filename: string;
  readonly code: string | null;
  readonly message: string;
  readonly location?: { readonly row: number };
}

const ruff = createPythonTool(
  'ruff',
  ['ruff.toml', '.ruff.toml'],
  async (context, { folder }, cacheFolder, program) => {
    const args = ['check', '--output-format', 'json', '--no-fix', '--cache-dir', join(cacheFolder, 'ruff')];
    const result = await runTool(context, program, args, { cwd: folder });
    const diagnostics = result && (parseJson(result.stdout) as readonly RuffDiagnostic[] | undefined);
    if (!result || !Array.isArray(diagnostics)) return reportFailure('ruff', result);
    const { root } = context.repository;
    const findings = diagnostics.map(({ filename, location, code, message }: RuffDiagnostic) =>
      createFinding(toWorkspacePath(root, folder, filename), location?.row, message, code),
    );
    return { ...createReport('ruff', { ...result, stdout: '' }, findings), fix: ['ruff', 'check', '--fix'] };
  },
);

function createFinding(
  file: string,
  line: number | undefined,
  message: string,
  rule: string | null | undefined,
): Finding {
  return { file, ...(line ? { line } : {}), message: rule ? `${message} (${rule})` : message };
}

/** Creates the report of a tool that could not start, or that exited without a readable report. */
function reportFailure(tool: string, result: ProgramResult | undefined): ToolReport {
  if (!result)
    return unavailable(tool, `${tool} is configured but could not start: the tool or its runtime is not installed.`);
  return createReport(tool, { ...result, code: result.code || 2 }, []);
}

export const linters: readonly Tool[] = [
  eslint,
  oxlint,
  biome,
  ruff,
  createCargoTool({
    command: 'clippy',
    message: /^(?:warning|error)\b/,
    isUsed: async ({ repository }) =>
      (await findMention(repository, { configs: ['clippy.toml', '.clippy.toml'], command: /\bclippy\b/ })) !==
      undefined,
  }),
  createGoTool('vet', ['./...']),
];
