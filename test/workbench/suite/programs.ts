import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { isSnapshot, type Snapshot } from '../../../src/protocol/snapshot.ts';

/** A program that uses CPU time in a function with a known name and location. */
const program = `console.log('started', process.argv.length);
function burn(untilUs) {
  let sum = 0;
  while (process.cpuUsage().user < untilUs) for (let i = 0; i < 1e4; i++) sum += Math.sqrt(i);
  return sum;
}
burn(process.cpuUsage().user + 15e5);
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
    assert.ok(isSnapshot(snapshot), `${command} returned no snapshot`);
    assert.equal(snapshot.run.result, 'success', snapshot.run.message);
    return snapshot;
  }

  async function exportSnapshot(): Promise<Snapshot> {
    const target = vscode.Uri.file(join(dir, 'exported.json'));
    await vscode.commands.executeCommand('pipescope.exportSnapshot', target);
    const snapshot: unknown = JSON.parse(new TextDecoder().decode(await vscode.workspace.fs.readFile(target)));
    assert.ok(isSnapshot(snapshot));
    return snapshot;
  }

  function assertBurnWasSampled({ operations }: Snapshot): void {
    const burn = operations.find(({ name, file }) => name === 'burn' && file?.endsWith('suite-programs/main.cjs'));
    assert.ok(burn, JSON.stringify(operations.map(({ name, file }) => [name, file])));
    assert.deepEqual([burn.line, burn.source], [2, 'sampled']);
    assert.ok((burn.samples ?? 0) > 10 && (burn.selfNs ?? 0) > 2e8, JSON.stringify(burn));
  }

  it('are profiled as the active file', async () => {
    await vscode.window.showTextDocument(vscode.Uri.file(join(dir, 'main.cjs')));
    assertBurnWasSampled(await run('pipescope.profileFile', undefined));
  });

  it('have a sampled timing above the function', async () => {
    const uri = vscode.Uri.file(join(dir, 'main.cjs'));
    for (let left = 50; ; left--) {
      const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri, 9);
      const lens = lenses.find(({ range }) => range.start.line === 1);
      if (lens?.command?.title) {
        assert.match(lens.command.title, /^~[\d.]+ % self · ~[\d.]+ m?s · ~[\d.]+ % total$/);
        assert.equal(lens.command.command, 'pipescope.showInFlameGraph');
        return;
      }
      assert.ok(left > 0, `no lens: ${JSON.stringify(lenses)}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  });

  it('are stepped through by the heat of their functions, and shown in the flame graph', async () => {
    const uri = vscode.Uri.file(join(dir, 'main.cjs'));
    const lineAfter = async (command: string, line: number): Promise<number | undefined> => {
      const editor = await vscode.window.showTextDocument(uri, { viewColumn: vscode.ViewColumn.One });
      editor.selection = new vscode.Selection(line, 0, line, 0);
      await vscode.commands.executeCommand(command);
      return vscode.window.activeTextEditor?.selection.active.line;
    };
    assert.equal(await lineAfter('pipescope.goToHottest', 0), 1);
    assert.equal(await lineAfter('pipescope.nextHotSpot', 0), 1);
    assert.equal(await lineAfter('pipescope.previousHotSpot', 5), 1);
    await lineAfter('pipescope.showInFlameGraph', 2);
    const isShown = (): boolean =>
      vscode.window.tabGroups.all.some(({ tabs }) =>
        tabs.some(({ label, isActive }) => label === 'Pipescope' && isActive),
      );
    for (let left = 50; !isShown(); left--) {
      assert.ok(
        left > 0,
        JSON.stringify(vscode.window.tabGroups.all.map(({ tabs }) => tabs.map(({ label }) => label))),
      );
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  });

  it('are sampled finely for one run, with the cost of their lines', async () => {
    const uri = vscode.Uri.file(join(dir, 'main.cjs'));
    for (const [command, lineSource] of [
      ['pipescope.profileFine', 'ticks'],
      ['pipescope.profileFile', 'checks'],
    ] as const) {
      await run(command, uri);
      const { stacks } = await exportSnapshot();
      assert.equal(stacks?.lineSource, lineSource);
      const burn = stacks.functions.findIndex(({ name }) => name === 'burn');
      const lines = stacks.threads.flatMap((thread) => thread.lines ?? []).filter(([called]) => called === burn);
      assert.ok(
        lines.some(([, line, , selfNs]) => line === 4 && selfNs > 0),
        JSON.stringify(lines),
      );
    }
  });

  it('have lenses only in display mode `lens`', async () => {
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

  it('have every call of a function timed until exact timing is stopped', async () => {
    const editor = await vscode.window.showTextDocument(vscode.Uri.file(join(dir, 'main.cjs')));
    editor.selection = new vscode.Selection(3, 2, 3, 2);
    assert.deepEqual(await vscode.commands.executeCommand('pipescope.timeExactly'), {
      file: join(dir, 'main.cjs'),
      name: 'burn',
    });
    const callsOf = (snapshot: Snapshot) => snapshot.operations.find(({ name }) => name === 'burn')?.count;
    assert.equal(callsOf(await run('pipescope.profileFile', editor.document.uri)), 1);
    // Pass a tree row, because the panel may have taken the focus from the editor.
    const row = { label: 'burn', location: { file: join(dir, 'main.cjs'), line: 2 } };
    await vscode.commands.executeCommand('pipescope.stopTimingExactly', row);
    assert.equal(callsOf(await run('pipescope.profileFile', editor.document.uri)), 0);
  });

  it('are profiled as a package script, run by its package manager', async () => {
    const snapshot = await run('pipescope.profileScript', { path: join(dir, 'package.json'), script: 'go' });
    assert.match(snapshot.run.title, /^\w+ run go$/);
    assertBurnWasSampled(snapshot);
  });

  it('have a Profile lens above each package script', async () => {
    const uri = vscode.Uri.file(join(dir, 'package.json'));
    await vscode.window.showTextDocument(uri);
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri, 9);
    const profileLenses = lenses.filter(({ command }) => command?.command === 'pipescope.profileScript');
    assert.deepEqual(
      profileLenses.map(({ range, command }) => [range.start.line, command?.title]),
      [[2, '$(pulse) Profile']],
    );
  });

  it('are profiled as a command with quoted arguments', async () => {
    const path = join(dir, 'main.cjs');
    assertBurnWasSampled(await run('pipescope.profileCommand', `node "${path}" 'a b' c`));
  });

  it('can be run by a pipescope task', async () => {
    const definition = { type: 'pipescope', command: 'node', args: ['-e', 'process.exitCode = 3'] };
    const [provided] = await vscode.tasks.fetchTasks({ type: 'pipescope' });
    assert.ok(provided?.execution, 'Pipescope provides no task');
    const task = new vscode.Task(definition, vscode.TaskScope.Workspace, 'three', 'Pipescope', provided.execution, []);
    const ended = new Promise<string>((resolve) => {
      const listener = vscode.tasks.onDidEndTask(({ execution }) => {
        if (execution.task.name !== 'three') return;
        listener.dispose();
        resolve('ended');
      });
    });
    await vscode.tasks.executeTask(task);
    assert.equal(await ended, 'ended');
    const { title, result, exitCode } = (await exportSnapshot()).run;
    assert.deepEqual([title, result, exitCode], ['node -e process.exitCode = 3', 'failure', 3]);
  });

  it('are profiled as tasks of another extension', async () => {
    const executions: Readonly<Record<string, vscode.ShellExecution | vscode.ProcessExecution>> = {
      'shell command line': new vscode.ShellExecution('node main.cjs && exit 0', { cwd: dir }),
      'shell command with arguments': new vscode.ShellExecution('node', ['main.cjs', { value: 'a b', quoting: 2 }], {
        cwd: dir,
      }),
      process: new vscode.ProcessExecution(process.execPath, ['main.cjs'], { cwd: dir }),
    };
    const scope = vscode.workspace.workspaceFolders?.[0] ?? vscode.TaskScope.Workspace;
    const provideTasks = (): vscode.Task[] =>
      Object.entries(executions).map(([name, execution]) => {
        return new vscode.Task({ type: 'shell', name }, scope, name, 'suite', execution);
      });
    const provider = vscode.tasks.registerTaskProvider('shell', { provideTasks, resolveTask: (task) => task });
    try {
      for (const name of Object.keys(executions)) {
        await vscode.commands.executeCommand('pipescope.profileTask', name);
        const snapshot = await exportSnapshot();
        assert.equal(snapshot.run.title, `task ${name}`);
        assert.equal(snapshot.run.result, 'success', snapshot.run.message);
        assertBurnWasSampled(snapshot);
      }
    } finally {
      provider.dispose();
    }
  });

  it('send spans to the OTLP receiver, which are shown above the only function of that name', async () => {
    const configuration = vscode.workspace.getConfiguration('pipescope');
    await configuration.update('receiver.port', 0, vscode.ConfigurationTarget.Global);
    writeFileSync(join(dir, 'shop.cjs'), 'function only_in_this_shop() {}\nmodule.exports = { only_in_this_shop };\n');
    const shop = vscode.Uri.file(join(dir, 'shop.cjs'));
    await vscode.window.showTextDocument(shop);
    try {
      const endpoint: unknown = await vscode.commands.executeCommand('pipescope.startReceiver');
      assert.ok(typeof endpoint === 'string', 'the receiver returned no endpoint');
      const startTimeUnixNano = String(Date.now() * 1e6);
      const endTimeUnixNano = String(Date.now() * 1e6 + 250e6);
      const ids = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
      const span = { ...ids, name: 'shop.only_in_this_shop', kind: 1, startTimeUnixNano, endTimeUnixNano };
      const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ scope: { name: 'shop' }, spans: [span] }] }] });
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(`${endpoint}/v1/traces`, { method: 'POST', headers, body });
      assert.equal(response.status, 200, await response.text());
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
    const { run, operations } = await exportSnapshot();
    assert.deepEqual(
      [run.title, operations[0]?.name, operations[0]?.count],
      ['OpenTelemetry', 'shop.only_in_this_shop', 1],
    );
  });

  it('are profiled in terminals only while terminal profiling is on', async () => {
    await vscode.commands.executeCommand('pipescope.toggleTerminals');
    assert.match(await runInTerminal(`node ${join(dir, 'main.cjs')}; env`), /^PIPESCOPE_SOCKET=.+/m);
    await vscode.commands.executeCommand('pipescope.toggleTerminals');
    const variables = await runInTerminal('env');
    assert.match(variables, /^PATH=/m);
    assert.doesNotMatch(variables, /PIPESCOPE|preload\.cjs|OTEL/);
    const snapshot = await exportSnapshot();
    assert.equal(snapshot.run.title, 'Integrated terminals');
    assert.equal(snapshot.run.result, 'success');
    assertBurnWasSampled(snapshot);
  });

  /** Runs a command line in a new terminal and returns its output. */
  async function runInTerminal(line: string): Promise<string> {
    const file = join(dir, 'output.txt');
    const terminal = vscode.window.createTerminal({ name: 'test' });
    const closed = new Promise<void>((resolve) => {
      const listener = vscode.window.onDidCloseTerminal((closedTerminal) => {
        if (closedTerminal !== terminal) return;
        listener.dispose();
        resolve();
      });
    });
    terminal.sendText(`(${line}) > ${file}; exit`);
    await closed;
    return readFileSync(file, 'utf8');
  }
});
