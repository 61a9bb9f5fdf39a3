/** Test runners of Python: pytest and unittest. */
import { type CheckContext, type CheckOutcome, type ProgramResult, skip } from '../../../check/check.ts';
import { isIn, joinPath, type TestProject } from './test-projects.ts';
import type { TestCommand, TestRunner } from './test-runner.ts';

/** Returns the interpreter of the workspace's virtual environment, or else the one on the PATH. */
async function interpreter(project: TestProject, { repository }: CheckContext): Promise<string> {
  return (await repository.tool('python', project.folder)) ?? (process.platform === 'win32' ? 'python' : 'python3');
}

/** Finds missing modules in an error message. Modules of the workspace itself do not count, since they are not installed. */
async function missingModules(
  output: string,
  project: TestProject,
  { repository }: CheckContext,
): Promise<string | undefined> {
  const names = [...output.matchAll(/No module named '?([\w.]+)'?/g)].map(([, name]) => name as string);
  const files = await repository.files();
  const isInWorkspace = (name: string): boolean => {
    const path = joinPath(project.folder, name.split('.')[0] as string);
    return files.includes(`${path}.py`) || files.some((file) => isIn(file, path));
  };
  const missing = [...new Set(names.filter((name) => !isInWorkspace(name)).map((name) => name.split('.')[0]))];
  if (missing.length === 0) return undefined;
  return `Python cannot import ${missing.join(', ')}. Install the dependencies of the tests and validate again.`;
}

/** Errors of pytest itself, which the installed version or a missing plugin causes, with the reason. */
const environmentErrors: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/unrecognized arguments: (.+)/, 'pytest does not know the option'],
  [/PytestConfigWarning: Unknown config option: (\w+)/, 'pytest does not know the setting'],
  [/requires (?:at least )?(pytest\S*), actual/, 'The tests require'],
  // A package that reads its version from its metadata must be installed, also if it is the workspace.
  [/No package metadata was found for ([\w.-]+)/, 'The tests need the installed package'],
  [/DistributionNotFound: The '([\w.-]+)/, 'The tests need the installed package'],
  [/fixture '(benchmark|mocker|httpserver|snapshot)' not found/, 'pytest does not know the fixture'],
];

async function missingForPytest(
  output: string,
  project: TestProject,
  context: CheckContext,
): Promise<string | undefined> {
  for (const [pattern, reason] of environmentErrors) {
    const detail = pattern.exec(output)?.[1];
    if (detail) return `${reason} ${detail}. Install the dependencies of the tests and validate again.`;
  }
  const [, name, module, file] = /cannot import name '(\w+)' from '([\w.]+)' \(([^)]+)\)/.exec(output) ?? [];
  if (name && file && !file.startsWith(context.repository.root))
    return `The installed ${module} has no ${name}. Install the dependencies of the tests and validate again.`;
  return missingModules(output, project, context);
}

/** Python script that prints the file of each module, or `None`. */
const moduleFinder = `
import importlib.util, sys
for name in sys.argv[1:]:
    spec = importlib.util.find_spec(name)
    print(spec and (spec.origin or ''))
`;

/**
 * Skips a project with packages in `src` if Python would import other copies of them. Such packages must be installed in
 * the environment, or the tests would test the wrong code.
 */
async function skipWrongCopy(project: TestProject, context: CheckContext): Promise<CheckOutcome | undefined> {
  const { repository, run } = context;
  const source = joinPath(project.folder, 'src/');
  const names = (await repository.files()).flatMap((file) => {
    const [, name] = file.startsWith(source) ? (/^(\w+)\/__init__\.py$/.exec(file.slice(source.length)) ?? []) : [];
    return name === undefined ? [] : [name];
  });
  const texts = ['pyproject.toml', 'pytest.ini', 'setup.cfg', 'tox.ini'].map((name) =>
    repository.text(joinPath(project.folder, name)),
  );
  const hasPythonPath = (await Promise.all(texts)).some((text) => /^\s*pythonpath\s*=/m.test(text ?? ''));
  if (names.length === 0 || hasPythonPath) return undefined;
  const cwd = project.folder || '.';
  const result = await run(await interpreter(project, context), ['-c', moduleFinder, ...names], { cwd });
  const origins = result?.code === 0 ? result.stdout.trim().split('\n') : [];
  const other = names.find(
    (_, index) => origins[index] && origins[index] !== 'None' && !origins[index].startsWith(repository.root),
  );
  if (other === undefined) return undefined;
  return skip(
    'tool_missing',
    `Python imports another copy of ${other} than the one in ${source}. Install the workspace with "pip install -e .".`,
  );
}

const numberIn = (pattern: RegExp, { stdout }: ProgramResult): number | undefined => {
  const match = pattern.exec(stdout)?.[1];
  return match === undefined ? undefined : Number(match);
};

/** Configuration files, and patterns by which they show that the project uses pytest. */
const pytestConfigs: readonly (readonly [file: string, pattern: RegExp])[] = [
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
const requirementsFile = /(?:^|\/)(?:requirements|dev|tests?)[^/]*\.(?:txt|in)$/;

const pytest: TestRunner = {
  id: 'pytest',
  stack: 'python',
  reason: async (project, { repository }) => {
    for (const [name, pattern] of pytestConfigs) {
      const file = joinPath(project.folder, name);
      const text = await repository.text(file);
      if (text !== undefined && pattern.test(text)) return file;
    }
    const files = (await repository.files()).filter((file) => isIn(file, project.folder));
    for (const file of files.filter((name) => requirementsFile.test(name))) {
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
    const wrongCopy = await skipWrongCopy(project, context);
    if (wrongCopy) return wrongCopy;
    const program = await interpreter(project, context);
    const args = ['-m', 'pytest', '--collect-only', '-q', '-p', 'no:cacheprovider', '--color=no'];
    return {
      program,
      args,
      env: withoutBytecode,
      // pytest exits with 5 if it has collected no tests.
      count: (result) => (result.code === 5 ? 0 : numberIn(/(\d+)(?:\/\d+)? tests? collected/, result)),
      missingDependency: (output) => missingForPytest(output, project, context),
    };
  },
  command: async (project, context) => {
    const wrongCopy = await skipWrongCopy(project, context);
    if (wrongCopy) return wrongCopy;
    return {
      program: await interpreter(project, context),
      args: ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', '--color=no'],
      missingDependency: (output) => missingForPytest(output, project, context),
    };
  },
};

/**
 * Python script that imports the files on stdin, each relative to its outermost package. Prints the number of tests and
 * the errors, or runs the tests if its argument is `run`.
 */
const unittestLoader = `
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

/** Loading the tests must not leave compiled files in the workspace. Running them must not differ from the developer's run. */
const withoutBytecode = { PYTHONDONTWRITEBYTECODE: '1' };

async function unittestCommand(
  mode: 'list' | 'run',
  project: TestProject,
  context: CheckContext,
): Promise<TestCommand> {
  // Code in `__init__.py` only controls test discovery.
  const tests = project.tests.filter((file) => !file.endsWith('__init__.py'));
  const files = tests.map((file) => (project.folder === '' ? file : file.slice(project.folder.length + 1)));
  return {
    program: await interpreter(project, context),
    args: ['-c', unittestLoader, mode],
    input: files.join('\n'),
    ...(mode === 'list' ? { env: withoutBytecode } : {}),
    missingDependency: (output) => missingModules(output, project, context),
  };
}

const unittest: TestRunner = {
  id: 'unittest',
  stack: 'python',
  reason: async (project, { repository }) => {
    for (const file of project.tests) {
      if (/^\s*(?:import unittest|from unittest)\b/m.test((await repository.text(file)) ?? '')) return file;
    }
    return undefined;
  },
  collect: async (project, context) =>
    (await skipWrongCopy(project, context)) ?? {
      ...(await unittestCommand('list', project, context)),
      count: (result) => numberIn(/^(\d+) tests$/m, result),
    },
  command: async (project, context) =>
    (await skipWrongCopy(project, context)) ?? unittestCommand('run', project, context),
};

/** Tests of Django need its settings and often a database, so they are recognized but not started. */
const django: TestRunner = {
  id: 'Django',
  stack: 'python',
  reason: async (project, { repository }) => {
    const file = joinPath(project.folder, 'manage.py');
    return /\bdjango\b/.test((await repository.text(file)) ?? '') ? file : undefined;
  },
  command: async () => skip('not_applicable', 'The tests of Django are not started, because they may need a database.'),
};

export const pythonRunners: readonly TestRunner[] = [pytest, django, unittest];
