/** Runners that compile first: those of Rust and Go, which every project has. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Context, type Outcome, skip } from '../../../check/check.ts';
import { inFolder, type Project } from './test-projects.ts';
import type { Command, Runner } from './test-runner.ts';

/** A first build takes longer than anyone waits for a check. */
function neverBuilt({ folder }: Project, { repository }: Context): Outcome | undefined {
  const places = [folder, ''].map((place) => join(repository.root, inFolder(place, 'target/debug/deps')));
  if (places.some((place) => existsSync(place))) return undefined;
  return skip('tool_missing', 'The tests were never built here: run “cargo test --no-run” once.');
}

async function cargoTest(project: Project, { repository }: Context, ...args: string[]): Promise<Command> {
  const files = await repository.files();
  const locked = files.includes('Cargo.lock') || files.includes(inFolder(project.folder, 'Cargo.lock'));
  return {
    program: 'cargo',
    args: ['test', '--workspace', '--offline', ...(locked ? ['--locked'] : []), ...args],
    absent: (output) =>
      /no matching package|failed to (?:download|get)|unable to update|you're using offline mode/.test(output)
        ? 'Crates that the tests need are not downloaded: run “cargo fetch” once.'
        : undefined,
  };
}

const cargo: Runner = {
  id: 'cargo test',
  stack: 'rust',
  reason: async ({ manifest }) => manifest || undefined,
  collect: async (project, context) =>
    neverBuilt(project, context) ?? {
      ...(await cargoTest(project, context, '--no-run')),
      count: ({ stderr }) => [...stderr.matchAll(/^\s*Executable /gm)].length || undefined,
      noun: 'test program',
    },
  command: async (project, context) => neverBuilt(project, context) ?? cargoTest(project, context, '--quiet'),
};

const goTest = (...args: string[]): Command => ({
  program: 'go',
  args: ['test', ...args, './...'],
  // Nothing is downloaded.
  env: { GOPROXY: 'off', GOTOOLCHAIN: 'local' },
  absent: (output) => {
    if (/GOPROXY=off|no required module provides|cannot find module providing/.test(output))
      return 'Modules that the tests need are not downloaded: run “go mod download” once.';
    if (/invalid go version|requires go >=|requires newer Go version|module requires Go/.test(output))
      return 'The tests need a newer Go than is here: install the version that go.mod names.';
    return undefined;
  },
});

const go: Runner = {
  id: 'go test',
  stack: 'go',
  reason: async ({ manifest }) => manifest || undefined,
  collect: async () => ({
    ...goTest('-list', '.'),
    count: ({ stdout }) => stdout.split('\n').filter((line) => /^(?:Test|Example|Fuzz|Benchmark)/.test(line)).length,
  }),
  command: async () => goTest(),
};

export const compiledRunners: readonly Runner[] = [cargo, go];
