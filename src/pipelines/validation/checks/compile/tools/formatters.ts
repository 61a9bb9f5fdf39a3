/** Formatters that BLD_FORMAT runs. To support another one, add it to `formatters`. */
import { join, posix } from 'node:path';
import type { Finding } from '../../../../../protocol/validation/validation.ts';
import type { CheckContext } from '../../../check/check.ts';
import type { Stack } from '../../../repository/repository.ts';
import { parseBiomeErrors } from './linters.ts';
import { createNodeTool } from './node-tool.ts';
import { cargoInputs, findOutermostCrates, goInputs, isGoTooOld } from './offline-tools.ts';
import { findMention } from './project/mentions.ts';
import { findRustConflict } from './project/tool-version.ts';
import { createPythonTool } from './python-tool.ts';
import {
  createReport,
  runTool,
  selectStacks,
  type Tool,
  type ToolReport,
  toWorkspacePath,
  unavailable,
} from './tool.ts';

/** Creates one finding per file from the paths that a formatter printed. */
function createFindings(root: string, folder: string, paths: readonly string[]): Finding[] {
  const files = new Set(paths.map((path) => toWorkspacePath(root, folder, path.trim())));
  return [...files]
    .filter((file) => file !== '')
    .sort()
    .map((file) => ({ file, message: 'This file is not formatted.' }));
}

const prettier = createNodeTool({
  id: 'prettier',
  program: 'prettier',
  configs: /^(?:\.prettierrc(?:\.\w+)?|prettier\.config\.[cm]?[jt]s)$/,
  key: 'prettier',
  run: async (context, { folder, program, paths, cacheFolder }) => {
    const args = [
      '--list-different',
      '--ignore-unknown',
      '--no-error-on-unmatched-pattern',
      '--cache',
      '--cache-location',
      join(cacheFolder, 'prettier', folder, 'cache'),
      ...paths,
    ];
    const result = await runTool(context, program, args, { cwd: folder });
    if (!result) return unavailable('prettier', 'prettier could not start because node is not on the PATH.');
    const files = result.stdout.split('\n').filter((line) => line.trim() !== '');
    const findings = createFindings(context.repository.root, folder, files);
    return { ...createReport('prettier', result, findings), fix: ['npx', 'prettier', '--write', ...paths] };
  },
});

const biome = createNodeTool({
  id: 'biome format',
  program: 'biome',
  packageName: '@biomejs/biome',
  configs: /^\.?biome\.jsonc?$/,
  run: async (context, { folder, program }) => {
    const args = ['format', '--reporter=github', '--max-diagnostics=none'];
    const result = await runTool(context, program, args, { cwd: folder });
    if (!result) return unavailable('biome', 'biome could not start because node is not on the PATH.');
    const { root } = context.repository;
    const files = parseBiomeErrors(root, folder, result.stdout).map(({ file }) => file);
    return {
      ...createReport('biome format', result, createFindings(root, '', files)),
      fix: ['npx', 'biome', 'format', '--write'],
    };
  },
});

const ruff = createPythonTool('ruff format', [], runRuff, 'ruff');

/** Runs `ruff format` only if it is configured, because many projects use Ruff as a linter alone. */
async function runRuff(
  context: CheckContext,
  { folder }: Stack,
  cacheFolder: string,
  program: string,
): Promise<ToolReport> {
  const { repository } = context;
  const texts = await Promise.all(
    ['pyproject.toml', 'ruff.toml', '.ruff.toml', '.pre-commit-config.yaml'].map((name) =>
      repository.text(posix.join(folder, name)),
    ),
  );
  const isConfigured = /^\[(?:tool\.ruff\.)?format\b|\bid:\s*ruff-format\b/m.test(texts.join('\n'));
  if (!isConfigured) return { tool: 'ruff format', status: 'clean', findings: [], output: '' };
  const args = ['format', '--check', '--cache-dir', join(cacheFolder, 'ruff')];
  const result = await runTool(context, program, args, { cwd: folder });
  if (!result) return unavailable('ruff', 'ruff is configured but not installed.');
  const files = [...result.stdout.matchAll(/^Would reformat: (.+)$/gm)].map(([, name]) => name as string);
  return {
    ...createReport('ruff format', result, createFindings(repository.root, folder, files)),
    fix: ['ruff', 'format'],
  };
}

const black = createPythonTool('black', [], async (context, { folder }, _cache, program) => {
  const result = await runTool(context, program, ['--check', '.'], { cwd: folder });
  if (!result) return unavailable('black', 'black is configured but not installed.');
  const files = [...result.stderr.matchAll(/^would reformat (.+)$/gm)].map(([, name]) => name as string);
  return {
    ...createReport('black', result, createFindings(context.repository.root, folder, files)),
    fix: ['black', '.'],
  };
});

/** Runs only if the project uses rustfmt somewhere, because it needs no configuration file. */
const rustfmt: Tool = {
  id: 'cargo fmt',
  jobs: async (context) => {
    const used = await findMention(context.repository, {
      configs: ['rustfmt.toml', '.rustfmt.toml'],
      command: /\bcargo\s+(?:\+\S+\s+)?fmt\b|\brustfmt\b/,
    });
    if (used === undefined) return [];
    const outermost = await findOutermostCrates(context);
    return outermost.map(({ folder }) => ({
      folder,
      inputs: cargoInputs,
      run: (jobContext) => runRustfmt(jobContext, folder),
    }));
  },
};

async function runRustfmt(context: CheckContext, folder: string): Promise<ToolReport> {
  const conflict = await findRustConflict(context, folder);
  if (conflict) return unavailable('cargo fmt', conflict);
  const args = ['fmt', '--all', '--check', '--', '--files-with-diff', '--color', 'never'];
  const result = await runTool(context, 'cargo', args, { cwd: folder, env: { RUSTUP_AUTO_INSTALL: '0' } });
  if (!result) return unavailable('cargo fmt', 'cargo is not installed.');
  const files = result.stdout.split('\n').filter((line) => line.endsWith('.rs'));
  return {
    ...createReport('cargo fmt', result, createFindings(context.repository.root, folder, files)),
    fix: ['cargo', 'fmt', '--all'],
  };
}

/** Maximum number of files per call. Windows limits the length of command lines most. */
const maxFilesPerCall = 200;

const gofmt: Tool = {
  id: 'gofmt',
  jobs: async (context) =>
    (await selectStacks(context, 'go')).length === 0 ? [] : [{ folder: '', inputs: goInputs, run: runGofmt }],
};

async function runGofmt(context: CheckContext): Promise<ToolReport> {
  const { repository } = context;
  const files = (await repository.files()).filter((file) => file.endsWith('.go') && !repository.isForeign(file));
  for (const stack of await selectStacks(context, 'go')) {
    if (await isGoTooOld(context, stack)) {
      const reason = `The installed Go is older than ${stack.manifest} requires, and its gofmt may format differently.`;
      return unavailable('gofmt', reason);
    }
  }
  const reports: ToolReport[] = [];
  for (let start = 0; start < files.length; start += maxFilesPerCall) {
    const paths = files.slice(start, start + maxFilesPerCall).map((file) => `./${file}`);
    const result = await runTool(context, 'gofmt', ['-l', ...paths], {});
    if (!result) return unavailable('gofmt', 'gofmt is not installed.');
    const unformatted = result.stdout.split('\n').filter((line) => line !== '');
    reports.push(createReport('gofmt', result, createFindings(repository.root, '', unformatted)));
  }
  const findings = reports.flatMap((report) => report.findings);
  if (findings.length > 0)
    return { tool: 'gofmt', status: 'findings', findings, output: '', fix: ['gofmt', '-w', '.'] };
  return (
    reports.find(({ status }) => status === 'unavailable') ?? { tool: 'gofmt', status: 'clean', findings, output: '' }
  );
}

export const formatters: readonly Tool[] = [prettier, biome, ruff, black, rustfmt, gofmt];
