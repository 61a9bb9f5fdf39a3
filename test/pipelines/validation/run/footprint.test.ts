import { strict as assert } from 'node:assert';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parseOptions } from '../../../../src/pipelines/validation/plan/validation-options.ts';
import { validate } from '../../../../src/pipelines/validation/validate.ts';
import { plant } from '../planted-repository.ts';

const megabyte = 1024 * 1024;

/** Returns the memory in use after garbage collection. */
function usedBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + external + arrayBuffers;
}

describe('memory use of a validation', () => {
  it('stays below 100 MB and does not grow over several runs', async () => {
    const source = (index: number): string =>
      `export function f${index}(a: number): number {\n  return a + ${index};\n}\n`.repeat(10);
    const files = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`src/f${index}.ts`, source(index)]));
    const planted = await plant({ ...files, 'package.json': '{"name": "a", "version": "1.0.0"}\n' }, { git: true });
    try {
      const options = parseOptions(['--workspace', planted.root, '--profile', 'dev', '--budget', 'off']);
      const before = usedBytes();
      const deltas: number[] = [];
      for (let times = 0; times < 3; times++) {
        const { validation } = await validate(options, new AbortController().signal);
        assert.ok(validation.checks.filter(({ status }) => status === 'pass').length >= 8, 'the checks ran');
        deltas.push(usedBytes() - before);
      }
      const [first = 0, , last = 0] = deltas;
      assert.ok(Math.max(...deltas) < 100 * megabyte, `${deltas.map((delta) => Math.round(delta / megabyte))} MB`);
      assert.ok(last - first < 10 * megabyte, `it grows: ${deltas.map((delta) => Math.round(delta / megabyte))} MB`);
    } finally {
      planted.dispose();
    }
  });
});
