/** Tests the checks of the intent category on planted repositories. */
import { intentChecks } from '../../../../../src/pipelines/validation/checks/intent/intent-checks.ts';
import type { PlantedRepository } from '../../planted-repository.ts';
import { testCheck } from '../check-cases.ts';

const [docsChanged, docLinks] = intentChecks;

testCheck(docLinks, [
  {
    title: 'skips without links to files',
    files: { 'README.md': 'See <https://x.example/> and [b](#b), [c](https://x.example/c.md).\n' },
    expected: 'not_applicable',
  },
  {
    title: 'passes links to files and folders, also to ignored ones',
    files: {
      '.gitignore': 'local.md\n',
      'local.md': '',
      'README.md':
        '[a](docs/a.md#part "title") [b](<docs/a.md>) ![c](img/c%20d.png) [d](docs/) [e](LICENSE) [f](./local.md)\n\n[g]: docs/a.md\n',
      'docs/a.md': '[gone](gone.md)\n',
      'img/c d.png': '',
      LICENSE: '',
      'part/README.md': '[up](../LICENSE) [out](../../issues.md)\n',
    },
    expected: 'pass',
  },
  {
    title: 'reports links that lead nowhere, with their lines',
    files: {
      'README.md': '# A\n\n[a](gone.md) and [b](img/gone.png)\n[c]: docs/gone.md\n[d](LICENSE)\n',
      'part/README.md': '[a](README.txt)\n[b](../gone/README.md)\n',
      '.github/notes.md': '[a](gone.md)\n',
    },
    expected: [
      '.github/notes.md:1',
      'README.md:3',
      'README.md:3',
      'README.md:4',
      'README.md:5',
      'part/README.md:1',
      'part/README.md:2',
    ],
    message: /leads to img\/gone\.png/,
  },
  {
    title: 'does not judge code, comments, host names, placeholders, built files, or documents of the past',
    files: {
      'README.md': [
        '`[a](gone.md)` [b](www.x.example/gone.md) [c](x.dev/a.md) [d]({{ url }}/gone.md) [e](dist/gone.js) [f](gone) [k](README.md)',
        '<!-- [g](gone.md) -->',
        '```md',
        '[h](gone.md)',
        '```',
        '    [i](gone.md)',
      ].join('\n'),
      'CHANGELOG.md': '[a](gone.md)\n',
      'docs/README.md': '[a](gone.md)\n',
      '.github/pull_request_template.md': '[a](README.md)\n',
    },
    expected: 'pass',
    message: /^3 links in 2 documents/,
  },
]);

/** Makes the present commit the main branch of a remote, so that later changes are compared with it. */
const publish = ({ git }: PlantedRepository): void => void git('update-ref', 'refs/remotes/origin/main', 'HEAD');
const put = (planted: PlantedRepository, files: Readonly<Record<string, string>>): void => {
  for (const [file, content] of Object.entries(files)) planted.put(file, content);
};
const sources = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`src/f${index}.ts`, `export const a = ${index};\n`]));
const project = { 'README.md': '# A\n', 'package.json': '{"name":"a","bin":{"a":"a.js"}}', ...sources(12) };
const changed = (count: number): Record<string, string> =>
  Object.fromEntries(Object.keys(sources(count)).map((file) => [file, 'export const b = 2;\n']));

testCheck(docsChanged, [
  { title: 'skips without documents', files: { 'a.ts': '' }, expected: 'not_applicable' },
  { title: 'skips without Git', files: project, options: { git: false }, expected: 'no_git' },
  {
    title: 'passes small changes without a document',
    files: project,
    arrange: (planted) => {
      publish(planted);
      put(planted, { ...changed(8), 'src/new.ts': '' });
      planted.git('commit', '-qam', 'change');
    },
    expected: 'pass',
    message: /^9 source files and 0 documents changed since [0-9a-f]{10}; the change is small and adds no command\.$/,
  },
  {
    title: 'reports the new files of a large change without a document',
    files: project,
    arrange: (planted) => {
      publish(planted);
      put(planted, { ...changed(10), 'src/new.ts': '' });
    },
    expected: ['src/new.ts'],
    message: /^11 source files and 0 documents changed since/,
  },
  {
    title: 'passes a large change with a document, whether committed or not',
    files: project,
    arrange: (planted) => {
      publish(planted);
      put(planted, { ...changed(10), 'src/new.ts': '', '.changeset/x.md': 'Adds x.' });
    },
    expected: 'pass',
    message: /and 1 document changed/,
  },
  {
    title: 'passes a large change that adds no file',
    files: project,
    arrange: (planted) => {
      publish(planted);
      put(planted, changed(12));
    },
    expected: 'pass',
  },
  {
    title: 'does not count changes of tests and data as changes of sources',
    files: { ...project, 'test/f.test.ts': 'f();\n', 'data/a.json': '1\n' },
    arrange: (planted) => {
      publish(planted);
      const numbers = Array.from({ length: 12 }, (_, index) => index);
      put(planted, Object.fromEntries(numbers.map((number) => [`test/f${number}.test.ts`, 'g();\n'])));
      put(planted, Object.fromEntries(numbers.map((number) => [`data/${number}.json`, '2\n'])));
      planted.git('add', '-A');
      planted.git('commit', '-qm', 'tests and data');
    },
    expected: 'pass',
    message: /^\d commits? to source files since the last one to a document\.$/,
  },
  {
    title: 'reports a new program without a document',
    files: project,
    arrange: (planted) => {
      publish(planted);
      put(planted, { 'package.json': '{"name":"a","bin":{"a":"a.js","b":"b.js"}}', 'src/f0.ts': 'b();\n' });
    },
    expected: ['package.json'],
    message: /The program “b” is new/,
  },
  {
    title: 'reports a new program of a Python project or a crate without a document',
    files: {
      'README.md': '# A\n',
      'pyproject.toml': '[project]\nname = "a"\n[project.scripts]\na = "a:main"\n',
      'Cargo.toml': '[package]\nname = "c"\n[[bin]]\nname = "c"\n',
      'a.py': 'a = 1\n',
    },
    arrange: (planted) => {
      publish(planted);
      put(planted, {
        'pyproject.toml': '[project]\nname = "a"\n[project.scripts]\na = "a:main"\nb = "a:other"\n',
        'Cargo.toml': '[package]\nname = "c"\n[[bin]]\nname = "c"\n[[bin]]\nname = "d"\n',
        'a.py': 'a = 2\n',
      });
    },
    expected: ['Cargo.toml', 'pyproject.toml'],
    message: /The program “d” is new.*\n.*The program “b” is new/,
  },
  {
    title: 'counts sources in every language',
    files: { 'README.md': '# A\n', 'src/A.java': '', 'src/b.c': '', 'src/c.rb': '' },
    arrange: (planted) => {
      publish(planted);
      put(planted, { 'src/A.java': 'class A {}\n', 'src/b.c': 'int b;\n', 'src/c.rb': 'c = 1\n' });
    },
    expected: 'pass',
    message: /^3 source files and 0 documents changed since/,
  },
  {
    title: 'counts the commits since the last document if there is nothing to compare with',
    files: project,
    arrange: (planted) => {
      for (let commit = 0; commit < 3; commit++) {
        planted.put('src/f0.ts', `a(${commit});\n`);
        planted.git('commit', '-qam', `commit ${commit}`);
      }
    },
    expected: 'pass',
    message: /^3 commits to source files since the last one to a document\.$/,
  },
]);
