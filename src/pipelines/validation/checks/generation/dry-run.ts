/** Asks the generators themselves, in the way each has for looking without writing. */
import { type Check, type Context, fault, type Outcome, pass, type Ran, skip } from '../../check/check.ts';
import { counted } from '../../check/findings.ts';
import type { Repository } from '../../repository/repository.ts';
import { type Config, configsOf, folderOf } from './generator-configs.ts';

interface Trial {
  /** Of the row in `configs.ts`. */
  readonly generator: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: (text: string) => Readonly<Record<string, string>>;
  /** Code with which it says that something is wrong; any other than 0 and this: it could not look. */
  readonly faults: (ran: Ran) => boolean;
}

const anyCode = (ran: Ran): boolean => ran.code !== 0;

const trials: readonly Trial[] = [
  { generator: 'ggen', program: 'ggen', args: ['sync', '--dry-run'], faults: anyCode },
  // 100: what buf found; another code is a trouble of its own, such as a registry out of reach.
  { generator: 'buf', program: 'buf', args: ['build'], faults: (ran) => ran.code === 100 },
  {
    generator: 'Prisma',
    program: 'prisma',
    args: ['validate'],
    // The schema may name variables that only a running program has; any value will do to read it.
    env: (text) =>
      Object.fromEntries(
        [...text.matchAll(/\benv\("(\w+)"\)/g)].flatMap(([, name]) =>
          name && !process.env[name] ? [[name, 'postgresql://localhost/none']] : [],
        ),
      ),
    faults: (ran) => ran.code !== 0 && /\bP1012\b|validation error|Error parsing/i.test(`${ran.stdout}${ran.stderr}`),
  },
  { generator: 'sqlc', program: 'sqlc', args: ['diff', '--no-remote'], faults: (ran) => ran.code === 1 },
  {
    generator: 'GraphQL Code Generator',
    program: 'graphql-codegen',
    args: ['--check'],
    faults: (ran) => /stale|would be updated|would be created/i.test(ran.stderr + ran.stdout),
  },
];

interface Tried {
  readonly config: Config;
  readonly trial: Trial;
  /** Nothing where there is no such program. */
  readonly ran: Ran | undefined;
}

async function attempt({ repository, run }: Context, config: Config, trial: Trial): Promise<Tried> {
  const folder = folderOf(config.file);
  const program = (await repository.tool(trial.program, folder)) ?? trial.program;
  const text = (await repository.text(config.file)) ?? '';
  const ran = await run(program, trial.args, {
    cwd: folder || '.',
    env: { CHECKPOINT_DISABLE: '1', ...trial.env?.(text) },
  });
  return { config, trial, ran };
}

async function triesOf(repository: Repository): Promise<(readonly [Config, Trial])[]> {
  const configs = await configsOf(repository);
  const pairs = configs.flatMap((config) => {
    const trial = trials.find(({ generator }) => generator === config.generator.title);
    return trial ? [[config, trial] as const] : [];
  });
  // One generator reads all its configurations of a folder at once.
  return [...new Map(pairs.map((pair) => [`${pair[1].program} ${folderOf(pair[0].file)}`, pair])).values()];
}

const lastLine = (ran: Ran): string => `${ran.stdout}\n${ran.stderr}`.trim().split('\n').at(-1) ?? '';

function judge(tried: readonly Tried[]): Outcome {
  const evidence = tried.flatMap(({ ran, trial }) =>
    ran
      ? [
          {
            kind: 'command_output',
            content: `${trial.program} ${trial.args.join(' ')}: ${ran.code}\n${ran.stdout}${ran.stderr}`,
          } as const,
        ]
      : [],
  );
  const bad = tried.filter(({ ran, trial }) => ran && trial.faults(ran));
  if (bad.length > 0) {
    return fault(`${bad.map(({ trial }) => trial.program).join(' and ')} found faults in a dry run.`, {
      evidence,
      findings: bad.map(({ config, ran }) => ({ file: config.file, message: ran ? lastLine(ran) : '' })),
      remediation: bad.map(({ trial }) => ({
        priority: 'critical',
        title: `Mend what ${trial.program} says`,
        steps: ['Read its output in the evidence.', 'Correct the source and run it again.'],
        command: [trial.program, ...trial.args],
      })),
    });
  }
  const good = tried.filter(({ ran }) => ran?.code === 0);
  const rest = tried.filter(({ ran }) => ran?.code !== 0);
  const said = rest.map(({ trial, ran }) =>
    ran ? `${trial.program} could not look: ${lastLine(ran)}` : `${trial.program} is not installed`,
  );
  const missing = [...new Set(said)];
  if (good.length === 0) return skip('tool_missing', `${missing.join('; ').replace(/\.$/, '')}.`, { evidence });
  const beside = missing.length > 0 ? ` (${missing.join('; ')})` : '';
  return pass(`${counted(good.length, 'dry run')} without a fault${beside}.`, { evidence });
}

const dryRun: Check = {
  id: 'GEN_DRY_RUN',
  category: 'generation',
  severity: 'fatal',
  from: 'enterprise',
  title: 'Generators would run without a fault',
  timeoutMs: 8000,
  // Nearly always there is nothing to run; waiting behind a build for that would leave the verdict open.
  lane: 'cheap',
  run: async (context) => {
    const tries = await triesOf(context.repository);
    if (tries.length === 0) return skip('not_applicable', 'No generator is configured that can look without writing.');
    const tried: Tried[] = [];
    for (const [config, trial] of tries) tried.push(await attempt(context, config, trial));
    return judge(tried);
  },
};

export const dryChecks: readonly Check[] = [dryRun];
