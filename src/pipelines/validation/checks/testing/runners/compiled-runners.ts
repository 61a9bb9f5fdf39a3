/** Test runners of Rust and Go, which compile the tests first and are available in every project. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type CheckContext, type CheckOutcome, skip } from '../../../check/check.ts';
import { joinPath, type TestProject } from './test-projects.ts';
import type { TestCommand, TestRunner } from './test-runner.ts';

/** Skips a project that has never been built, because a first build takes too long for a check. */
function skipUnbuilt({ folder }: TestProject, { repository }: CheckContext): CheckOutcome | undefined {
  const folders = [folder, ''].map((parent) => join(repository.root, joinPath(parent, 'target/debug/deps')));
  if (folders.some((path) => existsSync(path))) return undefined;
  return skip('tool_missing', 'The tests have not been built yet. Run "cargo test --no-run" once.');
}

async function cargoTest(project: TestProject, { repository }: CheckContext, ...args: string[]): Promise<TestCommand> {
  const files = await repository.files();
  const locked = files.includes('Cargo.lock') || files.includes(joinPath(project.folder, 'Cargo.lock'));
  return {
    program: 'cargo',
    args: ['test', '--workspace', '--offline', ...(locked ? ['--locked'] : []), ...args],
    missingDependency: (output) =>
      /no matching package|failed to (?:download|get)|unable to update|you're using offline mode/.test(output)
        ? 'Some required crates are not downloaded. Run "cargo fetch" once.'
        : undefined,
  };
}

const cargo: TestRunner = {
  id: 'cargo test',
  stack: 'rust',
  reason: async ({ manifest }) => manifest || undefined,
  collect: async (project, context) =>
    skipUnbuilt(project, context) ?? {
      ...(await cargoTest(project, context, '--no-run')),
      count: ({ stderr }) => [...stderr.matchAll(/^\s*Executable /gm)].length || undefined,
      noun: 'test program',
    },
  command: async (project, context) => skipUnbuilt(project, context) ?? cargoTest(project, context, '--quiet'),
};

const goTest = (...args: string[]): TestCommand => ({
  program: 'go',
  args: ['test', ...args, './...'],
  // Prevents downloads.
  env: { GOPROXY: 'off', GOTOOLCHAIN: 'local' },
  missingDependency: (output) => {
    if (/GOPROXY=off|no required module provides|cannot find module providing/.test(output))
      return 'Some required modules are not downloaded. Run "go mod download" once.';
    if (/invalid go version|requires go >=|requires newer Go version|module requires Go/.test(output))
      return 'The tests require a newer version of Go. Install the version in go.mod.';
    return undefined;
  },
});

const go: TestRunner = {
  id: 'go test',
  stack: 'go',
  reason: async ({ manifest }) => manifest || undefined,
  collect: async () => ({
    ...goTest('-list', '.'),
    count: ({ stdout }) => stdout.split('\n').filter((line) => /^(?:Test|Example|Fuzz|Benchmark)/.test(line)).length,
  }),
  command: async () => goTest(),
};

export const compiledRunners: readonly TestRunner[] = [cargo, go];
