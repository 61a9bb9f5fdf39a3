/** Runs the command with files, folders and outputs that are damaged, endless, full or not there. */
import { strict as assert } from 'node:assert';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtCli, pipescope as run } from '../../fixtures/command.ts';
import { assertHarmlessLines } from '../../fixtures/hostile-text.ts';
import { createTemporaryFolder } from '../../fixtures/pipeline.ts';

const isLinux = process.platform === 'linux';

describe('pipescope with hostile files', function () {
  this.timeout(120_000);
  let temporary: ReturnType<typeof createTemporaryFolder>;
  let workspace: string;
  before(() => {
    temporary = createTemporaryFolder();
    workspace = join(temporary.path, 'workspace');
    mkdirSync(workspace);
  });
  after(() => temporary.done());

  const pipescope = (args: readonly string[], changes: NodeJS.ProcessEnv = {}) => {
    const env = { ...process.env, XDG_STATE_HOME: join(temporary.path, 'state'), ...changes };
    return run(args, { cwd: workspace, env });
  };
  const write = (name: string, text: string): string => {
    writeFileSync(join(workspace, name), text);
    return name;
  };
  const assertNoStack = (stderr: string): void => assert.doesNotMatch(stderr, /^\s+at /m);

  const references: Readonly<Record<string, () => string>> = {
    'has no machine': () =>
      write(
        'a.json',
        '{"report":{"schema":"pipescope-bench/1","pipeline":"p","machine":{},"cases":[{"name":"run","samplesNs":[1]}]}}',
      ),
    'is cut off': () => write('b.json', '{"report":{"schema":'),
    'is nested deeply': () => write('c.json', `${'['.repeat(50_000)}${']'.repeat(50_000)}`),
    ...(isLinux
      ? {
          'is a pipe': () => {
            execFileSync('mkfifo', [join(workspace, 'd.json')]);
            return 'd.json';
          },
          'is endless': () => {
            symlinkSync('/dev/zero', join(workspace, 'e.json'));
            return 'e.json';
          },
        }
      : {}),
  };
  for (const [what, create] of Object.entries(references)) {
    it(`refuses a reference that ${what} before the first run`, async () => {
      const against = create();
      const mark = join(temporary.path, `started-${against}`);
      const program = ['node', '-e', `fs.writeFileSync(${JSON.stringify(mark)}, '')`];
      const { code, stderr } = await pipescope(['bench', '--runs', '1', '--against', against, '--', ...program]);
      assert.equal(code, 2, stderr);
      assert.equal(stderr.trim().split('\n').length, 1, stderr);
      assert.ok(!existsSync(mark));
    });
  }

  it('benchmarks without a history where the data folder cannot be created, and says so in one sentence', async () => {
    const state = join(workspace, write('not-a-folder', ''));
    const args = ['bench', '--runs', '2', '--', 'node', '-e', '0'];
    const { code, stdout, stderr } = await pipescope(args, { XDG_STATE_HOME: state });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /median/);
    assert.equal(stderr.match(/cannot be used/g)?.length, 1, stderr);
    assertNoStack(stderr);
    const saving = await pipescope(['bench', '--save', 'a', ...args.slice(1)], { XDG_STATE_HOME: state });
    assert.equal(saving.code, 2, saving.stderr);
    assert.match(saving.stderr, /--save needs a data folder/);
    assert.equal(saving.stdout, '');
  });

  it('keeps the exit code and the JSON of a run whose snapshot cannot be written', async () => {
    const targets = [join(workspace, 'not-a-folder/x.json'), ...(isLinux ? ['/dev/full'] : [])];
    for (const target of targets) {
      const args = ['run', '--json', '--snapshot', target, '--', 'node', '-e', 'process.exit(3)'];
      const { code, stdout, stderr } = await pipescope(args);
      assert.equal(code, 3, stderr);
      assert.equal(JSON.parse(stdout).run.exitCode, 3);
      assert.match(stderr, /^Could not write the snapshot: .*--snapshot\.$/m);
      assertNoStack(stderr);
    }
    if (isLinux) assert.ok(statSync('/dev/full').isCharacterDevice());
  });

  it('replaces a snapshot file in one step, shows it again, and counts what its JSON omits', async () => {
    const file = join(workspace, 'run.pipescope.json');
    writeFileSync(file, 'old', { mode: 0o640 });
    const hot = 'function hot() { const end = Date.now() + 300; while (Date.now() < end); } hot();';
    write('hot.js', hot);
    const args = ['run', '--json', '--summary', '--snapshot', file, '--', 'node', 'hot.js'];
    const { code, stdout, stderr } = await pipescope(args);
    assert.equal(code, 0, stderr);
    assert.equal(JSON.parse(stdout).operationsOmitted, 0);
    assert.match(stderr, /^ .*\bhot\b.*hot\.js:1/m);
    assert.equal(statSync(file).mode & 0o777, 0o640);
    assert.deepEqual(
      readdirSync(workspace).filter((name) => name.endsWith('.tmp')),
      [],
    );
    const shown = await pipescope(['show', file]);
    assert.equal(shown.code, 0, shown.stderr);
    assert.match(shown.stdout, /\bhot\b.*hot\.js:1/);
    const asJson = await pipescope(['show', '--json', file]);
    assert.equal(JSON.parse(asJson.stdout).run.id, JSON.parse(readFileSync(file, 'utf8')).run.id);
    const refused = await pipescope([
      'show',
      write('damaged.json', readFileSync(file, 'utf8').replace('"health"', '"h"')),
    ]);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /damaged in “health”/);
  });

  it('prints no summary where standard error is not a terminal, unless it is asked for', async () => {
    const { stderr } = await pipescope(['run', '--', 'node', '-e', '0']);
    assert.equal(stderr, '');
  });

  it('prints one harmless line for each fault of a bundle, whatever its files are called', async () => {
    const folder = join(workspace, 'bundle');
    mkdirSync(folder);
    const names = ['a\nUnchanged: all', '\u001b[2J\u001b]52;c;eA==\u0007', '##vso[task.x]y'];
    const files = names.map((path) => ({ path, bytes: 0, sha256: '0'.repeat(64), type: 'log' }));
    writeFileSync(join(folder, 'receipt.json'), '{}');
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ schema: 'pipescope-manifest/1', files }));
    const { code, stdout } = await pipescope(['verify', folder]);
    assert.equal(code, 1);
    assert.equal(stdout.match(/ is missing\.$/gm)?.length, 3, stdout);
    assertHarmlessLines(stdout);
    assert.doesNotMatch(stdout, /^Unchanged/m);
    assertHarmlessLines((await pipescope(['verify', '--json', folder])).stdout, 1);
  });

  if (isLinux && spawnSync('script', ['--version']).status === 0) {
    it('never moves the cursor while a program shares the terminal', () => {
      write(
        'lines.js',
        "for (let i = 0; i < 4; i++) { console.log('line', i); const e = Date.now() + 500; while (Date.now() < e); }",
      );
      const command = `${process.execPath} ${builtCli()} run --progress -- node lines.js`;
      const env = { ...process.env, CI: '', XDG_STATE_HOME: join(temporary.path, 'state') };
      const shown = spawnSync('script', ['-qec', command, '/dev/null'], {
        cwd: workspace,
        env,
        encoding: 'utf8',
      }).stdout;
      for (let line = 0; line < 4; line++) assert.match(shown, new RegExp(`line .*${line}`));
      assert.match(shown, /running · .*hottest/);
      assert.ok(!/\[\d*[A-HJKf]/.test(shown.replaceAll(/\[\d*m/g, '')), JSON.stringify(shown));
      assert.match(shown, /self +total +calls +function/);
    });
  }
});
