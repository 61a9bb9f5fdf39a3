"""Finds calls and definitions with CPython's own parser in the Python files listed on standard input.

Prints one JSON object per line: {"file", "fstrings", "calls": [[line, column, end line, end column, name, in f-string]],
"definitions": [[name, line]]}, columns in UTF-8 bytes as the parser reports them. Prints {"file", "error"} if the
parser rejects a file. Positions inside f-strings are only correct since Python 3.12.
"""
import ast
import json
import sys
import warnings

warnings.simplefilter("ignore")


def name_of(function):
    if isinstance(function, ast.Name):
        return function.id
    if isinstance(function, ast.Attribute):
        return function.attr
    return "?"


def parse_truth(path):
    with open(path, "rb") as file:
        tree = ast.parse(file.read(), path)
    calls, definitions = [], []

    def visit(node, inside):
        if isinstance(node, ast.Call):
            calls.append([node.lineno, node.col_offset, node.end_lineno, node.end_col_offset, name_of(node.func), inside])
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            definitions.append([node.name, node.lineno])
        for child in ast.iter_child_nodes(node):
            visit(child, inside or isinstance(node, ast.JoinedStr))

    visit(tree, False)
    return {"calls": calls, "definitions": definitions}


def main():
    sys.setrecursionlimit(10_000)
    for line in sys.stdin:
        path = line.rstrip("\n")
        try:
            truth = parse_truth(path)
        except (SyntaxError, ValueError, RecursionError) as error:
            truth = {"error": str(error)}
        print(json.dumps({"file": path, "fstrings": sys.version_info >= (3, 12), **truth}))


main()
