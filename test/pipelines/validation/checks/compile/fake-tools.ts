/** Projects to plant, and tests that need an installed program. */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import type { Check } from '../../../../../src/pipelines/validation/check/check.ts';
import { compileChecks } from '../../../../../src/pipelines/validation/checks/compile/compile-checks.ts';
import type { PlantedFile } from '../../planted-repository.ts';
import { type CheckCase, testCheck } from '../check-cases.ts';

export const findCheck = (id: string): Check | undefined => compileChecks.find((check) => check.id === id);

const packages: PlantedFile = { link: resolve(import.meta.dirname, '../../../../../node_modules') };
export const nodeProject = { 'package.json': '{"name":"a"}', node_modules: packages, '.gitignore': 'node_modules\n' };

/** Defines tests that need an installed program. Without it, they are reported as pending. */
export function testCheckWith(program: string, id: string, cases: readonly CheckCase[]): void {
  const isInstalled = spawnSync(program, [program === 'go' ? 'version' : '--version']).status === 0;
  if (isInstalled) testCheck(findCheck(id), cases);
  else describe(`${id} (${program} is not installed)`, () => void it.skip(`${cases.length} cases`));
}
export const goProject = { 'go.mod': 'module a\n\ngo 1.19\n' };
export const pythonProject = (body: string) => ({ 'pyproject.toml': '[project]\nname = "a"\n', 'a.py': body });
export const rustProject = {
  'Cargo.toml': '[package]\nname = "a"\nversion = "0.1.0"\nedition = "2021"\n',
  'Cargo.lock': 'version = 3\n\n[[package]]\nname = "a"\nversion = "0.1.0"\n',
};
