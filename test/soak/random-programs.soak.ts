/** Many random programs against a host that stalls, breaks the connection or is replaced. */
import { checkRandomPrograms } from '../probe/random-program.ts';

describe('the records of a thousand random programs', function () {
  this.timeout(1_200_000);

  it('arrive completely or are counted, whatever the host does', () => checkRandomPrograms(1000));
});
