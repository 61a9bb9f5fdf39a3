/** Tests that the index of a stored result grows by the changed rows and is ignored if its content is not what was written. */
import { strict as assert } from 'node:assert';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type FileRow,
  type Header,
  loadIndex,
  type ResultIndex,
  replaceRows,
  saveIndex,
} from '../../../src/pipelines/detection/result-index.ts';

const header: Header = {
  schema: 'pipescope-answer',
  version: 1,
  workspace: '/somewhere',
  savedAtMs: 1,
  contextHash: 'c',
  factsId: 'f',
  dataId: 'd',
  links: [1, 2, 3],
};
const rows = Array.from(
  { length: 60 },
  (_, index): FileRow => ({
    name: `folder/file${index}.ts`,
    stat: { size: index, mtimeMs: 2, ctimeMs: 3, ino: 4 },
    sha256: 'e'.repeat(64),
    result: [index, 1, 2],
    interfaceHash: '5.6',
    hasError: index % 2 === 0,
    tiers: { scope: index },
    ...(index % 3 === 0 ? {} : { facts: { isNewer: false, segment: [7, 8, index] as const } }),
  }),
);

describe('the index of a stored result', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pipescope-index-'));
    file = join(folder, 'answer.jsonl');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Replaces one row and the time. */
  const change = (index: ResultIndex, position: number, name: string): ResultIndex => {
    const row: FileRow = { ...(index.rows[position] as FileRow), sha256: name, tiers: { typed: 1 } };
    return replaceRows(folder, index, { ...header, savedAtMs: position }, new Map([[position, row]]));
  };
  const contentOf = ({ header: head, rows: content }: ResultIndex): unknown => ({ head, content });

  it('is read as it was written, also after changes of rows', () => {
    let index = saveIndex(folder, header, rows);
    assert.deepEqual(loadIndex(folder), index);
    for (const position of [3, 59, 3]) {
      index = change(index, position, `changed ${position}`);
      assert.deepEqual(loadIndex(folder), index);
    }
    assert.equal(loadIndex(folder).rows[3]?.sha256, 'changed 3');
    assert.deepEqual(loadIndex(folder).header, { ...header, savedAtMs: 3 });
  });

  it('grows by the changed rows, until it is written anew', () => {
    let index = saveIndex(folder, header, rows);
    const base = readFileSync(file, 'utf8');
    let isAppended = true;
    for (let position = 0; position < rows.length && isAppended; position++) {
      index = change(index, position, `changed ${position}`);
      isAppended = readFileSync(file, 'utf8').startsWith(base);
      assert.ok(position > 0 || isAppended, 'one row is appended');
    }
    assert.ok(!isAppended, 'the index is written anew');
    assert.equal(index.state.size, index.state.baseSize);
    assert.deepEqual(loadIndex(folder), index);
  });

  it('has the rows of the last process that wrote it', () => {
    const index = saveIndex(folder, header, rows);
    change(index, 1, 'first process');
    const second = change(index, 2, 'second process');
    assert.deepEqual(contentOf(loadIndex(folder)), contentOf(second));
    assert.equal(loadIndex(folder).rows[1]?.sha256, rows[1]?.sha256);
  });

  const damages: Readonly<Record<string, () => void>> = {
    'its last line is cut off': () => truncateSync(file, readFileSync(file).length - 5),
    'the line break at its end is missing': () => truncateSync(file, readFileSync(file).length - 1),
    'an appended row has other bytes': () =>
      writeFileSync(file, readFileSync(file, 'utf8').replace('"changed"', '"chanGed"')),
    'a first row has other bytes': () =>
      writeFileSync(file, readFileSync(file, 'utf8').replace('file7.ts', 'file8.ts')),
    'a line is appended twice': () => appendFileSync(file, `${readFileSync(file, 'utf8').split('\n')[3]}\n`),
    'a line belongs to another content': () => {
      const line = readFileSync(file, 'utf8').split('\n')[3];
      saveIndex(folder, { ...header, workspace: '/elsewhere' }, rows);
      appendFileSync(file, `${line}\n`);
    },
    'it is empty': () => writeFileSync(file, ''),
  };
  for (const [what, applyDamage] of Object.entries(damages)) {
    it(`is not used if ${what}`, () => {
      change(saveIndex(folder, header, rows), 5, 'changed');
      assert.equal(loadIndex(folder).rows[5]?.sha256, 'changed');
      applyDamage();
      assert.throws(() => loadIndex(folder), Error);
    });
  }
});
