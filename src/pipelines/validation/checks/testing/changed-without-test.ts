/** Whether what was changed was changed with a test. */
import { type Context, fault, type Outcome, pass, skip } from '../../check/check.ts';
import { counted, findingsOf } from '../../check/findings.ts';
import { dialectOf } from './dialects/dialects.ts';

/** Where the main branch of a remote is looked for. */
const mains = ['origin/HEAD', 'origin/main', 'origin/master', 'upstream/HEAD'];

export async function changedWithoutTest(context: Context): Promise<Outcome> {
  const { repository } = context;
  if (!repository.git) return skip('no_git', 'Without git it is not known what was changed.');
  const base = await baseOf(context);
  if (!base)
    return skip('not_applicable', 'There is no base to count changes from: no remote main branch, and none was given.');
  const changed = await changedSince(base, context);
  if (!changed) return skip('not_applicable', `Git cannot tell what was changed since ${base}.`);
  const files = changed.filter((file) => dialectOf(file) && !repository.isForeign(file));
  const tests: string[] = [];
  const sources: string[] = [];
  for (const file of files) {
    const dialect = dialectOf(file);
    const inline = dialect?.inline && dialect.holds.test((await repository.text(file)) ?? '');
    (repository.isTest(file) || inline ? tests : sources).push(file);
  }
  const since = base.slice(0, 10);
  if (sources.length + tests.length === 0) return skip('not_applicable', `No source file was changed since ${since}.`);
  if (sources.length === 0 || tests.length > 0) {
    const message = `${counted(sources.length, 'source file')} and ${counted(tests.length, 'file')} of tests changed since ${since}.`;
    return pass(message);
  }
  return fault(`${counted(sources.length, 'source file')} changed since ${since}, and no test.`, {
    findings: findingsOf(sources, (file) => ({ file, message: 'Changed without a test.' })),
    remediation: [
      {
        priority: 'medium',
        title: 'Test what was changed',
        steps: ['Add a test that fails without the change.'],
      },
    ],
  });
}

async function ask({ run }: Context, ...args: string[]): Promise<string | undefined> {
  const ran = await run('git', ['-c', 'core.fsmonitor=false', ...args], { maxBytes: 4_000_000 });
  return ran?.code === 0 ? ran.stdout : undefined;
}

/** The commit that changes are counted from. */
async function baseOf(context: Context): Promise<string | undefined> {
  for (const ref of context.base ? [context.base] : mains) {
    const base = await ask(context, 'merge-base', ref, 'HEAD');
    if (base) return base.trim();
  }
  return undefined;
}

/** Relative to the workspace; with what is not committed yet, without what was only moved or deleted. */
async function changedSince(base: string, context: Context): Promise<string[] | undefined> {
  const listed = await ask(
    context,
    'diff',
    '--name-status',
    '-z',
    '-M',
    '--relative',
    '--no-ext-diff',
    '--diff-filter=AMR',
    base,
    '--',
    '.',
  );
  const fresh = await ask(context, 'ls-files', '-z', '--others', '--exclude-standard');
  if (listed === undefined) return undefined;
  const changed: string[] = [];
  const words = listed.split('\0');
  for (let at = 0; at < words.length - 1; ) {
    const how = words[at++] as string;
    const file = words[at++] as string;
    if (!how.startsWith('R')) changed.push(file);
    else {
      const now = words[at++] as string;
      if (how !== 'R100') changed.push(now);
    }
  }
  return [...changed, ...(fresh ?? '').split('\0').filter(Boolean)];
}
