import { strict as assert } from 'node:assert';
import { type AnchorUpdateOptions, anchorText, LensAnchors } from '../../../src/editor/lens/lens-anchors.ts';
import { fileKey, type LensCandidate } from '../../../src/editor/lens/select-lenses.ts';

const path = '/w/a.ts';
const source = ['import b;', '', 'function slow() {', '  b();', '}', '', 'function quick() {', '  return 1;', '}'];

describe('LensAnchors', () => {
  it('reserves the lines of a finished run', () => {
    const anchors = seen([candidate('slow', 2), candidate('quick', 6)]);
    assert.deepEqual(lines(anchors), [2, 6]);
  });

  it('adds only slow functions, but keeps those that became fast', () => {
    const anchors = seen([candidate('slow', 2), candidate('quick', 6, { isSlowEnough: false })]);
    assert.deepEqual(lines(anchors), [2]);
    anchors.update('p', [candidate('slow', 2, { isSlowEnough: false, text: '0.2 ms' })], ended);
    assert.deepEqual(texts(anchors), ['0.2 ms']);
  });

  it('updates a file on screen while a pipeline runs, but adds no lines to it', () => {
    const anchors = seen([candidate('slow', 2)]);
    const grown = [candidate('slow', 2, { text: '9 ms' }), candidate('quick', 6)];
    anchors.update('p', grown, { ...ended, isRunning: true, isOnScreen: () => true });
    assert.deepEqual(texts(anchors), ['9 ms']);
    anchors.update('p', grown, { ...ended, isRunning: true });
    assert.deepEqual(lines(anchors), [2, 6], 'a file that is not on screen grows at once');
  });

  it('removes no line while a pipeline runs', () => {
    const anchors = seen([candidate('slow', 2), candidate('quick', 6)]);
    anchors.update('p', [candidate('slow', 2)], { ...ended, isRunning: true, isOnScreen: () => true });
    assert.deepEqual(texts(anchors), ['5 ms', '5 ms']);
  });

  it('puts functions that the latest run did not report in parentheses', () => {
    const anchors = seen([candidate('slow', 2), candidate('quick', 6)]);
    anchors.update('p', [candidate('slow', 2)], ended);
    assert.deepEqual(texts(anchors), ['5 ms', '(5 ms · earlier run)']);
  });

  it('keeps the anchors of other pipelines', () => {
    const anchors = seen([candidate('slow', 2)]);
    anchors.update('other', [], ended);
    assert.deepEqual(texts(anchors), ['5 ms']);
  });

  it('has one anchor per function, updated by any pipeline, and one per pipeline at the top of the file', () => {
    const anchors = seen([candidate('slow', 2), candidate(fileKey, 0)]);
    const others = [candidate('slow', 2, { text: '7 ms' }), candidate(fileKey, 0, { text: '8 ms' })];
    const reported = others.map((other) => ({ ...other, pipeline: 'other' }));
    anchors.update('other', reported, { ...ended, isRunning: true, isOnScreen: () => true });
    assert.deepEqual(texts(anchors), ['5 ms', '7 ms'], 'no line moves while it runs');
    anchors.update('other', reported, ended);
    assert.deepEqual(texts(anchors), ['5 ms', '8 ms', '7 ms']);
  });

  it('keeps the top of the file and the slowest functions if a file has too many', () => {
    const many = [1, 2, 3, 4].map((line) => candidate(`f${line}`, line, { weightNs: line }));
    const anchors = new LensAnchors();
    anchors.update('p', [...many, candidate(fileKey, 0, { weightNs: 0 })], { ...ended, maxPerFile: 3 });
    assert.deepEqual(lines(anchors), [0, 3, 4]);
  });

  it('moves with edits above without marking the function as edited', () => {
    const anchors = seen([candidate('slow', 2), candidate('quick', 6)]);
    type(anchors, 0, 0, 'new\nlines\n');
    assert.deepEqual(lines(anchors), [4, 8]);
    assert.deepEqual(texts(anchors), ['5 ms', '5 ms']);
  });

  it('marks only the edited function, until the edit is undone', () => {
    const anchors = seen([candidate('slow', 2), candidate('quick', 6)]);
    const edited = type(anchors, 3, 2, 'await ');
    assert.deepEqual(texts(anchors), ['(5 ms · edited)', '5 ms']);
    anchors.edit(path, [{ startLine: 3, startCharacter: 2, endLine: 3, endCharacter: 8, text: '' }], source);
    assert.notDeepEqual(edited, source);
    assert.deepEqual(texts(anchors), ['5 ms', '5 ms']);
  });

  it('marks the top of a file as edited after any edit', () => {
    const anchors = seen([candidate(fileKey, 0)]);
    type(anchors, 7, 2, 'x');
    assert.deepEqual(texts(anchors), ['(5 ms · edited)']);
    assert.deepEqual(lines(anchors), [0]);
  });

  it('stays on a declaration that is renamed', () => {
    const anchors = seen([candidate('slow', 2)]);
    type(anchors, 2, 9, 'very_');
    assert.deepEqual(lines(anchors), [2]);
    assert.deepEqual(texts(anchors), ['(5 ms · edited)']);
  });

  it('hides the anchor of a deleted declaration, and shows it again after undo or a move', () => {
    const anchors = seen([candidate('slow', 2)]);
    const without = [...source.slice(0, 1), ...source.slice(5)];
    anchors.edit(path, [{ startLine: 0, startCharacter: 9, endLine: 4, endCharacter: 1, text: '' }], without);
    assert.deepEqual(lines(anchors), []);
    assert.ok(anchors.has(path));
    const moved = [...without, '', ...source.slice(2, 5)];
    anchors.edit(path, [{ startLine: 4, startCharacter: 1, endLine: 4, endCharacter: 1, text: '\n…' }], moved);
    assert.deepEqual(
      lines(anchors).map((line) => moved[line]),
      ['function slow() {'],
    );
  });

  it('finds a declaration in a file that another program changed', () => {
    const anchors = seen([candidate('slow', 2)]);
    anchors.settle(path, ['// by git', ...source]);
    assert.deepEqual(lines(anchors), [3]);
  });

  it('moves to a line that the run reports for the first time, and otherwise follows the edits', () => {
    const anchors = seen([candidate('slow', 2)]);
    const shifted = type(anchors, 0, 0, 'new\n');
    anchors.update('p', [candidate('slow', 2)], ended);
    assert.deepEqual(lines(anchors), [3], 'the same line as before: the program was built before the edit');
    anchors.update('p', [candidate('slow', 7)], ended);
    anchors.settle(path, shifted);
    assert.deepEqual(lines(anchors), [7]);
  });

  it('stays marked as edited until a run has measured the saved edit', () => {
    const anchors = seen([candidate('slow', 2)]);
    const edited = type(anchors, 3, 2, 'await ');
    anchors.update('p', [candidate('slow', 2, { text: '6 ms' })], { ...ended, isUnsaved: () => true });
    assert.deepEqual(texts(anchors), ['(6 ms · edited)']);
    anchors.update('p', [candidate('slow', 2, { text: '7 ms' })], ended);
    anchors.settle(path, edited);
    assert.deepEqual(texts(anchors), ['7 ms']);
  });

  it('is restored from storage and ignores invalid data', () => {
    const anchors = seen([candidate('slow', 2), candidate('quick', 6)]);
    const stored: unknown = JSON.parse(JSON.stringify(anchors.stored));
    assert.equal(anchors.stored.length, 2);
    assert.deepEqual(new LensAnchors(stored).stored, anchors.stored);
    for (const invalid of [undefined, 7, {}, [null], [{ path: 1 }], [{ ...anchors.stored[0], line: 'x' }]]) {
      assert.deepEqual(new LensAnchors(invalid).stored, []);
    }
  });

  it('is empty after it was cleared', () => {
    const anchors = seen([candidate('slow', 2)]);
    anchors.clear();
    assert.deepEqual(anchors.stored, []);
  });
});

const ended: AnchorUpdateOptions = {
  isRunning: false,
  maxPerFile: 20,
  isOnScreen: () => false,
  isUnsaved: () => false,
};

function candidate(key: string, line: number, over: Partial<LensCandidate> = {}): LensCandidate {
  return {
    path,
    key,
    pipeline: 'p',
    line,
    weightNs: 5e6,
    heat: 0.5,
    isSlowEnough: true,
    text: '5 ms',
    tooltip: key,
    ...over,
  };
}

/** Returns the anchors of a finished run in a file that was opened. */
function seen(candidates: readonly LensCandidate[]): LensAnchors {
  const anchors = new LensAnchors();
  anchors.update('p', candidates, ended);
  anchors.settle(path, source);
  return anchors;
}

/** Types into the source and returns the new text. */
function type(anchors: LensAnchors, line: number, character: number, text: string): readonly string[] {
  const row = source[line] ?? '';
  const typed = row.slice(0, character) + text + row.slice(character);
  const lines = [...source.slice(0, line), ...typed.split('\n'), ...source.slice(line + 1)];
  anchors.edit(
    path,
    [{ startLine: line, startCharacter: character, endLine: line, endCharacter: character, text }],
    lines,
  );
  return lines;
}

function lines(anchors: LensAnchors): readonly number[] {
  return anchors.visibleIn(path).map((anchor) => anchor.line);
}

function texts(anchors: LensAnchors): readonly string[] {
  return anchors.visibleIn(path).map(anchorText);
}
