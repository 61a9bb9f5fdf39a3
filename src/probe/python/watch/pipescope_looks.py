"""Decides whether code may read the code of functions, or start a tool that observes every line or call.

Every audit event costs time once a hook is installed, so there is none before code is loaded that mentions one of the names
below. The standard library mentions many of them but uses them only in the modules listed here.
"""
import os
import sys
from _io import FileIO

from pipescope_opcodes import OPS, VERSION, argument_at, instruction
from pipescope_walk import FUNCTION, functions_in

_CODE = type((lambda: None).__code__)
#: Names, and parts of texts that could be executed.
_WORDS = (
    '__code__', 'co_code', 'co_consts', 'co_lnotab', 'co_linetable', 'co_exceptiontable', 'co_stacksize', 'getclosurevars',
    'get_function_code', 'get_referents', 'settrace', 'setprofile', 'setstatprofile', 'use_tool_id', 'addaudithook', 'pythonapi',
    'PyEval_Set', 'dis.dis', 'from dis import', '_lsprof')
#: Whole names and texts.
_NAMES = frozenset(_WORDS + ('dis', 'settrace_all_threads', 'setprofile_all_threads', 'PyEval_SetTrace', 'PyEval_SetProfile',
                              'yappi'))
_LIBRARY = os.path.join(os.path.dirname(os.__file__), '')
_LIBRARY_FILES = {name + '.py' for name in ('bdb', 'cProfile', 'code', 'pdb', 'profile', 'trace')}
#: Packages that read only what the original and the instrumented code have in common.
_READERS = [os.sep + name for name in ('six.py', '_pytest' + os.sep, 'pluggy' + os.sep)]
_PACKAGES = [os.sep + name + os.sep for name in ('site-packages', 'dist-packages')]
#: Functions of Python's C interface that start a tool.
_C_FUNCTIONS = b'PyEval_SetTrace', b'PyEval_SetProfile', b'PySys_AddAuditHook'
_MAX_EXTENSION_BYTES = 8_000_000
_LOADS = {OPS[name] for name in ('LOAD_ATTR', 'LOAD_METHOD') if name in OPS}
#: Attributes of code that instrumented code has in common with the original.
_COMMON = {'co_filename', 'co_name', 'co_qualname', 'co_firstlineno', 'co_flags', 'co_argcount', 'co_posonlyargcount',
           'co_kwonlyargcount', 'co_varnames', 'co_nlocals', 'co_freevars', 'co_cellvars'}


def may_look(code):
    """Decides for the code of a whole file or command."""
    file = code.co_filename
    if _is_library(file):
        return os.path.basename(file) in _LIBRARY_FILES
    texts = []
    return not _contains(file, _READERS) and (
        _names_look(code, texts) or not _NAMES.isdisjoint(texts) or _contains('\n'.join(texts), _WORDS))


def module_may_look(name, has_file):
    """Decides for a module whose code has run already."""
    names = getattr(sys.modules.get(name), '__dict__', {})
    file = names.get('__file__')
    if name.startswith('pipescope_'):
        return False
    if type(file) is not str:
        return not has_file and _functions_look(names, name)
    if _is_library(file):
        return os.path.basename(file) in _LIBRARY_FILES
    return _functions_look(names, name) if file.endswith('.py') else _extension_looks(file)


def _functions_look(names, name):
    return any(may_look(function.__code__) for function in functions_in(names, name) if type(function) is FUNCTION)


def _extension_looks(file):
    try:
        if os.stat(file).st_size > _MAX_EXTENSION_BYTES:
            return False
        with FileIO(file) as stream:
            return _contains(stream.readall(), _C_FUNCTIONS)
    except OSError:
        return False


def _is_library(file):
    return file.startswith(_LIBRARY) and not _contains(file, _PACKAGES)


def _contains(text, parts):
    return any(part in text for part in parts)


def _names_look(code, texts):
    """Returns True if a name is one of those above. Adds all texts of the code to the list."""
    if not _NAMES.isdisjoint(code.co_names) and not _reads_common(code):
        return True
    return _constants_look(code.co_consts, texts)


def _constants_look(constants, texts):
    for constant in constants:
        kind = type(constant)
        if kind is str:
            texts.append(constant)
        elif kind is _CODE:
            if _names_look(constant, texts):
                return True
        elif (kind is tuple or kind is frozenset) and _constants_look(constant, texts):
            return True
    return False


def _reads_common(code):
    """True if this code only reads attributes of `function.__code__` that tell nothing of the instrumentation."""
    names, data = code.co_names, code.co_code
    if _NAMES.intersection(names) != {'__code__'}:
        return False
    wanted = names.index('__code__')
    for unit in range(len(data) // 2):
        if data[2 * unit] in _LOADS and _name_index(data, unit) == wanted:
            following = unit + len(instruction(data[2 * unit])) // 2
            while data[2 * following] == OPS['EXTENDED_ARG']:
                following += 1
            if data[2 * following] not in _LOADS or names[_name_index(data, following)] not in _COMMON:
                return False
    return True


def _name_index(data, unit):
    index = argument_at(data, unit)[0]
    return index >> 1 if VERSION >= (3, 12) and data[2 * unit] == OPS['LOAD_ATTR'] else index
