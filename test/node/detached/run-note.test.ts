import { strict as assert } from 'node:assert';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RunNote, readRunNotes, removeRunNote, writeRunNote } from '../../../src/node/detached/run-note.ts';
import { runNotesFolderOf } from '../../../src/node/storage/data-folder.ts';
import { createTemporaryFolder } from '../../fixtures/pipeline.ts';

const pipeline = {
  id: 'x',
  title: 'x',
  description: 'x',
  components: ['c'],
  throughput: [],
  groups: { 'src/**': 'c' },
};
const note: RunNote = {
  launch: {
    pipeline: { ...pipeline, program: { command: 'node', args: ['x.js'], cwd: 'a' } },
    workspace: '/w',
    cwd: '/w/a',
    start: { kind: 'command', command: 'node', args: ['x.js'], env: { A: 'b' }, stdio: 'pipe' },
  },
  run: {
    id: '0-1',
    pipeline: 'x',
    title: 'x',
    workspace: '/w',
    git: { commit: 'abc', dirty: false },
    trace: { traceId: 'a', spanId: 'b' },
    unit: { component: 'c', operation: 'o', noun: 'files' },
  },
  startedAt: '2026-11-21T03:00:00.000Z',
  address: '/tmp/pipescope-1/socket',
};
const listenNote: RunNote = {
  ...note,
  run: { ...note.run, id: '0-2' },
  launch: { pipeline, workspace: '/w', start: { kind: 'listen' } },
};

describe('run notes', () => {
  let temporary: ReturnType<typeof createTemporaryFolder>;
  beforeEach(() => {
    temporary = createTemporaryFolder();
  });
  afterEach(() => temporary.done());

  it('are read as they were written, until they are removed', () => {
    assert.deepEqual(readRunNotes(temporary.path), []);
    for (const each of [note, listenNote]) writeRunNote(temporary.path, each);
    assert.deepEqual(readRunNotes(temporary.path), [note, listenNote]);
    removeRunNote(temporary.path, note.run.id);
    assert.deepEqual(readRunNotes(temporary.path), [listenNote]);
  });

  it('can only be read by the current user', () => {
    writeRunNote(temporary.path, note);
    const [name = ''] = readdirSync(runNotesFolderOf(temporary.path));
    assert.equal(name, '0-1.json');
    assert.equal(statSync(join(runNotesFolderOf(temporary.path), name)).mode & 0o077, 0);
  });

  const invalidFiles: readonly [string, string, string][] = [
    ['is not JSON', '0-1.json', '{'],
    ['has the id of another run', '0-3.json', JSON.stringify(note)],
    ['has no address', '0-1.json', JSON.stringify({ ...note, address: undefined })],
    ['has an invalid start time', '0-1.json', JSON.stringify({ ...note, startedAt: 'once' })],
    ['starts a module', '0-1.json', JSON.stringify({ ...note, launch: { ...note.launch, start: { kind: 'module' } } })],
  ];
  for (const [what, name, text] of invalidFiles) {
    it(`are deleted if the file ${what}, without affecting others`, () => {
      writeRunNote(temporary.path, listenNote);
      const path = join(runNotesFolderOf(temporary.path), name);
      writeFileSync(path, text);
      assert.equal(readdirSync(runNotesFolderOf(temporary.path)).length, 2);
      assert.deepEqual(readRunNotes(temporary.path), [listenNote]);
      assert.deepEqual(readdirSync(runNotesFolderOf(temporary.path)), ['0-2.json']);
    });
  }
});
