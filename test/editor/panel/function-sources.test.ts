import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildStackView } from '../../../src/core/stacks/stack-view.ts';
import { StacksBuilder } from '../../../src/core/stacks/stacks-builder.ts';
import { FunctionSources } from '../../../src/editor/panel/function-sources.ts';
import { allThreads, type FunctionSource, type StackView } from '../../../src/protocol/panel/stack-view.ts';

function viewOf(file: string, line = 1): StackView {
  const builder = new StacksBuilder();
  const id = builder.indexOf({ name: 'rank', file, line, component: 'src' });
  builder.addThread('main').addStack([id], 1, 1e6);
  return buildStackView(builder.build(), { thread: allThreads, function: id });
}

describe('sources of functions', () => {
  let root = '';
  let workspace = '';
  let loads = 0;
  let nowMs = 0;
  const startedAt = new Date(Date.now() + 3_600_000).toISOString();

  const create = (): FunctionSources =>
    new FunctionSources({ folders: () => [workspace], onLoad: () => loads++, nowMs: () => nowMs });

  /** Requests the source, and returns it once it has been read; undefined if the file was read without a result. */
  async function read(sources: FunctionSources, view: StackView): Promise<FunctionSource | undefined> {
    sources.addTo(view, { workspace, startedAt });
    await sources.whenIdle();
    return sources.addTo(view, { workspace, startedAt }).details?.source;
  }

  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'pipescope-sources-')));
    workspace = join(root, 'workspace');
    mkdirSync(workspace);
    writeFileSync(join(workspace, 'a.js'), 'function rank() {\n  return 1;\n}\nrank();\n');
    writeFileSync(join(root, 'secret.js'), 'secret\n');
    loads = 0;
    nowMs = 0;
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('are read once, and announced', async () => {
    const sources = create();
    const source = await read(sources, viewOf('a.js'));
    assert.deepEqual(source, {
      isChanged: false,
      lines: [
        { line: 1, text: 'function rank() {' },
        { line: 2, text: '  return 1;' },
        { line: 3, text: '}' },
      ],
    });
    assert.equal(loads, 1);
    nowMs += 5000;
    await read(sources, viewOf('a.js'));
    assert.equal(loads, 1, 'an unchanged file is announced again');
  });

  it('follow changes of the file, and say that it has changed since the run', async () => {
    const sources = create();
    await read(sources, viewOf('a.js'));
    writeFileSync(join(workspace, 'a.js'), 'function rank() {}\n');
    const later = new Date(Date.parse(startedAt) + 60_000);
    utimesSync(join(workspace, 'a.js'), later, later);
    nowMs += 5000;
    assert.deepEqual(await read(sources, viewOf('a.js')), {
      isChanged: true,
      lines: [{ line: 1, text: 'function rank() {}' }],
    });
    assert.equal(loads, 2);
  });

  it('are not read from outside of the workspace, through links, or from anything but small text files', async () => {
    symlinkSync(join(root, 'secret.js'), join(workspace, 'link.js'));
    mkdirSync(join(workspace, 'folder.js'));
    writeFileSync(join(workspace, 'binary.js'), 'a\0b');
    writeFileSync(join(workspace, 'large.js'), 'x'.repeat(2_000_001));
    const refused = [
      '../secret.js',
      join(root, 'secret.js'),
      'link.js',
      'folder.js',
      'binary.js',
      'large.js',
      'missing.js',
      'node:fs',
      '//host/share/a.js',
    ];
    for (const file of refused) assert.equal(await read(create(), viewOf(file)), undefined, file);
    assert.ok(await read(create(), viewOf(join(workspace, 'a.js'))), 'the control is not read either');
  });

  it('keep at most 20 files', async () => {
    const sources = create();
    for (let index = 0; index < 30; index++) {
      writeFileSync(join(workspace, `f${index}.js`), 'f();\n');
      await read(sources, viewOf(`f${index}.js`));
    }
    const isCached = (file: string): boolean =>
      sources.addTo(viewOf(file), { workspace, startedAt }).details?.source !== undefined;
    assert.deepEqual(
      [isCached('f29.js'), isCached('f10.js'), isCached('f9.js'), isCached('f0.js')],
      [true, true, false, false],
    );
    await sources.whenIdle();
  });
});
