import { strict as assert } from 'node:assert';
import { stripVTControlCharacters } from 'node:util';
import { Screen } from '../../../../src/node/terminal/output/screen.ts';
import { snapshotAt } from '../../../fixtures/snapshot.ts';

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

describe('Screen', () => {
  it('redraws one table in place on a terminal and cuts lines to its width', () => {
    const output = new Output(true);
    const screen = new Screen(output, { env: {} });
    screen.show(snapshotAt(1), 0);
    const lineCount = output.text.split('\n').length;
    screen.show(snapshotAt(2), 250);
    assert.ok(output.text.includes(`\u001b[${lineCount - 1}A`));
    for (const line of stripVTControlCharacters(output.text).split('\n')) assert.ok(line.length <= 60, line);
  });

  const plain: readonly [string, boolean, NodeJS.ProcessEnv][] = [
    ['an output that is not a terminal', false, {}],
    ['a dumb terminal', true, { TERM: 'dumb' }],
    ['a terminal in CI', true, { CI: 'true' }],
  ];
  for (const [what, isTTY, env] of plain) {
    it(`writes at most one plain line a second to ${what}`, () => {
      const output = new Output(isTTY);
      const screen = new Screen(output, { env });
      for (let tick = 0; tick < 9; tick++) screen.show(snapshotAt(tick), tick * 250);
      screen.end(snapshotAt(9));
      assert.equal(output.text, stripVTControlCharacters(output.text));
      assert.equal(output.text.split('\n').filter((line) => /^detection running/.test(line)).length, 3);
    });
  }

  it('shows every light as an icon and a label, and in color unless NO_COLOR is set', () => {
    const [colored, plainText] = [new Output(true), new Output(true)];
    new Screen(colored, { env: {} }).end(snapshotAt(9));
    new Screen(plainText, { env: { NO_COLOR: '1' } }).end(snapshotAt(9));
    const green = '\u001b[32m✔ ok';
    assert.ok(colored.text.includes(green));
    assert.match(plainText.text, /[✔▲✖] (ok|warning|error)/);
    assert.ok(!plainText.text.includes('\u001b[32m'));
  });
});
