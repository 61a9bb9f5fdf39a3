"""Leads from an instrumented code object to its original code and to its meter."""

#: Up to so many frames are searched for the measured function that has made a call.
_FRAMES = range(100)


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


def caller_of(frame):
    """Returns the meter of the measured function from which a frame was called, and its frame; or None twice."""
    for _ in _FRAMES:
        frame = frame.f_back
        if frame is None:
            break
        constants = frame.f_code.co_consts
        if constants and constants[-1].__class__ is Twin:
            return constants[-1].meter, frame
    return None, None
