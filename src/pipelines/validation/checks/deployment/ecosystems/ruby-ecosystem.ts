/** Ruby: the gem of each gemspec, and the programs in it. */
import { join, posix } from 'node:path';
import type { Repository } from '../../../repository/repository.ts';
import {
  type BuildCopy,
  type BuildProject,
  type BuiltProgram,
  type Ecosystem,
  missing,
  type ProjectBuild,
} from '../building/ecosystem.ts';
import { findManifests } from '../building/find-manifests.ts';
import { judgeFailure, type UnavailableRow } from '../building/unavailable.ts';

const unavailable: readonly UnavailableRow[] = [
  [/cannot load such file -- ([\w/.-]+)/, 'The build needs $1, which is not installed.'],
  [/required_ruby_version|requires Ruby version/, 'The build needs another version of Ruby.'],
];

const sourceDate = '1577836800';

async function buildGem({ folder, manifest }: BuildProject, copy: BuildCopy): Promise<ProjectBuild> {
  const { context, root, output, run } = copy;
  const cwd = join(root, folder);
  const text = (await context.repository.text(manifest)) ?? '';
  // Most gems list their files with Git, which the copy has no repository of.
  if (/git\b.*\bls-files/.test(text)) {
    await run('git', ['init', '--quiet'], { cwd: root });
    await run('git', ['add', '--all', '--force'], { cwd: root });
  }
  const env = { SOURCE_DATE_EPOCH: process.env['SOURCE_DATE_EPOCH'] ?? sourceDate };
  const specification = await run('ruby', ['-e', describeScript, posix.basename(manifest)], { cwd, env });
  if (!specification) return missing('Ruby is not installed.');
  if (specification.code !== 0) return judgeFailure('ruby', specification, copy, unavailable);
  const [name = '', version = '', folderOfPrograms = '', ...names] = specification.stdout.trim().split('\n');
  const gem = join(output, `${name}-${version}.gem`);
  const result = await run('gem', ['build', posix.basename(manifest), '--output', gem], { cwd, env });
  if (!result) return missing('gem is not installed.');
  if (result.code !== 0) return judgeFailure('gem build', result, copy, unavailable);
  const programs: BuiltProgram[] = [];
  for (const program of names) {
    const file = posix.join(folder, folderOfPrograms, program);
    if (!(await handlesVersion(context.repository, folder, file))) continue;
    const args = ['-I', join(cwd, 'lib'), join(root, file)];
    programs.push({ manifest, name: program, command: 'ruby', args, version, startError: /SyntaxError|NameError/ });
  }
  return { kind: 'built', artifacts: [gem], programs };
}

const describeScript = `
spec = Gem::Specification.load(ARGV[0])
abort 'The gemspec cannot be loaded.' unless spec
puts spec.name, spec.version, spec.bindir, spec.executables
`;

const answersVersion = /['"]--version['"]|\bon_tail\(.*version|\bmap\s+%w\[[^\]]*--version/;

async function handlesVersion(repository: Repository, folder: string, program: string): Promise<boolean> {
  const library = posix.join(folder, 'lib/');
  for (const file of await repository.files()) {
    if (file !== program && !(file.startsWith(library) && file.endsWith('.rb'))) continue;
    if (answersVersion.test((await repository.text(file)) ?? '')) return true;
  }
  return false;
}

export const rubyEcosystem: Ecosystem = {
  name: 'Ruby',
  find: ({ repository }) => findManifests(repository, /\.gemspec$/),
  build: buildGem,
};
