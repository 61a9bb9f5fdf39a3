/** Python programs whose coroutines are suspended and resumed in every way, for `suspensions.slow.test.ts`. */

export interface Suspension {
  /** Completes the message "behaves differently with …". */
  readonly what: string;
  /** Prints what it sees. */
  readonly program: string;
  /** Minimum minor version of Python 3. */
  readonly minMinorVersion?: number;
  /** True if some calls never end, because a coroutine goes on although it was closed. */
  readonly leavesCalls?: boolean;
}

/** Drives every outer coroutine with every inner awaitable, reaction and sequence of operations by hand: about 6,000 runs. */
const byHand = `
import gc, inspect, itertools, sys, types
gc.disable()  # What it deletes, and when, would be printed.
class Signal(Exception): pass

def inner(reaction, log):
    try:
        log.append((yield 'first'))
        log.append((yield 'second'))
        return 'end'
    except BaseException as error:
        log.append(type(error).__name__)
        if reaction == 'return': return 'caught'
        if reaction == 'raise': raise
        if reaction == 'replace': raise KeyError('other')
        log.append((yield 'third'))
        return 'late'
    finally:
        log.append('finally')

class Object:
    def __init__(self, *args): self.args = args
    def __await__(self): return inner(*self.args)
class Delegating(Object):
    def __await__(self):
        value = yield from inner(*self.args)
        return value
class Iterator(Object):
    def __await__(self): return self
    def __iter__(self): return self
    def __next__(self):
        self.args[1].append('next')
        return 'item'
generator = types.coroutine(inner)
async def native(*args):
    return await generator(*args)
async def deep(reaction, log):
    try:
        return await native(reaction, log)
    finally:
        log.append('deep')
async def deepest(reaction, log):
    async with Manager(log):
        return await deep(reaction, log)
async def items(reaction, log):
    try:
        yield await native(reaction, log)
        yield 'item'
    finally:
        log.append(await native(reaction, log))
async def asend(*args): return await items(*args).asend(None)
async def athrow(*args):
    source = items(*args)
    try: first = await source.__anext__()
    except Signal: first = None
    return first, await source.athrow(Signal)
async def aclose(*args):
    source = items(*args)
    await source.__anext__()
    return await source.aclose()

class Manager:
    def __init__(self, log, make=None): self.log, self.make = log, make
    async def __aenter__(self):
        return self.make and await self.make()
    async def __aexit__(self, *error):
        self.log.append(str(error[0]))
        return bool(self.make and await self.make())
class Items:
    def __init__(self, make): self.make, self.left = make, 2
    def __aiter__(self): return self
    async def __anext__(self):
        self.left -= 1
        if self.left < 0: raise StopAsyncIteration
        return await self.make()

async def simple(make, log):
    return await make()
async def guarded(make, log):
    try:
        return await make()
    except (Signal, KeyError) as error:
        log.append(repr(error))
        return await make()
    finally:
        log.append('outer')
async def finishing(make, log):
    try:
        first = await make()
    finally:
        log.append(await make())
    return first
async def within(make, log):
    async with Manager(log, make) as value:
        log.append(await make())
        return value
async def over(make, log):
    async for value in Items(make):
        log.append(value)
        if value == 'late': continue
        await make()
    else: return 'else'
async def comprehended(make, log):
    return [value async for value in Items(make)], {await make() for _ in range(1)}
async def operands(make, log):
    return 1, [await make(), (await make(), *[await make()])], f'{await make()}'
async def outermost(make, log):
    return await guarded(lambda: simple(make, log), log)

def chain(value):
    while value is not None:
        yield getattr(value, '__name__', type(value).__name__)
        value = next((getattr(value, name) for name in ('cr_await', 'gi_yieldfrom', 'ag_await') if hasattr(value, name)), None)

def lines(error):
    trace, is_complete = error.__traceback__.tb_next, not (3, 9) <= sys.version_info < (3, 12)
    while trace and is_complete:  # Otherwise Python loses frames of an exception that is thrown while another one is handled.
        yield trace.tb_frame.f_code.co_name, trace.tb_lineno
        trace = trace.tb_next

sequences = [
    ['throw'], ['close'], ['send', 'throw'], ['send', 'throw', 'send', 'send'], ['send', 'close', 'send'],
    ['send', 'send', 'throw', 'throw', 'send', 'close'], ['send', 'throw', 'close'], ['send', 'exit'], ['send', 'stop', 'send'],
    ['send', 'send', 'send', 'send', 'send', 'throw', 'send', 'throw'], ['send'],
]
thrown = {'throw': Signal, 'exit': GeneratorExit, 'stop': StopIteration}
outers = [simple, guarded, finishing, within, over, comprehended, operands, outermost]
inners = [generator, Object, Delegating, Iterator, native, deep, deepest, asend, athrow, aclose]
for outer, awaited, reaction, sequence in itertools.product(outers, inners, ['return', 'raise', 'replace', 'yield'], sequences):
    log, unraised = [], []
    sys.unraisablehook = lambda event: unraised.append(repr(event.exc_value))
    coroutine = outer(lambda: awaited(reaction, log), log)
    seen = [outer.__name__, awaited.__name__, reaction, *sequence, '->']
    for number, step in enumerate(sequence):
        try:
            if step == 'send': seen.append(coroutine.send(number if number else None))
            elif step == 'close': seen.append(coroutine.close())
            else: seen.append(coroutine.throw(thrown[step](number)))
        except BaseException as error:
            seen.append((type(error).__name__, error.args, repr(error.__context__), list(lines(error))))
        frame = coroutine.cr_frame
        seen += [inspect.getcoroutinestate(coroutine), *chain(coroutine), frame and frame.f_lineno]
    frame = coroutine = None
    print(*seen, log, unraised)
gc.enable()
`;

/** A signal that is pending while coroutines are resumed or suspended concerns the innermost, or nobody but the caller. */
const signals = (innermost: string): string => `
import ctypes, signal, types
strike = getattr(ctypes.PyDLL(None), 'raise')
class Innermost:
    def __await__(self):
        ${innermost}
async def native():
    try: return await Innermost()
    except KeyboardInterrupt: return 'native'
async def outer():
    try: return await native()
    except KeyboardInterrupt: return 'outer'
async def outermost():
    try: return await outer()
    except KeyboardInterrupt: return 'outermost'
async def shown(coroutine): print(await coroutine)
signal.signal(signal.SIGINT, signal.default_int_handler)
for make in native, outer, outermost:
    coroutine = shown(make())
    try:
        coroutine.send(None)
        list(map(coroutine.send, map(strike, [signal.SIGINT])))
    except KeyboardInterrupt: print('caller')
    except BaseException as error: print(repr(error))
    coroutine.close()
`;

const asyncio = (body: string): string => `
import asyncio, contextlib
log = print
async def fail(error=ValueError):
    await asyncio.sleep(0)
    raise error('failed')
async def stubborn(result=7):
    try: await asyncio.sleep(10)
    except asyncio.CancelledError: log('cancelled')
    return result
async def cleaning():
    try: await asyncio.sleep(10)
    finally:
        await asyncio.sleep(0)
        log('cleaned')
async def started(coroutine):
    task = asyncio.ensure_future(coroutine)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return task
${body}
try: log(asyncio.run(main()))
except BaseException as error: log(repr(error))
`;

/** The positions of constants take up to three bytes, which lengthens the instructions of the probe. */
const manyConstants = (count: number): string => `
import types
@types.coroutine
def inner():
    try: yield 1
    except ValueError: return 'caught'
async def large():
    try: return await inner()
    except KeyError: return ${Array.from({ length: count }, (_, n) => `abs(${n + 1000})`).join(', ')}
coroutine = large()
coroutine.send(None)
try: coroutine.throw(ValueError)
except StopIteration as end: print(end.value)
`;

export const suspensions: readonly Suspension[] = [
  { what: 'coroutines driven by hand', program: byHand, leavesCalls: true },
  { what: 'a signal before a resumption', program: signals('return (yield 1)') },
  {
    what: 'a signal before a resumption that the innermost catches',
    program: signals(`
        try: yield 1
        except KeyboardInterrupt: return 'innermost'`),
  },
  { what: 'a signal before a suspension', program: signals('return map(strike, [signal.SIGINT, signal.SIGINT])') },
  {
    what: 'a failed task that is awaited and caught',
    program: asyncio(`
async def guarded(task):
    try: await task
    except ValueError: return 7
async def main(): return await guarded(asyncio.ensure_future(fail()))`),
  },
  {
    what: 'cancelled tasks that return, clean up or fail',
    program: asyncio(`
async def outer(coroutine): return await coroutine
async def main():
    for coroutine in stubborn(), cleaning(), outer(stubborn()), outer(outer(cleaning())):
        task = await started(coroutine)
        task.cancel()
        try: log(await task)
        except asyncio.CancelledError: log('was cancelled', task.cancelled())`),
  },
  {
    what: 'timeouts',
    program: asyncio(`
async def limited(coroutine):
    try: return await asyncio.wait_for(coroutine, 0.005)
    except asyncio.TimeoutError: return 'late'
async def main():
    return await limited(cleaning()), await limited(asyncio.sleep(0, 3)), await limited(limited(asyncio.sleep(10)))`),
  },
  {
    what: 'asyncio.timeout',
    minMinorVersion: 11,
    program: asyncio(`
async def main():
    try:
        async with asyncio.timeout(0.005): await cleaning()
    except TimeoutError: log('late')
    async with asyncio.timeout(0.005) as limit: log(await stubborn())
    return limit.expired()`),
  },
  {
    what: 'task groups',
    minMinorVersion: 11,
    program: asyncio(`
async def main():
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(stubborn()); group.create_task(cleaning()); group.create_task(fail())
    except BaseException as error: log(repr(error))
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(asyncio.sleep(0, n)) for n in range(3)]
            await fail(KeyError)
    except* KeyError as error: log(error.exceptions)
    return [task.result() for task in tasks if not task.cancelled()]`),
  },
  {
    what: 'gather and shield',
    program: asyncio(`
async def main():
    log(await asyncio.gather(fail(), asyncio.sleep(0, 1), fail(KeyError), return_exceptions=True))
    both = asyncio.gather(cleaning(), stubborn())
    await asyncio.sleep(0); await asyncio.sleep(0)
    both.cancel()
    try: await both
    except asyncio.CancelledError: log('both')
    shielded = asyncio.ensure_future(asyncio.sleep(0.005, 'done'))
    try: await asyncio.wait_for(asyncio.shield(shielded), 0.001)
    except asyncio.TimeoutError: return await shielded`),
  },
  {
    what: 'locks, conditions, queues and events that are cancelled',
    program: asyncio(`
async def main():
    lock, queue, event = asyncio.Lock(), asyncio.Queue(), asyncio.Event()
    condition = asyncio.Condition(lock)
    async def locked():
        async with lock: return 'locked'
    async def conditioned():
        async with condition: await condition.wait()
    async def caught(awaitable):
        try: return await awaitable
        except asyncio.CancelledError: return 'caught'
    waiting = [await started(conditioned()), await started(caught(queue.get())), await started(caught(event.wait()))]
    await lock.acquire()
    waiting.append(await started(caught(locked())))
    for task in waiting: task.cancel()
    lock.release()
    log(await asyncio.gather(*waiting, return_exceptions=True))
    return lock.locked(), queue.empty()`),
  },
  {
    what: 'asynchronous generators that are closed, exhausted or left',
    program: asyncio(`
async def ticker(log_name):
    try:
        for n in range(3):
            yield n
            await asyncio.sleep(0)
    finally:
        try: await fail()
        except ValueError: log('closed', log_name)
async def read(source, limit):
    async for n in source:
        if n == limit: return n
async def main():
    left = ticker('left')
    log(await read(left, 1), await read(ticker('read'), 9))
    await left.aclose()
    source = ticker('thrown')
    await source.__anext__()
    try: await source.athrow(KeyError)
    except KeyError: log('thrown')
    await ticker('fresh').aclose()
    return [n async for n in ticker('listed') if await asyncio.sleep(0, True)]`),
  },
  {
    what: 'asynchronous context managers from generators',
    program: asyncio(`
@contextlib.asynccontextmanager
async def opened(name):
    try: yield await asyncio.sleep(0, name)
    except ValueError: log('swallowed', await asyncio.sleep(0, name))
    finally: log('closed', name, await asyncio.sleep(0, True))
async def main():
    async with opened('a') as a, opened('b') as b:
        log(a, b)
        await fail()
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(opened('c'))
        stack.push_async_callback(asyncio.sleep, 0)
        await fail()
    task = await started(left())
    task.cancel()
    return await asyncio.gather(task, return_exceptions=True)
async def left():
    async with opened('d'): await cleaning()`),
  },
  { what: 'more constants than a byte can number', program: manyConstants(300) },
  { what: 'more constants than two bytes can number', program: manyConstants(66_000) },
];
