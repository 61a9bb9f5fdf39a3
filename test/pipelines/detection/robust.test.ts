/** Tests unusual files and workspaces: an unreadable file is reported and does not affect other files. */
import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createWorkspace, detect, writeFile } from './run-detection.ts';

const folders: string[] = [];
const make = (files: Readonly<Record<string, string | Buffer>>): string => {
  const folder = createWorkspace({ 'good.ts': 'good();\n', ...files });
  folders.push(folder);
  return folder;
};
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

const nested = (depth: number): string => `${'f('.repeat(depth)}1${')'.repeat(depth)};\n`;

describe('detection in a file with an error', () => {
  const cases: readonly { what: string; file: string; content: string | Buffer; type: string; calls: string[] }[] = [
    {
      what: 'broken source',
      file: 'x.ts',
      content: 'before();\nconst = ;\nafter();\n',
      type: 'syntax_error',
      calls: ['before', 'after'],
    },
    {
      what: 'broken Python',
      file: 'x.py',
      content: 'before()\nx = = 1\nafter()\n',
      type: 'syntax_error',
      calls: ['before', 'after'],
    },
    { what: 'deep nesting', file: 'x.js', content: nested(30_000), type: 'too_deep', calls: [] },
    { what: 'unclosed brackets', file: 'x.js', content: '['.repeat(200_000), type: 'timeout', calls: [] },
    { what: 'a huge file', file: 'x.js', content: 'f();\n'.repeat(500_000), type: 'too_large', calls: [] },
    { what: 'a binary file', file: 'x.ts', content: Buffer.from([71, 0, 1, 2, 71]), type: 'binary', calls: [] },
  ];
  for (const { what, file, content, type, calls } of cases) {
    it(`reports ${type} for ${what}`, async () => {
      const run = await detect({ workspace: make({ [file]: content }) });
      assert.equal(run.code, 0, run.stderr);
      assert.deepEqual(
        run.errors.map((error) => [error.file, error.type]),
        [[file, type]],
      );
      assert.ok(run.errors[0]?.message);
      assert.deepEqual(
        run.calls.filter((call) => call.file === file).map(({ callee }) => callee),
        calls,
      );
      assert.equal(run.calls.filter((call) => call.file === 'good.ts').length, 1);
    });
  }

  it('reports unreadable for a file without read permission', async () => {
    const workspace = make({ 'x.ts': 'secret();\n' });
    chmodSync(workspace, 0o755);
    chmodSync(join(workspace, 'x.ts'), 0);
    // Root can read every file, so the pipeline then runs as the user `nobody`.
    const { errors, calls, code, stderr } = await detect({
      workspace,
      ...(process.getuid?.() === 0 ? { uid: 65_534 } : {}),
    });
    assert.equal(code, 0, stderr);
    assert.deepEqual(
      errors.map(({ file, type }) => [file, type]),
      [['x.ts', 'unreadable']],
    );
    assert.equal(calls.length, 1);
  });

  it('ignores brackets in strings when it limits the nesting', async () => {
    const { calls, errors } = await detect({
      workspace: make({ 'x.js': `const x = "${'('.repeat(5000)}";\nf(x);\n` }),
    });
    assert.deepEqual(errors, []);
    assert.ok(calls.some(({ file, callee }) => file === 'x.js' && callee === 'f'));
  });

  it('finds all calls if the nesting is below the limit', async () => {
    const { calls, errors } = await detect({ workspace: make({ 'x.js': nested(400) }) });
    assert.deepEqual(errors, []);
    assert.equal(calls.filter(({ file }) => file === 'x.js').length, 400);
  });
});

describe('positions of calls', () => {
  const cases: readonly { what: string; source: string; file?: string }[] = [
    { what: 'Windows line endings', source: 'const a = 1;\r\n\r\n  mark(a);\r\n' },
    { what: 'a byte order mark', source: '\uFEFFmark(1);\n' },
    { what: 'emoji before the call', source: 'const s = "👩‍👩‍👧 é 漢"; mark(s); // 😀\n' },
    { what: 'emoji before the call in Python', source: 's = "👩‍👩‍👧 é 漢"; mark(s)\n', file: 'x.py' },
    { what: 'non-ASCII names', source: 'größe.länge.mark(1);\n' },
    { what: 'classic Mac line endings', source: 'a;\rb;\rmark(1);\r' },
  ];
  for (const { what, source, file = 'x.ts' } of cases) {
    it(`are in UTF-16 code units with ${what}`, async () => {
      const { calls } = await detect({ workspace: make({ [file]: source }) });
      const call = calls.find((line) => line.file === file);
      assert.ok(call);
      assert.match(source.slice(call.start, call.end), /^(größe\.länge\.)?mark\(.*\)$/);
      const line = source.replace('\uFEFF', '').split(/\r\n|\r|\n/)[call.line - 1];
      assert.ok(line?.startsWith('mark(', call.column - 1), `${call.line}:${call.column}`);
    });
  }
});

describe('detection in a workspace', () => {
  it('succeeds if there are no source files', async () => {
    const workspace = mkdtempSync(join(tmpdir(), 'pipescope-empty-'));
    folders.push(workspace);
    const { code, text, stderr, stdout } = await detect({ workspace });
    assert.deepEqual([code, text, stdout], [0, '', '']);
    assert.match(stderr, /no source files were found/);
  });

  it('applies ignore files and skips dependency folders if git is missing', async () => {
    const workspace = make({
      '.gitignore': '/out\n*.gen.ts\n',
      'sub/.gitignore': 'local.ts\n!keep.gen.ts\n',
      'sub/local.ts': 'hidden();\n',
      'sub/seen.ts': 'seen();\n',
      'local.ts': 'seen();\n',
      'a.gen.ts': 'hidden();\n',
      'out/x.ts': 'hidden();\n',
      'node_modules/p/index.js': 'hidden();\n',
    });
    const { calls } = await detect({ workspace, env: { PATH: '/nowhere' } });
    assert.deepEqual(calls.map(({ file }) => file).sort(), ['good.ts', 'local.ts', 'sub/seen.ts']);
  });

  it('finds uncommitted files but no ignored files with git', async () => {
    const workspace = make({ '.gitignore': 'hidden.ts\n', 'hidden.ts': 'hidden();\n', 'new.ts': 'seen();\n' });
    execFileSync('git', ['init', '-q'], { cwd: workspace });
    execFileSync('git', ['add', 'good.ts'], { cwd: workspace });
    const { calls } = await detect({ workspace });
    assert.deepEqual(calls.map(({ file }) => file).sort(), ['good.ts', 'new.ts']);
  });

  it('does not follow symbolic links', async () => {
    const outside = createWorkspace({ 'outside.ts': 'outside();\n' });
    folders.push(outside);
    const workspace = make({});
    mkdirSync(join(workspace, 'sub'));
    symlinkSync(join(outside, 'outside.ts'), join(workspace, 'link.ts'));
    symlinkSync(outside, join(workspace, 'folder'));
    symlinkSync(workspace, join(workspace, 'sub', 'loop'));
    const walked = await detect({ workspace, env: { PATH: '/nowhere' } });
    execFileSync('git', ['init', '-q'], { cwd: workspace });
    for (const { calls, code } of [walked, await detect({ workspace })]) {
      assert.equal(code, 0);
      assert.deepEqual(
        calls.map(({ callee }) => callee),
        ['good'],
      );
    }
  });

  it('accepts a symbolic link to the workspace', async () => {
    const workspace = make({});
    const link = join(mkdtempSync(join(tmpdir(), 'pipescope-link-')), 'link');
    symlinkSync(workspace, link);
    assert.equal((await detect({ workspace: link })).calls.length, 1);
  });

  const invalidArguments: readonly { args: string[]; message: RegExp }[] = [
    { args: ['--workspace', '/does/not/exist'], message: /is not a folder/ },
    { args: ['--unknown'], message: /Usage: detection/ },
  ];
  for (const { args, message } of invalidArguments) {
    it(`fails with one line of explanation for ${args.join(' ')}`, async () => {
      const { code, stderr, stdout } = await detect({ workspace: '.', args });
      assert.deepEqual([code, stdout], [1, '']);
      assert.match(stderr, message);
      assert.equal(stderr.trim().split('\n').length, 1);
    });
  }

  it('fails if the result cannot be written', async () => {
    const workspace = make({});
    writeFile(workspace, 'file', 'x');
    const { code, stderr } = await detect({ workspace, args: ['--result', join(workspace, 'file', 'r.jsonl')] });
    assert.equal(code, 1);
    assert.match(stderr, /Could not write the result/);
  });
});
