/** Second part of the Python package: decorators, a log and context managers. */
export const observatorySupport: Readonly<Record<string, string>> = {
  'observatory/support/__init__.py': '',
  'observatory/support/memo.py': `
import functools

from .log import log


def memoized(function):
    """Decorator without arguments."""
    results = {}

    @functools.wraps(function)
    def wrapper(*args):
        if args not in results:
            results[args] = function(*args)
        return results[args]

    return wrapper


def logged(level="info"):
    """Decorator with arguments."""

    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            log(level, function.__name__)
            return function(*args, **kwargs)

        return wrapper

    return decorate


class counted:
    """Decorator that is a class."""

    def __init__(self, function):
        functools.update_wrapper(self, function)
        self.function = function
        self.calls = 0

    def __call__(self, *args, **kwargs):
        self.calls += 1
        return self.function(*args, **kwargs)


def registered(name):
    """Decorator that returns the function."""

    def decorate(function):
        add_command(name, function)
        return function

    return decorate


commands = {}


def add_command(name, function):
    commands[name] = function
`,
  'observatory/support/log.py': `
lines = []


def log(level, text):
    lines.append(render(level, text))


def render(level, text):
    return level + ": " + text
`,
  'observatory/support/lens.py': `
import contextlib


class Lens:
    def __init__(self, size):
        self.size = size

    def __enter__(self):
        self.clean()
        return self

    def __exit__(self, *error):
        self.close()

    def clean(self):
        return wipe(self)

    def close(self):
        return wipe(self)

    def __call__(self, value):
        return self.scale(value)

    def scale(self, value):
        return value * self.size


def wipe(lens):
    return lens.size


@contextlib.contextmanager
def opened(size):
    lens = Lens(size)
    yield lens
    lens.close()


def make_lens(kind):
    def small():
        return Lens(1)

    def large():
        return Lens(10)

    if kind == "small":
        return small()
    return large()
`,
};
