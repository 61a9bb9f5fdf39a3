"""Leads from an instrumented code object to its original code and to its meter."""


class Twin:
    """Last constant of an instrumented code object."""

    __slots__ = ('original', 'meter')

    def __init__(self, original, meter):
        self.original, self.meter = original, meter


def twin_of(code):
    """Returns the twin of an instrumented code object, or None for any other."""
    constants = code.co_consts
    last = constants[-1] if constants else None
    return last if type(last) is Twin else None
