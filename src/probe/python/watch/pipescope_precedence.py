"""Steps back before the program reads the code of functions, or a tool observes every line and call.

An audit hook hears of such a look just before it happens; it is installed when code is loaded that may look. A function whose
code is read gets its original code, for the moment. While a debugger, profiler, coverage tool or tracer is active, all
functions have their original code, and those that are running call nothing that the tool could see.
"""
import sys
from _thread import get_ident

from _tracemalloc import is_tracing
from _weakref import ref

from pipescope_audit import await_event, forget_threads, install, is_installed, listen, stop_listening
from pipescope_hooks import resume, suspend
from pipescope_looks import may_look, module_may_look
from pipescope_twin import twin_of

_FUNCTION = type(lambda: None)
#: Ticks without a tool before functions are timed again, because some tools stop and start for each test.
_QUIET_TICKS = 20
_TOOL_IDS = range(6)
#: Reasons that do not end.
_FOR_EVER = {'audit', 'executing'}
_OUR_TOOL, _PROGRAM = 'pipescope', 'the program'
#: Packages that read only what the original and the instrumented code have in common, such as names and lines. The functions
#: of `inspect` that return more are named below.
_READERS = {'inspect', 'asyncio', 'doctest', 'functools', 'pydoc', 'unittest', '_pytest', 'pluggy'}
_OTHER_READS = {'getclosurevars', 'getmembers', '_getmembers', 'getmembers_static', 'getattr_static', '_check_instance'}
#: Loaders whose code is seen before it runs, or belongs to the standard library.
_KNOWN_LOADERS = {'SourceFileLoader', 'SourcelessFileLoader', 'zipimporter', 'type'}
_VERBS = {'sys.settrace': 'traces', 'sys.setprofile': 'profiles', 'sys.monitoring.register_callback': 'monitors'}


class Precedence:
    def __init__(self, meters, functions, notice):
        """`meters` holds the meters; `functions()` returns all functions of the user's modules."""
        self._meters, self._functions, self._notice = meters, functions, notice
        #: Functions that have their original code: until the next read, and as long as a tool is active.
        self._read, self._restored = [], []
        #: Tools that are active: pairs of event and thread, or names.
        self._active, self._quiet_ticks = set(), 0
        #: Sentence that is not sent before it is certain, because `sys.settrace(None)` looks like the start of a tool.
        self._pending_notice = None
        #: Callbacks when the probe steps back.
        self.on_step_back = []
        #: True while no function may be instrumented.
        self.has_stepped_back = False
        listen('object.__getattr__', self._on_read)
        listen('gc.get_referents', self._on_referents)
        listen('sys.settrace', self._on_trace)
        listen('sys.setprofile', self._on_profile)
        listen('sys.monitoring.register_callback', self._on_monitoring)
        listen('sys.addaudithook', self._on_hook)
        self._find_tools()
        if sys.flags.interactive:
            install()

    # Code that may read the code of functions.

    def expect_looks_of(self, code):
        """Called before the code of a file or command runs."""
        if not is_installed() and may_look(code):
            install()

    def expect_looks_of_module(self, name, loader):
        """Called after each import, and with modules that were loaded before the probe, whose loader is None."""
        if name == 'executing' and sys.version_info < (3, 11):
            self._step_back('executing', 'Functions are not counted beside the package executing (used by icecream and others), '
                            'which compares bytecode with the source. Use Python 3.11 or later.')
        if not is_installed() and type(loader).__name__ not in _KNOWN_LOADERS and module_may_look(name, loader is None):
            install()

    # Looks at the code of a function.

    def _on_read(self, arguments):
        if type(arguments[0]) is not _FUNCTION or arguments[1] != '__code__':
            return
        # The previous read is over.
        self._reinstate(self._read)
        frame = self._frame_of_caller()
        if frame and _package_of(frame.f_globals) in _READERS and frame.f_code.co_name not in _OTHER_READS:
            return
        self._restore(arguments[0], self._read)

    def _on_referents(self, arguments):
        self._reinstate(self._read)
        for value in arguments[0] if type(arguments[0]) is tuple else arguments:
            if type(value) is _FUNCTION:
                self._restore(value, self._read)

    @staticmethod
    def _restore(function, restored):
        """Gives a function its original code back."""
        code = function.__code__
        twin = twin_of(code)
        if twin is not None:
            function.__code__ = twin.original
            twin.meter.is_incomplete = True
            restored.append((ref(function), code, twin.original))

    @staticmethod
    def _reinstate(restored):
        """Gives functions their instrumented code again, unless the program has given them another one."""
        while restored:
            try:
                reference, code, original = restored.pop()
            except IndexError:  # Another thread was faster.
                return
            function = reference()
            if function is not None and function.__code__ is original:
                function.__code__ = code

    # Tools that observe every line or call.

    def _find_tools(self):
        """Finds tools that were active before the probe."""
        for event, tool in (('sys.settrace', sys.gettrace()), ('sys.setprofile', sys.getprofile())):
            if tool is not None:
                name = tool.__module__ if type(tool) is _FUNCTION else type(tool).__module__
                self._start((event, get_ident()), 'another tool' if name == 'builtins' else name.partition('.')[0], event)
        self._find_monitors()
        self._find_tracemalloc()

    def _on_trace(self, _arguments):
        self._on_thread_tool('sys.settrace', sys.gettrace())

    def _on_profile(self, _arguments):
        self._on_thread_tool('sys.setprofile', sys.getprofile())

    def _on_thread_tool(self, event, current):
        """Called before the function of this thread is set, to a tool or to None."""
        ident = get_ident()
        await_event(ident, self._check_thread)
        # Before Python 3.12, the probe itself traces the main file up to its last definition.
        if current is None or current is getattr or str(getattr(current, '__module__', '')).startswith('pipescope_'):
            self._start((event, ident), self._name_of_caller(), event)

    def _check_thread(self, ident):
        """Called when something else happens on a thread, to find out whether it has a tool."""
        for event, tool in (('sys.settrace', sys.gettrace()), ('sys.setprofile', sys.getprofile())):
            if tool is None:
                self._active.discard((event, ident))
        if self._active:
            self.report()
        elif self._pending_notice:
            self._resume()

    def _on_monitoring(self, arguments):
        if arguments[0] is not None:
            self._find_monitors()

    def _find_monitors(self):
        names = self._monitors()
        for name in names:
            self._start(name, name, 'sys.monitoring.register_callback')
        return names

    @staticmethod
    def _monitors():
        monitoring = getattr(sys, 'monitoring', None)
        names = [monitoring.get_tool(number) for number in _TOOL_IDS] if monitoring else []
        return {name for name in names if name is not None and name != _OUR_TOOL}

    def _find_tracemalloc(self):
        if is_tracing():
            self._step_back('tracemalloc', 'Functions are not counted while tracemalloc records this program.')

    def _on_hook(self, _arguments):
        # The hook would see how the probe replaces code.
        self._step_back('audit', 'Functions are not counted after %s has added an audit hook.' % self._name_of_caller())
        stop_listening()

    @staticmethod
    def _name_of_caller():
        """Returns the name of the package that has caused the current event."""
        frame = Precedence._frame_of_caller()
        name = _package_of(frame.f_globals) if frame else ''
        return _PROGRAM if name in ('__main__', '') else name

    @staticmethod
    def _frame_of_caller():
        frame = sys._getframe(1)
        while frame is not None and str(frame.f_globals.get('__name__')).startswith('pipescope_'):
            frame = frame.f_back
        return frame

    def _start(self, key, name, event):
        install()
        whom = 'itself' if name == _PROGRAM else 'this program'
        self._step_back(key, 'Functions are not counted while %s %s %s.' % (name, _VERBS[event], whom))

    def _step_back(self, key, text):
        """Makes the probe invisible until this tool has ended."""
        self._active.add(key)
        self._quiet_ticks = 0
        if self.has_stepped_back:
            return
        self.has_stepped_back = True
        for meter in list(self._meters.values()):
            meter.close()
        suspend()
        for callback in self.on_step_back:
            callback()
        self._reinstate(self._read)
        for function in self._functions():
            self._restore(function, self._restored)
        self._pending_notice = text

    def report(self):
        """Sends the notice about the current tool."""
        text, self._pending_notice = self._pending_notice, None
        if text is not None:
            self._notice(text)

    def on_tick(self):
        """Called on the probe's thread, within `probing`: ends a read that is over, and resumes after the last tool."""
        if self.has_stepped_back:
            self.report()
            self._resume_if_quiet()
        else:
            self._reinstate(self._read)
            self._find_tracemalloc()
            self._find_monitors()

    def _resume_if_quiet(self):
        if not self._active.isdisjoint(_FOR_EVER):
            return
        names, threads = self._monitors(), set(sys._current_frames())
        forget_threads(threads)
        for key in list(self._active):
            is_active = key[1] in threads if type(key) is tuple else key in names or (key == 'tracemalloc' and is_tracing())
            if not is_active:
                self._active.discard(key)
        self._quiet_ticks = 0 if self._active else self._quiet_ticks + 1
        if self._quiet_ticks >= _QUIET_TICKS:
            self._resume()

    def _resume(self):
        self.has_stepped_back, self._pending_notice = False, None
        for meter in list(self._meters.values()):
            meter.open()
        resume()
        self._reinstate(self._restored)


def _package_of(names):
    """Returns the package of a module's global names. A module that was started with -m is called `__main__` there."""
    return str(getattr(names.get('__spec__'), 'name', None) or names.get('__name__') or '').partition('.')[0]
