/** Tests without assertions in each language. */
import { strict as assert } from 'node:assert';
import { outcomeOf } from './outcome.ts';

/** Each text has exactly one test without an assertion, on the given line. */
const rows: readonly [what: string, file: string, text: string, line: number][] = [
  [
    'mocha tests with helpers',
    'test/a.test.ts',
    `function look(x) { deeper(x); }
function deeper(x) { assert.equal(x, 1); }
it('a', () => { look(1); });
it('b', () => { run(1); });
it('c', () => expect(1).toBe(1));
it('d', (done) => { on('x', done); });
it('e', () => { if (x) throw new Error('y'); });
it('f', () => { x.should.be.true; });
it('g', shared);
it.skip('h', () => {});
describe('i', () => { run(); });`,
    4,
  ],
  ['ava tests', 'test/a.test.js', `test('a', (t) => { t.is(1, 1); });\ntest('b', (t) => { t.log(1); });`, 2],
  [
    'parameterized tests',
    'a.test.ts',
    'it.each([1])("x %d", (x) => { run(x); });\nit.each`a\n1`("y", ({ a }) => { expect(a); });',
    1,
  ],
  [
    'pytest tests',
    'tests/test_a.py',
    `import pytest
@pytest.fixture
def test_client():
    return 1
def test_a():
    assert 1
def test_b():
    "assert 1"  # assert
    run()
def test_c():
    with pytest.raises(ValueError):
        run()
def test_d():
    same_as(1)
def same_as(x):
    if x: raise AssertionError(x)
@pytest.mark.skip
def test_e():
    run()
`,
    7,
  ],
  [
    'unittest tests',
    'tests/test_b.py',
    `class T(unittest.TestCase):
    def test_a(self):
        self.assertEqual(1, 1)
    def test_b(self):
        run()
    def test_c(self):
        eq = self.ndiffAssertEqual
        eq(1, 1)
    def run_it(self):
        def test_inner():
            pass
`,
    4,
  ],
  [
    'Rust tests',
    'src/lib.rs',
    `fn product() {}
#[test]
fn a() { assert_eq!(1, 1); }
#[test]
fn b() { println!("assert!(1)"); product(); }
#[test]
#[should_panic]
fn c() { product(); }
#[tokio::test]
async fn d() -> Result<(), Error> { product() }
#[test]
fn e() { read().unwrap(); }
#[test]
fn f() { snapshot_of!(1); }
#[test]
#[ignore]
fn g() {}
`,
    5,
  ],
  [
    'Go tests',
    'a_test.go',
    `package a
func TestA(t *testing.T) {
	if x != 1 { t.Fatalf("x") }
}
func TestB(t *testing.T) {
	run() // t.Error()
}
func TestC(t *testing.T) {
	compareAll(t, 1)
}
func TestMain(m *testing.M) { os.Exit(m.Run()) }
func Testing() {}
func BenchmarkA(b *testing.B) {}
`,
    5,
  ],
];

describe('TST_ASSERTIONLESS', () => {
  for (const [what, file, text, line] of rows) {
    it(`finds the test without an assertion among ${what}`, async () => {
      const outcome = await outcomeOf('TST_ASSERTIONLESS', { [file]: text });
      assert.deepEqual(
        outcome.findings?.map((finding) => [finding.file, finding.line]),
        [[file, line]],
        outcome.message,
      );
      assert.match(outcome.message, /^1 of [2-9] tests without an assertion\.$/);
    });
  }

  it('recognizes an asserting helper in another test file', async () => {
    const helper = { 'test/look.ts': 'export function look(x) { assert.equal(x, 1); }' };
    const test = { 'test/a.test.ts': `import { look } from './look.ts';\nit('a', () => { look(1); });` };
    assert.equal((await outcomeOf('TST_ASSERTIONLESS', { ...helper, ...test })).status, 'pass');
    assert.equal((await outcomeOf('TST_ASSERTIONLESS', test)).status, 'fail');
  });

  it('is skipped without test functions', async () => {
    assert.equal((await outcomeOf('TST_ASSERTIONLESS', { 'src/a.ts': 'it()' })).skipReason, 'not_applicable');
    assert.equal((await outcomeOf('TST_ASSERTIONLESS', {})).skipReason, 'not_applicable');
  });
});
