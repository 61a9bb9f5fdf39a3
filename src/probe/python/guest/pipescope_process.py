"""Hooks the ends of a process: exit, fork, and the execution of another program."""
import atexit
import os
import sys

from pipescope_audit import untraced
from pipescope_guest import guest
from pipescope_main import call_at_next_line


def hook_process_end():
    """Sends what was recorded before the process ends, forks or executes another program."""
    atexit.register(untraced(lambda: guest.stop(_bye())))
    leave = os._exit

    def _exit(status):
        guest.stop(_bye())
        leave(status)

    # Children of multiprocessing leave through `os._exit`, which runs no exit handlers.
    os._exit = _exit
    for name in ('execv', 'execve'):
        setattr(os, name, _flushing(getattr(os, name)))
    if hasattr(os, 'register_at_fork'):
        _hook_forks()


def _flushing(execute):
    """Returns a version of `os.execv` or `os.execve` that first sends what was recorded.

    It is a class, because then Python itself makes the call: if it fails, the traceback has no frame of the probe.
    """

    def flush(cls, *_arguments, **_options):
        guest.flush()
        return object.__new__(cls)

    return type(execute.__name__, (), {'__new__': flush, '__init__': execute, '__module__': execute.__module__})


def _hook_forks():
    """Stops the thread during a fork, so that no lock is held in the child. Afterwards both processes start their own."""
    was_running = []

    def restart_child():
        guest.restart_in_child()
        if was_running.pop():
            guest.run()

    def restart_parent():
        if was_running.pop():
            # Python 3.13 counts the threads for its fork warning after this callback.
            call_at_next_line(guest.run) if sys.version_info >= (3, 13) else guest.run()

    os.register_at_fork(before=untraced(lambda: was_running.append(guest.stop())), after_in_child=untraced(restart_child),
                        after_in_parent=untraced(restart_parent))


def _bye():
    error = getattr(sys, 'last_type', None)
    return {'reason': 'end'} if error is None else {'reason': 'error', 'message': error.__name__[:200]}
