/** Starts that fail: the command and the editor say why in one sentence, nothing stays open and nothing waits forever. */
import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { HumanError } from '../../../src/core/human-error.ts';
import { GuestEndpoints } from '../../../src/node/run/guest-endpoints.ts';
import { buildCommandLaunch } from '../../../src/node/run/launch-spec.ts';
import { Session } from '../../../src/node/session.ts';
import { pipescope } from '../../fixtures/command.ts';
import { createTemporaryFolder } from '../../fixtures/pipeline.ts';
import { until } from '../../fixtures/wait.ts';

const dist = resolve(import.meta.dirname, '../../../dist');
/** One argument may have at most 128 KiB on Linux, but no argument limits what Node passes on to us. */
const longArgument = 'x'.repeat(200_000);

interface Failure {
  readonly what: string;
  readonly argv: (folder: string) => [string, ...string[]];
  readonly cwd?: (folder: string) => string;
  readonly message: RegExp;
  readonly exitCode?: number;
  /** False if the system does not pass such arguments to our command. */
  readonly isPossibleInTerminal?: boolean;
}

const failures: readonly Failure[] = [
  { what: 'the command is empty', argv: () => [''], message: /command.* is empty/, exitCode: 2 },
  { what: 'the program does not exist', argv: () => ['no-such-program'], message: /Program not found.*PATH/ },
  { what: 'the path leads through a file', argv: (folder) => [join(folder, 'file/x')], message: /Program not found/ },
  { what: 'a name is too long', argv: (folder) => [`${folder}/${'y'.repeat(300)}`], message: /Program not found/ },
  { what: 'the program is a folder', argv: (folder) => [folder], message: /is a folder/ },
  { what: 'the program is not executable', argv: (folder) => [join(folder, 'file')], message: /not executable/ },
  {
    what: 'an argument is too long',
    argv: () => ['true', longArgument],
    message: /too long/,
    isPossibleInTerminal: false,
  },
  {
    what: 'an argument contains a null byte',
    argv: () => ['true', 'a\0b'],
    message: /without null bytes/,
    isPossibleInTerminal: false,
  },
  {
    what: 'the working folder is missing',
    argv: () => ['true'],
    cwd: (folder) => join(folder, 'gone'),
    message: /working folder .* does not exist/,
    isPossibleInTerminal: false,
  },
];

describe('a start that fails', function () {
  this.timeout(60_000);
  let temporary: ReturnType<typeof createTemporaryFolder>;
  let folder: string;
  before(function () {
    if (process.platform === 'win32') this.skip();
    temporary = createTemporaryFolder();
    folder = join(temporary.path, 'workspace');
    mkdirSync(folder);
    writeFileSync(join(folder, 'file'), '');
    chmodSync(join(folder, 'file'), 0o644);
  });
  after(() => temporary?.done());

  for (const { what, argv, cwd, message, exitCode = 1, isPossibleInTerminal = true } of failures) {
    for (const survivesHost of [true, false]) {
      it(`is rejected ${survivesHost ? 'through a keeper' : 'directly'} if ${what}`, async () => {
        const socketsBefore = openSockets();
        const session = new Session({ dist, data: join(temporary.path, 'data'), survivesHost, log: () => undefined });
        const options = { workspace: folder, stdio: 'pipe', ...(cwd ? { cwd: cwd(folder) } : {}) } as const;
        await assert.rejects(session.launch(buildCommandLaunch(argv(folder), options)), (error) => {
          assert.ok(error instanceof HumanError, String(error));
          assert.match(error.message, message);
          return true;
        });
        assert.equal(session.phase, 'failed');
        // Git, which reads the state of the workspace meanwhile, has a pipe for a moment.
        await until(() => openSockets() <= socketsBefore);
      });
    }
    if (!isPossibleInTerminal) continue;
    for (const name of ['run', 'bench']) {
      it(`ends pipescope ${name} with a sentence if ${what}`, async () => {
        const options = ['--workspace', folder, '--data', join(temporary.path, 'data')];
        const output = await pipescope([name, ...options, '--', ...argv(folder)]);
        assert.equal(output.code, exitCode, output.stderr);
        assert.match(output.stderr, message);
        assert.doesNotMatch(output.stderr, /^ {4}at /m);
      });
    }
  }

  it('closes all endpoints if the port of one is in use', async () => {
    const occupant = createServer().listen(0, '127.0.0.1');
    await once(occupant, 'listening');
    const { port } = occupant.address() as AddressInfo;
    const socketsBefore = openSockets();
    const probeConfig = { samplingNs: 0, exact: [], budgetRatio: 1, workspace: folder };
    const opening = GuestEndpoints.open({ probeConfig, port, onMessage: () => undefined, onFault: () => undefined });
    await assert.rejects(opening, /Could not listen on port/);
    await until(() => openSockets() <= socketsBefore);
    occupant.close();
  });

  const folders: readonly [string, (path: string) => string][] = [
    ['is missing', (path) => join(path, 'gone')],
    ['is too long for a socket', (path) => createFolder(join(path, 'z'.repeat(120)))],
    ['is a file', (path) => join(path, 'workspace/file')],
  ];
  for (const [what, choose] of folders) {
    it(`is avoided if the temporary folder ${what}`, async () => {
      const env = { ...process.env, TMPDIR: choose(temporary.path) };
      const options = ['--workspace', folder, '--data', join(temporary.path, 'data')];
      const run = await pipescope(['run', ...options, '--', 'echo', '3'], { env });
      assert.deepEqual([run.code, run.stdout, run.stderr], [0, '3\n', '']);
      const bench = await pipescope(['bench', ...options, '--runs', '1', '--warmup', '0', '--', 'true'], { env });
      assert.equal(bench.code, 0, bench.stderr);
    });
  }
});

function createFolder(path: string): string {
  mkdirSync(path);
  return path;
}

/** Returns the number of listening and connected sockets of this process. */
function openSockets(): number {
  if (process.platform !== 'linux') return 0;
  return process.getActiveResourcesInfo().filter((name) => /^(?:TCP|Pipe)(?:Server|Socket)/.test(name)).length;
}
