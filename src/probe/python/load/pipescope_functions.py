"""Times every function of the user's files from its first call on, without a change to the program.

Modules are instrumented while they are imported (see `pipescope_loading.py`), and the main file while it runs (see
`pipescope_main.py`). In modules that were loaded before, `function.__code__` is replaced. Generators and lambdas are not
instrumented.
"""
import os
import sys
from _weakref import ref

from pipescope_budget import Budget
from pipescope_audit import install, probing
from pipescope_opcodes import IS_SUPPORTED
from pipescope_costs import costs, counted_calls
from pipescope_guest import guest
from pipescope_loading import hook_loading
from pipescope_main import Main
from pipescope_meter import Meter
from pipescope_own_times import own_times
from pipescope_originals import process_time_ns, thread_time_ns
from pipescope_precedence import Precedence
from pipescope_process import hook_process_end
from pipescope_program import program_name
from pipescope_record_cost import measure_costs
from pipescope_relief import Relief
from pipescope_replace import functions_among, young_functions
from pipescope_samples import Samples
from pipescope_socket import parse
from pipescope_targets import Targets
from pipescope_walk import FUNCTION, functions_in, is_cache
from pipescope_twin import twin_of
from pipescope_wrap import instrument, instrument_one

_COMPONENT = 'functions'
#: Processor time of a process in which the samples of the host are still few.
_YOUNG_NS = 1_000_000_000
#: Pause of a thread that takes no samples.
_NO_SAMPLE_NS = 1 << 40
#: A file by which any copy of the probe is recognized. In older versions, all files are in the same folder.
_MARK = os.path.basename(__file__)
_PACKAGE_FOLDERS = ('site-packages', 'dist-packages', 'node_modules', '__pypackages__')


class Functions:
    def __init__(self, config):
        workspace = config.get('projectRoot') or config.get('workspace')
        self._roots = {os.path.join(root, '') for root in (workspace, os.path.realpath(workspace))}
        self._environment = os.path.join(sys.prefix, '') if sys.prefix != sys.base_prefix else None
        self._targets, self._is_probe_by_folder = Targets(self._roots), {}
        #: Meters by file, first line and name; number of cache searches by module name; caches by ID.
        self._meters, self._modules, self._caches = {}, {'__main__': 0, '__mp_main__': 0}, {}
        self._batches, self._start_cpu_ns = 0, process_time_ns()
        measure_costs()
        self._budget, self._samples = Budget(), Samples()
        guest.batches.report_cost(costs.record_ns, costs.count_ns, counted_calls)
        self._are_stacks_read = False
        self._relief = Relief(self._all_functions)
        self.configure(config)
        self.precedence = Precedence(self._meters, self._all_functions, guest.notice)

    # Selection of functions.

    def is_user(self, file):
        """True for Python files of the workspace that belong to no package, no virtual environment and no probe."""
        if not file.endswith('.py') or (self._environment and file.startswith(self._environment)):
            return False
        return (any(file.startswith(root) for root in self._roots)
                and not any(os.sep + name + os.sep in file for name in _PACKAGE_FOLDERS)
                and not self._is_probe(os.path.dirname(file)))

    def _is_probe(self, folder):
        """True for the folders of the probe, or of a copy of it, whose modules must not be instrumented."""
        if folder not in self._is_probe_by_folder:
            marks = [(folder, _MARK), (folder, 'load', _MARK), (os.path.dirname(folder), 'load', _MARK)]
            self._is_probe_by_folder[folder] = any(os.path.exists(os.path.join(*mark)) for mark in marks)
        return self._is_probe_by_folder[folder]

    def configure(self, config):
        """Applies the host's configuration, at the start and later."""
        if isinstance(config.get('budgetRatio'), (int, float)) and config['budgetRatio'] >= 0:
            self._budget.ratio = config['budgetRatio']
        self._are_stacks_read = config.get('readsStacks') is True
        self._targets.set(config.get('exact'))
        for meter in list(self._meters.values()):
            self._apply_targets(meter)

    def _apply_targets(self, meter):
        meter.is_exact = self._targets.match(meter.definition)
        if meter.is_exact:
            meter.set_level(0)

    # Replacement of code.

    def instrument_code(self, code):
        """Returns the code of a file with instrumented functions, or the same code if it is not the user's."""
        return self.instrument_user_code(code) or code

    def instrument_user_code(self, code):
        """Like `instrument_code`, but returns None if the file is not the user's."""
        file = os.path.abspath(code.co_filename)
        self.precedence.expect_looks_of(code)
        if self.precedence.has_stepped_back or not self.is_user(file):
            return None
        self._targets.add_file(file)
        start_ns = thread_time_ns()
        instrumented = instrument(code, lambda name, line, function: self._meter_for(file, name, line, function))
        guest.batches.flush_ns += thread_time_ns() - start_ns
        if instrumented is None:
            return None
        if instrumented.skipped:
            guest.notice('%s of %s %s not counted: too many try or with statements. Use Python 3.11 or later.' % (
                ', '.join(instrumented.skipped[:5]), self._targets.name(file), 'is' if len(instrumented.skipped) == 1 else 'are'))
        if _mentions(code, 'exec'):
            install()
            guest.notice('%s calls exec(). Functions that the executed code defines are not counted.' % self._targets.name(file))
        return instrumented.code

    def _meter_for(self, file, name, line, code):
        key = file, code.co_firstlineno, name
        if key not in self._meters:
            meter = guest.operation(_COMPONENT, name, Meter, file=file, line=line)
            if meter is None:
                return None
            meter.interval_ns = self._budget.interval_ns()
            self._meters[key] = meter
            self._apply_targets(meter)
        return self._meters[key]

    def instrument_loaded_modules(self):
        """Instruments modules that were loaded before the probe."""
        for name in list(sys.modules):
            probing(self.precedence.expect_looks_of_module, name, None)
            probing(self._instrument_module, name)

    def on_import(self, name, loader):
        """Instruments a module after its import if its loader has not."""
        probing(self.precedence.expect_looks_of_module, name, loader)
        if probing(self._instrument_module, name):
            guest.notice('%s was imported by a %s. Calls during its import are not counted.' % (name, type(loader).__name__))

    def _instrument_module(self, name):
        """Returns True if the module's functions had no instrumented code yet."""
        names = getattr(sys.modules.get(name), '__dict__', {})
        file = names.get('__file__')
        if (name in self._modules or type(file) is not str or self.precedence.has_stepped_back
                or not self.is_user(os.path.abspath(file))):
            return False
        self._modules[name] = 0
        if self._targets.has_file(os.path.abspath(file)):  # Its loader has got instrumented code.
            return False
        functions = young_functions(0) + young_functions(1) + functions_among(functions_in(names, name))
        return sum([self._instrument_function(function) for function in functions if function.__globals__ is names]) > 0

    def _instrument_function(self, function):
        code = function.__code__
        file = os.path.abspath(code.co_filename)
        if twin_of(code) is not None or not self.is_user(file):
            return False
        name = function.__qualname__.replace('<locals>.', '')
        changed = instrument_one(code, lambda path, line, inner: self._meter_for(
            file, name if inner is code else '%s.%s' % (name, path.partition('.')[2]), line, inner))
        if changed is code:
            return False
        function.__code__ = changed
        return True

    def on_other_main(self, code):
        """Called for a main program that is not a file of the user."""
        if code.co_filename == '<stdin>':
            install()  # It may be a dialog, of which only the first statement is known.
        if code.co_filename in _MAIN_WITHOUT_FILE and any(hasattr(constant, 'co_code') for constant in code.co_consts):
            guest.notice('Functions of %s are not counted, because they are in no file.' % _MAIN_WITHOUT_FILE[code.co_filename])

    def _all_functions(self):
        """Returns all functions of the user's modules."""
        return [function for name in list(self._modules)
                for function in functions_in(getattr(sys.modules.get(name), '__dict__', {}), name)
                if type(function) is FUNCTION]

    # Callbacks of the guest.

    def on_pause(self, due_ns):
        if self.precedence.has_stepped_back or self._knows_no_own:
            return _NO_SAMPLE_NS
        return self._samples.take(due_ns)

    @property
    def _knows_no_own(self):
        """True if the host knows own times better, because it has taken many samples of this process."""
        return self._are_stacks_read and process_time_ns() - self._start_cpu_ns > _YOUNG_NS

    def on_tick(self):
        self.precedence.on_tick()
        meters = [meter for meter in list(self._meters.values()) if meter.has_news() or meter.level]
        for meter in meters:
            meter.collect()
        self._budget.update(meters)
        if self._are_stacks_read and not self.precedence.has_stepped_back:
            self._relief.update(meters, self._budget.ratio)

    def on_batch(self, last):
        self._batches += 1
        self._limit_own_times(last)
        if last:
            self.precedence.report()
            for text in self._targets.unmatched(program_name()):
                guest.notice(text)
        if not self.precedence.has_stepped_back:
            self._find_caches(last)
        self._read_caches()

    def _limit_own_times(self, last):
        """Keeps the reported own times within the processor time, because each is an estimate."""
        meters = list(self._meters.values())
        for meter in meters:
            if last or meter.has_news():
                meter.collect(last)
        knows_own = not self._knows_no_own
        for meter in meters:
            meter.knows_own = knows_own
        for meter, own_ns in zip(meters, own_times(meters, self._samples)):
            # A function that is never sampled might be attributed a little more than it has taken.
            meter.estimate.settle(last, min(own_ns, meter.sent.all_total + meter.pending.all_total))
        own_ns = sum([meter.estimate.unreported_ns() for meter in meters])
        reported_ns = sum([meter.estimate.reported_ns for meter in meters])
        rest_ns = max(0, process_time_ns() - self._start_cpu_ns - reported_ns)
        for meter in meters:
            meter.estimate.limit(min(1.0, rest_ns / own_ns) if own_ns else 1.0)

    def _find_caches(self, last):
        """Searches each module for lru_caches at growing intervals, because most caches exist from the start."""
        for name, searches in list(self._modules.items()):
            module = sys.modules.get(name)
            if module is None or not (last or self._batches % (1 << min(searches, 8)) == 0):
                continue
            self._modules[name] = searches + 1
            for cache in functions_in(vars(module), name):
                if is_cache(cache) and id(cache) not in self._caches:
                    meter = self._meter_of(cache.__wrapped__)
                    if meter is not None:
                        self._caches[id(cache)] = [_reference_to(cache), meter, 0, 0]

    def _read_caches(self):
        for key, entry in list(self._caches.items()):
            reference, meter, hits, misses = entry
            cache = reference()
            if cache is None:
                del self._caches[key]
                continue
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

    def on_give_up(self):
        """Makes the functions stop recording, because the probe does not collect any more."""
        for meter in list(self._meters.values()):
            meter.close()


_MAIN_WITHOUT_FILE = {'<string>': 'a command (-c)', '<stdin>': 'a program on the standard input'}


def _reference_to(cache):
    """Returns a reference that does not keep the cache alive, which Python 3.8 has none of."""
    try:
        return ref(cache)
    except TypeError:
        return lambda: cache


def _mentions(code, name):
    return name in code.co_names or any(_mentions(constant, name) for constant in code.co_consts
                                        if type(constant) is type(code))


def start(loading_ns):
    """Starts the probe; called by sitecustomize if a profiler has started this process. `loading_ns` is when that began."""
    import pipescope_probe  # noqa: F401  Loaded here, because its folder is removed from the program's path.

    functions = None
    try:
        functions = _start_functions()
    except Exception as error:
        guest.notice('The Python probe does not count functions in process %d (%s): %s: %s. Please report this.'
                     % (os.getpid(), program_name(), type(error).__name__, error))
    hook_process_end()
    guest.run()
    guest.batches.flush_ns += thread_time_ns() - loading_ns
    if functions is not None:
        Main(functions.instrument_user_code, functions.on_other_main, functions.precedence)


def _start_functions():
    config = parse(os.environ.get('PIPESCOPE_WISHES', ''))
    if not isinstance(config, dict) or not isinstance(config.get('workspace'), str) or not config['workspace']:
        return None
    functions = Functions(config)
    if not IS_SUPPORTED:
        guest.notice('Functions are not counted in Python %d.%d. Use Python 3.8 to 3.13.' % sys.version_info[:2])
        return None
    guest.on_tick.append(lambda: probing(functions.on_tick))
    guest.on_pause = functions.on_pause
    guest.on_batch.append(lambda last: probing(functions.on_batch, last))
    guest.on_config.append(lambda config: probing(functions.configure, config))
    guest.on_give_up.append(functions.on_give_up)
    hook_loading(functions.instrument_code, functions.on_import, guest.notice)
    functions.instrument_loaded_modules()
    return functions
