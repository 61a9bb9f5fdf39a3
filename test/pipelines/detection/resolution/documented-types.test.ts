/** Tests that calls are resolved by types in JSDoc comments and by object types. */
import { strict as assert } from 'node:assert';
import { rmSync } from 'node:fs';
import { createWorkspace, detect } from '../run-detection.ts';

const shapes = 'export class Shape { area() {} }\nexport class Line { area() {} }\n';

const cases: readonly {
  readonly what: string;
  readonly file: string;
  readonly text: string /** Callee and target of each call. */;
  readonly targets: readonly string[];
}[] = [
  {
    what: 'types that a comment imports',
    file: 'a.js',
    text: `/** @import { Shape as Form, Line } from './shapes.js' */
/** @param {Form} one @param {Line} two */
export function f(one, two) { one.area(); two.area(); }
`,
    targets: ['one.area shapes.js#Shape.area', 'two.area shapes.js#Line.area'],
  },
  {
    what: 'types that a comment defines',
    file: 'a.js',
    text: `/** @typedef {import('./shapes.js').Line} Stroke */
/** @param {Stroke} stroke */
export function f(stroke) { stroke.area(); }
`,
    targets: ['stroke.area shapes.js#Line.area'],
  },
  {
    what: 'members of object types',
    file: 'a.ts',
    text: `import type { Line, Shape } from './shapes.js';
type Box = { shape: Shape; make(): Line };
export function f(box: Box, other: { line: Line }) { box.shape.area(); box.make().area(); other.line.area(); }
`,
    targets: [
      'box.shape.area shapes.js#Shape.area',
      'box.make a.ts#Box.make',
      'box.make().area shapes.js#Line.area',
      'other.line.area shapes.js#Line.area',
    ],
  },
  {
    what: 'results of overloads if all have the same',
    file: 'a.ts',
    text: `import { Line, Shape } from './shapes.js';
interface Pick { (a: string): Shape; (a: number): Shape }
interface Mixed { (a: string): Shape; (a: number): Line }
export function f(pick: Pick, mixed: Mixed, x: any) { pick(x).area(); mixed(x).area(); }
`,
    targets: ['pick a.ts#Pick', 'pick().area shapes.js#Shape.area', 'mixed a.ts#Mixed', 'mixed().area undefined'],
  },
  {
    what: 'type arguments of a constructor in the functions that it calls',
    file: 'a.ts',
    text: `import { Line, Shape } from './shapes.js';
class Box<T> { constructor(use: (value: T) => void) { use(null as T); } }
export const one = new Box<Shape>((value) => { value.area(); });
export const two = new Box<Line>((value) => { value.area(); });
`,
    targets: [
      'use undefined',
      'Box a.ts#Box',
      'value.area shapes.js#Shape.area',
      'Box a.ts#Box',
      'value.area shapes.js#Line.area',
    ],
  },
];

describe('types of values', () => {
  for (const { what, file, text, targets } of cases) {
    it(`are ${what}`, async () => {
      const workspace = createWorkspace({ [file]: text, 'shapes.js': shapes });
      try {
        const { calls } = await detect({ workspace });
        const resolved = calls.filter((call) => call.file === file).map(({ callee, target }) => `${callee} ${target}`);
        assert.deepEqual(resolved, targets);
      } finally {
        rmSync(workspace, { recursive: true });
      }
    });
  }
});
