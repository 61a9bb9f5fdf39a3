"""Hooks every way in which Python loads a file, so that functions are instrumented before they exist.

Loaders of the import system get their code from functions that can be replaced. Some tools compile files themselves; those
that are known are hooked as soon as they are imported. After the import of any other file, its functions are replaced.
"""
import sys

import _frozen_importlib as bootstrap
import zipimport
from _frozen_importlib_external import SourceFileLoader, SourcelessFileLoader

from pipescope_hooks import replace

#: Python removes frames with this file name from tracebacks.
_IMPORTLIB = '<frozen importlib._bootstrap_external>'
_AFTER_IMPORT = 'import {!r} # {!r}'


def hook_loading(instrument, on_import, notice):
    """`instrument(code)` returns the code with instrumented functions, or the same code. `on_import(name, loader)` is called
    after every import.
    """
    for loader in (SourceFileLoader, SourcelessFileLoader):
        _hook_get_code(loader, instrument)
    get_code = zipimport._get_module_code
    replace(zipimport, '_get_module_code', _disguised(
        lambda importer, name: _with_code(get_code(importer, name), 0, instrument)))
    hooks = {
        'runpy': lambda module: _replace(module, '_get_code_from_file', instrument, 0),
        '_pytest.assertion.rewrite': lambda module: _hook_pytest(module, instrument),
        'IPython.core.interactiveshell': lambda module: notice(
            'Functions that notebook cells and IPython define are not counted, because they are in no file.'),
    }

    def after_import(name, loader):
        try:
            if name in hooks:
                hooks[name](sys.modules[name])
            on_import(name, loader)
        except Exception:  # The module is not as expected.
            pass

    for name in hooks:
        if name in sys.modules:
            after_import(name, None)
    # The import system reports every module at the end of its import, whatever has loaded it.
    report = bootstrap._verbose_message

    def verbose_message(message, *args, verbosity=1):
        if message == _AFTER_IMPORT:
            after_import(*args)
        report(message, *args, verbosity=verbosity)

    replace(bootstrap, '_verbose_message', _disguised(verbose_message))


def _disguised(function):
    function.__code__ = function.__code__.replace(co_filename=_IMPORTLIB)
    return function


def _hook_get_code(loader, instrument):
    load = loader.get_code

    def get_code(self, fullname):
        code = load(self, fullname)
        return code if code is None else instrument(code)

    replace(loader, 'get_code', _disguised(get_code))


def _hook_pytest(module, instrument):
    """Instruments test modules, whose assertions pytest rewrites."""
    _replace(module, '_rewrite_test', instrument, 1)
    _replace(module, '_read_pyc', instrument, None)


def _with_code(result, index, instrument):
    """Instruments the code in a result, which may be the code itself or a tuple with the code at this index."""
    if type(result) is not tuple:
        return result if result is None else instrument(result)
    return result[:index] + (instrument(result[index]),) + result[index + 1:]


def _replace(module, name, instrument, index):
    """Replaces a function that returns code.

    It is replaced by a class. If the function fails, Python itself calls it again, as the initializer of the class, so that
    the traceback has no frame of the probe.
    """
    function = getattr(module, name)

    def load(cls, *arguments, **options):
        try:
            result = function(*arguments, **options)
        except Exception:
            return object.__new__(cls)
        return _with_code(result, index, instrument)

    replace(module, name, type(name, (), {'__new__': load, '__init__': staticmethod(function)}))
