/** Real repositories of different stacks, with the expected results of each. */
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, globSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../../..');

/** Reasons why the problems that a check reports are correct, by check id. */
export type ExpectedProblems = Readonly<Record<string, string>>;

export interface RealRepository {
  readonly title: string;
  /** Creates the repository in an empty folder. Returns what is missing on this machine, or undefined. */
  create(folder: string): string | undefined;
  readonly expectedProblems: ExpectedProblems;
  /** Expected messages by check id. */
  readonly messages: Readonly<Record<string, RegExp>>;
  /** All required tools are installed, so every fatal check can run. */
  readonly ready?: true;
}

const noDocs = { WS_DOCS: 'the copied files have no changelog or readme' };
const published = {
  ...noDocs,
  BLD_LOCK_PRESENT: 'a published package has no lock file',
  BLD_DEPS_INSTALLED: 'its dependencies are not installed',
};

/** Copies an installed npm package. */
const npmPackage =
  (name: string) =>
  (folder: string): string | undefined => {
    cpSync(join(root, 'node_modules', name), folder, { recursive: true, dereference: true });
    return undefined;
  };

function python(folder: string): string | undefined {
  const result = spawnSync('python3', ['-c', 'import sysconfig; print(sysconfig.get_path("stdlib"))'], {
    encoding: 'utf8',
  });
  const library = result.stdout?.trim();
  const parts = ['json', 'email', 'asyncio', 'test/test_json', 'test/test_email'];
  if (result.status !== 0 || !library || !parts.every((part) => existsSync(join(library, part))))
    return 'the Python library with its tests';
  for (const part of parts) {
    cpSync(join(library, part), join(folder, part.replace('test/', 'tests/')), {
      recursive: true,
      filter: (path) => basename(path) !== '__pycache__',
    });
  }
  return undefined;
}

function go(folder: string): string | undefined {
  const result = spawnSync('go', ['env', 'GOROOT'], { encoding: 'utf8' });
  const sources = result.status === 0 ? join(result.stdout.trim(), 'src/encoding/csv') : '';
  if (!existsSync(join(sources, 'reader_test.go'))) return 'Go with its source files';
  cpSync(sources, folder, { recursive: true, dereference: true });
  writeFileSync(join(folder, 'go.mod'), 'module example.org/csv\n\ngo 1.18\n');
  return undefined;
}

/** Folders in which Cargo and Debian store the source files of crates. */
const crateFolders = [join(process.env['HOME'] ?? '', '.cargo/registry/src/*'), '/usr/share/cargo/registry'];

function rust(folder: string): string | undefined {
  const [crate] = crateFolders.flatMap((parent) =>
    globSync(join(parent, '{memchr,semver,itoa,smallvec}-[0-9]*')).sort(),
  );
  if (!crate) return 'the source files of a crate (memchr, semver, itoa or smallvec)';
  cpSync(crate, folder, { recursive: true, dereference: true });
  return undefined;
}

/** Clones this repository and links its installed packages. */
function cloneThisRepository(folder: string): string | undefined {
  if (!existsSync(join(root, '.git'))) return 'the Git history of this repository';
  execFileSync('git', ['clone', '--quiet', '--local', root, folder]);
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  appendFileSync(join(folder, '.git/info/exclude'), 'node_modules\n');
  return undefined;
}

export const realRepositories: readonly RealRepository[] = [
  {
    title: 'a Node package with tests and workflows (fast-uri)',
    create: npmPackage('fast-uri'),
    expectedProblems: { ...published, SAF_CI_PINNED: 'its workflows name actions by tags' },
    messages: {
      TST_PRESENT: /^\d+ test files for \d+ source files\.$/,
      TST_SKIPPED: /^11 tests or suites are always skipped; 2 are skipped conditionally\.$/,
      BLD_IMPORTS: /local imports? resolves?\.$/,
      SAF_SECRETS: /^No secrets in \d+ files/,
    },
  },
  {
    title: 'a Node program (mocha)',
    create: npmPackage('mocha'),
    expectedProblems: {
      ...published,
      TST_PRESENT: 'its tests are not published, and lib/test.js is not a test',
    },
    messages: {
      TST_PRESENT: /^No tests found for \d+ source files\.$/,
      // lib/nodejs/worker.js calls eval, which a comment for ESLint accepts.
      SAF_DANGEROUS: /^No dangerous calls in \d+ files\. Accepted: 1 \(eslint-disable-next-line\)\.$/,
      BLD_IMPORTS: /local imports? resolves?\.$/,
    },
  },
  {
    title: 'a part of the Python library',
    create: python,
    expectedProblems: noDocs,
    messages: {
      TST_CONFIG: /unittest/,
      TST_COLLECT: /^unittest loaded [\d,]+ tests\.$/,
      TST_ASSERTIONLESS: /of [\d,]+ tests without an assertion/,
      BLD_SYNTAX: /\d/,
    },
  },
  {
    title: 'a Go package (encoding/csv)',
    create: go,
    expectedProblems: noDocs,
    messages: { TST_CONFIG: /^Tests run with go test \(go\.mod\)\.$/, TST_COLLECT: /^go test loaded \d+ tests\.$/ },
  },
  {
    title: 'a Rust crate',
    create: rust,
    expectedProblems: {
      ...published,
      WS_TOOLCHAIN: 'the crate may require a newer version of Rust',
      SAF_CI_PINNED: 'its workflows name actions by tags',
      SAF_DANGEROUS: 'some unsafe blocks have no safety comment',
    },
    messages: { TST_PRESENT: /^\d+ test files? for/, TST_CONFIG: /^Tests run with cargo test/ },
  },
];

export const thisRepository: RealRepository = {
  title: 'this repository',
  create: cloneThisRepository,
  ready: true,
  expectedProblems: { SAF_DANGEROUS: 'the Python probe runs generated code to measure its own cost' },
  messages: {
    TST_PRESENT: /^\d+ test files for \d+ source files\.$/,
    TST_FOCUSED: /^No focused tests in \d+ files/,
    BLD_SYNTAX: /\d/,
  },
};

/** Creates a Git repository with one commit, unless there is one. */
export function commit(folder: string): void {
  if (existsSync(join(folder, '.git'))) return;
  mkdirSync(folder, { recursive: true });
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, stdio: 'pipe' });
  git('init', '--quiet', '--initial-branch=main');
  git('add', '--all');
  git('-c', 'user.name=Real', '-c', 'user.email=real@example.org', 'commit', '--quiet', '--message', 'as published');
}
