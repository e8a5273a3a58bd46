"""Every stable code of the house, found in its code: nobody keeps a list of them.

A code is what an error's class says, a member of a family of `Codes`, or a word that is written where a parameter or
field called `code` is given. The last is looked for in the source, so that a code in no family is found as well.
"""

import ast
import importlib
import pkgutil
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import TypeVar

import offhook
from offhook.errors import Codes, OffhookError

SOURCE = Path(offhook.__file__).parent
NOT_OURS = ("offhook.storage.migrations", "offhook.cli.demo", "offhook.__main__")
"""Migrations run in alembic's hands; the demo's scenes are a customer's code."""
READERS = ("catalogue/", "cli/explain.py", "api/error_pages.py")
"""Who explains codes takes them from others."""
CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")

Callables = dict[str, set[int]]
Constants = dict[str, set[str]]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a code is written: a file below the package, and a line or the name of what has it."""

    file: str
    at: str

    def __str__(self) -> str:
        return f"src/offhook/{self.file}, {self.at}"


@cache
def all_codes() -> dict[str, Place]:
    """Return each code with a place that says it."""
    import_everything()
    found: dict[str, Place] = {}
    for code, place in (*of_errors(), *of_families(), *written()):
        found.setdefault(code, place)
    return found


def import_everything() -> None:
    """Import every module, so that every class is known."""
    for module in pkgutil.walk_packages(offhook.__path__, "offhook."):
        if not module.name.startswith(NOT_OURS):
            importlib.import_module(module.name)


def errors() -> list[type[OffhookError]]:
    """Return every class of the tree of errors."""
    import_everything()
    return [OffhookError, *_below(OffhookError)]


def of_errors() -> Iterator[tuple[str, Place]]:
    """Yield the code of each error's class."""
    for kind in errors():
        yield kind.code, _place_of(kind)


def of_families() -> Iterator[tuple[str, Place]]:
    """Yield each member of each family."""
    for family in _below(Codes):
        for member in family:
            yield member.value, _place_of(family)


def written() -> Iterator[tuple[str, Place]]:
    """Yield each word that is written where a `code` is given, compared or set."""
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in _files()}
    takers = callables(tree for path, tree in trees.items() if not _name(path).startswith(READERS))
    named = constants(trees.values())
    for path, tree in trees.items():
        for word, line in words_of_codes(tree, takers, named):
            yield word, Place(_name(path), f"line {line}")


def words_of_codes(tree: ast.Module, takers: Callables, named: Constants) -> Iterator[tuple[str, int]]:
    """Yield the words of a module that are given as codes, with their lines."""
    for node in ast.walk(tree):
        for value in _codes_in(node, takers):
            for word in _words(value, named):
                yield word, value.lineno


def loose_enumerations() -> dict[str, Place]:
    """Return the enumerations that annotate something called `code` and are no family of codes."""
    import_everything()
    found: dict[str, Place] = {}
    for path in _files():
        module = sys.modules[f"offhook.{_dotted(path)}".removesuffix(".__init__")]
        for name, line in _annotations(ast.parse(path.read_text(encoding="utf-8"))):
            kind = getattr(module, name, None)
            if isinstance(kind, type) and issubclass(kind, Enum) and not issubclass(kind, Codes):
                found[f"{kind.__module__}.{name}"] = Place(_name(path), f"line {line}")
    return found


def _files() -> list[Path]:
    return [path for path in sorted(SOURCE.rglob("*.py")) if not f"offhook.{_dotted(path)}".startswith(NOT_OURS)]


def callables(trees: Iterable[ast.Module]) -> Callables:
    """Return at which place what is called so takes a `code`, by the name alone."""
    places: Callables = {}
    for tree in trees:
        for node in ast.walk(tree):
            match node:
                case ast.FunctionDef() | ast.AsyncFunctionDef() if node.name != "__init__":
                    names = [one.arg for one in (*node.args.posonlyargs, *node.args.args)]
                    names = names[1:] if names[:1] in (["self"], ["cls"]) else names
                case ast.ClassDef():
                    names = [
                        one.target.id
                        for one in node.body
                        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
                    ]
                case _:
                    continue
            if "code" in names:
                places.setdefault(node.name, set()).add(names.index("code"))
    return places


def constants(trees: Iterable[ast.Module]) -> Constants:
    """Return the words that modules give a name in capital letters, by that name alone."""
    found: Constants = {}
    for tree in trees:
        for node in tree.body:
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str(word))):
                    if name.isupper() and CODE.fullmatch(word):
                        found.setdefault(name, set()).add(word)
    return found


def _codes_in(node: ast.AST, takers: Callables) -> Iterator[ast.expr]:
    match node:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            for place in takers.get(name, ()):
                yield from node.args[place : place + 1]
            yield from (one.value for one in node.keywords if one.arg == "code")
        case ast.Assign(targets=[ast.Name(id="code")], value=value):
            yield value
        case ast.AnnAssign(target=ast.Name(id="code"), value=ast.expr() as value):
            yield value
        case ast.Compare(left=ast.Attribute(attr="code") | ast.Name(id="code")):
            yield from node.comparators
        case ast.Dict():
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "code":
                    yield value


def _words(value: ast.expr, named: Constants) -> Iterator[str]:
    """Yield what of an expression may be the code: words that stand alone or in a choice, not parts of a text."""
    match value:
        case ast.Constant(value=str(word)) if CODE.fullmatch(word):
            yield word
        case ast.Name(id=name) | ast.Attribute(value=ast.Name(), attr=name):
            yield from named.get(name, ())
        case ast.IfExp(body=one, orelse=other):
            yield from (*_words(one, named), *_words(other, named))
        case ast.BoolOp(values=values) | ast.Tuple(elts=values) | ast.Set(elts=values):
            for one in values:
                yield from _words(one, named)
        case ast.Call(func=ast.Attribute(attr="get"), args=[_, default]):
            yield from _words(default, named)


def _annotations(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield the names that annotate a parameter or field called `code`."""
    for node in ast.walk(tree):
        match node:
            case (
                ast.arg(arg="code", annotation=ast.expr() as said)
                | ast.AnnAssign(target=ast.Name(id="code"), annotation=said)
            ):
                yield from ((one.id, said.lineno) for one in ast.walk(said) if isinstance(one, ast.Name))


def _below(kind: type[T]) -> list[type[T]]:
    return [each for one in kind.__subclasses__() for each in (one, *_below(one)) if _is_ours(each)]


def _is_ours(kind: type) -> bool:
    return kind.__module__.startswith("offhook.")


def _place_of(kind: type) -> Place:
    return Place(f"{kind.__module__.removeprefix('offhook.').replace('.', '/')}.py", kind.__name__)


def _name(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def _dotted(path: Path) -> str:
    return _name(path).removesuffix(".py").replace("/", ".")
