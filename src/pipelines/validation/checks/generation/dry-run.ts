/** Runs generators in their dry-run mode, which reports errors without writing files. */
import { plural } from '../../../../protocol/plural.ts';
import {
  type Check,
  type CheckContext,
  type CheckOutcome,
  fail,
  type ProgramResult,
  pass,
  skip,
} from '../../check/check.ts';
import { folderOf } from '../../repository/folders.ts';
import type { Repository } from '../../repository/repository.ts';
import { findGeneratorConfigs, type GeneratorConfig } from './generator-configs.ts';

interface DryRunCommand {
  /** Title of the generator in `generator-configs.ts`. */
  readonly generator: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly createEnv?: (configText: string) => Readonly<Record<string, string>>;
  /** Returns true if the result reports an error in the sources, as opposed to a failure of the program itself. */
  readonly hasErrors: (result: ProgramResult) => boolean;
}

const commands: readonly DryRunCommand[] = [
  { generator: 'ggen', program: 'ggen', args: ['sync', '--dry-run'], hasErrors: (result) => result.code !== 0 },
  // buf exits with 100 if it found errors. Other codes mean that it failed, for example to reach a registry.
  { generator: 'buf', program: 'buf', args: ['build'], hasErrors: (result) => result.code === 100 },
  {
    generator: 'Prisma',
    program: 'prisma',
    args: ['validate'],
    // The schema may refer to variables that exist only at run time. Validation accepts any value for them.
    createEnv: (configText) =>
      Object.fromEntries(
        [...configText.matchAll(/\benv\("(\w+)"\)/g)].flatMap(([, name]) =>
          name && !process.env[name] ? [[name, 'postgresql://localhost/none']] : [],
        ),
      ),
    hasErrors: (result) =>
      result.code !== 0 && /\bP1012\b|validation error|Error parsing/i.test(`${result.stdout}${result.stderr}`),
  },
  { generator: 'sqlc', program: 'sqlc', args: ['diff', '--no-remote'], hasErrors: (result) => result.code === 1 },
  {
    generator: 'GraphQL Code Generator',
    program: 'graphql-codegen',
    args: ['--check'],
    hasErrors: (result) => /stale|would be updated|would be created/i.test(result.stderr + result.stdout),
  },
];

interface DryRun {
  readonly config: GeneratorConfig;
  readonly command: DryRunCommand;
  /** Undefined if the program is not installed. */
  readonly result: ProgramResult | undefined;
}

async function runGenerator(
  { repository, run }: CheckContext,
  config: GeneratorConfig,
  command: DryRunCommand,
): Promise<DryRun> {
  const folder = folderOf(config.file);
  const program = (await repository.tool(command.program, folder)) ?? command.program;
  const text = (await repository.text(config.file)) ?? '';
  const result = await run(program, command.args, {
    cwd: folder || '.',
    env: { CHECKPOINT_DISABLE: '1', ...command.createEnv?.(text) },
  });
  return { config, command, result };
}

async function planDryRuns(repository: Repository): Promise<(readonly [GeneratorConfig, DryRunCommand])[]> {
  const configs = await findGeneratorConfigs(repository);
  const pairs = configs.flatMap((config) => {
    const command = commands.find(({ generator }) => generator === config.generator.title);
    return command ? [[config, command] as const] : [];
  });
  // A generator reads all its configurations in a folder at once, so one run per program and folder is enough.
  return [...new Map(pairs.map((pair) => [`${pair[1].program} ${folderOf(pair[0].file)}`, pair])).values()];
}

const lastLine = (result: ProgramResult): string =>
  `${result.stdout}\n${result.stderr}`.trim().split('\n').at(-1) ?? '';

function createOutcome(dryRuns: readonly DryRun[]): CheckOutcome {
  const evidence = dryRuns.flatMap(({ result, command }) =>
    result
      ? [
          {
            kind: 'command_output',
            content: `${command.program} ${command.args.join(' ')}: ${result.code}\n${result.stdout}${result.stderr}`,
          } as const,
        ]
      : [],
  );
  const failed = dryRuns.filter(({ result, command }) => result && command.hasErrors(result));
  if (failed.length > 0) {
    return fail(`${failed.map(({ command }) => command.program).join(' and ')} reported errors in a dry run.`, {
      evidence,
      findings: failed.map(({ config, result }) => ({ file: config.file, message: result ? lastLine(result) : '' })),
      remediation: failed.map(({ command }) => ({
        priority: 'critical',
        title: `Fix the errors that ${command.program} reports`,
        steps: ['Read the output in the evidence.', 'Correct the source and run the generator again.'],
        command: [command.program, ...command.args],
      })),
    });
  }
  const passed = dryRuns.filter(({ result }) => result?.code === 0);
  const notes = dryRuns
    .filter(({ result }) => result?.code !== 0)
    .map(({ command, result }) =>
      result ? `${command.program} failed: ${lastLine(result)}` : `${command.program} is not installed`,
    );
  const reasons = [...new Set(notes)].join('; ');
  if (passed.length === 0) return skip('tool_missing', `${reasons.replace(/\.$/, '')}.`, { evidence });
  return pass(`${plural(passed.length, 'dry run')} passed${reasons && ` (${reasons})`}.`, { evidence });
}

export const dryRun: Check = {
  id: 'GEN_DRY_RUN',
  category: 'generation',
  severity: 'fatal',
  minProfile: 'enterprise',
  title: 'Generators pass a dry run',
  timeoutMs: 8000,
  // Few workspaces have a generator to run. In the process lane the check would wait for builds just to find that out.
  lane: 'cheap',
  run: async (context) => {
    const planned = await planDryRuns(context.repository);
    if (planned.length === 0) return skip('not_applicable', 'No configured generator supports a dry run.');
    const dryRuns: DryRun[] = [];
    for (const [config, command] of planned) dryRuns.push(await runGenerator(context, config, command));
    return createOutcome(dryRuns);
  },
};
