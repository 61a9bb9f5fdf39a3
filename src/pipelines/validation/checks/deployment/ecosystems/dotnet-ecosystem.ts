/** .NET: `dotnet build` with the packages that are already downloaded. */
import { mkdir } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { listFilesBelow } from '../building/created-files.ts';
import {
  type BuildCopy,
  type BuildProject,
  type Ecosystem,
  missing,
  type ProjectBuild,
} from '../building/ecosystem.ts';
import { findManifests } from '../building/find-manifests.ts';
import { judgeFailure, type UnavailableRow } from '../building/unavailable.ts';

const unavailable: readonly UnavailableRow[] = [
  [/\bNU1\d{3}\b/, 'Packages of the build are not downloaded. Run “dotnet restore”.'],
  [
    /NETSDK1045|compatible \.NET SDK was not found|global\.json|NETSDK1147/,
    'The build needs another version of the .NET SDK.',
  ],
  [/MSB3644|MSB4019|MSB3270/, 'The build needs reference assemblies that are not installed.'],
];

async function buildDotnet({ folder, manifest }: BuildProject, copy: BuildCopy): Promise<ProjectBuild> {
  const { root, output, run } = copy;
  const cwd = join(root, folder);
  const source = join(output, 'no-packages');
  await mkdir(source, { recursive: true });
  // Packages in the cache of NuGet need no source, and an empty folder keeps it from asking the usual ones.
  const args = [
    'build',
    posix.basename(manifest),
    '--configuration',
    'Release',
    '--nologo',
    `-p:RestoreSources=${source}`,
  ];
  const env = {
    DOTNET_CLI_TELEMETRY_OPTOUT: '1',
    DOTNET_SKIP_FIRST_TIME_EXPERIENCE: '1',
    MSBUILDDISABLENODEREUSE: '1',
  };
  const result = await run('dotnet', args, { cwd, env, maxBytes: 1_000_000 });
  if (!result) return missing('dotnet is not installed.');
  if (result.code !== 0) return judgeFailure('dotnet build', result, copy, unavailable);
  const files = await listFilesBelow(cwd);
  const artifacts = files.filter((file) => /\/bin\/.*\.(?:dll|exe)$/.test(file.replaceAll('\\', '/')));
  return { kind: 'built', artifacts, programs: [] };
}

export const dotnetEcosystem: Ecosystem = {
  name: '.NET',
  find: async ({ repository }) => {
    const solutions = await findManifests(repository, /\.slnx?$/);
    return solutions.length > 0 ? solutions : findManifests(repository, /\.(?:cs|fs|vb)proj$/);
  },
  build: buildDotnet,
};
