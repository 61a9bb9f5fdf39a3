/** Measures the overhead of the Python guest on unmodified programs: whole processes, alternately with and without it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Figure } from './figure.ts';
import { measureCost, measureOverheadFigure } from './overhead.ts';
import { pythonPrograms } from './python-programs.ts';
import { pythonStacks } from './python-stacks.ts';

const maxRatio = 1.1;

export async function python(): Promise<Figure[]> {
  const figures: Figure[] = [await measureStartup()];
  for (const { name, text = '', prepare = () => undefined, parameters = ['program.py'] } of pythonPrograms) {
    figures.push(
      await measureOverheadFigure(`zero-code guest, ${name}`, {
        prepare: (folder) => {
          prepare(folder);
          if (text) writeFileSync(join(folder, 'program.py'), text);
        },
        argv: ['python3', ...parameters],
        peer: {
          name: 'cProfile',
          command: (folder) => ['python3', '-m', 'cProfile', '-o', join(folder, 'profile'), ...parameters],
        },
        maxRatio,
      }),
    );
  }
  return [...figures, ...(await pythonStacks())];
}

async function measureStartup(): Promise<Figure> {
  const { withNs, withoutNs, pairs } = await measureCost({
    prepare: (folder) =>
      writeFileSync(join(folder, 'brief.py'), 'def add(): return sum(range(1000))\nfor _ in range(1000): add()\n'),
    argv: ['python3', 'brief.py'],
  });
  return {
    name: 'startup and exit of a Python guest',
    value: (withNs - withoutNs) / 1e6,
    unit: 'ms',
    how: `difference of the medians of ${pairs} pairs of a program of ${Math.round(withoutNs / 1e6)} ms`,
  };
}
