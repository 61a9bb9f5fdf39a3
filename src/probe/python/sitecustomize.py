"""Starts the probe in a Python that Pipescope has started; in any other, nothing but the next sitecustomize.

Python imports this file because its folder stands first on PYTHONPATH. A sitecustomize that it hides is run as Python
would have run it. Where the probe was started, its folder is taken off the path again: the program finds what it always found.
"""
import os
import sys


def _next(folder):
    """Loads the sitecustomize that this one hides; without one Python is told that there is none."""
    from _frozen_importlib import module_from_spec
    from _frozen_importlib_external import PathFinder

    spec = PathFinder.find_spec('sitecustomize', [place for place in sys.path if place != folder])
    if spec is None or spec.loader is None:
        raise ImportError("No module named 'sitecustomize'", name='sitecustomize')
    sys.modules['sitecustomize'] = module = module_from_spec(spec)
    spec.loader.exec_module(module)


_folder = os.path.dirname(os.path.abspath(__file__))
if os.environ.get('PIPESCOPE_SOCKET') or os.environ.get('PIPESCOPE_TCP'):
    try:
        import pipescope_functions

        pipescope_functions.start()
    except Exception:  # A guest breaks nothing, not even where it cannot work.
        pass
    sys.path[:] = [place for place in sys.path if place != _folder]
_next(_folder)
