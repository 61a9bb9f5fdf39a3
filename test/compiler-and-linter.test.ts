/** Proves that the compiler and Biome enforce our rules, by planting violations next to a copy of our configuration. */
import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const tools = {
  compiler: join(root, 'node_modules/typescript/bin/tsc'),
  biome: join(root, 'node_modules/@biomejs/biome/bin/biome'),
} as const;

/** Creates a project with our configuration, empty rooms and the given files. */
function createProject(files: Readonly<Record<string, string>>): string {
  const project = mkdtempSync(join(tmpdir(), 'pipescope-rules-'));
  const rooms = ['src/protocol', 'src/core', 'src/probe', 'webview'];
  for (const file of ['tsconfig.json', 'biome.json', '.gitignore']) cpSync(join(root, file), join(project, file));
  for (const room of rooms) {
    mkdirSync(join(project, room), { recursive: true });
    cpSync(join(root, room, 'tsconfig.json'), join(project, room, 'tsconfig.json'));
    writeFileSync(join(project, room, 'empty.ts'), 'export {};\n');
  }
  symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(project, name)), { recursive: true });
    writeFileSync(join(project, name), text);
  }
  return project;
}

function run(tool: keyof typeof tools, args: readonly string[], files: Readonly<Record<string, string>>) {
  const project = createProject(files);
  try {
    const { status, stdout, stderr } = spawnSync(process.execPath, [tools[tool], ...args], {
      cwd: project,
      encoding: 'utf8',
    });
    return { status, text: stdout + stderr };
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
}

describe('the compiler', function () {
  this.timeout(60_000);
  const planted: readonly [string, string, string, string][] = [
    ['core that sets a timer', 'src/core', 'setTimeout(() => {}, 1);', 'setTimeout'],
    ['core that uses process', 'src/core', 'export const id = process.pid;', 'process'],
    ['core that writes to the console', 'src/core', "console.log('x');", 'console'],
    ['core that uses performance', 'src/core', 'export const now = performance.now();', 'performance'],
    ['core that uses document', 'src/core', 'export const body = document.body;', 'document'],
    ['core that imports node:fs', 'src/core', "import 'node:fs';", 'node:fs'],
    ['a protocol that uses process', 'src/protocol', 'export const id = process.pid;', 'process'],
    ['a page that uses process', 'webview', 'export const id = process.pid;', 'process'],
    ['a probe that uses document', 'src/probe', 'export const body = document.body;', 'document'],
  ];
  for (const [what, room, text, name] of planted) {
    it(`reports ${what}`, () => {
      const { status, text: output } = run('compiler', ['-b', room], {
        [`${room}/planted.ts`]: `${text}\nexport {};\n`,
      });
      assert.notEqual(status, 0);
      assert.ok(output.includes('planted.ts') && output.includes(name), output);
    });
  }

  it('accepts a file without a violation', () => {
    const fine = 'export const one: number = 1;\n';
    const { status, text } = run('compiler', ['-b', 'src/core', 'src/probe', 'webview'], { 'src/core/fine.ts': fine });
    assert.equal(status, 0, text);
  });
});

describe('Biome', function () {
  this.timeout(60_000);
  const cycle = {
    'src/core/a.ts': "import { b } from './b.ts';\n\nexport const a = (): number => b();\n",
    'src/core/b.ts': "import { a } from './a.ts';\n\nexport const b = (): number => a();\n",
  };

  it('reports two files that import each other', () => {
    const { status, text } = run('biome', ['lint', '--vcs-enabled=false', 'src/core'], cycle);
    assert.notEqual(status, 0);
    assert.match(text, /noImportCycles/);
  });

  it('reports a promise that is not awaited', () => {
    const floating = 'const late = async (): Promise<number> => 1;\n\nlate();\n';
    const { status, text } = run('biome', ['lint', '--vcs-enabled=false', 'src/core'], { 'src/core/a.ts': floating });
    assert.notEqual(status, 0);
    assert.match(text, /noFloatingPromises/);
  });

  it('accepts a file without a violation', () => {
    const { status, text } = run('biome', ['lint', '--vcs-enabled=false', 'src/core'], {
      'src/core/a.ts': 'export const a = 1;\n',
    });
    assert.equal(status, 0, text);
  });
});
