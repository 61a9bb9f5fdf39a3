import { strict as assert } from 'node:assert';
import { stripVTControlCharacters } from 'node:util';
import { Screen } from '../../../src/node/terminal/screen.ts';
import { snapshotAt } from '../../fixtures/snapshot.ts';

class Output {
  text = '';
  readonly isTTY: boolean;
  readonly columns = 60;
  constructor(isTTY: boolean) {
    this.isTTY = isTTY;
  }
  write(text: string): void {
    this.text += text;
  }
}

describe('screen', () => {
  it('redraws one picture in place on a terminal, no line wider than it', () => {
    const output = new Output(true);
    const screen = new Screen(output, {});
    screen.show(snapshotAt(1), 0);
    const once = output.text.split('\n').length;
    screen.show(snapshotAt(2), 250);
    assert.ok(output.text.includes(`\u001b[${once - 1}A`));
    for (const line of stripVTControlCharacters(output.text).split('\n')) assert.ok(line.length <= 60, line);
  });

  const plain: readonly [string, boolean, NodeJS.ProcessEnv][] = [
    ['no terminal', false, {}],
    ['a dumb terminal', true, { TERM: 'dumb' }],
    ['a build machine', true, { CI: 'true' }],
  ];
  for (const [what, isTTY, env] of plain) {
    it(`writes plain lines, at most one a second, to ${what}`, () => {
      const output = new Output(isTTY);
      const screen = new Screen(output, env);
      for (let beat = 0; beat < 9; beat++) screen.show(snapshotAt(beat), beat * 250);
      screen.end(snapshotAt(9));
      assert.equal(output.text, stripVTControlCharacters(output.text));
      assert.equal(output.text.split('\n').filter((line) => /^detection running/.test(line)).length, 3);
    });
  }

  it('says every light with an icon and a word, in colour only where it is wanted', () => {
    const [coloured, bare] = [new Output(true), new Output(true)];
    new Screen(coloured, {}).end(snapshotAt(9));
    new Screen(bare, { NO_COLOR: '1' }).end(snapshotAt(9));
    const green = '\u001b[32m✔ ok';
    assert.ok(coloured.text.includes(green));
    assert.match(bare.text, /[✔▲✖] (ok|warning|error)/);
    assert.ok(!bare.text.includes('\u001b[32m'));
  });
});
