/** Tests of Python: pytest and unittest. */
import type { Definition, Facts } from '../../../../detection/extract/facts.ts';
import { codeOf, lineAt } from '../../../check/source-code.ts';
import { assertion, type Dialect, type Mark, type Routine, type TestSource } from './test-dialect.ts';

const decorator = /^[ \t]*@((?:pytest\.mark\.|mark\.|unittest\.)?(skip|skipif|skipIf|skipUnless))\b/gm;
const module = /^pytestmark\s*=.*\b(pytest\.mark\.(skip|skipif))\b/gm;
const running = /\b((?:pytest\.skip|pytest\.importorskip|self\.skipTest|unittest\.SkipTest))\s*\(/g;

/** Also `eq = self.assertEqual`; and `benchmark(…)`, which is what its test is for. */
const telling = /\bassert|\braise\b|\w[aA]ssert|\bfail\b|\bbenchmark\(/;

function marks({ text, facts }: TestSource): Mark[] {
  const code = codeOf(text, 'python');
  const isSkip = /^\s*from\s+(?:unittest|pytest)\b.*\bimport\b.*\b(?:skip|mark)/m.test(code);
  const found: Mark[] = [];
  for (const pattern of [decorator, module, running]) {
    for (const { 0: whole, 1: words = '', 2: how, index } of code.matchAll(pattern)) {
      if (pattern === decorator && !/^(?:pytest|unittest)\./.test(words) && !isSkip) continue;
      const kind = how === 'skip' ? 'skipped' : 'sometimes';
      const line = lineAt(code, index + whole.indexOf(words));
      if (pattern !== decorator || !isInFunction(line, facts)) found.push({ kind, line, words });
    }
  }
  return found.sort((a, b) => a.line - b.line);
}

function routines({ text, facts }: TestSource): Routine[] {
  if (!facts) return [];
  const code = codeOf(text, 'python');
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
        test: isTest(definition, facts, decoratorsOf(code, start)),
        asserts: telling.test(body) || [...calls].some((called) => assertion.test(called)),
        calls,
      };
    });
}

/** What a test defines inside itself is its matter, such as a test of skipping. */
function isInFunction(line: number, facts: Facts | undefined): boolean {
  const definitions = facts?.definitions ?? [];
  const decorated = definitions.filter((one) => one.line >= line).sort((a, b) => a.line - b.line)[0];
  for (let at = decorated?.parent ?? -1; at >= 0; ) {
    const owner = definitions[at] as Definition;
    if (owner.form !== 'class') return true;
    at = owner.parent;
  }
  return false;
}

/** A method of a class is one whose class stands at the file's own level; a function inside another is none. */
function isTest({ name, parent }: Definition, { definitions }: Facts, decorators: string): boolean {
  if (!name.startsWith('test') || /\b(?:fixture|skip|skipif|skipIf|skipUnless|expectedFailure)\b/.test(decorators))
    return false;
  const owner = definitions[parent];
  return !owner || (owner.form === 'class' && owner.parent < 0);
}

/** The lines with decorators above a definition. */
function decoratorsOf(code: string, start: number): string {
  const lines = code.slice(Math.max(0, start - 2000), start).split('\n');
  lines.pop();
  const last = lines.findLastIndex((line) => /^\s*(?:def|class|import|from|return)\b/.test(line));
  return lines
    .slice(last + 1)
    .filter((line) => line.trim() !== '')
    .join('\n');
}

export const python: Dialect = {
  id: 'python',
  stack: 'python',
  extensions: ['py'],
  holds: /^\s*(?:async\s+)?def\s+test|\bTestCase\b/m,
  marks,
  routines,
};
