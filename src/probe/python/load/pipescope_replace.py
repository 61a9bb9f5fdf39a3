"""Gives functions that exist already their instrumented code, wherever the program keeps them.

A function that was defined just now is among the youngest objects of the garbage collector, whether a name, a registry or
only a decorator has it. So it is found without a search through the whole program.
"""
from gc import get_objects, get_referrers

from pipescope_originals import now_ns
from pipescope_audit import probing

_FUNCTION = type(lambda: None)
_CODE = type((lambda: None).__code__)
_FUNCTION_FLAGS = 0x3
#: Maximum time for all searches through the whole memory.
_MAX_SEARCH_NS = 200_000_000


def functions_among(objects):
    """Returns the functions among these objects. Calls none of the program's code."""
    return [value for value in objects if type(value) is _FUNCTION]


def young_functions(generation):
    return functions_among(get_objects(generation))


class Replacement:
    """Instrumented code of the functions that a module or class body defines, by the ID of their original code."""

    def __init__(self, precedence):
        self._precedence = precedence
        #: Original code is kept, so that its ID stays its own.
        self._pairs, self._search_ns = {}, 0

    def add(self, original, changed):
        """Adds what differs between two versions of a module's code. Returns the bodies in which functions are defined,
        that of the module, those of classes and scopes of type parameters, each with the code objects of its definitions that
        differ.
        """
        bodies = [(original, [])]
        for before, after in zip(original.co_consts, changed.co_consts):
            if type(before) is not _CODE or before is after:
                continue
            bodies[0][1].append(before)
            if before.co_flags & _FUNCTION_FLAGS == _FUNCTION_FLAGS and not before.co_name.startswith('<generic'):
                self._pairs[id(before)] = before, after
            else:
                bodies += self.add(before, after)
        return bodies

    def install(self, codes, is_complete):
        """Replaces the code of functions that were defined just now. If the definition `is_complete`, searches further for
        those that `codes` is the code of.
        """
        if not self._precedence.has_stepped_back:
            probing(self._install, codes, is_complete)

    def _install(self, codes, is_complete):
        missing = {id(code) for code in codes if id(code) in self._pairs}
        missing -= self._replace(young_functions(0))
        if missing:
            missing -= self._replace(young_functions(1))
        if missing and is_complete and self._search_ns < _MAX_SEARCH_NS:
            start_ns = now_ns()
            self._replace(functions_among(get_referrers(*[self._pairs[key][0] for key in missing])))
            self._search_ns += now_ns() - start_ns

    def _replace(self, functions):
        replaced = set()
        for function in functions:
            key = id(function.__code__)
            if key in self._pairs:
                function.__code__ = self._pairs[key][1]
                replaced.add(key)
        return replaced
