/** What the tests of the workspace's tools share: checks by id, projects to plant, and cases that need a program of the machine. */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import type { Check } from '../../../../../src/pipelines/validation/check/check.ts';
import { buildChecks } from '../../../../../src/pipelines/validation/checks/compile/compile-checks.ts';
import type { Planted } from '../../planted-repository.ts';
import { type Case, casesOf } from '../check-cases.ts';

export const checkOf = (id: string): Check | undefined => buildChecks.find((check) => check.id === id);

const packages: Planted = { link: resolve(import.meta.dirname, '../../../../../node_modules') };
export const node = { 'package.json': '{"name":"a"}', node_modules: packages, '.gitignore': 'node_modules\n' };

/** Cases that need a program of the machine: said, not passed, where it is missing. */
export function casesWith(program: string, id: string, cases: readonly Case[]): void {
  const isHere = spawnSync(program, [program === 'go' ? 'version' : '--version']).status === 0;
  if (isHere) casesOf(checkOf(id), cases);
  else describe(`${id} (${program} is not installed here)`, () => void it.skip(`${cases.length} cases`));
}
export const goModule = { 'go.mod': 'module a\n\ngo 1.19\n' };
export const snake = (body: string) => ({ 'pyproject.toml': '[project]\nname = "a"\n', 'a.py': body });
export const crate = {
  'Cargo.toml': '[package]\nname = "a"\nversion = "0.1.0"\nedition = "2021"\n',
  'Cargo.lock': 'version = 3\n\n[[package]]\nname = "a"\nversion = "0.1.0"\n',
};
