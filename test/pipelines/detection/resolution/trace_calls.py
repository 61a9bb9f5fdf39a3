"""Runs a program and prints which function each call in a folder reached, as JSON.

Usage: trace_calls.py FOLDER SCRIPT

An item has the file and position of a call and the functions that it reached. Each function has these keys:
- `reached`: the function itself
- `overridden`: the methods of base classes that it overrides. A call on a value of a base class refers to the method of
  that class.
- `wrapped`: functions in its closure that have the name of the call. A call of a decorated function first reaches the
  wrapper of the decorator, which functools.wraps names as the function.
- `constructed`: the file and name of the class of the first argument, if the function is a constructor, a wrapper of one
  or the `__call__` of a metaclass. A call of a class refers to the class, however that creates its instances.
- `value`: true if the call is of a variable, an attribute or an item that holds a function of another name
"""

import ast
import builtins
import functools
import inspect
import json
import os
import runpy
import sys
import types

folder = os.path.realpath(sys.argv[1])
script = os.path.join(folder, sys.argv[2])
empty_cell = types.CellType()
cache_type = type(functools.cache(len))
constructors = ("__init__", "__new__", "__post_init__")
positions = {}
files = {}
calls = {}


def read(path):
    """Returns the called expressions of a file by position, and the lines of its functions by their first line."""
    if path not in files:
        with open(path, encoding="utf-8") as source:
            nodes = list(ast.walk(ast.parse(source.read())))
        callees = {
            (node.lineno, node.end_lineno, node.col_offset, node.end_col_offset): node.func
            for node in nodes
            if isinstance(node, ast.Call)
        }
        # CPython numbers a function from its first decorator.
        lines = {
            min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)]): node.lineno
            for node in nodes
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        }
        files[path] = callees, lines
    return files[path]


def position_of(code, instruction):
    if code not in positions:
        positions[code] = list(code.co_positions())
    return positions[code][instruction // 2]


def describe(code):
    line = read(code.co_filename)[1].get(code.co_firstlineno, code.co_firstlineno)
    return [os.path.relpath(code.co_filename, folder), line, code.co_name, code.co_qualname]


def is_local(code):
    return code is not None and code.co_filename.startswith(folder)


def overridden_by(frame, name):
    """Finds the methods of the same name in the base classes of the class that has the method."""
    code = frame.f_code
    first = first_argument(frame)
    classes = (first if isinstance(first, type) else type(first)).__mro__
    # A wrapper does not have the name of the method.
    for attribute in (code.co_name, name):
        members = [vars(owner).get(attribute) for owner in classes]
        codes = [getattr(function_of(member), "__code__", None) for member in members]
        if code in codes:
            start = codes.index(code) + 1
            inner = [each for each in codes_in(members[start:]) if each.co_name == attribute]
            return [*filter(None, codes[start:]), *inner]
    return []


def function_of(member):
    return getattr(member, "fget", None) or getattr(member, "__func__", member)


def wrapped_by(frame):
    return codes_in([frame.f_locals.get(free) for free in frame.f_code.co_freevars])


def codes_in(values):
    """Finds functions in values and in their closures, also through several wrappers and caches."""
    codes = []
    pending = [*values]
    while pending:
        function = function_of(pending.pop())
        if isinstance(function, cache_type):
            pending.append(function.__wrapped__)
        if not inspect.isfunction(function) or function.__code__ in codes:
            continue
        codes.append(function.__code__)
        pending.extend(cell.cell_contents for cell in function.__closure__ or () if cell != empty_cell)
    return codes


def first_argument(frame):
    code = frame.f_code
    if code.co_argcount > 0:
        return frame.f_locals.get(code.co_varnames[0])
    if code.co_flags & inspect.CO_VARARGS:
        rest = frame.f_locals.get(code.co_varnames[code.co_kwonlyargcount])
        return rest[0] if rest else None
    return None


def constructed_by(frame, wrapped):
    """Names the class that a constructor creates."""
    name = frame.f_code.co_name
    first = first_argument(frame)
    is_class = isinstance(first, type)
    if name in constructors or any(code.co_name in constructors for code in wrapped) or is_class and name == "__call__":
        owner = first if is_class else type(first)
        path = getattr(sys.modules.get(owner.__module__), "__file__", None) or ""
        return [os.path.relpath(path, folder), owner.__qualname__.replace(".<locals>", "")] if path else None
    return None


def is_builtin(caller, callee):
    """Returns whether the function was called by a built-in function, such as the key of sorted()."""
    if not isinstance(callee, ast.Name):
        return False
    return hasattr(builtins, callee.id) and callee.id not in caller.f_locals and callee.id not in caller.f_globals


def is_value(caller, callee, name, names):
    if name in names or name is None and not isinstance(callee, ast.Subscript):
        return False
    return not isinstance(callee, ast.Name) or name not in caller.f_globals


def trace(frame, event, _argument):
    code = frame.f_code
    caller = frame.f_back
    if event != "call" or caller is None or code.co_name.startswith("<") or not is_local(code):
        return
    if not is_local(caller.f_code):
        return
    position = tuple(position_of(caller.f_code, caller.f_lasti))
    callee = read(caller.f_code.co_filename)[0].get(position)
    # Operators, loops and `with` statements also reach functions.
    if callee is None or is_builtin(caller, callee):
        return
    name = callee.id if isinstance(callee, ast.Name) else callee.attr if isinstance(callee, ast.Attribute) else None
    reached = calls.setdefault((os.path.relpath(caller.f_code.co_filename, folder), *position), {})
    if code in reached:
        return
    inner = wrapped_by(frame)
    constructed = constructed_by(frame, inner)
    wrapped = [each for each in inner if each.co_name == name and is_local(each)]
    names = {code.co_name, "" if constructed is None else constructed[1].split(".")[-1], *(each.co_name for each in wrapped)}
    reached[code] = {
        "reached": describe(code),
        "overridden": [describe(base) for base in overridden_by(frame, name) if is_local(base)],
        "wrapped": [describe(each) for each in wrapped],
        "constructed": constructed,
        "value": is_value(caller, callee, name, names),
    }


sys.path.insert(0, folder)
sys.argv = [script]
sys.setprofile(trace)
try:
    runpy.run_path(script, run_name="__main__")
finally:
    sys.setprofile(None)
json.dump([[*site, list(reached.values())] for site, reached in calls.items()], sys.stdout)
