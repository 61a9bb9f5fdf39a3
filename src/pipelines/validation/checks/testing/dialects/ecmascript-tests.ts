/** Tests in JavaScript and TypeScript, found by their calls: mocha, jest, vitest, node:test, ava, tape. */
import { isName, parseCallee } from '../../../../detection/extract/facts/callee-text.ts';
import type { Binding, Call, Facts } from '../../../../detection/extract/facts.ts';
import {
  assertion,
  type TestDialect,
  type TestMark,
  type TestMarkKind,
  type TestRoutine,
  type TestSource,
} from './test-dialect.ts';

/** Functions that define tests and suites. */
const testFunctions = new Set(['it', 'test', 'specify']);
const suiteFunctions = new Set(['describe', 'context', 'suite', 'QUnit', 'Deno', 'tap']);
/** Functions that define focused or skipped tests and suites. */
const markedFunctions: Readonly<Record<string, TestMarkKind>> = {
  fit: 'focused',
  fdescribe: 'focused',
  fcontext: 'focused',
  xit: 'skipped',
  xtest: 'skipped',
  xdescribe: 'skipped',
  xcontext: 'skipped',
  xspecify: 'skipped',
};
/** Modifiers that mark a test, such as `it.only`. */
const markModifiers: Readonly<Record<string, TestMarkKind>> = {
  only: 'focused',
  skip: 'skipped',
  skipIf: 'sometimes',
  runIf: 'sometimes',
};
/** Modifiers after which a call still defines a test. */
const testModifiers = new Set([
  'only',
  'concurrent',
  'sequential',
  'serial',
  'parallel',
  'each',
  'for',
  'failing',
  'test',
]);
/** Modules of test runners. */
const runnerModules =
  /^(?:node:test|mocha|vitest|jest|@jest\/globals|ava|tape|tap|uvu|jasmine|qunit|bun:test|@playwright\/test)$/;
/** Methods of the test context `t` without an assertion. */
const nonAssertingMethods = new Set(
  'log end plan timeout teardown skip test diagnostic before after beforeEach afterEach'.split(' '),
);

/** Matches a call at the start of a line that defines a test or suite, or a script that uses `assert` directly. */
const testPattern =
  /^[ \t]*(?:await\s+)?(?:it|test|specify|describe|context|suite|tap|fit|fdescribe|xit|xdescribe|(?:Deno|QUnit)\.\w+)(?:\.\w+)*(?:\([^'"`\n]*\)|`[^`]*`)?\s*\(\s*(?:['"`{(]|async\b|function\b|[\w$.]+\s*,)|\brequire\(['"](?:node:)?assert['"]\)|\bfrom\s*['"](?:node:)?assert['"/]/m;

/** Matches the options of a test: `it('name', { only: true }, …)`. */
const optionsPattern =
  /^[\w.$]+\(\s*(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`)\s*,\s*\{([^{}]*)\}\s*,/;

/** Matches code that throws, rejects, or expects a `done` callback to be called. */
const assertionPattern = /\bthrow\b|\.should\b|\breject\(|\b(?:done|cb|callback|next|finish)\s*\)?\s*(?:=>|\{)/;

interface CallSite {
  readonly start: number;
  readonly end: number;
  readonly line: number;
  /** Callee text, such as `it.only`. */
  readonly callee: string;
  readonly steps: readonly string[];
  readonly form: Call[6];
}

function sitesOf({ calls, callees }: Facts): CallSite[] {
  const calleeSteps = callees.map(parseCallee);
  return calls.map(([start, end, line, , , callee, form]) => ({
    start,
    end,
    line,
    callee: callees[callee] as string,
    steps: calleeSteps[callee] as readonly string[],
    form,
  }));
}

function bindingsOf(facts: Facts, name: string): Binding[] {
  return facts.scopes.flatMap(({ names }) => names.filter(([other]) => other === name).map(([, binding]) => binding));
}

/** Returns whether a name belongs to a test runner: a global, an import, or a variable, but no function of the file. */
function isRunnerName(facts: Facts, name: string): boolean {
  // Names such as `fit` are common, so an import must be from a test runner.
  const isMarked = name in markedFunctions;
  return bindingsOf(facts, name).every((binding) => {
    if ('definition' in binding) return false;
    if ('from' in binding) return !isMarked || runnerModules.test(binding.from);
    return !isMarked;
  });
}

function findMarks({ text, facts }: TestSource): TestMark[] {
  if (!facts) return [];
  const marks = new Map<number, TestMark>();
  const functions = facts.definitions.filter(({ form }) => form === 'function' || form === 'method');
  const sites = sitesOf(facts);
  const tests = sites.filter(definesTest);
  for (const site of sites) {
    const kind = kindOf(site, text);
    const root = site.steps[0] as string;
    if (!kind || marks.has(site.start) || !isRunnerName(facts, root)) continue;
    // A function that defines tests may skip only some of them.
    const isInFunction = functions.some(({ start, end }) => start < site.start && site.end <= end);
    if (kind === 'focused' && isForwarded(site, text, functions)) continue;
    // A running test can no longer focus the runner that runs it: it tests another one.
    if (kind === 'focused' && tests.some(({ start, end }) => start < site.start && site.end <= end)) continue;
    const markKind = kind === 'skipped' && isInFunction ? 'sometimes' : kind;
    marks.set(site.start, { kind: markKind, line: site.line, label: labelOf(site, kind) });
  }
  return [...marks.values()];
}

/** The start of a function that is assigned to `only` or has a name such as `fit`: `both.only = (name, run) =>`. */
const focusingFunction =
  /(?:\.only\s*=|\bonly\s*[:=(]|\[['"]only['"]\]\s*=|\b(?:const|let|var|function)\s+(?:fit|fdescribe|fcontext|\w*[oO]nly\w*|\w*[fF]ocus\w*)\b)[^;{}]*$/;

/**
 * Returns true for a call that passes on what another function received, as in the definition of a new kind of test.
 * Such a call focuses only where that function is called.
 */
function isForwarded(site: CallSite, text: string, functions: readonly Facts['definitions'][number][]): boolean {
  const call = text.slice(site.start, site.end);
  const args = /^[^(]*(?:\([^()]*\))?[^(]*\(([\s\S]*)\)$/.exec(call)?.[1] ?? '';
  if (/^\s*\.\.\.\w+\s*,?\s*$/.test(args)) return true;
  const hasLiteralTitle = /^\s*['"`]/.test(args);
  const isOnlyNames = /^\s*[\w$.]+(?:\s*,\s*[\w$.]+)*\s*,?\s*$/.test(args);
  const isInFunction = functions.some(({ start, end }) => start < site.start && site.end <= end);
  if (isOnlyNames && isInFunction) return true;
  // The function may be an expression, which has no definition: everything between it and the call belongs to it.
  const before = text
    .slice(Math.max(0, site.start - 300), site.start)
    .replace(/(?:=>\s*\{?|\)\s*\{)\s*(?:return\s+|await\s+)?[^{}]*$/, '');
  return !hasLiteralTitle && focusingFunction.test(before);
}

/** Returns the callee, and the option if the mark is not part of the callee. */
function labelOf({ callee, steps: names }: CallSite, kind: TestMarkKind): string {
  const isInCallee = names.some((name) => markModifiers[name] === kind || markedFunctions[name] === kind);
  return `${callee.replace(/\(\).*/, '')}${isInCallee ? '' : ` with the option ${kind === 'focused' ? 'only' : 'skip'}`}`;
}

function kindOf({ steps: [root = '', ...rest], start, end, form }: CallSite, text: string): TestMarkKind | undefined {
  if (form === 'new' || form === 'decorator') return undefined;
  const marked = rest.length === 0 ? markedFunctions[root] : undefined;
  if (marked) return marked;
  if (testFunctions.has(root) || suiteFunctions.has(root)) {
    const modifier = rest.find((name) => markModifiers[name]);
    if (modifier) return markModifiers[modifier];
    if (rest.some((name) => !testModifiers.has(name) && name !== 'describe')) return undefined;
    const options = optionsPattern.exec(text.slice(start, end))?.[1] ?? '';
    if (/\bonly\s*:\s*true\b/.test(options)) return 'focused';
    if (/\bskip\s*:\s*(?:true\b|['"`])/.test(options)) return 'skipped';
    return /\bskip\s*:/.test(options) ? 'sometimes' : undefined;
  }
  return (root === 'this' || root === 't') && rest.length === 1 && rest[0] === 'skip' ? 'sometimes' : undefined;
}

function findRoutines({ text, facts }: TestSource): TestRoutine[] {
  if (!facts) return [];
  const sites = sitesOf(facts);
  const routines: TestRoutine[] = [];
  for (const site of sites) {
    if (definesTest(site) && isRunnerName(facts, site.steps[0] as string)) {
      const code = text.slice(site.start, site.end);
      if (!/=>|\bfunction\b/.test(code)) continue;
      const name = /^[^(]*\(\s*(['"`])(.*?)\1/.exec(code)?.[2] ?? site.callee;
      routines.push(createRoutine(name, site, true, code, sites));
    }
  }
  for (const { name, form, start, end, line } of facts.definitions) {
    if (form !== 'function' && form !== 'method') continue;
    routines.push(createRoutine(name, { start, end, line }, false, text.slice(start, end), sites));
  }
  return routines;
}

/** Returns whether a call defines a test. */
function definesTest({ steps: [root = '', ...rest], form }: CallSite): boolean {
  if (form === 'call' && root === 'Deno' && rest[0] === 'test') return true;
  if (form !== 'call' || !(testFunctions.has(root) || root === 'fit')) return false;
  if (rest.at(-1) === 'each' || rest.at(-1) === 'for') return false;
  return rest.every((step) => testModifiers.has(step) || step === '()' || step === '[]');
}

type CodeRange = Pick<CallSite, 'start' | 'end' | 'line'>;

function createRoutine(
  name: string,
  range: CodeRange,
  isTest: boolean,
  code: string,
  sites: readonly CallSite[],
): TestRoutine {
  const inside = sites
    .slice(firstFrom(sites, range.start), firstFrom(sites, range.end))
    .filter((site) => site.end <= range.end);
  const asserts =
    inside.some(
      ({ steps: names, start }) => start > range.start && (names.some(isAssertion) || isContextAssertion(names)),
    ) || assertionPattern.test(code);
  const calls = inside.flatMap(({ steps: names }) => names.filter(isName).at(-1) ?? []);
  return { name, line: range.line, isTest, asserts, calls: new Set(calls) };
}

/** Returns the index of the first call at or after an offset, by binary search: calls are sorted by offset. */
function firstFrom(sites: readonly CallSite[], offset: number): number {
  let low = 0;
  let high = sites.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sites[middle] as CallSite).start < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

const isAssertion = (step: string) => assertion.test(step);
/** Returns whether a call is an assertion of the test context, such as `t.is(…)` in ava, tape and node:test. */
const isContextAssertion = ([root, step]: readonly string[]) =>
  root === 't' && step !== undefined && !nonAssertingMethods.has(step);

export const ecmascript: TestDialect = {
  id: 'ecmascript',
  stack: 'node',
  extensions: ['ts', 'mts', 'cts', 'tsx', 'js', 'mjs', 'cjs', 'jsx'],
  testPattern,
  findMarks,
  findRoutines,
};
