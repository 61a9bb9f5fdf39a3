"""Starts the probe if Pipescope has started this Python; otherwise only runs the sitecustomize module that it hides.

Python imports this file because its folder is the first one on PYTHONPATH. A sitecustomize module that it hides is run as
Python would have run it. After the probe has started, the folder is removed from the path, so that the program's imports
are found where they always were. Every Python must be able to read this file, from 2.7 on; the probe needs CPython 3.8.
"""
import os
import sys

_SUBFOLDERS = ('guest', 'instrument', 'load', 'measure', 'watch')
#: Files by which any copy of the probe is recognized, the second in older versions.
_MARKS = os.path.join('load', 'pipescope_functions.py'), 'pipescope_functions.py'
_modules, _paths = set(sys.modules), set(sys.path_importer_cache)


def _load_probe(folder):
    """Imports the probe. Its code gets file names that no tool takes for files of the program."""
    from _frozen_importlib import ModuleSpec
    from _frozen_importlib_external import SourceFileLoader
    from _imp import _fix_co_filename
    from time import thread_time_ns

    class Loader(SourceFileLoader):
        def get_code(self, fullname):
            # To compile the probe takes three times as long as to load it, and the cache is in its own folder.
            is_disabled = sys.dont_write_bytecode
            sys.dont_write_bytecode = is_disabled and sys.pycache_prefix is not None
            try:
                code = SourceFileLoader.get_code(self, fullname)
            finally:
                sys.dont_write_bytecode = is_disabled
            _fix_co_filename(code, '<frozen %s>' % fullname)
            return code

    files = {'pipescope_probe': os.path.join(folder, 'pipescope_probe.py')}
    for subfolder in _SUBFOLDERS:
        path = os.path.join(folder, subfolder)
        files.update((name[:-3], os.path.join(path, name)) for name in os.listdir(path))

    class Finder:
        def find_spec(self, fullname, path=None, target=None):
            file = files.get(fullname)
            if file is None:
                return None
            spec = ModuleSpec(fullname, Loader(fullname, file), origin=file)
            spec.has_location = True
            return spec

    finder, loading_ns = Finder(), thread_time_ns()
    sys.meta_path.insert(0, finder)
    try:
        import pipescope_functions
        from pipescope_hidden import hide

        pipescope_functions.start(loading_ns)
    finally:
        sys.meta_path.remove(finder)
    hide(set(sys.modules) - _modules - set(['sitecustomize']), set(sys.path_importer_cache) - _paths | set([folder]))


def _is_other(entry):
    """True for entries of the path that contain neither this probe nor another copy of it."""
    return entry != _folder and not any(os.path.exists(os.path.join(entry, mark)) for mark in _MARKS)


def _run_hidden(paths):
    """Runs the sitecustomize module that this one hides, or raises the error that Python expects if there is none."""
    if sys.version_info < (3,):
        import imp

        if 'imp' not in _modules:
            del sys.modules['imp']
        found = imp.find_module('sitecustomize', paths)
        del sys.modules['sitecustomize']
        imp.load_module('sitecustomize', *found)
        return
    from _frozen_importlib import module_from_spec
    from _frozen_importlib_external import PathFinder

    spec = PathFinder.find_spec('sitecustomize', paths)
    if spec is None or spec.loader is None:
        error = ImportError("No module named 'sitecustomize'")
        error.name = 'sitecustomize'  # Python is silent about a missing module of this name only.
        raise error
    sys.modules['sitecustomize'] = module = module_from_spec(spec)
    spec.loader.exec_module(module)


def _forget_lines():
    """Removes the lines of this file from a coverage tool that was started before it."""
    tracer = sys.gettrace()
    tracer = getattr(tracer, '__self__', tracer)
    if type(tracer).__module__.split('.')[0] == 'coverage' and type(getattr(tracer, 'data', None)) is dict:
        tracer.data.pop(_forget_lines.__code__.co_filename, None)


_folder = os.path.dirname(os.path.abspath(__file__))
if os.environ.get('PIPESCOPE_SOCKET') or os.environ.get('PIPESCOPE_TCP'):
    if sys.version_info >= (3, 8) and sys.implementation.name == 'cpython':
        try:
            _load_probe(_folder)
        except Exception:  # The probe must not disturb the program, even if it cannot work.
            pass
    sys.path[:] = filter(_is_other, sys.path)
if sys.version_info < (3,):  # This module is gone afterwards.
    _run_hidden(list(filter(_is_other, sys.path)))
else:
    try:
        _run_hidden(list(filter(_is_other, sys.path)))
    finally:
        _forget_lines()
