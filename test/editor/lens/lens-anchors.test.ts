import { strict as assert } from 'node:assert';
import { Marks, markText, type UpdateOptions } from '../../../src/editor/lens/lens-anchors.ts';
import { type Choice, fileKey } from '../../../src/editor/lens/select-lenses.ts';

const path = '/w/a.ts';
const source = ['import b;', '', 'function slow() {', '  b();', '}', '', 'function quick() {', '  return 1;', '}'];

describe('marks', () => {
  it('reserves the lines of a finished run', () => {
    const marks = seen([choice('slow', 2), choice('quick', 6)]);
    assert.deepEqual(lines(marks), [2, 6]);
  });

  it('leaves out what is not worth a line, but keeps its line once it has one', () => {
    const marks = seen([choice('slow', 2), choice('quick', 6, { worthy: false })]);
    assert.deepEqual(lines(marks), [2]);
    marks.update('p', [choice('slow', 2, { worthy: false, text: '0.2 ms' })], ended);
    assert.deepEqual(texts(marks), ['0.2 ms']);
  });

  it('gives a file on screen no new line while a pipeline runs, and new numbers to the lines that it has', () => {
    const marks = seen([choice('slow', 2)]);
    const grown = [choice('slow', 2, { text: '9 ms' }), choice('quick', 6)];
    marks.update('p', grown, { ...ended, running: true, onScreen: () => true });
    assert.deepEqual(texts(marks), ['9 ms']);
    marks.update('p', grown, { ...ended, running: true });
    assert.deepEqual(lines(marks), [2, 6], 'a file that nobody sees may get one at once');
  });

  it('takes no line away while a pipeline runs', () => {
    const marks = seen([choice('slow', 2), choice('quick', 6)]);
    marks.update('p', [choice('slow', 2)], { ...ended, running: true, onScreen: () => true });
    assert.deepEqual(texts(marks), ['5 ms', '5 ms']);
  });

  it('puts in brackets what the newest run did not see', () => {
    const marks = seen([choice('slow', 2), choice('quick', 6)]);
    marks.update('p', [choice('slow', 2)], ended);
    assert.deepEqual(texts(marks), ['5 ms', '(5 ms · earlier run)']);
  });

  it('leaves the marks of another pipeline alone', () => {
    const marks = seen([choice('slow', 2)]);
    marks.update('other', [], ended);
    assert.deepEqual(texts(marks), ['5 ms']);
  });

  it('gives a function one line, whichever program told of it last, and a head to each pipeline', () => {
    const marks = seen([choice('slow', 2), choice(fileKey, 0)]);
    const others = [choice('slow', 2, { text: '7 ms' }), choice(fileKey, 0, { text: '8 ms' })];
    const told = others.map((one) => ({ ...one, pipeline: 'other' }));
    marks.update('other', told, { ...ended, running: true, onScreen: () => true });
    assert.deepEqual(texts(marks), ['5 ms', '7 ms'], 'no line moves while it runs');
    marks.update('other', told, ended);
    assert.deepEqual(texts(marks), ['5 ms', '8 ms', '7 ms']);
  });

  it('keeps the slowest of a file with too many, and its head', () => {
    const many = [1, 2, 3, 4].map((line) => choice(`f${line}`, line, { weightNs: line }));
    const marks = new Marks();
    marks.update('p', [...many, choice(fileKey, 0, { weightNs: 0 })], { ...ended, mostPerFile: 3 });
    assert.deepEqual(lines(marks), [0, 3, 4]);
  });

  it('carries lines along with edits above, without brackets', () => {
    const marks = seen([choice('slow', 2), choice('quick', 6)]);
    type(marks, 0, 0, 'new\nlines\n');
    assert.deepEqual(lines(marks), [4, 8]);
    assert.deepEqual(texts(marks), ['5 ms', '5 ms']);
  });

  it('brackets a body that was edited, and no other, and takes the brackets off when the edit is undone', () => {
    const marks = seen([choice('slow', 2), choice('quick', 6)]);
    const edited = type(marks, 3, 2, 'await ');
    assert.deepEqual(texts(marks), ['(5 ms · edited)', '5 ms']);
    marks.edit(path, [{ startLine: 3, startCharacter: 2, endLine: 3, endCharacter: 8, text: '' }], source);
    assert.notDeepEqual(edited, source);
    assert.deepEqual(texts(marks), ['5 ms', '5 ms']);
  });

  it('brackets the head of a file after any edit of it', () => {
    const marks = seen([choice(fileKey, 0)]);
    type(marks, 7, 2, 'x');
    assert.deepEqual(texts(marks), ['(5 ms · edited)']);
    assert.deepEqual(lines(marks), [0]);
  });

  it('follows a renamed declaration where it stands', () => {
    const marks = seen([choice('slow', 2)]);
    type(marks, 2, 9, 'very_');
    assert.deepEqual(lines(marks), [2]);
    assert.deepEqual(texts(marks), ['(5 ms · edited)']);
  });

  it('hides a mark whose declaration is deleted, and finds it again after an undo or a move', () => {
    const marks = seen([choice('slow', 2)]);
    const without = [...source.slice(0, 1), ...source.slice(5)];
    marks.edit(path, [{ startLine: 0, startCharacter: 9, endLine: 4, endCharacter: 1, text: '' }], without);
    assert.deepEqual(lines(marks), []);
    assert.ok(marks.has(path));
    const moved = [...without, '', ...source.slice(2, 5)];
    marks.edit(path, [{ startLine: 4, startCharacter: 1, endLine: 4, endCharacter: 1, text: '\n…' }], moved);
    assert.deepEqual(
      lines(marks).map((line) => moved[line]),
      ['function slow() {'],
    );
  });

  it('finds a declaration again in a file that another program changed', () => {
    const marks = seen([choice('slow', 2)]);
    marks.settle(path, ['// by git', ...source]);
    assert.deepEqual(lines(marks), [3]);
  });

  it('believes a run that names another line than before, and else the edits', () => {
    const marks = seen([choice('slow', 2)]);
    const shifted = type(marks, 0, 0, 'new\n');
    marks.update('p', [choice('slow', 2)], ended);
    assert.deepEqual(lines(marks), [3], 'the same line again: what runs was built before the edit');
    marks.update('p', [choice('slow', 7)], ended);
    marks.settle(path, shifted);
    assert.deepEqual(lines(marks), [7]);
  });

  it('keeps brackets through a run that did not see the unsaved edit, and takes them off after one that did', () => {
    const marks = seen([choice('slow', 2)]);
    const edited = type(marks, 3, 2, 'await ');
    marks.update('p', [choice('slow', 2, { text: '6 ms' })], { ...ended, unsaved: () => true });
    assert.deepEqual(texts(marks), ['(6 ms · edited)']);
    marks.update('p', [choice('slow', 2, { text: '7 ms' })], ended);
    marks.settle(path, edited);
    assert.deepEqual(texts(marks), ['7 ms']);
  });

  it('comes back from storage as it was, and from rubbish empty', () => {
    const marks = seen([choice('slow', 2), choice('quick', 6)]);
    const stored: unknown = JSON.parse(JSON.stringify(marks.stored));
    assert.equal(marks.stored.length, 2);
    assert.deepEqual(new Marks(stored).stored, marks.stored);
    for (const rubbish of [undefined, 7, {}, [null], [{ path: 1 }], [{ ...marks.stored[0], line: 'x' }]]) {
      assert.deepEqual(new Marks(rubbish).stored, []);
    }
  });

  it('forgets everything when it is cleared', () => {
    const marks = seen([choice('slow', 2)]);
    marks.clear();
    assert.deepEqual(marks.stored, []);
  });
});

const ended: UpdateOptions = { running: false, mostPerFile: 20, onScreen: () => false, unsaved: () => false };

function choice(key: string, line: number, over: Partial<Choice> = {}): Choice {
  return {
    path,
    key,
    pipeline: 'p',
    line,
    weightNs: 5e6,
    warmth: 0.5,
    worthy: true,
    text: '5 ms',
    tooltip: key,
    ...over,
  };
}

/** Marks of a finished run, in a file that was looked at. */
function seen(choices: readonly Choice[]): Marks {
  const marks = new Marks();
  marks.update('p', choices, ended);
  marks.settle(path, source);
  return marks;
}

/** Types into the source and gives it back as it is then. */
function type(marks: Marks, line: number, character: number, text: string): readonly string[] {
  const row = source[line] ?? '';
  const typed = row.slice(0, character) + text + row.slice(character);
  const lines = [...source.slice(0, line), ...typed.split('\n'), ...source.slice(line + 1)];
  marks.edit(
    path,
    [{ startLine: line, startCharacter: character, endLine: line, endCharacter: character, text }],
    lines,
  );
  return lines;
}

function lines(marks: Marks): readonly number[] {
  return marks.of(path).map((mark) => mark.line);
}

function texts(marks: Marks): readonly string[] {
  return marks.of(path).map(markText);
}
