import { checkRandomPrograms } from '../random-program.ts';

describe('the records of random programs', function () {
  this.timeout(60_000);

  it('arrive completely or are counted, whatever the host does', () => checkRandomPrograms(12));
});
