/** PHP: has no build, but Composer validates the manifest from which the package is published. */
import { join } from 'node:path';
import {
  type BuildCopy,
  type BuildProject,
  type Ecosystem,
  missing,
  type ProjectBuild,
} from '../building/ecosystem.ts';
import { findManifests } from '../building/find-manifests.ts';
import { judgeFailure } from '../building/unavailable.ts';

async function validate({ folder, manifest }: BuildProject, copy: BuildCopy): Promise<ProjectBuild> {
  const { root, output, run } = copy;
  const args = ['validate', '--no-interaction', '--no-plugins', '--no-check-publish'];
  const env = { COMPOSER_HOME: join(output, 'composer'), COMPOSER_DISABLE_NETWORK: '1', COMPOSER_ALLOW_SUPERUSER: '1' };
  const result = await run('composer', args, { cwd: join(root, folder), env });
  if (!result) return missing('composer is not installed.');
  if (result.code !== 0) return judgeFailure('composer validate', result, copy, []);
  return { kind: 'built', artifacts: [], programs: [], summary: `Composer validates ${manifest}; PHP needs no build.` };
}

export const phpEcosystem: Ecosystem = {
  name: 'PHP',
  find: ({ repository }) => findManifests(repository, /^composer\.json$/),
  build: validate,
};
