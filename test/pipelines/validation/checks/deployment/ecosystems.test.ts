/** Builds small projects of each ecosystem with its real tools. A test whose tools this machine lacks is pending. */
import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import type { CheckOutcome } from '../../../../../src/pipelines/validation/check/check.ts';
import { build } from '../../../../../src/pipelines/validation/checks/deployment/build.ts';
import { reproducible } from '../../../../../src/pipelines/validation/checks/deployment/reproducible.ts';
import { version } from '../../../../../src/pipelines/validation/checks/deployment/version.ts';
import { type PlantedFile, plant } from '../../planted-repository.ts';

/** Outcome of a check as one text: its status or skip reason, its message, and its findings. */
type Expected = RegExp;

interface EcosystemCase {
  readonly title: string;
  /** Commands that must succeed, or else the test is pending. */
  readonly needs: readonly (readonly [string, ...string[]])[];
  readonly files: Readonly<Record<string, PlantedFile>>;
  readonly build: Expected;
  readonly version?: Expected;
  readonly reproducible?: Expected;
}

const cargo = ['cargo', '--version'] as const;
const go = ['go', 'version'] as const;
const compiler = ['cc', '--version'] as const;
const make = ['make', '--version'] as const;
const pip = ['python3', '-m', 'pip', '--version'] as const;
const ruby = ['gem', '--version'] as const;

const rust = (main: string, manifest = ''): Record<string, string> => ({
  'Cargo.toml': `[package]\nname = "greet"\nversion = "1.2.3"\nedition = "2021"\n${manifest}`,
  'src/main.rs': main,
});
const rustMain = (printed: string): string =>
  `fn main() { if std::env::args().any(|a| a == "--version") { println!("greet {}", ${printed}); } }\n`;

const goFiles = (main: string, manifest = ''): Record<string, string> => ({
  'go.mod': `module example.org/greet\n\ngo 1.18\n${manifest}`,
  'main.go': main,
});
const goMain = `package main

import "os"

func main() {
	if len(os.Args) > 1 && os.Args[1] == "--version" {
		os.Stdout.WriteString("greet 1.4\\n")
	}
}
`;

/** A build backend in the project, so that no other package is needed. */
const backend = (extra: string): string => `
import os, zipfile
def get_requires_for_build_wheel(config_settings=None): return []
def build_wheel(directory, config_settings=None, metadata_directory=None):
    name = 'greet-1.2.3-py3-none-any.whl'
    members = {
        'greet.py': open('greet.py').read()${extra},
        'greet-1.2.3.dist-info/METADATA': 'Metadata-Version: 2.1\\nName: greet\\nVersion: 1.2.3\\n',
        'greet-1.2.3.dist-info/WHEEL': 'Wheel-Version: 1.0\\nGenerator: own\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n',
        'greet-1.2.3.dist-info/entry_points.txt': '[console_scripts]\\ngreet = greet:main\\n',
        'greet-1.2.3.dist-info/RECORD': '',
    }
    with zipfile.ZipFile(os.path.join(directory, name), 'w') as wheel:
        for member, text in members.items(): wheel.writestr(member, text)
    return name
`;
const python = (printed: string, extra = ''): Record<string, string> => ({
  'pyproject.toml':
    '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n\n[project]\nname = "greet"\nversion = "1.2.3"\n',
  'backend.py': backend(extra),
  'greet.py': `import sys\n\ndef main():\n    if '--version' in sys.argv:\n        print('greet ${printed}')\n`,
});

const cMain = (printed: string): string =>
  `#include <stdio.h>\n#include <string.h>\nint main(int n, char **a) {\n  if (n > 1 && strcmp(a[1], "--version") == 0) puts("greet ${printed}");\n  return 0;\n}\n`;

const answersManifest = /^pass 1 of 1 program printed the version of the manifest\.$/;
const isLibrary = /^not_applicable The build creates no program .* a library has none\.$/;
const sameFiles = (count: number): RegExp => new RegExp(`^pass Two builds created the same ${count} files?\\.$`);

const cases: readonly EcosystemCase[] = [
  {
    title: 'builds a Rust program that prints the version of its manifest',
    needs: [cargo],
    files: rust(rustMain('env!("CARGO_PKG_VERSION")')),
    build: /^pass The build creates 1 file\.$/,
    version: answersManifest,
    reproducible: sameFiles(1),
  },
  {
    title: 'reports a Rust program that prints another version than its manifest',
    needs: [cargo],
    files: rust(rustMain('"1.2.2"')),
    build: /^pass/,
    version: /^fail 1 of 1 program .*Cargo\.toml greet --version prints 1\.2\.2, but the manifest says 1\.2\.3/,
  },
  {
    title: 'reports a Rust program that panics when it is asked for its version',
    needs: [cargo],
    files: rust('fn main() { if std::env::args().any(|a| a == "--version") { panic!("no version"); } }\n'),
    build: /^pass/,
    version: /^fail .*greet --version failed with exit code 101: panicked at/,
  },
  {
    title: 'reports a Rust package that does not compile',
    needs: [cargo],
    files: rust('fn main() { let a: u32 = "x"; }\n'),
    build: /^fail The build fails with exit code 101\..*Cargo\.toml cargo build fails/,
    reproducible: /^dependency_failed/,
  },
  {
    title: 'skips a Rust package whose crates are not downloaded',
    needs: [cargo],
    files: rust('fn main() {}\n', '[dependencies]\nnot-a-real-crate-of-anyone = "1"\n'),
    build: /^tool_missing Crates are not downloaded\. Run “cargo fetch”\.$/,
  },
  {
    title: 'compiles a Rust library and does not ask it for its version',
    needs: [cargo],
    files: { 'Cargo.toml': rust('')['Cargo.toml'] as string, 'src/lib.rs': 'pub fn one() -> u32 { 1 }\n' },
    build: /^pass All crates compile; they have no program\.$/,
    version: isLibrary,
  },
  {
    title: 'builds a workspace of crates that inherit their version, and not the libraries between them',
    needs: [cargo],
    files: {
      'Cargo.toml': '[workspace]\nmembers = ["greet", "words"]\n[workspace.package]\nversion = "1.2.3"\n',
      'greet/Cargo.toml':
        '[package]\nname = "greet"\nversion.workspace = true\nedition = "2021"\n[dependencies]\nwords = { path = "../words" }\n',
      'greet/src/main.rs': rustMain('words::version()'),
      'words/Cargo.toml': '[package]\nname = "words"\nversion.workspace = true\nedition = "2021"\n',
      'words/src/lib.rs': 'pub fn version() -> &\'static str { env!("CARGO_PKG_VERSION") }\n',
    },
    build: /^pass The build creates 1 file\.$/,
    version: answersManifest,
    reproducible: sameFiles(1),
  },
  {
    title: 'builds a Go program that answers, although no manifest says which version it is',
    needs: [go],
    files: goFiles(goMain),
    build: /^pass The build creates 1 file\.$/,
    version: /^pass 1 of 1 program answered --version; no manifest says which version it is\.$/,
    reproducible: sameFiles(1),
  },
  {
    title: 'compiles a Go library and does not ask it for its version',
    needs: [go],
    files: {
      'go.mod': goFiles('')['go.mod'] as string,
      'a/a.go': 'package a\n\nfunc Double(n int) int { return 2 * n }\n',
    },
    build: /^pass All packages of the module compile; it has no program\.$/,
    version: isLibrary,
    reproducible: /^not_applicable The build creates no files\.$/,
  },
  {
    title: 'does not start a Go program that has no option for its version',
    needs: [go],
    files: goFiles('package main\n\nimport "os"\n\nfunc main() { os.WriteFile(os.Args[1], nil, 0o644) }\n'),
    build: /^pass The build creates 1 file\.$/,
    version: isLibrary,
  },
  {
    title: 'reports a Go module that does not compile',
    needs: [go],
    files: goFiles('package main\n\nfunc main() { var a int = "x" }\n'),
    build: /^fail The build fails with exit code \d+\..*go\.mod go build \.\/\.\.\. fails/,
  },
  {
    title: 'skips a Go module whose modules are not downloaded',
    needs: [go],
    files: goFiles(
      'package main\n\nimport _ "example.org/elsewhere"\n\nfunc main() {}\n',
      '\nrequire example.org/elsewhere v1.0.0\n',
    ),
    build: /^tool_missing Modules are not downloaded\. Run “go mod download”\.$/,
  },
  {
    title: 'builds a wheel whose console script prints the version of the wheel',
    needs: [pip],
    files: python('1.2.3'),
    build: /^pass The build creates 1 file\.$/,
    version: answersManifest,
    reproducible: sameFiles(1),
  },
  {
    title: 'reports a console script that prints another version, and the member of a wheel that differs',
    needs: [pip],
    files: python('1.3.0', " + '# ' + os.urandom(8).hex()"),
    build: /^pass/,
    version: /^fail .*pyproject\.toml greet --version prints 1\.3\.0, but the manifest says 1\.2\.3/,
    reproducible:
      /^fail Two builds differ in 1 of 1 file\..*wheel\/greet-1\.2\.3-py3-none-any\.whl Differs .*: greet\.py\.$/,
  },
  {
    title: 'reports a console script that cannot import its own module',
    needs: [pip],
    files: { ...python('1.2.3'), 'greet.py': 'from greet import gone\n\ndef main(): print("--version")\n' },
    build: /^pass/,
    version:
      /^fail .*greet --version failed with exit code 1: cannot import name 'gone' from (?:partially initialized module )?'greet/,
  },
  {
    title: 'reports a wheel that cannot be built',
    needs: [pip],
    files: { ...python('1.2.3'), 'backend.py': 'def build_wheel(*args): raise ValueError("no wheel")\n' },
    build: /^fail The build fails with exit code 1\..*pyproject\.toml python -m (?:pip|build) fails/,
  },
  {
    title: 'skips a wheel whose backend is not installed',
    needs: [pip],
    files: {
      'pyproject.toml': '[build-system]\nrequires = ["not-a-real-backend"]\nbuild-backend = "not_a_real_backend"\n',
    },
    build:
      // The words depend on the version of pip or build.
      /^tool_missing .*(?:not[-_]a[-_]real[-_]backend\b|backend is not installed).* Install /,
  },
  {
    title: 'builds with CMake a program that prints the version of the project',
    needs: [['cmake', '--version'], compiler, make],
    files: {
      'CMakeLists.txt':
        'cmake_minimum_required(VERSION 3.10)\nproject(greet VERSION 1.2.3 LANGUAGES C)\nadd_executable(greet main.c)\n',
      'main.c': cMain('1.2.3'),
    },
    build: /^pass The build creates 1 file\.$/,
    version: answersManifest,
    reproducible: sameFiles(1),
  },
  {
    title: 'skips a CMake project that needs a library which is not installed',
    needs: [['cmake', '--version'], compiler, make],
    files: {
      'CMakeLists.txt':
        'cmake_minimum_required(VERSION 3.10)\nproject(greet LANGUAGES C)\nfind_package(NotARealLibrary REQUIRED)\nadd_executable(greet main.c)\n',
      'main.c': cMain('1.2.3'),
    },
    build: /^tool_missing The build needs NotARealLibrary\. Install its development package\.$/,
  },
  {
    title: 'reports a CMake project that does not compile',
    needs: [['cmake', '--version'], compiler, make],
    files: {
      'CMakeLists.txt':
        'cmake_minimum_required(VERSION 3.10)\nproject(greet LANGUAGES C)\nadd_executable(greet main.c)\n',
      'main.c': 'int main(void) { return x; }\n',
    },
    build: /^fail The build fails with exit code \d+\..*CMakeLists\.txt cmake --build fails/,
  },
  {
    title: 'builds with Meson a program that prints the version of the project',
    needs: [['meson', '--version'], ['ninja', '--version'], compiler],
    files: {
      'meson.build': "project('greet', 'c', version: '1.2.3')\nexecutable('greet', 'main.c')\n",
      'main.c': cMain('1.2.3'),
    },
    build: /^pass The build creates 1 file\.$/,
    version: answersManifest,
    reproducible: sameFiles(1),
  },
  {
    title: 'builds with Make what its default target creates',
    needs: [make, compiler],
    files: { Makefile: 'CC ?= cc\n\ngreet: main.c\n\t$(CC) -o $@ main.c\n', 'main.c': cMain('1.2.3') },
    build: /^pass The build creates 1 file\.$/,
    version: /^pass 1 of 1 program answered --version; no manifest/,
    reproducible: sameFiles(1),
  },
  {
    title: 'configures and builds a project of Autotools that contains its script',
    needs: [make, compiler],
    files: {
      'configure.ac': '',
      configure: { run: "#!/bin/sh\nprintf 'greet: main.c\\n\\tcc -o $@ main.c\\n' > Makefile\n" },
      'main.c': cMain('1.2.3'),
    },
    build: /^pass The build creates 1 file\.$/,
  },
  {
    title: 'skips a project of Autotools without its script',
    needs: [],
    files: { 'configure.ac': '', 'main.c': cMain('1.2.3') },
    build: /^tool_missing The build needs the script configure,/,
  },
  {
    title: 'does not start a default target of Make that installs or publishes',
    needs: [make, compiler],
    files: {
      Makefile: 'all: greet publish\n\ngreet: main.c\n\t$(CC) -o $@ main.c\n\npublish:\n\tscp greet example.org:\n',
      'main.c': cMain('1.2.3'),
    },
    build: /^not_applicable The default target of make does more than build\.$/,
  },
  {
    title: 'skips a C project whose header is not installed',
    needs: [make, compiler],
    files: {
      Makefile: 'greet: main.c\n\t$(CC) -o $@ main.c\n',
      'main.c': '#include <not_a_real_header.h>\nint main(void) { return 0; }\n',
    },
    build: /^tool_missing The build needs the header not_a_real_header\.h\. Install the package that has it\.$/,
  },
  {
    title: 'reports a C project that does not find a header of its own',
    needs: [make, compiler],
    files: {
      Makefile: 'greet: main.c\n\t$(CC) -o $@ main.c\n',
      'main.c': '#include "greet.h"\nint main(void) { return 0; }\n',
      'include/greet.h': '',
    },
    build: /^fail The build fails with exit code 2\..*Makefile make fails/,
  },
  {
    title: 'builds a gem whose program prints the version of the gemspec',
    needs: [ruby],
    files: {
      'greet.gemspec': `Gem::Specification.new do |s|
  s.name = 'greet'
  s.version = '1.2.3'
  s.summary = 'Greets'
  s.authors = ['A']
  s.files = \`git ls-files\`.split("\\n")
  s.bindir = 'exe'
  s.executables = ['greet']
end
`,
      'exe/greet': "#!/usr/bin/env ruby\nputs 'greet 1.2.3' if ARGV.include?('--version')\n",
    },
    build: /^pass The build creates 1 file\.$/,
    version: answersManifest,
    reproducible: sameFiles(1),
  },
  {
    title: 'reports a gemspec that cannot be loaded',
    needs: [ruby],
    files: { 'greet.gemspec': 'Gem::Specification.new do |s|\n  s.name = \n' },
    build: /^fail The build fails/,
  },
  {
    title: 'validates the manifest of a PHP package',
    needs: [['composer', '--version']],
    files: { 'composer.json': '{"name":"a/greet","description":"Greets","license":"MIT","require":{}}' },
    build: /^pass Composer validates composer\.json; PHP needs no build\.$/,
    version: isLibrary,
  },
  {
    title: 'reports a manifest of a PHP package that Composer rejects',
    needs: [['composer', '--version']],
    files: { 'composer.json': '{"name":"Not A Name","require":[1]}' },
    build: /^fail The build fails.*composer\.json composer validate fails/,
  },
  {
    title: 'skips projects of Maven and Gradle without a wrapper, because nothing decides which version builds them',
    needs: [],
    files: { 'pom.xml': '<project/>', 'app/build.gradle': '', 'build.gradle.kts': '' },
    build: /^tool_missing Maven: The build needs the wrapper mvnw, .* Gradle: The build needs the wrapper gradlew,/,
  },
  {
    title: 'does not let a wrapper download its tool',
    needs: [],
    files: {
      'pom.xml': '<project/>',
      mvnw: { run: '#!/bin/sh\nexit 3\n' },
      '.mvn/wrapper/maven-wrapper.properties': 'distributionUrl=https://example.org/apache-maven-0.0.1-bin.zip\n',
    },
    build: /^tool_missing Maven \(apache-maven-0\.0\.1\) is not downloaded\. Run mvnw once\.$/,
  },
  {
    title: 'says that images of Docker are not built',
    needs: [],
    files: { Dockerfile: 'FROM scratch\n' },
    build: /^not_applicable Images are not built here \(Dockerfile\)\./,
    version: /^not_applicable/,
  },
  {
    title: 'skips a workspace without a build',
    needs: [],
    files: { 'notes.txt': 'a' },
    build: /^not_applicable No project has a build\.$/,
    version: /^not_applicable No announced program/,
    reproducible: /^not_applicable No project has a build\.$/,
  },
  {
    title: 'builds the projects of two ecosystems and names the one that it could not build',
    needs: [make, compiler, pip],
    files: {
      ...python('1.2.3'),
      'native/Makefile': 'greet: main.c\n\t$(CC) -o $@ main.c\n',
      'native/main.c': cMain('1.2.3'),
      Dockerfile: 'FROM scratch\n',
    },
    build: /^pass 2 builds \(Python, Make\) create 2 files\. Not built: Docker: Images are not built here/,
    version:
      /^pass 2 of 2 programs answered --version, 1 with the version of the manifest; the others have none there\.$/,
  },
];

const isPresent = ([command, ...args]: readonly [string, ...string[]]): boolean =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0;

const textOf = ({ status, skipReason, message, findings = [] }: CheckOutcome): string =>
  [
    `${status === 'skip' ? skipReason : status} ${message}`,
    ...findings.map(({ file, message: text }) => `${file} ${text}`),
  ].join(' ');

describe('ecosystems', () => {
  for (const { title, needs, files, ...expected } of cases) {
    it(title, async function () {
      this.timeout(120_000);
      const missing = needs.find((command) => !isPresent(command));
      if (missing) {
        console.log(`      skipped: this machine does not have ${missing[0]}`);
        this.skip();
      }
      const planted = await plant(files, { git: true });
      const names = (): string[] =>
        readdirSync(planted.root, { recursive: true, encoding: 'utf8' })
          .filter((name) => !name.startsWith('.git/'))
          .sort();
      try {
        const before = names();
        for (const [check, pattern] of [
          [build, expected.build],
          [version, expected.version],
          [reproducible, expected.reproducible],
        ] as const) {
          if (!pattern) continue;
          const outcome = await check.run(planted.context);
          assert.match(textOf(outcome), pattern, outcome.evidence?.map(({ content }) => content).join('\n'));
        }
        assert.deepEqual(names(), before, 'the workspace stays as it is');
      } finally {
        planted.dispose();
      }
    });
  }
});
