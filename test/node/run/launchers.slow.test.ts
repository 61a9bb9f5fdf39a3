/** Real package managers and wrappers that start a program: they are listed, and only the program counts. */
import { strict as assert } from 'node:assert';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildCommandLaunch } from '../../../src/node/run/launch-spec.ts';
import type { Snapshot } from '../../../src/protocol/snapshot.ts';
import { createSession, createTemporaryFolder } from '../../fixtures/pipeline.ts';

const modules = join(import.meta.dirname, '../../../node_modules');
const pnpm = join(modules, 'pnpm/bin/pnpm.cjs');
const tsx = join(modules, 'tsx/dist/cli.mjs');

const program = `
function burn() { let sum = 0; const end = process.cpuUsage().user + 700_000; while (process.cpuUsage().user < end) for (let i = 0; i < 1e4; i++) sum += i % 7; return sum; }
burn();
`;
/** Starts a program as cross-env does, from the place where that package has its script. */
const wrapper = `#!/usr/bin/env node
require('node:child_process').spawn(process.argv[2], process.argv.slice(3), { stdio: 'inherit' }).on('exit', (code) => process.exit(code));
`;

interface Case {
  readonly argv: readonly [string, ...string[]];
  /** Names of the launchers, in the order in which they are started. */
  readonly launchers: readonly string[];
  readonly file?: string;
}

const cases: readonly Case[] = [
  { argv: ['npm', 'run', '--silent', 'start'], launchers: ['npm'] },
  { argv: ['npm', 'run', 'chained'], launchers: ['npm'] },
  { argv: ['npx', '--no-install', 'burn'], launchers: ['npx'] },
  { argv: ['node', pnpm, 'run', 'start'], launchers: ['pnpm'] },
  { argv: ['node', tsx, 'src/typed.ts'], launchers: ['tsx'], file: 'src/typed.ts' },
  { argv: ['npm', 'run', 'typed'], launchers: ['npm', 'tsx'], file: 'src/typed.ts' },
  { argv: ['npm', 'run', 'wrapped'], launchers: ['npm', 'cross-env'] },
];

describe('launchers of a program', function () {
  this.timeout(60_000);
  const temporary = createTemporaryFolder();
  before(() => {
    const write = (path: string, text: string): void => {
      mkdirSync(dirname(join(temporary.path, path)), { recursive: true });
      writeFileSync(join(temporary.path, path), text);
      chmodSync(join(temporary.path, path), 0o755);
    };
    write(
      'package.json',
      JSON.stringify({
        name: 'shop',
        scripts: {
          start: 'node src/burn.js',
          chained: 'node -e 0 && node src/burn.js && echo done',
          typed: `node ${tsx} src/typed.ts`,
          wrapped: 'node node_modules/cross-env/src/bin/cross-env.js node src/burn.js',
        },
      }),
    );
    write('src/burn.js', program);
    write('src/typed.ts', program.replace('let sum = 0', 'let sum: number = 0'));
    write('node_modules/cross-env/src/bin/cross-env.js', wrapper);
    write('node_modules/.bin/burn', "#!/usr/bin/env node\nrequire('../../src/burn.js');\n");
    // A project that is itself one of these tools.
    write(
      'own/npm/bin/npm-cli.js',
      `${program}require('node:child_process').execFileSync(process.execPath, ['-e', '0']);\n`,
    );
  });
  after(() => temporary.done());

  async function profile(argv: readonly [string, ...string[]]): Promise<Snapshot> {
    const { session, log } = createSession(temporary.path, { dist: join(import.meta.dirname, '../../../dist') });
    try {
      const snapshot = await session.launch(buildCommandLaunch(argv, { workspace: temporary.path, stdio: 'pipe' }));
      assert.equal(snapshot.run.result, 'success', `${snapshot.run.message} ${log.join('\n')}`);
      return session.exportSnapshot();
    } finally {
      await session.stop();
      session.dispose();
    }
  }

  for (const { argv, launchers, file = 'src/burn.js' } of cases) {
    it(`are not counted with ${argv.join(' ').replaceAll(modules, '…')}`, async () => {
      const { processes, code, operations, stacks } = await profile(argv);
      const rows = processes.filter(({ threadId }) => threadId === 0);
      const listed = rows.filter(({ launcher }) => launcher !== undefined);
      assert.deepEqual(new Set(listed.map(({ launcher }) => launcher)), new Set(launchers), JSON.stringify(rows));
      assert.ok(
        listed.every(({ sampledNs = 0, cpuNs = 0 }) => sampledNs + cpuNs > 0),
        'their own time is listed',
      );
      const [first] = code?.groups ?? [];
      assert.equal(first?.name, file, JSON.stringify(code));
      assert.ok(first && code && first.cpuNs > 0.6 * code.totalNs, JSON.stringify(code));
      const pids = new Set(listed.map(({ pid }) => pid));
      assert.ok(!stacks?.threads.some((thread) => pids.has(thread.process)), 'their stacks are left out');
      const tools = operations.filter(({ file: path = '' }) =>
        /node_modules\/(?:npm|pnpm|tsx)\/(?!.*loader)/.test(path),
      );
      assert.deepEqual(
        tools.filter(({ file: path = '' }) => /cli\.[cm]?js$/.test(path)),
        [],
      );
    });
  }

  it('are counted if they do the work themselves', async () => {
    const { processes, operations } = await profile(['npm', 'ls', '--json']);
    assert.deepEqual(
      processes.filter(({ launcher }) => launcher !== undefined),
      [],
    );
    assert.ok(
      operations.some(({ file = '' }) => file.includes('/npm/')),
      'npm has functions',
    );
  });

  it('are counted if they are the code of the workspace', async () => {
    const { processes, code } = await profile(['node', 'own/npm/bin/npm-cli.js']);
    assert.deepEqual(
      processes.filter(({ launcher }) => launcher !== undefined),
      [],
    );
    assert.equal(code?.groups[0]?.name, 'own/npm/bin/npm-cli.js');
  });
});
