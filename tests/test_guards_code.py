"""The shape of the code: imports run one way, modules are short and say what they are, nothing points elsewhere."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from deal.config import ROOT

# The rooms from the ground up: an import (import-linter sees to it) and an address lead only to earlier ones.
# deal/__init__.py assembles them all and is exempt.
_SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ROOMS = _SETTINGS["tool"]["importlinter"]["contracts"][0]["layers"][::-1]

MODULES = sorted((ROOT / "deal").rglob("*.py"))
IN_ROOMS = [path for path in MODULES if path != ROOT / "deal" / "__init__.py"]
ALL_MODULES = MODULES + sorted((ROOT / "tests").rglob("*.py")) + sorted((ROOT / "scripts").glob("*.py"))
MOST_LINES = 500
MOST_VIEW_LINES = 15

# namespaces and licences name these hosts; nothing is ever loaded from them
# (the BBC's weather is where "Hide this page" goes)
HOSTS = {"www.w3.org", "scripts.sil.org", "github.com", "www.bbc.co.uk"}
RESERVED = (".example", ".test", ".invalid", ".localhost", "example.org", "example.com", "localhost")
# in halves, so that this file names none of them either
_HALVES = (("pypi", ".org"), ("python", "hosted"), ("npm", "js"), ("un", "pkg"), ("js", "delivr"), ("cdn", "js"))
REGISTRIES = re.compile("|".join(re.escape(one + other) for one, other in _HALVES), re.IGNORECASE)
ADDRESS = re.compile(r"(?:https?:)//([A-Za-z0-9.-]+)")
PACKED = {".woff2", ".br", ".gz", ".png", ".ico", ".pdf", ".mo"}


def room_of(path: Path) -> str:
    """deal/goals/models.py is in the room goals."""
    return path.relative_to(ROOT / "deal").parts[0].removesuffix(".py")


def allowed_in(room: str) -> list[str]:
    """The room itself and those before it."""
    assert room in ROOMS, f"{room} has no place in the order of the rooms"
    return ROOMS[: ROOMS.index(room) + 1]


def urls_of(path: Path) -> Iterator[str]:
    """The endpoints that a module makes addresses of; one of its own blueprint may begin with a dot."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and "url_for" in (getattr(node.func, "id", ""), getattr(node.func, "attr", "")):
            for name in ast.walk(node.args[0]):
                if isinstance(name, ast.Constant) and "." in str(name.value):
                    yield f"{room_of(path)}{name.value}" if name.value.startswith(".") else name.value


def test_no_address_leads_to_a_later_room():
    upward = set()
    for path in IN_ROOMS:
        room, rooms = room_of(path), [*allowed_in(room_of(path)), "static"]
        upward |= {(room, endpoint) for endpoint in urls_of(path) if endpoint.partition(".")[0] not in rooms}
    assert upward == set()


def classes_of(path: Path) -> Iterator[tuple[str, str]]:
    """Each class of a module: its name, and what it is made from."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef):
            yield node.name, ", ".join(map(ast.unparse, node.bases))


def test_tables_stand_in_models_and_forms_in_forms():
    elsewhere = set()
    for path in (ROOT / "deal").glob("*/*.py"):
        for name, bases in classes_of(path):
            if ("db.Model" in bases and path.stem != "models") or ("Form" in bases and path.stem != "forms"):
                elsewhere.add((str(path), name))
    assert elsewhere == set()


def test_views_are_short():
    long = {}
    for path in MODULES:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and any(
                ast.unparse(one).startswith("bp.") for one in node.decorator_list
            ):
                body = node.body[1 if ast.get_docstring(node) else 0 :]
                if body and (lines := node.body[-1].end_lineno - body[0].lineno + 1) > MOST_VIEW_LINES:
                    long[node.name] = lines
    assert long == {}


def test_every_module_opens_with_a_sentence():
    said = {path: ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "" for path in ALL_MODULES}
    assert {path for path, words in said.items() if not words.partition("\n")[0].endswith((".", "?", ":"))} == set()


def test_modules_are_short():
    lines = {str(path): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {path: count for path, count in lines.items() if count > MOST_LINES} == {}


def test_every_migration_is_named_by_number():
    names = sorted(path.name for path in (ROOT / "migrations" / "versions").glob("*.py"))
    assert [name[:4] for name in names] == [f"{number:04}" for number in range(1, len(names) + 1)]


def test_no_file_names_another_site_or_a_registry():
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode:
        pytest.skip("this is no git checkout, so nobody knows which files are committed")
    named = {}
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path.suffix in PACKED or not path.is_file() or path == Path(__file__):
            continue
        text = path.read_text(encoding="utf-8")
        hosts = {host.rstrip(".") for host in ADDRESS.findall(text)}
        strange = {
            host for host in hosts if host not in HOSTS and not host.startswith("127") and not host.endswith(RESERVED)
        }
        strange |= set(REGISTRIES.findall(text))
        if strange:
            named[name] = strange
    assert named == {}
