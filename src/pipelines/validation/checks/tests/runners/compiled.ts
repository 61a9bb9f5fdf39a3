/** Runners that compile first: those of Rust and Go, which every project has. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { skip } from '../../../check.ts';
import { inFolder } from '../project.ts';
import type { Runner } from '../runner.ts';

/** Nothing is downloaded. */
const goOffline = { GOPROXY: 'off', GOTOOLCHAIN: 'local' };

const cargo: Runner = {
  id: 'cargo test',
  stack: 'rust',
  reason: async ({ manifest }) => manifest || undefined,
  collect: async ({ folder }, { repository }) => {
    // A first build takes longer than anyone waits for a check.
    const built = [folder, ''].some((place) => existsSync(join(repository.root, inFolder(place, 'target/debug/deps'))));
    if (!built) return skip('tool_missing', 'The tests were never built here: run “cargo test --no-run” once.');
    const files = await repository.files();
    const locked = files.includes('Cargo.lock') || files.includes(inFolder(folder, 'Cargo.lock'));
    return {
      program: 'cargo',
      args: ['test', '--workspace', '--no-run', '--offline', ...(locked ? ['--locked'] : [])],
      count: ({ stderr }) => [...stderr.matchAll(/^\s*Executable /gm)].length || undefined,
      noun: 'test program',
      absent: (output) =>
        /no matching package|failed to (?:download|get)|unable to update|--offline was specified/.test(output)
          ? 'Crates that the tests need are not downloaded: run “cargo fetch” once.'
          : undefined,
    };
  },
  command: async () => ({ program: 'cargo', args: ['test', '--workspace', '--offline', '--quiet'] }),
};

const go: Runner = {
  id: 'go test',
  stack: 'go',
  reason: async ({ manifest }) => manifest || undefined,
  collect: async () => ({
    program: 'go',
    args: ['test', '-list', '.', './...'],
    env: goOffline,
    count: ({ stdout }) => stdout.split('\n').filter((line) => /^(?:Test|Example|Fuzz|Benchmark)/.test(line)).length,
    absent: (output) =>
      /GOPROXY=off|no required module provides|cannot find module providing/.test(output)
        ? 'Modules that the tests need are not downloaded: run “go mod download” once.'
        : undefined,
  }),
  command: async () => ({ program: 'go', args: ['test', './...'], env: goOffline }),
};

export const compiledRunners: readonly Runner[] = [cargo, go];
