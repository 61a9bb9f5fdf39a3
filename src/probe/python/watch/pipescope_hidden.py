"""Hides the probe's modules from the program, which may look through all modules, reload them or watch their files.

The modules that the probe has loaded are removed from `sys.modules`; the probe itself still has them. A program that uses
them loads its own. Only `pipescope_probe`, with what it needs, must be found when the program imports it.
"""
import sys

from _frozen_importlib import ModuleSpec
from _frozen_importlib_external import PathFinder

from pipescope_hooks import importable, replace

_IMPORTLIB = '<frozen importlib._bootstrap_external>'
#: Modules that a process can have only once: exit handlers would get lost.
_KEPT = {'atexit'} if sys.version_info < (3, 10) else set()


class _Loader:
    """Returns a module that is loaded already."""

    def __init__(self, module):
        self._module = module

    def create_module(self, _spec):
        return self._module

    def exec_module(self, module):
        pass


def hide(names, paths):
    """Removes these modules, and these entries of the import system's cache of folders."""
    modules = {name: sys.modules.pop(name) for name in names - _KEPT if name in sys.modules}
    loaders = {name: _Loader(module) for name, module in modules.items() if name.startswith('pipescope_')}
    for path in paths:
        sys.path_importer_cache.pop(path, None)
    find = PathFinder.__dict__['find_spec'].__func__

    def find_spec(cls, fullname, path=None, target=None):
        return ModuleSpec(fullname, loaders[fullname]) if fullname in loaders else find(cls, fullname, path, target)

    find_spec.__code__ = find_spec.__code__.replace(co_filename=_IMPORTLIB)
    replace(PathFinder, 'find_spec', classmethod(find_spec))
    importable.update((name, module) for name, module in modules.items() if name == 'pipescope_probe')
