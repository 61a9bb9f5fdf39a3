/** Generates Python programs whose functions call each other at random, with the number of calls of each. */

interface RandomProgram {
  readonly text: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly threads: number;
}

const functionCount = 9;

/** Returns numbers from 0 to `limit` - 1 that depend only on the seed (a linear congruential generator). */
function randomNumbers(seed: number): (limit: number) => number {
  let state = seed * 7919 + 17;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

/**
 * Each function works a little, calls functions with higher numbers, and some call themselves or raise an error that their
 * caller catches. So the number of calls follows from the tables alone.
 */
export function randomCallTree(seed: number): RandomProgram {
  const random = randomNumbers(seed);
  const threads = 1 + random(3);
  const rows = Array.from({ length: functionCount }, (_, number) => ({
    loops: random(60),
    depth: random(3),
    raises: random(4) === 0,
    callees: Array.from({ length: random(4) }, () => ({
      number: number + 1 + random(functionCount - number - 1),
      times: 1 + random(6),
    })).filter((callee) => callee.number < functionCount),
  }));
  const roots = 300;
  const definitions = rows.map(({ loops, depth, raises, callees }, number) =>
    [
      `def f${number}(depth=${depth}):`,
      `    for _ in range(${loops}): pass`,
      '    if depth:',
      ...(depth > 0 ? [`        call(f${number}, depth - 1)`] : []),
      '        return',
      ...callees.map((callee) => `    for _ in range(${callee.times}): call(f${callee.number})`),
      ...(raises ? ['    raise ValueError'] : []),
    ].join('\n'),
  );
  const counts: Record<string, number> = {};
  const add = (name: string, times: number): void => {
    counts[name] = (counts[name] ?? 0) + times;
  };
  /** Numbers of calls with the full depth. */
  const entries = rows.map((_, number) => (number === 0 ? roots * threads : 0));
  rows.forEach(({ depth, callees }, number) => {
    const calls = entries[number] ?? 0;
    if (calls === 0) return;
    add(`f${number}`, calls * (depth + 1));
    add('call', calls * (depth + 1));
    for (const callee of callees) entries[callee.number] = (entries[callee.number] ?? 0) + calls * callee.times;
  });
  add('work', threads);
  const text = `import threading
def call(function, *arguments):
    try: function(*arguments)
    except ValueError: pass
${definitions.join('\n')}
def work():
    for _ in range(${roots}): call(f0)
threads = [threading.Thread(target=work) for _ in range(${threads})]
for thread in threads: thread.start()
for thread in threads: thread.join()
`;
  return { text, counts, threads };
}
