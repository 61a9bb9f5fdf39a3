import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { isSnapshot, type Snapshot } from '../../../src/protocol/snapshot.ts';

/** Burns time in a function of a known name and place. */
const program = `console.log('started', process.argv.length);
function burn(until) {
  let sum = 0;
  while (performance.now() < until) for (let i = 0; i < 1e4; i++) sum += Math.sqrt(i);
  return sum;
}
burn(performance.now() + 1500);
`;

describe('programs of the workspace', () => {
  let dir: string;

  before(() => {
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
    assert.ok(folder, 'no folder is open');
    dir = join(folder, 'out', 'suite-programs');
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, 'main.cjs'), program);
    writeFileSync(join(dir, 'package.json'), JSON.stringify({ scripts: { go: 'node main.cjs a b' } }, null, 2));
  });
  after(() => rmSync(dir, { recursive: true, force: true }));

  async function run(command: string, argument: unknown): Promise<Snapshot> {
    const snapshot: unknown = await vscode.commands.executeCommand(command, argument);
    assert.ok(isSnapshot(snapshot), `${command} gave no snapshot`);
    assert.equal(snapshot.run.result, 'success', snapshot.run.message);
    return snapshot;
  }

  async function exported(): Promise<Snapshot> {
    const target = vscode.Uri.file(join(dir, 'exported.json'));
    await vscode.commands.executeCommand('pipescope.exportSnapshot', target);
    const snapshot: unknown = JSON.parse(new TextDecoder().decode(await vscode.workspace.fs.readFile(target)));
    assert.ok(isSnapshot(snapshot));
    return snapshot;
  }

  function assertBurnt({ operations }: Snapshot): void {
    const burn = operations.find(({ name, file }) => name === 'burn' && file?.endsWith('suite-programs/main.cjs'));
    assert.ok(burn, JSON.stringify(operations.map(({ name, file }) => [name, file])));
    assert.deepEqual([burn.line, burn.source], [2, 'sampled']);
    assert.ok((burn.samples ?? 0) > 10 && (burn.selfNs ?? 0) > 5e8, JSON.stringify(burn));
  }

  it('are profiled as the active file, unchanged', async () => {
    await vscode.window.showTextDocument(vscode.Uri.file(join(dir, 'main.cjs')));
    assertBurnt(await run('pipescope.profileFile', undefined));
  });

  it('carry a sampled number above the function that it is of', async () => {
    const uri = vscode.Uri.file(join(dir, 'main.cjs'));
    for (let left = 50; ; left--) {
      const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri, 9);
      const lens = lenses.find(({ range }) => range.start.line === 1);
      if (lens?.command?.title) {
        assert.match(lens.command.title, /~[\d.]+ (ms|s)/);
        return;
      }
      assert.ok(left > 0, `no lens: ${JSON.stringify(lenses)}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  });

  it('have lenses in the mode that has lenses, and in no other', async () => {
    const uri = vscode.Uri.file(join(dir, 'main.cjs'));
    const configuration = vscode.workspace.getConfiguration('pipescope');
    const count = async () =>
      (await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri)).length;
    const lenses = await count();
    assert.ok(lenses > 0);
    for (const mode of ['inline', 'gutter', 'off']) {
      await configuration.update('display.mode', mode, vscode.ConfigurationTarget.Global);
      assert.equal(await count(), 0, mode);
    }
    await configuration.update('display.mode', undefined, vscode.ConfigurationTarget.Global);
    assert.equal(await count(), lenses);
  });

  it('are timed call by call where a function is asked for, and no longer when it is not', async () => {
    const editor = await vscode.window.showTextDocument(vscode.Uri.file(join(dir, 'main.cjs')));
    editor.selection = new vscode.Selection(3, 2, 3, 2);
    assert.deepEqual(await vscode.commands.executeCommand('pipescope.timeExactly'), {
      file: join(dir, 'main.cjs'),
      name: 'burn',
    });
    const called = (snapshot: Snapshot) => snapshot.operations.find(({ name }) => name === 'burn')?.count;
    assert.equal(called(await run('pipescope.profileFile', editor.document.uri)), 1);
    // As a row of the view names it: the panel may have taken the focus from the editor.
    const row = { label: 'burn', place: { file: join(dir, 'main.cjs'), line: 2 } };
    await vscode.commands.executeCommand('pipescope.stopTimingExactly', row);
    assert.equal(called(await run('pipescope.profileFile', editor.document.uri)), 0);
  });

  it('are profiled as a script, below a package manager', async () => {
    const snapshot = await run('pipescope.profileScript', { path: join(dir, 'package.json'), script: 'go' });
    assert.match(snapshot.run.title, /^\w+ run go$/);
    assertBurnt(snapshot);
  });

  it('are offered above each script of a package', async () => {
    const uri = vscode.Uri.file(join(dir, 'package.json'));
    await vscode.window.showTextDocument(uri);
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri, 9);
    const ours = lenses.filter(({ command }) => command?.command === 'pipescope.profileScript');
    assert.deepEqual(
      ours.map(({ range, command }) => [range.start.line, command?.title]),
      [[2, '$(pulse) Profile']],
    );
  });

  it('are profiled as a command, split as a shell would', async () => {
    const path = join(dir, 'main.cjs');
    assertBurnt(await run('pipescope.profileCommand', `node "${path}" 'a b' c`));
  });

  it('are run by a task, which ends with their exit code', async () => {
    const definition = { type: 'pipescope', command: 'node', args: ['-e', 'process.exitCode = 3'] };
    const known = await vscode.tasks.fetchTasks({ type: 'pipescope' });
    const like = known[0];
    assert.ok(like?.execution, 'no task of ours is offered');
    const task = new vscode.Task(definition, vscode.TaskScope.Workspace, 'three', 'Pipescope', like.execution, []);
    const ended = new Promise<string>((resolve) => {
      const listening = vscode.tasks.onDidEndTask(({ execution }) => {
        if (execution.task.name !== 'three') return;
        listening.dispose();
        resolve('ended');
      });
    });
    await vscode.tasks.executeTask(task);
    assert.equal(await ended, 'ended');
    const { run: ran } = await exported();
    assert.deepEqual([ran.title, ran.result, ran.exitCode], ['node -e process.exitCode = 3', 'failure', 3]);
  });

  it('are run as the task of another extension, whose program is started as the editor would', async () => {
    const forms: Readonly<Record<string, vscode.ShellExecution | vscode.ProcessExecution>> = {
      'as a line of a shell': new vscode.ShellExecution('node main.cjs && exit 0', { cwd: dir }),
      'as words of a shell': new vscode.ShellExecution('node', ['main.cjs', { value: 'a b', quoting: 2 }], {
        cwd: dir,
      }),
      'as a process': new vscode.ProcessExecution(process.execPath, ['main.cjs'], { cwd: dir }),
    };
    const scope = vscode.workspace.workspaceFolders?.[0] ?? vscode.TaskScope.Workspace;
    const provideTasks = (): vscode.Task[] =>
      Object.entries(forms).map(([name, execution]) => {
        return new vscode.Task({ type: 'shell', name }, scope, name, 'suite', execution);
      });
    const provider = vscode.tasks.registerTaskProvider('shell', { provideTasks, resolveTask: (task) => task });
    try {
      for (const name of Object.keys(forms)) {
        await vscode.commands.executeCommand('pipescope.profileTask', name);
        const snapshot = await exported();
        assert.equal(snapshot.run.title, `task ${name}`);
        assert.equal(snapshot.run.result, 'success', snapshot.run.message);
        assertBurnt(snapshot);
      }
    } finally {
      provider.dispose();
    }
  });

  it('send spans from elsewhere, which stand at the only function of their name', async () => {
    const configuration = vscode.workspace.getConfiguration('pipescope');
    await configuration.update('receiver.port', 0, vscode.ConfigurationTarget.Global);
    writeFileSync(join(dir, 'shop.cjs'), 'function only_in_this_shop() {}\nmodule.exports = { only_in_this_shop };\n');
    const shop = vscode.Uri.file(join(dir, 'shop.cjs'));
    await vscode.window.showTextDocument(shop);
    try {
      const endpoint: unknown = await vscode.commands.executeCommand('pipescope.startReceiver');
      assert.ok(typeof endpoint === 'string', 'no address was told');
      const startTimeUnixNano = String(Date.now() * 1e6);
      const endTimeUnixNano = String(Date.now() * 1e6 + 250e6);
      const ids = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
      const span = { ...ids, name: 'shop.only_in_this_shop', kind: 1, startTimeUnixNano, endTimeUnixNano };
      const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ scope: { name: 'shop' }, spans: [span] }] }] });
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${endpoint}/v1/traces`, { method: 'POST', headers, body });
      assert.equal(answer.status, 200, await answer.text());
      for (let left = 300; ; left--) {
        const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
          'vscode.executeCodeLensProvider',
          shop,
          9,
        );
        const { command } = lenses.find(({ range }) => range.start.line === 0) ?? {};
        if (command?.title.includes('250 ms p95')) break;
        assert.ok(left > 0, `no lens: ${JSON.stringify(lenses)}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    } finally {
      await vscode.commands.executeCommand('pipescope.stop');
      await configuration.update('receiver.port', undefined, vscode.ConfigurationTarget.Global);
    }
    const { run, operations } = await exported();
    assert.deepEqual(
      [run.title, operations[0]?.name, operations[0]?.count],
      ['OpenTelemetry', 'shop.only_in_this_shop', 1],
    );
  });

  it('report from terminals while that is on, and only then', async () => {
    await vscode.commands.executeCommand('pipescope.toggleTerminals');
    assert.match(await inTerminal(`node ${join(dir, 'main.cjs')}; env`), /^PIPESCOPE_SOCKET=.+/m);
    await vscode.commands.executeCommand('pipescope.toggleTerminals');
    const variables = await inTerminal('env');
    assert.match(variables, /^PATH=/m);
    assert.doesNotMatch(variables, /PIPESCOPE|preload\.cjs|OTEL/);
    const snapshot = await exported();
    assert.equal(snapshot.run.title, 'Integrated terminals');
    assert.equal(snapshot.run.result, 'success');
    assertBurnt(snapshot);
  });

  /** What a line prints in a terminal of its own. */
  async function inTerminal(line: string): Promise<string> {
    const file = join(dir, 'said.txt');
    const terminal = vscode.window.createTerminal({ name: 'ours' });
    const closed = new Promise<void>((resolve) => {
      const listening = vscode.window.onDidCloseTerminal((one) => {
        if (one !== terminal) return;
        listening.dispose();
        resolve();
      });
    });
    terminal.sendText(`(${line}) > ${file}; exit`);
    await closed;
    return readFileSync(file, 'utf8');
  }
});
