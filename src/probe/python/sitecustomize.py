"""Starts the probe if Pipescope has started this Python; otherwise only runs the sitecustomize module that it hides.

Python imports this file because its folder is the first one on PYTHONPATH. A sitecustomize module that it hides is run as
Python would have run it. After the probe has started, the folder is removed from the path, so that the program's imports
are found where they always were.
"""
import os
import sys


def _run_hidden(folder):
    """Runs the sitecustomize module that this one hides, or raises the error that Python expects if there is none."""
    from _frozen_importlib import module_from_spec
    from _frozen_importlib_external import PathFinder

    spec = PathFinder.find_spec('sitecustomize', [entry for entry in sys.path if entry != folder])
    if spec is None or spec.loader is None:
        raise ImportError("No module named 'sitecustomize'", name='sitecustomize')
    sys.modules['sitecustomize'] = module = module_from_spec(spec)
    spec.loader.exec_module(module)


_folder = os.path.dirname(os.path.abspath(__file__))
if os.environ.get('PIPESCOPE_SOCKET') or os.environ.get('PIPESCOPE_TCP'):
    try:
        import pipescope_functions

        pipescope_functions.start()
    except Exception:  # The probe must not disturb the program, even if it cannot work.
        pass
    sys.path[:] = [entry for entry in sys.path if entry != _folder]
_run_hidden(_folder)
