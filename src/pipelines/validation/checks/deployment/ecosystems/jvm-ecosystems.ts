/** Java: the wrapper of Maven or Gradle, if the project has one and its distribution is already downloaded. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
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
  [
    /offline mode|has not been downloaded|No cached version|Could not resolve all|could not be resolved|Could not transfer artifact|Non-resolvable/,
    'Packages of the build are not downloaded. Build the project once with network access.',
  ],
  [
    /JAVA_HOME|invalid (?:target|source) release|release version (\d+) not supported|Unsupported class file|No (?:locally installed|matching) toolchains|Unable to locate a Java Runtime|Inconsistent JVM|class file version/,
    'The build needs another version of Java.',
  ],
  [
    /RequireMavenVersion|RequireJavaVersion|SDK location not found/,
    'The build needs another version of Maven or Java, or an SDK.',
  ],
];

interface Wrapper {
  readonly name: string;
  readonly manifest: RegExp;
  /** Script in the folder of the project. */
  readonly script: string;
  /** File with the address of the distribution. */
  readonly properties: string;
  /** Variable and default for the folder that contains `wrapper/dists`. */
  readonly home: readonly [variable: string, folder: string];
  readonly args: readonly string[];
  /** Matches the created archives. */
  readonly archive: RegExp;
}

const wrappers: readonly Wrapper[] = [
  {
    name: 'Maven',
    manifest: /^pom\.xml$/,
    script: 'mvnw',
    properties: '.mvn/wrapper/maven-wrapper.properties',
    home: ['MAVEN_USER_HOME', '.m2'],
    args: ['--offline', '--batch-mode', '--quiet', '-DskipTests', 'package'],
    archive: /(?:^|\/)target\/[^/]+\.(?:jar|war|ear)$/,
  },
  {
    name: 'Gradle',
    manifest: /^(?:settings|build)\.gradle(?:\.kts)?$/,
    script: 'gradlew',
    properties: 'gradle/wrapper/gradle-wrapper.properties',
    home: ['GRADLE_USER_HOME', '.gradle'],
    args: ['--offline', '--no-daemon', '--quiet', 'assemble'],
    archive: /(?:^|\/)build\/(?:libs|distributions)\/[^/]+\.(?:jar|war|ear|zip)$/,
  },
];

async function buildWithWrapper(wrapper: Wrapper, { folder }: BuildProject, copy: BuildCopy): Promise<ProjectBuild> {
  const { context, root, run } = copy;
  const { name, script, properties, args, archive } = wrapper;
  const cwd = join(root, folder);
  const suffix = process.platform === 'win32' ? { Maven: '.cmd', Gradle: '.bat' }[name] : '';
  const command = join(cwd, `${script}${suffix}`);
  if (!existsSync(command))
    return missing(
      `The build needs the wrapper ${script}, which decides the version of ${name}. Add it to the project.`,
    );
  const address = /^\s*distributionUrl\s*=\s*(\S+)/m.exec(
    (await context.repository.text(posix.join(folder, properties))) ?? '',
  )?.[1];
  const distribution = posix.basename(address ?? '').replace(/(?:-bin)?\.(?:zip|tar\.gz)$/, '');
  const [variable, home] = wrapper.home;
  const folders = join(process.env[variable] ?? join(homedir(), home), 'wrapper', 'dists');
  // The wrapper would download it.
  if (![distribution, `${distribution}-bin`].some((candidate) => candidate && existsSync(join(folders, candidate))))
    return missing(`${name} (${distribution || 'of the wrapper'}) is not downloaded. Run ${script} once.`);
  const result = await run(command, args, { cwd, maxBytes: 1_000_000 });
  if (!result) return missing(`${script} is not executable. Make it executable.`);
  if (result.code !== 0) return judgeFailure(script, result, copy, unavailable);
  const files = await listFilesBelow(cwd);
  return { kind: 'built', artifacts: files.filter((file) => archive.test(file.replaceAll('\\', '/'))), programs: [] };
}

export const jvmEcosystems: readonly Ecosystem[] = wrappers.map((wrapper) => ({
  name: wrapper.name,
  find: ({ repository }) => findManifests(repository, wrapper.manifest),
  build: (project, copy) => buildWithWrapper(wrapper, project, copy),
}));
