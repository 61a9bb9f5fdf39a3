/** Runs the command where it cannot work as usual. It says so in one sentence and ends with the documented exit code. */
import { strict as assert } from 'node:assert';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { builtCli, pipescope } from '../../fixtures/command.ts';
import { nodeVersion } from '../../fixtures/guest-tools.ts';
import { createTemporaryFolder } from '../../fixtures/pipeline.ts';

describe('the command line', function () {
  this.timeout(60_000);
  let temporary: ReturnType<typeof createTemporaryFolder>;
  let folders: readonly string[];
  before(() => {
    temporary = createTemporaryFolder();
    writeFileSync(join(temporary.path, 'a.ts'), 'export const a = () => a();\n');
    folders = ['--workspace', temporary.path, '--data', join(temporary.path, 'data')];
  });
  after(() => temporary.done());

  for (const version of [12, 14, 16, 18, 20, 22] as const) {
    it(`says on Node ${version} which version it needs`, () => {
      for (const args of [['--version'], ['run', '--', 'true']]) {
        const { status, stdout, stderr } = spawnSync(nodeVersion(version), [builtCli(), ...args], { encoding: 'utf8' });
        assert.deepEqual([status, stdout], [2, ''], stderr);
        assert.match(stderr, /^Pipescope needs Node (\d+) or later.*\n$/);
      }
    });
  }

  it('requires the Node version that the package names', () => {
    const manifest = JSON.parse(readFileSync(join(dirname(builtCli()), '../package.json'), 'utf8'));
    const { stderr } = spawnSync(nodeVersion(12), [builtCli()], { encoding: 'utf8' });
    const [, version] = /needs Node (\d+)/.exec(stderr) ?? [];
    assert.equal(manifest.engines.node, `>=${version}`);
  });

  it('rejects arguments that it would ignore', async () => {
    for (const args of [
      ['run', 'detection', 'x'],
      ['bench', 'detection', 'x'],
      ['receive', 'x'],
      ['verify', 'a', 'x'],
    ]) {
      const { code, stderr } = await pipescope(args);
      assert.equal(code, 2, args.join(' '));
      assert.match(stderr, /“x”/);
    }
  });

  it('ends in silence if the reader of its output has gone', async () => {
    const program = `${JSON.stringify(process.execPath)} "$@" | true; exit "\${PIPESTATUS[0]}"`;
    const args = ['-c', program, 'bash', builtCli(), 'run', 'detection', ...folders, '--json'];
    const { status, stderr } = spawnSync('bash', args, { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    assert.doesNotMatch(stderr, /EPIPE|^ {4}at /m);
  });

  it('says that the disk is full, and ends with exit code 1', function () {
    if (statSync('/dev/full', { throwIfNoEntry: false })?.isCharacterDevice() !== true) this.skip();
    for (const args of [['--help'], ['run', 'detection', ...folders, '--json']]) {
      const command = ['-c', `exec ${JSON.stringify(process.execPath)} "$@" > /dev/full`, 'sh', builtCli(), ...args];
      const { status, stderr } = spawnSync('sh', command, { encoding: 'utf8' });
      assert.equal(status, 1, stderr);
      assert.match(stderr, /No space is left on the device/);
      assert.doesNotMatch(stderr, /^ {4}at /m);
    }
  });

  it('writes a result to a pipe without replacing it', async function () {
    if (process.platform === 'win32') this.skip();
    const pipe = join(temporary.path, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const reader = spawn('cat', [pipe], { stdio: ['ignore', 'pipe', 'ignore'] });
    let text = '';
    reader.stdout.on('data', (chunk) => (text += chunk));
    const closed = once(reader, 'close');
    try {
      const { code, stderr } = await pipescope(['run', 'detection', ...folders, '--cold', '--result', pipe]);
      assert.equal(code, 0, stderr);
      assert.ok(statSync(pipe).isFIFO());
      await closed;
      assert.match(text, /"kind":"call"/);
    } finally {
      reader.kill('SIGKILL');
    }
  });

  it('says that the current folder has gone', () => {
    const gone = join(temporary.path, 'gone');
    mkdirSync(gone);
    const script = 'cd "$1"; rmdir "$1"; shift; exec "$@"';
    const args = ['-c', script, 'sh', gone, process.execPath, builtCli(), 'run', '--', 'true'];
    const { status, stderr } = spawnSync('sh', args, { encoding: 'utf8' });
    assert.equal(status, 1);
    assert.match(stderr, /^The current folder no longer exists.*\n$/);
  });

  it('starts a program before it loads the recorder, the history and the readers of configuration', () => {
    const outputs = readBundles();
    const entries = Object.keys(outputs).filter((file) =>
      /terminal\/(?:start\/command-line|run)\.ts$/.test(outputs[file]?.entryPoint ?? ''),
    );
    assert.equal(entries.length, 2);
    const loaded = [...staticImports(outputs, entries)];
    const contents = loaded.flatMap((file) => Object.keys(outputs[file]?.inputs ?? {})).concat(loaded);
    assert.ok(contents.includes('src/node/run/start-run.ts'));
    const tooEarly = /node:sqlite|hdr-histogram|valibot|jsonc-parser|^(?:node:)?http$/;
    assert.deepEqual(
      contents.filter((name) => tooEarly.test(name)),
      [],
    );
    const all = [...staticImports(outputs, Object.keys(outputs))];
    assert.ok(
      all.some((name) => tooEarly.test(name)),
      'they are loaded later',
    );
  });
});

interface BundleOutput {
  readonly entryPoint?: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly imports: readonly { readonly path: string; readonly kind: string }[];
}

/** Returns the bundler's description of each bundle. */
function readBundles(): Readonly<Record<string, BundleOutput>> {
  return JSON.parse(readFileSync(join(dirname(builtCli()), '../out/bundles.json'), 'utf8'));
}

/** Returns bundles, all bundles that they import statically, and the names of the modules outside of the bundles. */
function staticImports(
  outputs: Readonly<Record<string, BundleOutput>>,
  bundles: readonly string[],
): ReadonlySet<string> {
  const files = new Set(bundles);
  for (const file of files) {
    for (const { path, kind } of outputs[file]?.imports ?? []) if (kind === 'import-statement') files.add(path);
  }
  return files;
}
