/** The programs that look for mistakes of style and habit: one row adds one. */
import { join, posix } from 'node:path';
import type { Finding } from '../../../../../protocol/validation.ts';
import type { Context, Ran } from '../../../check/check.ts';
import { field } from '../../../repository/manifest-formats.ts';
import { parsed } from '../lockfile/parse-json.ts';
import { askCargo, askGo, cargoInputs, cratesOf, goInputs, pythonTool, stacksOf } from './compilers.ts';
import { absent, ask, type Job, placed, type Tool, type Word, wordOf } from './tool.ts';
import { faultsIn } from './tool-output.ts';

const scripts = /\.(?:[cm]?[jt]sx?|vue|svelte|astro|jsonc?|css|graphql|mdx?|html)$/;

/** A tool of Node that is set up in a project by a file of its own, by a key of package.json, or by a script. */
export interface NodeTool {
  readonly id: string;
  readonly program: string;
  readonly configs: RegExp;
  /** Key of package.json that configures it too. */
  readonly key?: string;
  look(context: Context, at: Place): Promise<Word>;
}

export interface Place {
  readonly folder: string;
  readonly program: string;
  /** What the project's own script looks at, as it names it; a dot where it has none. */
  readonly paths: readonly string[];
  readonly cache: string;
}

export function nodeTool({ id, program: name, configs, key, look }: NodeTool): Tool {
  return {
    id,
    jobs: async (context) => {
      const { repository } = context;
      const files = await repository.files();
      const jobs: Job[] = [];
      const stacks = await stacksOf(context, 'node');
      for (const folder of stacks.length > 0 ? stacks.map((stack) => stack.folder) : ['']) {
        const manifest = await repository.json(posix.join(folder, 'package.json'));
        const isHere = (file: string): boolean =>
          posix.dirname(file) === (folder || '.') && configs.test(posix.basename(file));
        if (!files.some(isHere) && (key === undefined || field(manifest, key) === undefined)) continue;
        const program = await repository.tool(name, folder);
        const paths = pathsIn(field(manifest, 'scripts'), name) ?? ['.'];
        jobs.push({
          folder,
          inputs: scripts,
          ask: async (given, cache) =>
            program
              ? look(given, { folder, program, paths, cache })
              : absent(name, `${name} is set up in ${folder || 'the workspace'} and not installed.`),
        });
      }
      return jobs;
    },
  };
}

/** Words that take a value, which is no path. */
const valued =
  /^(?:-[fcop]|--(?:format|config|output-file|max-warnings|cache-location|rule|plugin|parser|resolve-plugins-relative-to|ignore-pattern|ignore-path|loglevel|log-level))$/;
/** They belong to what is looked at. */
const telling = /^(?:--ext|--ignore-pattern|--ignore-path|-c|--config)$/;

/** What a script of the project gives to the tool, apart from how it is to report and mend. */
function pathsIn(all: unknown, tool: string): readonly string[] | undefined {
  for (const [name, script] of Object.entries((all as Record<string, unknown> | undefined) ?? {})) {
    const said =
      typeof script === 'string' ? new RegExp(`(?:^|[\\s/])${tool}\\s+([^&|;]+)`).exec(script)?.[1] : undefined;
    if (said === undefined || !/lint|format|check|style|prettier|test/.test(name) || /[$`<>\\]/.test(said)) continue;
    const words = said
      .trim()
      .split(/\s+/)
      .map((word) => word.replace(/^(['"])(.*)\1$/, '$2'));
    const kept = words.flatMap((word, at) => {
      const before = words[at - 1] ?? '';
      if (telling.test(word) || telling.test(before)) return [word];
      if (/^--(?:ext|ignore-pattern)=/.test(word)) return [word];
      return word.startsWith('-') || valued.test(before) ? [] : [word];
    });
    if (kept.some((word, at) => !word.startsWith('-') && !telling.test(kept[at - 1] ?? ''))) return kept;
  }
  return undefined;
}

interface LintedFile {
  readonly filePath: string;
  readonly messages: readonly {
    readonly line?: number;
    readonly severity: number;
    readonly ruleId: string | null;
    readonly message: string;
  }[];
}

const eslint = nodeTool({
  id: 'eslint',
  program: 'eslint',
  configs: /^(?:eslint\.config\.[cm]?[jt]s|\.eslintrc(?:\.\w+)?)$/,
  key: 'eslintConfig',
  look: async (context, { folder, program, paths, cache }) => {
    const args = [
      '--format',
      'json',
      '--no-error-on-unmatched-pattern',
      '--cache',
      '--cache-location',
      join(cache, 'eslint', folder, '/'),
      ...paths,
    ];
    const ran = await ask(context, program, args, { cwd: folder });
    const files = ran && (parsed(ran.stdout) as readonly LintedFile[] | undefined);
    if (!ran || !Array.isArray(files)) return unable('eslint', ran);
    const { root } = context.repository;
    const findings = files.flatMap(({ filePath, messages }: LintedFile) =>
      messages
        .filter(({ severity }) => severity === 2)
        .map(({ line, ruleId, message }) => findingOf(placed(root, folder, filePath), line, message, ruleId)),
    );
    return {
      ...wordOf('eslint', { ...ran, code: findings.length > 0 ? ran.code : 0, stdout: '' }, findings),
      fix: ['npx', 'eslint', '--fix', ...paths],
    };
  },
});

const oxlint = nodeTool({
  id: 'oxlint',
  program: 'oxlint',
  configs: /^\.oxlintrc\.jsonc?$/,
  look: async (context, { folder, program, paths }) => {
    const ran = await ask(context, program, ['--format', 'json', ...paths], { cwd: folder });
    const report = ran && (parsed(ran.stdout) as { diagnostics?: readonly OxFault[] } | undefined);
    if (!ran || !report?.diagnostics) return unable('oxlint', ran);
    const { root } = context.repository;
    const findings = report.diagnostics
      .filter(({ severity }) => severity === 'error')
      .map(({ filename, labels, message, code }) =>
        findingOf(placed(root, folder, filename), labels?.[0]?.span?.line, message, code),
      );
    return wordOf('oxlint', { ...ran, code: findings.length > 0 ? ran.code : 0, stdout: '' }, findings);
  },
});

interface OxFault {
  readonly filename: string;
  readonly severity: string;
  readonly message: string;
  readonly code?: string;
  readonly labels?: readonly { readonly span?: { readonly line?: number } }[];
}

/** Biome tells of a fault as a line for GitHub's log: `::error title=…,file=…,line=…::message`. */
export function biomeFaults(root: string, folder: string, output: string): Finding[] {
  return output.split('\n').flatMap((line) => {
    const [, said = '', message = ''] = /^::error (.*?)::(.*)$/.exec(line) ?? [];
    const parts = new Map(said.split(',').map((part) => part.split('=', 2) as [string, string]));
    const file = parts.get('file');
    if (!file) return [];
    return [
      findingOf(
        placed(root, folder, file),
        Number(parts.get('line')) || undefined,
        message.trim(),
        parts.get('title') ?? null,
      ),
    ];
  });
}

const biome = nodeTool({
  id: 'biome lint',
  program: 'biome',
  configs: /^\.?biome\.jsonc?$/,
  look: async (context, { folder, program }) => {
    const ran = await ask(
      context,
      program,
      ['lint', '--reporter=github', '--max-diagnostics=none', '--diagnostic-level=error'],
      { cwd: folder },
    );
    if (!ran) return unable('biome', ran);
    return wordOf('biome lint', ran, biomeFaults(context.repository.root, folder, ran.stdout));
  },
});

const ruff = pythonTool('ruff', ['ruff.toml', '.ruff.toml'], async (context, { folder }, cache, program) => {
  const args = ['check', '--output-format', 'json', '--no-fix', '--cache-dir', join(cache, 'ruff')];
  const ran = await ask(context, program, args, { cwd: folder });
  const faults = ran && (parsed(ran.stdout) as readonly RuffFault[] | undefined);
  if (!ran || !Array.isArray(faults)) return unable('ruff', ran);
  const { root } = context.repository;
  const findings = faults.map(({ filename, location, code, message }: RuffFault) =>
    findingOf(placed(root, folder, filename), location?.row, message, code),
  );
  return { ...wordOf('ruff', { ...ran, stdout: '' }, findings), fix: ['ruff', 'check', '--fix'] };
});

interface RuffFault {
  readonly filename: string;
  readonly code: string | null;
  readonly message: string;
  readonly location?: { readonly row: number };
}

const clippy: Tool = {
  id: 'cargo clippy',
  jobs: async (context) =>
    (await cratesOf(context)).map((stack) => ({
      folder: stack.folder,
      inputs: cargoInputs,
      ask: async (given, cache) => {
        const ran = await askCargo(given, stack, cache, ['clippy', '--workspace', '--all-targets']);
        if (typeof ran === 'string') return absent('cargo clippy', ran);
        return wordOf(
          'cargo clippy',
          ran,
          faultsIn(ran.stderr, { root: given.repository.root, folder: stack.folder, message: /^(?:warning|error)\b/ }),
        );
      },
    })),
};

const vet: Tool = {
  id: 'go vet',
  jobs: async (context) =>
    (await stacksOf(context, 'go')).map((stack) => ({
      folder: stack.folder,
      inputs: goInputs,
      ask: async (given) => {
        const ran = await askGo(given, stack, ['vet', './...']);
        if (typeof ran === 'string') return absent('go vet', ran);
        if (/matched no packages/.test(ran.stderr))
          return { tool: 'go vet', status: 'clean', findings: [], output: '' };
        const output = ran.stderr.replace(/^vet: /gm, '');
        return wordOf('go vet', ran, faultsIn(output, { root: given.repository.root, folder: stack.folder }));
      },
    })),
};

function findingOf(file: string, line: number | undefined, message: string, rule: string | null | undefined): Finding {
  return { file, ...(line ? { line } : {}), message: rule ? `${message} (${rule})` : message };
}

/** It was started and gave no report, or could not be started. */
function unable(tool: string, ran: Ran | undefined): Word {
  if (!ran) return absent(tool, `${tool} is set up and cannot be started: it, or what runs it, is not installed.`);
  return wordOf(tool, { ...ran, code: ran.code || 2 }, []);
}

export const linters: readonly Tool[] = [eslint, oxlint, biome, ruff, clippy, vet];
