"""The shape of the code: imports run one way, modules are short and say what they are, nothing points elsewhere."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

from deal.config import ROOT

# A room may import from itself and from those before it. deal/__init__.py assembles them all and is exempt.
ROOMS = [
    "config", "logs", "clock", "db", "pagination", "dates", "drafts", "idempotency", "names", "forms", "people",
    "settings", "tenths", "keys",
    "access", "journal", "undo", "charts",
    "accounts", "assessment", "goals", "deals", "conversations", "learning", "summaries", "kpis", "privacy", "landlord",
    "home", "pages", "errors", "jobs", "demo", "cli",
]  # fmt: skip

MODULES = sorted(path for path in (ROOT / "deal").rglob("*.py"))
ALL_MODULES = MODULES + sorted((ROOT / "tests").rglob("*.py")) + sorted((ROOT / "scripts").glob("*.py"))
MOST_LINES = 500

# namespaces and licences name these hosts; nothing is ever loaded from them
# (the BBC's weather is where "Hide this page" goes)
HOSTS = {"www.w3.org", "scripts.sil.org", "github.com", "www.bbc.co.uk"}
RESERVED = (".example", ".test", ".invalid", ".localhost", "example.org", "example.com", "localhost")
# in halves, so that this file names none of them either
_HALVES = (("pypi", ".org"), ("python", "hosted"), ("npm", "js"), ("un", "pkg"), ("js", "delivr"), ("cdn", "js"))
REGISTRIES = re.compile("|".join(re.escape(one + other) for one, other in _HALVES), re.IGNORECASE)
ADDRESS = re.compile(r"(?:https?:)//([A-Za-z0-9.-]+)")
PACKED = {".woff2", ".br", ".gz", ".png", ".ico", ".pdf", ".mo"}


def room_of(module: str) -> str:
    """deal.goals.models is in the room goals."""
    return module.split(".")[1]


def imports_of(path: Path) -> set[str]:
    """The modules of ours that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "deal":
            found |= {f"deal.{name.name}" for name in node.names if name.name != "create_app"}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports by dots"
            found.add(node.module or "")
    return {name for name in found if name.startswith("deal.")}


@pytest.mark.parametrize(
    "path", [one for one in MODULES if one.parent.name != "deal" or one.name != "__init__.py"], ids=str
)
def test_imports_run_one_way(path):
    room = path.relative_to(ROOT / "deal").parts[0].removesuffix(".py")
    assert room in ROOMS, f"{room} has no place in the order of the rooms"
    allowed = set(ROOMS[: ROOMS.index(room) + 1])
    assert {one for one in imports_of(path) if room_of(one) not in allowed} == set()


@pytest.mark.parametrize("path", ALL_MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_opens_with_a_sentence(path):
    said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    assert said.partition("\n")[0].endswith((".", "?", ":")), f"{path} says {said[:80]!r}"


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
