/** Shows that the walls that other tools hold do hold: faults are planted in a copy of the house's own configuration. */
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

/** An empty house with our configuration and these files. */
function houseOf(files: Readonly<Record<string, string>>): string {
  const house = mkdtempSync(join(tmpdir(), 'pipescope-walls-'));
  const rooms = ['src/protocol', 'src/core', 'src/probe', 'webview'];
  for (const file of ['tsconfig.json', 'biome.json', '.gitignore']) cpSync(join(root, file), join(house, file));
  for (const room of rooms) {
    mkdirSync(join(house, room), { recursive: true });
    cpSync(join(root, room, 'tsconfig.json'), join(house, room, 'tsconfig.json'));
    writeFileSync(join(house, room, 'empty.ts'), 'export {};\n');
  }
  symlinkSync(join(root, 'node_modules'), join(house, 'node_modules'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(house, name)), { recursive: true });
    writeFileSync(join(house, name), text);
  }
  return house;
}

function run(tool: keyof typeof tools, args: readonly string[], files: Readonly<Record<string, string>>) {
  const house = houseOf(files);
  try {
    const { status, stdout, stderr } = spawnSync(process.execPath, [tools[tool], ...args], {
      cwd: house,
      encoding: 'utf8',
    });
    return { status, text: stdout + stderr };
  } finally {
    rmSync(house, { recursive: true, force: true });
  }
}

describe('the walls that the compiler holds', function () {
  this.timeout(60_000);
  const faults: readonly [string, string, string, string][] = [
    ['core that sets a timer', 'src/core', 'setTimeout(() => {}, 1);', 'setTimeout'],
    ['core that asks for the process', 'src/core', 'export const id = process.pid;', 'process'],
    ['core that writes to the console', 'src/core', "console.log('x');", 'console'],
    ['core that reads a clock of the page', 'src/core', 'export const now = performance.now();', 'performance'],
    ['core that knows a document', 'src/core', 'export const body = document.body;', 'document'],
    ['core that reads files', 'src/core', "import 'node:fs';", 'node:fs'],
    ['a protocol that asks for the process', 'src/protocol', 'export const id = process.pid;', 'process'],
    ['a page that asks for the process', 'webview', 'export const id = process.pid;', 'process'],
    ['a probe that knows a document', 'src/probe', 'export const body = document.body;', 'document'],
  ];
  for (const [what, room, text, named] of faults) {
    it(`reports ${what}`, () => {
      const { status, text: said } = run('compiler', ['-b', room], { [`${room}/planted.ts`]: `${text}\nexport {};\n` });
      assert.notEqual(status, 0);
      assert.ok(said.includes('planted.ts') && said.includes(named), said);
    });
  }

  it('reports nothing where nothing was planted', () => {
    const fine = 'export const one: number = 1;\n';
    const { status, text } = run('compiler', ['-b', 'src/core', 'src/probe', 'webview'], { 'src/core/fine.ts': fine });
    assert.equal(status, 0, text);
  });
});

describe('the walls that Biome holds', function () {
  this.timeout(60_000);
  const circle = {
    'src/core/a.ts': "import { b } from './b.ts';\n\nexport const a = (): number => b();\n",
    'src/core/b.ts': "import { a } from './a.ts';\n\nexport const b = (): number => a();\n",
  };

  it('reports two files that import each other', () => {
    const { status, text } = run('biome', ['lint', '--vcs-enabled=false', 'src/core'], circle);
    assert.notEqual(status, 0);
    assert.match(text, /noImportCycles/);
  });

  it('reports a promise that nobody waits for', () => {
    const floating = 'const late = async (): Promise<number> => 1;\n\nlate();\n';
    const { status, text } = run('biome', ['lint', '--vcs-enabled=false', 'src/core'], { 'src/core/a.ts': floating });
    assert.notEqual(status, 0);
    assert.match(text, /noFloatingPromises/);
  });

  it('reports nothing where nothing was planted', () => {
    const { status, text } = run('biome', ['lint', '--vcs-enabled=false', 'src/core'], {
      'src/core/a.ts': 'export const a = 1;\n',
    });
    assert.equal(status, 0, text);
  });
});
