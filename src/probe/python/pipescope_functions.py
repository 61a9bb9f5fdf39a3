"""Times every function of the user's files from its first call on, without a change to the program.

Modules are instrumented while they are imported, and the main file while it runs (see `pipescope_main.py`). In modules that
were loaded before, `function.__code__` is replaced. Generators and lambdas are not instrumented.
"""
import gc
import os
import sys
from time import perf_counter_ns as now_ns

from _frozen_importlib_external import SourceFileLoader

from pipescope_budget import Budget
from pipescope_guest import guest
from pipescope_main import Main
from pipescope_meter import Meter
from pipescope_process import hook_process_end
from pipescope_socket import parse
from pipescope_walk import FUNCTION, functions_in
from pipescope_wrap import instrument

_COMPONENT = 'functions'
#: Python removes frames with this file name from tracebacks.
_IMPORTLIB = '<frozen importlib._bootstrap_external>'
_PACKAGE_FOLDERS = ('site-packages', 'dist-packages', 'node_modules', '__pypackages__')


class Functions:
    def __init__(self, config):
        workspace = config.get('workspace')
        self._roots = {os.path.join(root, '') for root in (workspace, os.path.realpath(workspace))}
        self._environment = os.path.join(sys.prefix, '') if sys.prefix != sys.base_prefix else None
        self._exact = []
        #: Meters by file, first line and name; number of cache searches by module name; caches by ID.
        self._meters, self._modules, self._caches = {}, {}, {}
        self._batches = 0
        guest.record_ns = _measure_record_ns()
        self._budget = Budget(guest.record_ns, self._disable)
        self.configure(config)

    # Selection of functions.

    def is_user(self, file):
        """True for Python files of the workspace that belong to no package and no virtual environment."""
        if not file.endswith('.py') or (self._environment and file.startswith(self._environment)):
            return False
        return any(file.startswith(root) for root in self._roots) and not any(
            os.sep + name + os.sep in file for name in _PACKAGE_FOLDERS)

    def configure(self, config):
        """Applies the host's configuration, at the start and later."""
        if isinstance(config.get('budgetRatio'), (int, float)) and config['budgetRatio'] >= 0:
            self._budget.ratio = config['budgetRatio']
        exact = config.get('exact')
        self._exact = [target for target in exact if isinstance(target, dict)] if isinstance(exact, list) else []
        for meter in list(self._meters.values()):
            self._apply_targets(meter)

    def _apply_targets(self, meter):
        meter.is_exact = any(self._matches(target, meter) for target in self._exact)
        if meter.is_exact and meter.gate.mask:
            meter.set_mask(0)
        if meter.is_exact and meter.is_disabled:
            meter.is_disabled = False
            self._replace_code(meter.original, meter.instrumented)

    def _matches(self, target, meter):
        definition = meter.definition
        file, line, name = target.get('file'), target.get('line'), target.get('name')
        if not isinstance(file, str) or not any(os.path.join(root, file) == definition['file'] for root in self._roots):
            return False
        return (line is None or line == definition['line']) and (
            name is None or name == definition['name'] or name == definition['name'].rpartition('.')[2])

    # Replacement of code.

    def instrument_code(self, code, source=None):
        """Instruments a file. Returns None if it is not the user's or cannot be read."""
        file = os.path.abspath(code.co_filename)
        if not self.is_user(file):
            return None
        try:
            if source is None:
                with open(file, 'rb') as stream:
                    source = stream.read()
            return instrument(code, source, lambda name, line, function: self._meter_for(file, name, line, function))
        except Exception:  # The file is not the source of this code: run the code as it is.
            return None

    def _meter_for(self, file, name, line, code):
        key = file, code.co_firstlineno, name
        if key not in self._meters:
            meter = guest.operation(_COMPONENT, name, Meter, file=file, line=line)
            if meter is None:
                self._budget.disabled_count += 1
                return None
            self._meters[key] = meter
            self._apply_targets(meter)
        return self._meters[key]

    def install(self, frame, last):
        """Replaces the code of functions that the main file has defined so far. In the last call, searches memory for
        those that no name leads to.
        """
        names = frame.f_globals
        self._modules[names.get('__name__')] = 0
        meters = {id(meter.original): meter for meter in list(self._meters.values())}
        for function in functions_in(names, names.get('__name__')):
            if type(function) is FUNCTION and id(function.__code__) in meters:
                function.__code__ = meters[id(function.__code__)].instrumented
        constants = {id(constant) for constant in frame.f_code.co_consts}
        hidden = [meter for meter in meters.values() if id(meter.original) in constants] if last else []
        if hidden:
            for referrer in gc.get_referrers(*[meter.original for meter in hidden]):
                if type(referrer) is FUNCTION and id(referrer.__code__) in meters:
                    referrer.__code__ = meters[id(referrer.__code__)].instrumented

    def _replace_code(self, old, new):
        for name in list(self._modules):
            for function in functions_in(getattr(sys.modules.get(name), '__dict__', {}), name):
                if type(function) is FUNCTION and function.__code__ is old:
                    function.__code__ = new

    def _disable(self, meter):
        self._replace_code(meter.instrumented, meter.original)

    def hook_imports(self):
        """Makes the import system instrument the user's modules."""
        load = SourceFileLoader.get_code

        def get_code(self, fullname):
            code = load(self, fullname)
            return code if code is None else instrumented(self, fullname, code)

        def instrumented(loader, fullname, code):
            try:
                if not self.is_user(os.path.abspath(code.co_filename)):
                    return code
                file = self.instrument_code(code, loader.get_data(loader.path))
                self._modules[fullname] = 0
                return code if file is None else file.code
            except Exception:
                return code

        get_code.__code__ = get_code.__code__.replace(co_filename=_IMPORTLIB)
        SourceFileLoader.get_code = get_code

    def instrument_loaded_modules(self):
        """Instruments modules that were loaded before the probe, unless their file has changed since."""
        for name, module in list(sys.modules.items()):
            file = getattr(module, '__file__', None)
            if name in self._modules or not isinstance(file, str) or not self.is_user(os.path.abspath(file)):
                continue
            try:
                with open(file, 'rb') as stream:
                    source = stream.read()
                instrumented = self.instrument_code(compile(source, file, 'exec', 0, True), source)
            except (OSError, ValueError, SyntaxError):
                continue
            if instrumented is None:
                continue
            self._modules[name] = 0
            meters = {(key[0], key[1], meter.original.co_name): meter for key, meter in list(self._meters.items())}
            for function in functions_in(vars(module), name):
                code = getattr(function, '__code__', None)
                meter = code and meters.get((os.path.abspath(code.co_filename), code.co_firstlineno, code.co_name))
                if meter and meter.original == code:
                    function.__code__ = meter.instrumented

    # Callbacks of the guest.

    def on_tick(self):
        disabled_before = self._budget.disabled_count
        self._budget.update(list(self._meters.values()))
        if self._budget.disabled_count > disabled_before:
            guest.count(_COMPONENT, 'functions too hot', self._budget.disabled_count - disabled_before)

    def on_batch(self, last):
        self._batches += 1
        self._find_caches(last)
        self._read_caches()

    def _find_caches(self, last):
        """Searches each module for lru_caches at growing intervals, because most caches exist from the start."""
        for name, searches in list(self._modules.items()):
            module = sys.modules.get(name)
            if module is None or not (last or self._batches % (1 << min(searches, 8)) == 0):
                continue
            self._modules[name] = searches + 1
            for cache in functions_in(vars(module), name):
                if type(cache) is not FUNCTION and id(cache) not in self._caches:
                    meter = self._meter_of(cache.__wrapped__)
                    if meter is not None:
                        self._caches[id(cache)] = [cache, meter, 0, 0]

    def _read_caches(self):
        for entry in self._caches.values():
            cache, meter, hits, misses = entry
            info = cache.cache_info()
            # A cleared cache counts from zero again.
            is_cleared = info.hits < hits or info.misses < misses
            meter.hits.append(info.hits - (0 if is_cleared else hits))
            meter.misses.append(info.misses - (0 if is_cleared else misses))
            entry[2:] = info.hits, info.misses

    def _meter_of(self, function):
        code = getattr(function, '__code__', None)
        return next((meter for meter in list(self._meters.values())
                     if code is not None and (code is meter.instrumented or code is meter.original)), None)

    def reset(self):
        """Forgets what the budget has seen, in the child of a fork. Caches continue from the counts the parent sent."""
        self._budget.reset()


def _measure_record_ns():
    """Measures what timing a call costs here: the fastest of several rounds."""
    scope, source = {}, 'def plain(): pass\ndef timed(): pass\n'
    meter = Meter(0, _COMPONENT, 'timed')
    code = compile(source, __file__, 'exec', 0, True)
    exec(instrument(code, source, lambda name, _line, _code: meter if name == 'timed' else None).code, scope)

    def fastest_ns(function):
        fastest = 1 << 62
        for _ in range(6):
            start_ns = now_ns()
            for _ in range(50):
                function()
            fastest = min(fastest, now_ns() - start_ns)
        return fastest / 50

    return max(20, round(fastest_ns(scope['timed']) - fastest_ns(scope['plain'])))


def start():
    """Starts the probe; called by sitecustomize if a profiler has started this process."""
    import pipescope_probe  # noqa: F401  Loaded here, because its folder is removed from the program's path.

    config = parse(os.environ.get('PIPESCOPE_WISHES', ''))
    functions = None
    if isinstance(config, dict) and isinstance(config.get('workspace'), str) and config['workspace']:
        functions = Functions(config)
        guest.on_tick.append(functions.on_tick)
        guest.on_batch.append(functions.on_batch)
        guest.on_config.append(functions.configure)
        functions.hook_imports()
        functions.instrument_loaded_modules()
    hook_process_end(None if functions is None else functions.reset)
    guest.run()
    if functions is not None:
        Main(functions.instrument_code, functions.install)
