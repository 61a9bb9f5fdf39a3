/** The programs that say how code is to be laid out: one row adds one. */
import { join, posix } from 'node:path';
import type { Finding } from '../../../../../protocol/validation.ts';
import type { Context } from '../../../check/check.ts';
import type { Stack } from '../../../repository/repository.ts';
import { cargoInputs, goInputs, isGoTooOld, pythonTool, stacksOf } from './compilers.ts';
import { biomeFaults, nodeTool } from './linters.ts';
import { absent, ask, placed, type Tool, type Word, wordOf } from './tool.ts';

const differs = 'It is not laid out as the formatter would.';

/** Each file once; only those of the workspace. */
function filesOf(root: string, folder: string, names: readonly string[]): Finding[] {
  const files = new Set(names.map((name) => placed(root, folder, name.trim())));
  return [...files]
    .filter((file) => file !== '')
    .sort()
    .map((file) => ({ file, message: differs }));
}

const prettier = nodeTool({
  id: 'prettier',
  program: 'prettier',
  configs: /^(?:\.prettierrc(?:\.\w+)?|prettier\.config\.[cm]?[jt]s)$/,
  key: 'prettier',
  look: async (context, { folder, program, paths, cache }) => {
    const args = [
      '--list-different',
      '--ignore-unknown',
      '--no-error-on-unmatched-pattern',
      '--cache',
      '--cache-location',
      join(cache, 'prettier', folder, 'cache'),
      ...paths,
    ];
    const ran = await ask(context, program, args, { cwd: folder });
    if (!ran) return absent('prettier', 'prettier is set up and cannot be started: node is not on the path.');
    const names = ran.stdout.split('\n').filter((name) => name.trim() !== '');
    const findings = filesOf(context.repository.root, folder, names);
    return { ...wordOf('prettier', ran, findings), fix: ['npx', 'prettier', '--write', ...paths] };
  },
});

const biome = nodeTool({
  id: 'biome format',
  program: 'biome',
  configs: /^\.?biome\.jsonc?$/,
  look: async (context, { folder, program }) => {
    const ran = await ask(context, program, ['format', '--reporter=github', '--max-diagnostics=none'], { cwd: folder });
    if (!ran) return absent('biome', 'biome is set up and cannot be started: node is not on the path.');
    const { root } = context.repository;
    const names = biomeFaults(root, folder, ran.stdout).map(({ file }) => file);
    return { ...wordOf('biome format', ran, filesOf(root, '', names)), fix: ['npx', 'biome', 'format', '--write'] };
  },
});

/** Ruff formats where that is asked for; that it lints says nothing of it. */
const ruff = pythonTool(
  'ruff format',
  [],
  (context, stack, cache, program) => askRuff(context, stack, cache, program),
  'ruff',
);

async function askRuff(context: Context, { folder }: Stack, cache: string, program: string): Promise<Word> {
  const { repository } = context;
  const texts = await Promise.all(
    ['pyproject.toml', 'ruff.toml', '.ruff.toml', '.pre-commit-config.yaml'].map((name) =>
      repository.text(posix.join(folder, name)),
    ),
  );
  const isAsked = /^\[(?:tool\.ruff\.)?format\b|\bid:\s*ruff-format\b/m.test(texts.join('\n'));
  if (!isAsked) return { tool: 'ruff format', status: 'clean', findings: [], output: '' };
  const ran = await ask(context, program, ['format', '--check', '--cache-dir', join(cache, 'ruff')], { cwd: folder });
  if (!ran) return absent('ruff', 'ruff is set up and not installed.');
  const names = [...ran.stdout.matchAll(/^Would reformat: (.+)$/gm)].map(([, name]) => name as string);
  return { ...wordOf('ruff format', ran, filesOf(repository.root, folder, names)), fix: ['ruff', 'format'] };
}

const black = pythonTool('black', [], async (context, { folder }, _cache, program) => {
  const ran = await ask(context, program, ['--check', '.'], { cwd: folder });
  if (!ran) return absent('black', 'black is set up and not installed.');
  const names = [...ran.stderr.matchAll(/^would reformat (.+)$/gm)].map(([, name]) => name as string);
  return { ...wordOf('black', ran, filesOf(context.repository.root, folder, names)), fix: ['black', '.'] };
});

/** Members of a workspace are formatted with it. */
const rustfmt: Tool = {
  id: 'cargo fmt',
  jobs: async (context) => {
    const stacks = await stacksOf(context, 'rust');
    const outer = stacks.filter(
      ({ folder }) =>
        !stacks.some(
          (other) => other.folder !== folder && (other.folder === '' || folder.startsWith(`${other.folder}/`)),
        ),
    );
    return outer.map(({ folder }) => ({ folder, inputs: cargoInputs, ask: (given) => askRustfmt(given, folder) }));
  },
};

async function askRustfmt(context: Context, folder: string): Promise<Word> {
  const env = { RUSTUP_AUTO_INSTALL: '0' };
  const ran = await ask(context, 'cargo', ['fmt', '--all', '--check', '--', '--files-with-diff', '--color', 'never'], {
    cwd: folder,
    env,
  });
  if (!ran) return absent('cargo fmt', 'cargo is not installed.');
  const names = ran.stdout.split('\n').filter((name) => name.endsWith('.rs'));
  return {
    ...wordOf('cargo fmt', ran, filesOf(context.repository.root, folder, names)),
    fix: ['cargo', 'fmt', '--all'],
  };
}

/** Files of one call: the longest command lines are those of Windows. */
const stretch = 200;

const gofmt: Tool = {
  id: 'gofmt',
  jobs: async (context) =>
    (await stacksOf(context, 'go')).length === 0 ? [] : [{ folder: '', inputs: goInputs, ask: askGofmt }],
};

async function askGofmt(context: Context): Promise<Word> {
  const { repository } = context;
  const files = (await repository.files()).filter((file) => file.endsWith('.go') && !repository.isForeign(file));
  for (const stack of await stacksOf(context, 'go')) {
    if (await isGoTooOld(context, stack))
      return absent(
        'gofmt',
        `The Go that is here is older than ${stack.manifest} asks for: its gofmt writes otherwise.`,
      );
  }
  const words: Word[] = [];
  for (let at = 0; at < files.length; at += stretch) {
    const ran = await ask(context, 'gofmt', ['-l', ...files.slice(at, at + stretch).map((file) => `./${file}`)], {});
    if (!ran) return absent('gofmt', 'gofmt is not installed.');
    words.push(
      wordOf(
        'gofmt',
        ran,
        filesOf(
          repository.root,
          '',
          ran.stdout.split('\n').filter((name) => name !== ''),
        ),
      ),
    );
  }
  const findings = words.flatMap((word) => word.findings);
  if (findings.length > 0) return { tool: 'gofmt', status: 'found', findings, output: '', fix: ['gofmt', '-w', '.'] };
  return words.find(({ status }) => status === 'absent') ?? { tool: 'gofmt', status: 'clean', findings, output: '' };
}

export const formatters: readonly Tool[] = [prettier, biome, ruff, black, rustfmt, gofmt];
