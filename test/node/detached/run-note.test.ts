/** Holds notes on runs to what they are for: found again as they were left, seen by this user alone, and never believed. */
import { strict as assert } from 'node:assert';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isErrand, leaveNote, type Note, notesIn, removeNote } from '../../../src/node/detached/run-note.ts';
import { notesOf } from '../../../src/node/storage/data-folder.ts';
import { folder } from '../../fixtures/pipeline.ts';

const pipeline = {
  id: 'x',
  title: 'x',
  description: 'x',
  components: ['c'],
  throughput: [],
  groups: { 'src/**': 'c' },
};
const note: Note = {
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
const listening: Note = {
  ...note,
  run: { ...note.run, id: '0-2' },
  launch: { pipeline, workspace: '/w', start: { kind: 'listen' } },
};

describe('a note on a run', () => {
  let temporary: ReturnType<typeof folder>;
  beforeEach(() => {
    temporary = folder();
  });
  afterEach(() => temporary.done());

  it('is found as it was left, until it is removed', () => {
    assert.deepEqual(notesIn(temporary.path), []);
    for (const one of [note, listening]) leaveNote(temporary.path, one);
    assert.deepEqual(notesIn(temporary.path), [note, listening]);
    removeNote(temporary.path, note.run.id);
    assert.deepEqual(notesIn(temporary.path), [listening]);
  });

  it('is for the eyes of this user', () => {
    leaveNote(temporary.path, note);
    const [name = ''] = readdirSync(notesOf(temporary.path));
    assert.equal(name, '0-1.json');
    assert.equal(statSync(join(notesOf(temporary.path), name)).mode & 0o077, 0);
  });

  const strangers: readonly [string, string, string][] = [
    ['is no JSON', '0-1.json', '{'],
    ['has another run’s name', '0-3.json', JSON.stringify(note)],
    ['leads nowhere', '0-1.json', JSON.stringify({ ...note, address: undefined })],
    ['started at no time', '0-1.json', JSON.stringify({ ...note, startedAt: 'once' })],
    ['starts a module', '0-1.json', JSON.stringify({ ...note, launch: { ...note.launch, start: { kind: 'module' } } })],
  ];
  for (const [what, name, text] of strangers) {
    it(`that ${what} is removed, and no other`, () => {
      leaveNote(temporary.path, listening);
      const path = join(notesOf(temporary.path), name);
      writeFileSync(path, text);
      assert.equal(readdirSync(notesOf(temporary.path)).length, 2);
      assert.deepEqual(notesIn(temporary.path), [listening]);
      assert.deepEqual(readdirSync(notesOf(temporary.path)), ['0-2.json']);
    });
  }
});

describe('an errand for a keeper', () => {
  const errand = {
    launch: note.launch,
    runId: '0-1',
    dist: '/d',
    wishes: { samplingNs: 1e6, exact: [{ file: '/w/x.js', name: 'f' }], budgetRatio: 0.01, workspace: '/w' },
    span: { traceId: 'a', spanId: 'b', traceFlags: 1 },
    environment: { PATH: '/bin' },
    patienceMs: 30_000,
  };

  it('is known by its whole', () => {
    assert.ok(isErrand(errand));
    for (const key of Object.keys(errand)) assert.equal(isErrand({ ...errand, [key]: undefined }), false, key);
    assert.equal(isErrand({ ...errand, environment: { PATH: 1 } }), false);
  });
});
