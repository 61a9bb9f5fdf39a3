"""The system's own threads, locks and sleep, also in programs that replace them (gevent, eventlet).

Such libraries replace the attributes of built-in modules, at any time. Our thread must be a real thread with real locks, or
it would run inside the program's own thread. The originals are therefore kept from the start; if a module was patched even
before, a second copy of it is created.
"""
import sys

_BUILTIN = type(len)


def _load(name, probe):
    """Returns a built-in module with its original functions. `probe` is one that the known libraries replace."""
    module = __import__(name)
    if type(getattr(module, probe)) is _BUILTIN:
        return module
    from _frozen_importlib import BuiltinImporter, ModuleSpec
    from _imp import create_builtin, exec_builtin

    module = create_builtin(ModuleSpec(name, BuiltinImporter))
    exec_builtin(module)
    return module


_threads, _clock = _load('_thread', 'start_new_thread'), _load('time', 'sleep')
start_new_thread, allocate_lock, RLock = _threads.start_new_thread, _threads.allocate_lock, _threads.RLock
count_threads, get_thread_id = _threads._count, _threads.get_ident
get_native_id = getattr(_threads, 'get_native_id', int)
sleep, wall_time = _clock.sleep, _clock.time
now_ns, thread_time_ns, process_time_ns = _clock.perf_counter_ns, _clock.thread_time_ns, _clock.process_time_ns
try:
    from _signal import SIG_BLOCK, pthread_sigmask, valid_signals
except ImportError:  # Windows
    pthread_sigmask = None


def block_signals():
    """Makes the system deliver signals to the program's own threads."""
    if pthread_sigmask:
        pthread_sigmask(SIG_BLOCK, valid_signals())
