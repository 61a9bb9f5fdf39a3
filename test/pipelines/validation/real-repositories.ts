/** Repositories made of what others have written, of different stacks, with what is to be said of each. */
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, globSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../../..');

/** Findings that were read and are right, by check, with what makes them so. */
export type Judged = Readonly<Record<string, string>>;

export interface Real {
  readonly what: string;
  /** Makes the repository in an empty folder, or says what is missing here. */
  make(folder: string): string | undefined;
  readonly judged: Judged;
  /** Checks that must have looked at something, and what they say then. */
  readonly seen: Readonly<Record<string, RegExp>>;
  /** All that it needs is installed, so nothing fatal is left open. */
  readonly ready?: true;
}

const noPapers = { WS_DOCS: 'the package has no changelog, or what was taken of it has no papers' };
const published = {
  ...noPapers,
  BLD_LOCK_PRESENT: 'a published package has no lock',
  BLD_DEPS_INSTALLED: 'nothing is installed for it here',
};

/** A published package, as npm has installed it. */
const npmPackage =
  (name: string) =>
  (folder: string): string | undefined => {
    cpSync(join(root, 'node_modules', name), folder, { recursive: true, dereference: true });
    return undefined;
  };

function python(folder: string): string | undefined {
  const asked = spawnSync('python3', ['-c', 'import sysconfig; print(sysconfig.get_path("stdlib"))'], {
    encoding: 'utf8',
  });
  const library = asked.stdout?.trim();
  const parts = ['json', 'email', 'asyncio', 'test/test_json', 'test/test_email'];
  if (asked.status !== 0 || !library || !parts.every((part) => existsSync(join(library, part))))
    return 'the library of Python with its tests';
  for (const part of parts) {
    cpSync(join(library, part), join(folder, part.replace('test/', 'tests/')), {
      recursive: true,
      filter: (path) => basename(path) !== '__pycache__',
    });
  }
  return undefined;
}

function go(folder: string): string | undefined {
  const asked = spawnSync('go', ['env', 'GOROOT'], { encoding: 'utf8' });
  const sources = asked.status === 0 ? join(asked.stdout.trim(), 'src/encoding/csv') : '';
  if (!existsSync(join(sources, 'reader_test.go'))) return 'Go with its sources';
  cpSync(sources, folder, { recursive: true, dereference: true });
  writeFileSync(join(folder, 'go.mod'), 'module example.org/csv\n\ngo 1.18\n');
  return undefined;
}

/** Where Cargo and Debian keep the sources of crates. */
const crates = [join(process.env['HOME'] ?? '', '.cargo/registry/src/*'), '/usr/share/cargo/registry'];

function rust(folder: string): string | undefined {
  const [found] = crates.flatMap((place) => globSync(join(place, '{memchr,semver,itoa,smallvec}-[0-9]*')).sort());
  if (!found) return 'the sources of a crate (memchr, semver, itoa or smallvec)';
  cpSync(found, folder, { recursive: true, dereference: true });
  return undefined;
}

/** This repository as it was last committed, with the packages that are installed for it. */
function ours(folder: string): string | undefined {
  if (!existsSync(join(root, '.git'))) return 'the history of this repository';
  execFileSync('git', ['clone', '--quiet', '--local', root, folder]);
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  appendFileSync(join(folder, '.git/info/exclude'), 'node_modules\n');
  return undefined;
}

export const reals: readonly Real[] = [
  {
    what: 'a Node package with tests and workflows (fast-uri)',
    make: npmPackage('fast-uri'),
    judged: { ...published, SAF_CI_PINNED: 'its workflows name actions by tags' },
    seen: {
      TST_PRESENT: /^\d+ files with tests beside \d+ source files\.$/,
      TST_SKIPPED: /^11 tests or suites are always skipped; 2 are skipped on a condition\.$/,
      BLD_IMPORTS: /imports of own files lead to files/,
      SAF_SECRETS: /^No secret in \d+ texts/,
    },
  },
  {
    what: 'a Node program (mocha)',
    make: npmPackage('mocha'),
    judged: {
      ...published,
      TST_PRESENT: 'its tests are not published, and lib/test.js is none',
      SAF_DANGEROUS: 'lib/nodejs/worker.js does call eval',
    },
    seen: {
      TST_PRESENT: /^No test was found for \d+ source files\.$/,
      SAF_DANGEROUS: /^1 dangerous place in 1 file: 1 eval/,
      BLD_IMPORTS: /imports of own files lead to files/,
    },
  },
  {
    what: 'a part of the library of Python',
    make: python,
    judged: noPapers,
    seen: {
      TST_CONFIG: /unittest/,
      TST_COLLECT: /^unittest loads [\d,]+ tests\.$/,
      TST_ASSERTIONLESS: /of \d+ without an assertion/,
      BLD_SYNTAX: /\d/,
    },
  },
  {
    what: 'a Go package (encoding/csv)',
    make: go,
    judged: noPapers,
    seen: { TST_CONFIG: /^Tests are run by go test \(go\.mod\)\.$/, TST_COLLECT: /^go test loads \d+ tests\.$/ },
  },
  {
    what: 'a Rust crate',
    make: rust,
    judged: {
      ...published,
      WS_TOOLCHAIN: 'the crate may ask for a newer Rust than is here',
      SAF_CI_PINNED: 'its workflows name actions by tags',
      SAF_DANGEROUS: 'not each of its unsafe blocks says why it is sound',
    },
    seen: { TST_PRESENT: /^\d+ files? with tests/, TST_CONFIG: /^Tests are run by cargo test/ },
  },
];

export const own: Real = {
  what: 'this repository',
  make: ours,
  ready: true,
  judged: { SAF_DANGEROUS: 'the Python guest does run code that it has made, to measure its own cost' },
  seen: {
    TST_PRESENT: /^\d+ files with tests beside \d+ source files\.$/,
    TST_FOCUSED: /^No test in \d+ files/,
    BLD_SYNTAX: /\d/,
  },
};

/** What was made becomes a repository with one commit. */
export function commit(folder: string): void {
  if (existsSync(join(folder, '.git'))) return;
  mkdirSync(folder, { recursive: true });
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, stdio: 'pipe' });
  git('init', '--quiet', '--initial-branch=main');
  git('add', '--all');
  git('-c', 'user.name=Real', '-c', 'user.email=real@example.org', 'commit', '--quiet', '--message', 'as published');
}
