/** Tests the checks of the deployment category on planted repositories. */
import { strict as assert } from 'node:assert';
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deploymentChecks } from '../../../../../src/pipelines/validation/checks/deployment/deployment-checks.ts';
import { plant } from '../../planted-repository.ts';
import { testCheck } from '../check-cases.ts';

const [build, version, changelog, reproducible] = deploymentChecks;

const versions = (...names: string[]): string => names.map((name) => `## ${name}\n\n- A change.\n`).join('\n');
const released = '{"name":"a","version":"1.2.0"}';

testCheck(changelog, [
  { title: 'skips without a changelog', files: { 'package.json': released }, expected: 'not_applicable' },
  {
    title: 'passes a changelog with the version',
    files: { 'package.json': released, 'CHANGELOG.md': versions('[1.2.0] - 2026-01-02', 'v1.1.0', '1.0') },
    expected: 'pass',
  },
  {
    title: 'passes a changelog with changes of the next release',
    files: { 'package.json': released, 'CHANGES.rst': 'Unreleased\n----------\n\n1.1.0\n-----\n\n1.0.0\n-----\n' },
    expected: 'pass',
  },
  {
    title: 'passes a changelog that is ahead of the manifest',
    files: { 'package.json': released, 'HISTORY.md': versions('2.0.0', '1.1.0') },
    expected: 'pass',
  },
  {
    title: 'reports a changelog without the version',
    files: { 'package.json': released, 'CHANGELOG.md': versions('1.1.0', '1.0.0') },
    expected: ['CHANGELOG.md'],
    message: /No entry for version 1\.2\.0 of package\.json/,
  },
  {
    title: 'reports a changelog without the version of a Python or a Rust package',
    files: {
      'pyproject.toml': '[project]\nname = "a"\nversion = "3.1"\n',
      'CHANGES.rst': '3.0 (2025-01-01)\n----------------\n\n2.9\n---\n',
      'crates/b/Cargo.toml': '[package]\nname = "b"\nversion = "0.3.0"\n',
    },
    expected: ['CHANGES.rst'],
  },
  ...Object.entries({
    'CMakeLists.txt': 'cmake_minimum_required(VERSION 3.10)\nproject(a\n  VERSION 1.2.0\n  LANGUAGES C)\n',
    'meson.build': "project('a', 'c',\n  version: '1.2.0')\n",
    'pom.xml':
      '<project><parent><version>9.0</version></parent><version>1.2.0</version><dependencies><dependency><version>8.0</version></dependency></dependencies></project>',
    'build.gradle.kts': 'plugins {}\nversion = "1.2.0"\n',
    'a.gemspec': "Gem::Specification.new do |s|\n  s.version = '1.2.0'\nend\n",
    'composer.json': '{"name":"a/a","version":"1.2.0"}',
    'a.csproj': '<Project><PropertyGroup><Version>1.2.0</Version></PropertyGroup></Project>',
    'setup.py': 'from setuptools import setup\nsetup(name="a", version="1.2.0")\n',
    'setup.cfg': '[metadata]\nname = a\nversion = 1.2.0\n',
  }).map(([manifest, text]) => ({
    title: `compares the changelog with the version in ${manifest}`,
    files: { [manifest]: text, 'CHANGELOG.md': versions('1.1.0', '1.0.0') },
    expected: ['CHANGELOG.md'],
    message: new RegExp(`No entry for version 1\\.2\\.0 of ${manifest.replaceAll('.', '\\.')}`),
  })),
  ...[
    ['hatch', '[tool.hatch.version]\npath = "src/a/__init__.py"'],
    ['setuptools', '[tool.setuptools.dynamic]\nversion = {attr = "a.__version__"}'],
  ].map(([tool, table]) => ({
    title: `reads the version from the file that a table of ${tool} names`,
    files: {
      'pyproject.toml': `[build-system]\n[project]\nname = "a"\ndynamic = ["version"]\n${table}\n`,
      'src/a/__init__.py': '__version__ = "3.1.0"\n',
      'CHANGELOG.md': versions('3.0.0', '2.9.0'),
    },
    expected: ['CHANGELOG.md'],
  })),
  {
    title: 'reads the version of a crate that inherits it from its workspace',
    files: {
      'Cargo.toml':
        '[workspace]\nmembers = ["b"]\n[workspace.package]\nversion = "1.2.0"\n[package]\nname = "w"\nversion.workspace = true\n',
      'CHANGES.md': versions('1.1.0', '1.0.0'),
    },
    expected: ['CHANGES.md'],
  },
  {
    title: 'does not compare a snapshot',
    files: {
      'pom.xml': '<project><version>1.2.0-SNAPSHOT</version></project>',
      'CHANGELOG.md': versions('1.1.0', '1.0.0'),
    },
    expected: 'not_applicable',
  },
  {
    title: 'compares the version of a package, not that of a build system beside it',
    files: {
      'package.json': '{"name":"c","version":"1.1.0"}',
      'CMakeLists.txt': 'project(c VERSION 1.2.0)\n',
      'CHANGELOG.md': versions('1.1.0', '1.0.0'),
    },
    expected: 'pass',
  },
  ...[
    ['collects entries in a folder', { '.changeset/a.md': 'x' }, versions('1.1.0', '1.0.0')],
    ['refers to releases elsewhere', {}, `See https://github.com/a/a/releases.\n\n${versions('1.1.0', '1.0.0')}`],
    ['lists no versions', {}, '# Changes\n\n## January\n\n## February\n'],
    ['was given up two major versions ago', { 'package.json': '{"version":"9.0.0"}' }, versions('1.1.0', '1.0.0')],
    ['belongs to a prerelease', { 'package.json': '{"version":"1.2.0-beta.1"}' }, versions('1.1.0', '1.0.0')],
    [
      'belongs to a private package',
      { 'package.json': '{"private":true,"version":"1.2.0"}' },
      versions('1.1.0', '1.0'),
    ],
  ].map(([title, files, text]) => ({
    title: `does not judge a changelog that ${title as string}`,
    files: { 'package.json': released, ...(files as Record<string, string>), 'CHANGELOG.md': text as string },
    expected: 'not_applicable' as const,
  })),
]);

const cli = (body: string): Record<string, string> => ({
  'package.json': '{"name":"a","version":"1.2.0","bin":{"a":"cli.js"}}',
  'cli.js': `#!/usr/bin/env node\nprocess.argv.includes('--version');\n${body}\n`,
});

const cliWith = (body: string): Record<string, string> => ({ ...cli(''), 'cli.js': `${body}\n` });

testCheck(version, [
  { title: 'skips without a program', files: { 'package.json': released }, expected: 'not_applicable' },
  {
    title: 'does not start a program that does not handle the option',
    files: { 'package.json': '{"version":"1.2.0","bin":"cli.js"}', 'cli.js': 'throw new SyntaxError("started");' },
    expected: 'not_applicable',
  },
  { title: 'passes a program that prints its version', files: cli('console.log("v1.2.0");'), expected: 'pass' },
  {
    title: 'does not start a program that takes its first argument for a name',
    files: cliWith(
      'require("child_process").execSync("git --version");\nrequire("node:fs").mkdirSync(process.argv[2]);',
    ),
    expected: 'not_applicable',
    message: /^No announced program/,
  },
  {
    title: 'does not start a program that only asks another one for its version',
    files: cliWith('require("child_process").spawnSync("git", ["--version"]);'),
    expected: 'not_applicable',
    message: /^No announced program/,
  },
  {
    title: 'passes a program that prints more than its version',
    files: cli('console.log("a 9 (b 1.2.0)");'),
    expected: 'pass',
  },
  {
    title: 'reports a program that prints another version',
    files: cli('console.log("a/1.1.9");'),
    expected: ['package.json'],
    message: /prints 1\.1\.9, but the manifest says 1\.2\.0/,
  },
  {
    title: 'reports a program that does not start',
    files: cli('require("./gone.js");'),
    expected: ['package.json'],
    message: /failed with exit code 1/,
  },
  {
    title: 'does not blame the program for a missing package',
    files: cli('require("gone-package");'),
    expected: 'not_applicable',
    message: /^None of 1 program printed its version/,
  },
]);

const buildable = (script: string): Record<string, string> => ({
  '.gitignore': 'node_modules\nout\n',
  'package.json': JSON.stringify({ name: 'a', scripts: { build: 'node build.js' } }),
  'node_modules/x/package.json': '{}',
  'build.js': `const fs = require('node:fs');\nfs.mkdirSync('out');\n${script}\n`,
});

testCheck(build, [
  { title: 'skips without a build', files: { 'package.json': '{"name":"a"}' }, expected: 'not_applicable' },
  {
    title: 'skips without installed dependencies',
    files: { 'package.json': '{"scripts":{"build":"x"}}' },
    expected: 'tool_missing',
  },
  {
    title: 'passes a build that succeeds, and counts what it creates',
    files: buildable("fs.writeFileSync('out/a.js', 'a'); fs.writeFileSync('out/b.js', 'b');"),
    expected: 'pass',
    message: /^The build creates 2 files\.$/,
  },
  {
    title: 'does not start a build that installs packages or publishes, directly or by another script',
    files: {
      ...buildable(''),
      'package.json': JSON.stringify({ scripts: { build: 'npm run -s prepare:all && x', 'prepare:all': 'npm ci' } }),
    },
    expected: 'not_applicable',
    message: /also installs, publishes/,
  },
  {
    title: 'skips a build that needs what is not there',
    files: buildable("require('gone-package');"),
    expected: 'tool_missing',
    message: /A package of the build is not installed/,
  },
]);

testCheck(reproducible, [
  {
    title: 'passes two equal builds',
    files: buildable("fs.writeFileSync('out/a.js', 'a');"),
    expected: 'pass',
    message: /^Two builds created the same 1 file\.$/,
  },
  {
    title: 'reports files that differ between two builds, such as by the folder that they are built in',
    files: buildable("fs.writeFileSync('out/a.js', process.cwd()); fs.writeFileSync('out/b.js', 'b');"),
    expected: ['out/a.js'],
    message: /^Two builds differ in 1 of 2 files\./,
  },
]);

describe('DEP_BUILD', () => {
  it('leaves the workspace and its packages byte for byte, whatever the build deletes or writes', async () => {
    const script = `
      for (const name of fs.readdirSync('node_modules')) fs.rmSync('node_modules/' + name, { recursive: true });
      fs.mkdirSync('node_modules/x', { recursive: true });
      fs.writeFileSync('node_modules/x/package.json', 'changed');
      fs.writeFileSync('part/index.js', 'changed');
      fs.writeFileSync('linked.js', 'changed');
      for (const folder of [process.env.PWD, process.env.INIT_CWD]) fs.rmSync(folder + '/part', { recursive: true, force: true });
      fs.writeFileSync('out/a.js', '');`;
    const planted = await plant(
      {
        ...buildable(script),
        'node_modules/@s/y/index.js': 'y',
        'node_modules/.bin/tool': { link: '../x/package.json' },
        'node_modules/part': { link: '../part' },
        'part/index.js': 'part',
        'linked.js': { link: 'part/index.js' },
      },
      { git: true },
    );
    const contents = (): Record<string, string> =>
      Object.fromEntries(
        readdirSync(planted.root, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile() || entry.isSymbolicLink())
          .map(({ parentPath, name }) => [
            join(parentPath, name),
            lstatSync(join(parentPath, name)).isFile() ? readFileSync(join(parentPath, name), 'utf8') : 'link',
          ]),
      );
    try {
      const before = contents();
      assert.ok(Object.keys(before).length > 6);
      const outcome = await build?.run(planted.context);
      assert.equal(outcome?.message, 'The build creates 1 file.', outcome?.evidence?.[0]?.content);
      assert.deepEqual(contents(), before);
    } finally {
      planted.dispose();
    }
  });

  for (const [title, target] of [
    ['packages', 'node_modules'],
    ['a package', 'node_modules/x'],
  ] as const) {
    it(`does not build if ${title} would have to be reached by a link out of the workspace`, async () => {
      const elsewhere = await plant({ 'x/package.json': '{}', 'package.json': '{}' });
      const { 'node_modules/x/package.json': _, ...files } = buildable("fs.writeFileSync('out/a.js', '');");
      const planted = await plant({ ...files, [target]: { link: elsewhere.root } });
      try {
        const outcome = await build?.run(planted.context);
        assert.equal(outcome?.skipReason, 'not_applicable', outcome?.message);
        assert.match(outcome?.message ?? '', /^The build is not tried: node_modules.* is a link/);
      } finally {
        planted.dispose();
        elsewhere.dispose();
      }
    });
  }

  it('reports a build that fails, and does not change the workspace', async () => {
    const planted = await plant(buildable("fs.writeFileSync('out/a.js', 'a'); console.error('no'); process.exit(3);"), {
      git: true,
    });
    try {
      const outcome = await build?.run(await planted.again());
      assert.deepEqual([outcome?.status, outcome?.message], ['fail', 'The build fails with exit code 3.']);
      assert.match(outcome?.evidence?.[0]?.content ?? '', /\bno\b/);
      assert.equal(existsSync(join(planted.root, 'out')), false);
    } finally {
      planted.dispose();
    }
  });
});
