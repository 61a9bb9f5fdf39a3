"""Keeps Python's cyclic garbage collector out of the probe's thread.

The collector runs in the thread that happens to allocate, and with it the finalizers and weakref callbacks of the program:
those of sqlite3, tkinter or Qt fail in a foreign thread, and one that takes a lock can block. While our thread works, the
collector's thresholds are therefore too high to be reached, in all threads; a collection that becomes due meanwhile happens
right afterwards, in a thread of the program.

The thresholds are the program's again whenever our thread lets other threads run, which is while it waits and during system
calls. The switch between the two is made by iterators written in C, so that no other thread can run in between.
"""
from gc import get_threshold, set_threshold
from itertools import repeat, starmap

#: Recognizable, and too high to be reached.
_UNREACHABLE = 2_000_000_011
_GENERATIONS = 3


class Collector:
    def __init__(self):
        #: The program's own thresholds, while ours are set.
        self._thresholds = list(get_threshold())
        #: Python reuses a list or tuple that was freed just before, so that a call that returns one allocates none.
        self._spare_lists, self._spare_tuples = [], []
        self._restore = map(set_threshold, *[map(self._thresholds.__getitem__, repeat(generation))
                                             for generation in range(_GENERATIONS)])
        self._free_list, self._free_tuple = (
            starmap(spare.clear, repeat(())) for spare in (self._spare_lists, self._spare_tuples))
        self._read = iter(get_threshold, None)
        self._raise = starmap(set_threshold, repeat((_UNREACHABLE,) * _GENERATIONS))

    def pauses(self, call, arguments):
        """Iterates over the results of a call that waits. The body of the loop runs without collections. Before each call it
        adds the arguments, as a tuple, to the list `arguments`.
        """
        self._keep(get_threshold())
        for _, _, result, _, thresholds, _ in self._steps(call, iter(arguments.pop, None)):
            self._keep(thresholds)
            yield result
            self._keep(get_threshold())

    def outside(self, call, *arguments):
        """Makes a system call, during which the program runs with its own thresholds. It must create no
        containers but one list.
        """
        self._keep(get_threshold())
        try:
            _, _, result, _, thresholds, _ = next(self._steps(call, repeat(arguments)))
        except OSError:
            self._keep(get_threshold())
            next(self._raise)
            raise
        self._keep(thresholds)
        return result

    def _steps(self, call, arguments):
        # Each step of `zip` is one step of these six, in this order and without Python code in between.
        return zip(self._restore, self._free_list, starmap(call, arguments), self._free_tuple, self._read, self._raise)

    def restore(self):
        """Gives the program its own thresholds back: at the end of our thread, and in the child of a fork."""
        self._keep(get_threshold())
        set_threshold(*self._thresholds)

    def _keep(self, thresholds):
        """Keeps what the program has set. It may also have read ours and set them again."""
        for generation, threshold in enumerate(thresholds):
            if threshold != _UNREACHABLE:
                self._thresholds[generation] = threshold
        self._spare_lists[:], self._spare_tuples[:] = [[]], [tuple(self._thresholds)]
