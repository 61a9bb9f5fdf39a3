"""Zero code: every function of the user's files is timed, from its first call on, without a change to a file.

Modules get wrapped code as they are imported, the program's own file while it runs (`pipescope_main.py`), what was loaded
before by exchanging `function.__code__`. Generators and lambdas stay as they are.
"""
import atexit
import gc
import os
import sys
from time import perf_counter_ns as now_ns

from _frozen_importlib_external import SourceFileLoader

from pipescope_budget import Budget
from pipescope_guest import guest
from pipescope_main import Main, after_this_line
from pipescope_meter import Meter
from pipescope_socket import parse
from pipescope_walk import FUNCTION, functions_in
from pipescope_wrap import wrap

_COMPONENT = 'functions'
#: What Python removes from tracebacks as its own.
_IMPORTLIB = '<frozen importlib._bootstrap_external>'
_FOREIGN = ('site-packages', 'dist-packages', 'node_modules', '__pypackages__')


class Functions:
    def __init__(self, wishes):
        workspace = wishes.get('workspace')
        self._roots = {os.path.join(root, '') for root in (workspace, os.path.realpath(workspace))}
        self._environment = os.path.join(sys.prefix, '') if sys.prefix != sys.base_prefix else None
        self._exact = []
        #: By file, line of the first word and name; and modules that hold them, by name.
        self._meters, self._modules, self._caches = {}, {}, {}
        self._beats, self._hook = 0, None
        guest.record_ns = _calibrate()
        self._budget = Budget(guest.record_ns, self._give_back)
        self.wish(wishes)

    # Which functions.

    def is_user(self, file):
        if not file.endswith('.py') or (self._environment and file.startswith(self._environment)):
            return False
        return any(file.startswith(root) for root in self._roots) and not any(
            os.sep + name + os.sep in file for name in _FOREIGN)

    def wish(self, wishes):
        """What the host wants, at the start and later."""
        if isinstance(wishes.get('budgetRatio'), (int, float)) and wishes['budgetRatio'] >= 0:
            self._budget.ratio = wishes['budgetRatio']
        exact = wishes.get('exact')
        self._exact = [one for one in exact if isinstance(one, dict)] if isinstance(exact, list) else []
        for meter in list(self._meters.values()):
            self._settle(meter)

    def _settle(self, meter):
        meter.exact = any(self._names(target, meter) for target in self._exact)
        if meter.exact and meter.gate.mask:
            meter.thin(0)
        if meter.exact and meter.off:
            meter.off = False
            self._exchange(meter.original, meter.wrapped)

    def _names(self, target, meter):
        told = meter.definition
        file, line, name = target.get('file'), target.get('line'), target.get('name')
        if not isinstance(file, str) or not any(os.path.join(root, file) == told['file'] for root in self._roots):
            return False
        return (line is None or line == told['line']) and (
            name is None or name == told['name'] or name == told['name'].rpartition('.')[2])

    # Exchanging code.

    def open(self, code, source=None):
        """The wrapping of a file's code, or nothing where it is not the user's or cannot be read."""
        file = os.path.abspath(code.co_filename)
        if not self.is_user(file):
            return None
        try:
            if source is None:
                with open(file, 'rb') as read:
                    source = read.read()
            return wrap(code, source, lambda path, line, own: self._meter(file, path, line, own))
        except Exception:  # Not the source of this code: it runs as it is.
            return None

    def _meter(self, file, path, line, code):
        key = file, code.co_firstlineno, path
        if key not in self._meters:
            made = guest.operation(_COMPONENT, path, Meter, file=file, line=line)
            if made is None:
                self._budget.left_out += 1
                return None
            self._meters[key] = made
            self._settle(made)
        return self._meters[key]

    def look(self, frame, last):
        """Exchanges what the program's own file has defined so far; at the end also what no name leads to."""
        names = frame.f_globals
        self._modules[names.get('__name__')] = 0
        wrapped = {id(meter.original): meter for meter in list(self._meters.values())}
        for function in functions_in(names, names.get('__name__')):
            if type(function) is FUNCTION and id(function.__code__) in wrapped:
                function.__code__ = wrapped[id(function.__code__)].wrapped
        own = {id(one) for one in frame.f_code.co_consts}
        hidden = [meter for meter in wrapped.values() if id(meter.original) in own] if last else []
        if hidden:
            for holder in gc.get_referrers(*[meter.original for meter in hidden]):
                if type(holder) is FUNCTION and id(holder.__code__) in wrapped:
                    holder.__code__ = wrapped[id(holder.__code__)].wrapped

    def _exchange(self, old, new):
        for name in list(self._modules):
            for function in functions_in(getattr(sys.modules.get(name), '__dict__', {}), name):
                if type(function) is FUNCTION and function.__code__ is old:
                    function.__code__ = new

    def _give_back(self, meter):
        self._exchange(meter.wrapped, meter.original)

    def hook(self):
        """Has the import system load the user's modules wrapped."""
        load = SourceFileLoader.get_code

        def get_code(self, fullname):
            code = load(self, fullname)
            return code if code is None else imported(self, fullname, code)

        def imported(loader, fullname, code):
            try:
                if not self.is_user(os.path.abspath(code.co_filename)):
                    return code
                wrapping = self.open(code, loader.get_data(loader.path))
                self._modules[fullname] = 0
                return code if wrapping is None else wrapping.code
            except Exception:
                return code

        get_code.__code__ = get_code.__code__.replace(co_filename=_IMPORTLIB)
        SourceFileLoader.get_code = get_code

    def adopt(self):
        """Exchanges what was loaded before, where its code is still that of its file."""
        for name, module in list(sys.modules.items()):
            file = getattr(module, '__file__', None)
            if name in self._modules or not isinstance(file, str) or not self.is_user(os.path.abspath(file)):
                continue
            try:
                with open(file, 'rb') as read:
                    source = read.read()
                wrapping = self.open(compile(source, file, 'exec', 0, True), source)
            except (OSError, ValueError, SyntaxError):
                continue
            if wrapping is None:
                continue
            self._modules[name] = 0
            known = {(key[0], key[1], meter.original.co_name): meter for key, meter in list(self._meters.items())}
            for function in functions_in(vars(module), name):
                code = getattr(function, '__code__', None)
                meter = code and known.get((os.path.abspath(code.co_filename), code.co_firstlineno, code.co_name))
                if meter and meter.original == code:
                    function.__code__ = meter.wrapped

    # While it runs.

    def tick(self):
        before = self._budget.left_out
        self._budget.look(list(self._meters.values()))
        if self._budget.left_out > before:
            guest.count(_COMPONENT, 'functions too hot', self._budget.left_out - before)

    def beat(self, last):
        self._beats += 1
        self._find_caches(last)

    def _find_caches(self, last):
        """A module is looked through at growing intervals: most caches are there from the start."""
        for name, looks in list(self._modules.items()):
            module = sys.modules.get(name)
            if module is None or not (last or self._beats % (1 << min(looks, 8)) == 0):
                continue
            self._modules[name] = looks + 1
            for found in functions_in(vars(module), name):
                if type(found) is not FUNCTION and id(found) not in self._caches:
                    meter = self._meter_of(found.__wrapped__)
                    if meter is not None:
                        self._caches[id(found)] = [found, meter, 0, 0]
        for kept in self._caches.values():
            found, meter, hits, misses = kept
            now = found.cache_info()
            # After a clear the cache counts from zero.
            cleared = now.hits < hits or now.misses < misses
            meter.hits.append(now.hits - (0 if cleared else hits))
            meter.misses.append(now.misses - (0 if cleared else misses))
            kept[2:] = now.hits, now.misses

    def _meter_of(self, function):
        code = getattr(function, '__code__', None)
        return next((meter for meter in list(self._meters.values())
                     if code is not None and (code is meter.wrapped or code is meter.original)), None)

    def forget(self):
        """In the child of a fork, caches go on from what the parent has told."""
        self._budget.forget()


def _calibrate():
    """What timing costs a call here: the fastest of some rounds."""
    scope, source = {}, 'def plain(): pass\ndef timed(): pass\n'
    meter = Meter(0, _COMPONENT, 'timed')
    plain = compile(source, __file__, 'exec', 0, True)
    exec(wrap(plain, source, lambda path, _line, _code: meter if path == 'timed' else None).code, scope)

    def fastest(function):
        best = 1 << 62
        for _ in range(6):
            start = now_ns()
            for _ in range(50):
                function()
            best = min(best, now_ns() - start)
        return best / 50

    return max(20, round(fastest(scope['timed']) - fastest(scope['plain'])))


def start():
    """Begins; called by sitecustomize where a profiler has started this process."""
    import pipescope_probe  # noqa: F401  The program finds it among the loaded modules.

    wishes = parse(os.environ.get('PIPESCOPE_WISHES', ''))
    functions = None
    if isinstance(wishes, dict) and isinstance(wishes.get('workspace'), str) and wishes['workspace']:
        functions = Functions(wishes)
        guest.on_tick.append(functions.tick)
        guest.on_beat.append(functions.beat)
        guest.on_wishes.append(functions.wish)
        functions.hook()
        functions.adopt()
    _stay_to_the_end(functions)
    guest.run()
    if functions is not None:
        Main(functions.open, functions.look)


def _stay_to_the_end(functions):
    atexit.register(lambda: guest.stop(_bye()))
    leave = os._exit

    def _exit(status):
        guest.stop(_bye())
        leave(status)

    # Children of multiprocessing leave by this door, where no other end is told.
    os._exit = _exit
    for name in ('execv', 'execve'):
        setattr(os, name, _told_before(getattr(os, name)))
    if hasattr(os, 'register_at_fork'):
        _survive_forks(functions)


def _told_before(execute):
    """The same call, by which the process becomes another program; before it the host is told what there is.

    A class, since Python itself then makes the call: where it fails, a trace shows no frame of ours.
    """

    def tell(made, *_values, **_named):
        guest.tell()
        return object.__new__(made)

    return type(execute.__name__, (), {'__new__': tell, '__init__': execute, '__module__': execute.__module__})


def _survive_forks(functions):
    """No thread is there while the process is doubled; afterwards each of the two has its own."""
    ran = []

    def begin_anew():
        guest.begin_anew()
        if functions is not None:
            functions.forget()
        if ran.pop():
            guest.run()

    def go_on():
        if ran.pop():
            # Python 3.13 counts the threads that it warns of after this has been called.
            after_this_line(guest.run) if sys.version_info >= (3, 13) else guest.run()

    os.register_at_fork(before=lambda: ran.append(guest.stop()), after_in_child=begin_anew, after_in_parent=go_on)


def _bye():
    failed = getattr(sys, 'last_type', None)
    return {'reason': 'end'} if failed is None else {'reason': 'error', 'message': failed.__name__[:200]}
