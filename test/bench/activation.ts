/** Measures the activation time of the extension in a real VS Code, which is restarted for each measurement. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { type Figure, goal, medianOf } from './figure.ts';

const root = join(import.meta.dirname, '..', '..');
const starts = 5;

export function activation(): Figure[] {
  execFileSync(process.execPath, ['esbuild.config.mjs', '--production'], { cwd: root, stdio: 'ignore' });
  const measure = join(root, 'test/workbench/measure.mjs');
  const output = execFileSync(process.execPath, [measure, String(starts)], { cwd: root, encoding: 'utf8' });
  const times = JSON.parse(output.trim().split('\n').at(-1) ?? '') as number[];
  const value = medianOf(times);
  const spread = `${Math.min(...times).toFixed(0)} to ${Math.max(...times).toFixed(0)} ms`;
  const how = `median of ${starts} starts of a real VS Code (${spread}), including loading the code`;
  return [{ name: 'activation', value, unit: 'ms', ...goal('<', 50, value), how }];
}
