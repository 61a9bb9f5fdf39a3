/** Tests in Python: pytest and unittest. */
import type { Facts, FactsDefinition } from '../../../../detection/extract/facts.ts';
import { blankNonCode, lineAt } from '../../../check/source-code.ts';
import { assertion, type TestDialect, type TestMark, type TestRoutine, type TestSource } from './test-dialect.ts';

const decoratorPattern = /^[ \t]*@((?:pytest\.mark\.|mark\.|unittest\.)?(skip|skipif|skipIf|skipUnless))\b/gm;
const modulePattern = /^pytestmark\s*=.*\b(pytest\.mark\.(skip|skipif))\b/gm;
const callPattern = /\b((?:pytest\.skip|pytest\.importorskip|self\.skipTest|unittest\.SkipTest))\s*\(/g;

/** Also matches `eq = self.assertEqual`, and `benchmark(…)`, which needs no assertion. */
const assertionPattern = /\bassert|\braise\b|\w[aA]ssert|\bfail\b|\bbenchmark\(/;

function findMarks({ text, facts }: TestSource): TestMark[] {
  const code = blankNonCode(text, 'python');
  const importsMarks = /^\s*from\s+(?:unittest|pytest)\b.*\bimport\b.*\b(?:skip|mark)/m.test(code);
  const marks: TestMark[] = [];
  for (const pattern of [decoratorPattern, modulePattern, callPattern]) {
    for (const { 0: match, 1: label = '', 2: name, index } of code.matchAll(pattern)) {
      if (pattern === decoratorPattern && !/^(?:pytest|unittest)\./.test(label) && !importsMarks) continue;
      const kind = name === 'skip' ? 'skipped' : 'sometimes';
      const line = lineAt(code, index + match.indexOf(label));
      if (pattern !== decoratorPattern || !isInFunction(line, facts)) marks.push({ kind, line, label });
    }
  }
  return marks.sort((a, b) => a.line - b.line);
}

function findRoutines({ text, facts }: TestSource): TestRoutine[] {
  if (!facts) return [];
  const code = blankNonCode(text, 'python');
  return facts.definitions
    .filter(({ form }) => form === 'function' || form === 'method')
    .map((definition) => {
      const { name, start, end, line } = definition;
      const body = code.slice(start, end);
      const calls = new Set(
        [...body.matchAll(/(\w+)\s*\(/g)].flatMap(([, called]) => (called === name ? [] : [called as string])),
      );
      return {
        name,
        line,
        isTest: isTest(definition, facts, decoratorsOf(code, start)),
        asserts: assertionPattern.test(body) || [...calls].some((called) => assertion.test(called)),
        calls,
      };
    });
}

/** Returns whether a decorator is inside a function: tests of skipping itself define skipped tests there. */
function isInFunction(line: number, facts: Facts | undefined): boolean {
  const definitions = facts?.definitions ?? [];
  const decorated = definitions.filter((definition) => definition.line >= line).sort((a, b) => a.line - b.line)[0];
  for (let parent = decorated?.parent ?? -1; parent >= 0; ) {
    const owner = definitions[parent] as FactsDefinition;
    if (owner.form !== 'class') return true;
    parent = owner.parent;
  }
  return false;
}

/** Returns whether a definition is a test: a top-level function or a method of a top-level class. */
function isTest({ name, parent }: FactsDefinition, { definitions }: Facts, decorators: string): boolean {
  if (!name.startsWith('test') || /\b(?:fixture|skip|skipif|skipIf|skipUnless|expectedFailure)\b/.test(decorators))
    return false;
  const owner = definitions[parent];
  return !owner || (owner.form === 'class' && owner.parent < 0);
}

/** Returns the lines with decorators above a definition. */
function decoratorsOf(code: string, start: number): string {
  const lines = code.slice(Math.max(0, start - 2000), start).split('\n');
  lines.pop();
  const last = lines.findLastIndex((line) => /^\s*(?:def|class|import|from|return)\b/.test(line));
  return lines
    .slice(last + 1)
    .filter((line) => line.trim() !== '')
    .join('\n');
}

export const python: TestDialect = {
  id: 'python',
  stack: 'python',
  extensions: ['py'],
  // Other packages have a `TestCase` too, such as writers of test reports, so only a class that derives from it counts.
  testPattern: /^\s*(?:async\s+)?def\s+test|^\s*class\s+\w+\s*\([^)]*\bTestCase\b/m,
  findMarks,
  findRoutines,
};
