import { strict as assert } from 'node:assert';
import { type PlantedRepository, plant } from '../validation/planted-repository.ts';

const script = `import one from './one.js';
import type { Two } from './two.js';
import { type Three } from './three.js';
import { type Four, four } from './four.js';
import './five.js';
export * from './six.js';
export type { Seven } from './seven.js';
export { eight } from './eight.js';
// import nine from './nine.js';
const ten = "import ten from './ten.js'";
const eleven = await import('./eleven.js');
const later = () => require('./twelve.js');
try { require('./thirteen.js'); } catch { require('./fourteen.js'); }
import('./fifteen.js').then(f).catch(g);
type Sixteen = import('./sixteen.js').Sixteen;
import seventeen = require('./seventeen.js');
require(name); require(\`./\${name}\`);
import type from './eighteen.js';
function f() { try { return import('./nineteen.js'); } finally { g(); } }
`;

const python = `import one, two.three as t
from . import four, five as cinque
from ..six.seven import *
if TYPE_CHECKING:
    from eight import Eight
try:
    import nine
except ImportError:
    import ten
def f():
    import eleven
    if x:
        import twelve
# import thirteen
from fourteen import (
    a,
    b as c,
)
class C:
    import fifteen
`;

describe('imports of a file', () => {
  let planted: PlantedRepository;
  before(async () => {
    planted = await plant({ 'a.ts': script, 'b.py': python });
  });
  after(() => planted.dispose());

  it('are found in TypeScript with line and form', async () => {
    const facts = (await planted.context.repository.index()).get('a.ts');
    assert.equal(facts?.syntaxError, undefined);
    assert.deepEqual(
      facts?.imports.map(({ from, line, form }) => `${line} ${from.slice(2, -3)} ${form}`),
      [
        '1 one static',
        '2 two type',
        '3 three type',
        '4 four static',
        '5 five static',
        '6 six static',
        '7 seven type',
        '8 eight static',
        '11 eleven deferred',
        '12 twelve deferred',
        '13 thirteen optional',
        '13 fourteen static',
        '14 fifteen optional',
        '15 sixteen type',
        '16 seventeen static',
        '18 eighteen static',
        '19 nineteen optional',
      ],
    );
  });

  it('are found in Python with line and form', async () => {
    const facts = (await planted.context.repository.index()).get('b.py');
    assert.equal(facts?.syntaxError, undefined);
    assert.deepEqual(
      facts?.imports.map(({ from, line, form, names }) => [line, from, form, ...(names ?? [])].join(' ')),
      [
        '1 one static',
        '1 two.three static',
        '2 . static four five',
        '3 ..six.seven static',
        '5 eight type Eight',
        '7 nine optional',
        '9 ten optional',
        '11 eleven deferred',
        '13 twelve optional',
        '15 fourteen static a b',
        '20 fifteen static',
      ],
    );
  });
});
