/** Runners of Python: pytest, and unittest of the library. */
import { type Context, type Outcome, type Ran, skip } from '../../../check/check.ts';
import { inFolder, isIn, type Project } from './test-projects.ts';
import type { Command, Runner } from './test-runner.ts';

async function interpreter(project: Project, { repository }: Context): Promise<string> {
  return (await repository.tool('python', project.folder)) ?? (process.platform === 'win32' ? 'python' : 'python3');
}

/** Modules of the workspace are found only where a folder holds them: those of others are not installed. */
async function absentIn(output: string, project: Project, { repository }: Context): Promise<string | undefined> {
  const names = [...output.matchAll(/No module named '?([\w.]+)'?/g)].map(([, name]) => name as string);
  const files = await repository.files();
  const isOwn = (name: string): boolean => {
    const path = inFolder(project.folder, name.split('.')[0] as string);
    return files.includes(`${path}.py`) || files.some((file) => isIn(file, path));
  };
  const absent = [...new Set(names.filter((name) => !isOwn(name)).map((name) => name.split('.')[0]))];
  if (absent.length === 0) return undefined;
  return `Python does not find ${absent.join(', ')}: install what the tests import to have them loaded.`;
}

/** Prints where each module would come from, if it is found. */
const finder = `
import importlib.util, sys
for name in sys.argv[1:]:
    spec = importlib.util.find_spec(name)
    print(spec and (spec.origin or ''))
`;

/** Packages in a folder \`src\` are found only when installed: without that, tests would be about another copy of them. */
async function anotherCopy(project: Project, context: Context): Promise<Outcome | undefined> {
  const { repository, run } = context;
  const source = inFolder(project.folder, 'src/');
  const names = (await repository.files()).flatMap((file) => {
    const [, name] = file.startsWith(source) ? (/^(\w+)\/__init__\.py$/.exec(file.slice(source.length)) ?? []) : [];
    return name === undefined ? [] : [name];
  });
  const texts = ['pyproject.toml', 'pytest.ini', 'setup.cfg', 'tox.ini'].map((name) =>
    repository.text(inFolder(project.folder, name)),
  );
  const isTold = (await Promise.all(texts)).some((text) => /^\s*pythonpath\s*=/m.test(text ?? ''));
  if (names.length === 0 || isTold) return undefined;
  const cwd = project.folder || '.';
  const ran = await run(await interpreter(project, context), ['-c', finder, ...names], { cwd });
  const origins = ran?.code === 0 ? ran.stdout.trim().split('\n') : [];
  const other = names.find(
    (_, at) => origins[at] && origins[at] !== 'None' && !origins[at].startsWith(repository.root),
  );
  if (other === undefined) return undefined;
  return skip(
    'tool_missing',
    `Python finds another ${other} than the one in ${source}: install the workspace (“pip install -e .”) to have its tests looked at.`,
  );
}

const numberIn = (pattern: RegExp, { stdout }: Ran): number | undefined => {
  const found = pattern.exec(stdout)?.[1];
  return found === undefined ? undefined : Number(found);
};

/** What a text of configuration says of pytest. */
const configs: readonly (readonly [file: string, pattern: RegExp])[] = [
  ['pytest.ini', /^/],
  ['.pytest.ini', /^/],
  ['pyproject.toml', /\[tool\.pytest|["']pytest\b/],
  ['tox.ini', /\[pytest\]|\bpytest\b/],
  ['setup.cfg', /\[tool:pytest\]|^\s*pytest\b/m],
  ['setup.py', /["']pytest\b/],
  ['noxfile.py', /\bpytest\b/],
  ['Pipfile', /^pytest\b/m],
  ['Makefile', /\bpytest\b/],
];
const requirements = /(?:^|\/)(?:requirements|dev|tests?)[^/]*\.(?:txt|in)$/;

const pytest: Runner = {
  id: 'pytest',
  stack: 'python',
  reason: async (project, { repository }) => {
    for (const [name, pattern] of configs) {
      const file = inFolder(project.folder, name);
      const text = await repository.text(file);
      if (text !== undefined && pattern.test(text)) return file;
    }
    const files = (await repository.files()).filter((file) => isIn(file, project.folder));
    for (const file of files.filter((one) => requirements.test(one))) {
      if (/^pytest\b/m.test((await repository.text(file)) ?? '')) return file;
    }
    const conftest = files.find((file) => /(?:^|\/)conftest\.py$/.test(file));
    if (conftest) return conftest;
    for (const file of project.tests) {
      if (/^\s*(?:import pytest|from pytest)\b/m.test((await repository.text(file)) ?? '')) return file;
    }
    return undefined;
  },
  collect: async (project, context) => {
    const other = await anotherCopy(project, context);
    if (other) return other;
    const program = await interpreter(project, context);
    const args = ['-m', 'pytest', '--collect-only', '-q', '-p', 'no:cacheprovider', '--color=no'];
    return {
      program,
      args,
      // 5: none was collected.
      count: (ran) => (ran.code === 5 ? 0 : numberIn(/(\d+)(?:\/\d+)? tests? collected/, ran)),
      absent: (output) => absentIn(output, project, context),
    };
  },
  command: async (project, context) => {
    const other = await anotherCopy(project, context);
    if (other) return other;
    return {
      program: await interpreter(project, context),
      args: ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', '--color=no'],
      absent: (output) => absentIn(output, project, context),
    };
  },
};

/** Loads each file by its name below the outermost package around it; says how many, or what went wrong. */
const loader = `
import os, sys, unittest
loader, suite = unittest.TestLoader(), unittest.TestSuite()
for file in sys.stdin.read().split('\\n'):
    path = os.path.abspath(file)
    top = os.path.dirname(path)
    while os.path.exists(os.path.join(top, '__init__.py')):
        top = os.path.dirname(top)
    if top not in sys.path:
        sys.path.insert(0, top)
    name = os.path.relpath(path, top)[:-len('.py')].replace(os.sep, '.')
    known = sys.modules.get(name)
    if known is not None and getattr(known, '__file__', path) != path:
        del sys.modules[name]
    suite.addTests(loader.loadTestsFromName(name))
if sys.argv[1] == 'run':
    sys.exit(not unittest.TextTestRunner().run(suite).wasSuccessful())
print(suite.countTestCases(), 'tests')
for error in loader.errors:
    print(error)
sys.exit(bool(loader.errors))
`;

async function unittestBy(how: 'list' | 'run', project: Project, context: Context): Promise<Command> {
  // What a package's own file says is for discovery, and is no test.
  const tests = project.tests.filter((file) => !file.endsWith('__init__.py'));
  const files = tests.map((file) => (project.folder === '' ? file : file.slice(project.folder.length + 1)));
  return {
    program: await interpreter(project, context),
    args: ['-c', loader, how],
    input: files.join('\n'),
    absent: (output) => absentIn(output, project, context),
  };
}

const unittest: Runner = {
  id: 'unittest',
  stack: 'python',
  reason: async (project, { repository }) => {
    for (const file of project.tests) {
      if (/^\s*(?:import unittest|from unittest)\b/m.test((await repository.text(file)) ?? '')) return file;
    }
    return undefined;
  },
  collect: async (project, context) =>
    (await anotherCopy(project, context)) ?? {
      ...(await unittestBy('list', project, context)),
      count: (ran) => numberIn(/^(\d+) tests$/m, ran),
    },
  command: async (project, context) => (await anotherCopy(project, context)) ?? unittestBy('run', project, context),
};

export const pythonRunners: readonly Runner[] = [pytest, unittest];
