/** Values that programs may pass to the probe API by mistake, or to break it. */

function hostileProxy(target: object): object {
  const refuse = (): never => {
    throw new Error('refused');
  };
  const traps = ['get', 'has', 'ownKeys', 'getPrototypeOf', 'getOwnPropertyDescriptor', 'apply', 'set'] as const;
  return new Proxy(target, Object.fromEntries(traps.map((trap) => [trap, refuse])));
}

/** Returns the values with a description of each. They are new every time, because some are objects. */
export function hostileValues(): readonly (readonly [what: string, value: unknown])[] {
  const circular: Record<string, unknown> = {};
  circular['self'] = circular;
  const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`key ${index}`, index]));
  const throwing = {
    get component(): never {
      throw new Error('getter');
    },
    get name(): never {
      throw new Error('getter');
    },
    get value(): never {
      throw new Error('getter');
    },
    toString: (): never => {
      throw new Error('toString');
    },
    valueOf: (): never => {
      throw new Error('valueOf');
    },
    [Symbol.toPrimitive]: (): never => {
      throw new Error('toPrimitive');
    },
  };
  return [
    ['undefined', undefined],
    ['null', null],
    ['true', true],
    ['NaN', Number.NaN],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['-Infinity', Number.NEGATIVE_INFINITY],
    ['-0', -0],
    ['-1', -1],
    ['0.5', 0.5],
    ['2 ** 53', 2 ** 53],
    ['the largest number', Number.MAX_VALUE],
    ['a bigint', 12n],
    ['a huge bigint', 10n ** 400n],
    ['a symbol', Symbol('s')],
    ['an empty text', ''],
    ['a number as text', '5'],
    ['a long text', 'x'.repeat(5000)],
    ['a lone surrogate', '\ud800'],
    ['half a character at the limit', `${'x'.repeat(399)}😀`],
    ['NUL', 'a\0b'],
    ['__proto__', '__proto__'],
    ['an array', [1, 2]],
    ['a circular object', circular],
    ['an object with throwing getters', throwing],
    ['a proxy that refuses', hostileProxy({})],
    ['a proxy of a function that refuses', hostileProxy(() => 1)],
    ['a revoked proxy', revokedProxy()],
    ['an object with many properties', many],
    ['an object without a prototype', Object.assign(Object.create(null), { a: 1n })],
    ['an object with odd keys', JSON.parse('{"__proto__": 1, "constructor": 2, "": 3}')],
    ['an error with an odd name', Object.assign(new Error('x'), { name: Symbol('n'), code: 5n })],
    ['an error with a throwing code', errorWithThrowingCode()],
    ['a date', new Date(Number.NaN)],
    ['a function', (): number => 1],
    ['a boxed number', Object(5)],
  ];
}

function revokedProxy(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function errorWithThrowingCode(): Error {
  return Object.defineProperty(new Error('x'), 'code', {
    get: () => {
      throw new Error('code');
    },
  });
}
