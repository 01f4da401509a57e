"""The command line: whatever is broken gets one sentence and exit code 2, and no key is replaced without a word."""

import shutil
import socket
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from time import monotonic, sleep

import pytest
from sqlalchemy import func, make_url, select

from deal import cli
from deal.config import LOSS, ROOT
from deal.db import db
from deal.printing.print_jobs import worker_is_running
from deal.questions.models import QuestionSet
from tests.conftest import let_go, new_app, new_database
from tests.live import DEAL, _environment
from tests.people import make_coach
from tests.postgres import free_port

ADD = ("add-manager", "--name", "Mo", "--email", "mo@larkfield.example")
COMMANDS = [
    ("daily",),
    ("worker",),
    ADD,
    ("demo",),
    ("start",),
    ("serve",),
    ("summary", "1", "--out", "out.pdf"),
    ("db", "upgrade"),
]


@pytest.fixture
def instance(tmp_path, sqlite_template, monkeypatch) -> Path:
    """A folder of its own, with a database that is up to date."""
    shutil.copy(sqlite_template, tmp_path / "deal.db")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DEAL_INSTANCE", str(tmp_path))
    for name in ("DEAL_SECRET_KEY", "DEAL_CODE_KEY", "DEAL_DATABASE_URL", "PORT"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def deal(instance, monkeypatch, capsys):
    """Run a command: its exit code, and what it says on standard error or, where all is well, on standard output."""

    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["deal", *arguments])
        try:
            cli.main()
            code = 0
        except SystemExit as ended:
            code = int(ended.code or 0)
        said = capsys.readouterr()
        return code, said.err if code else said.out

    return run


@pytest.fixture
def lived_in(deal, instance) -> Path:
    """That folder, with keys and somebody in its database."""
    assert deal(*ADD)[0] == 0
    app = new_app(f"sqlite:///{instance / 'deal.db'}", instance)
    with app.app_context():
        make_coach("Sam")
    let_go(app)
    return instance


@pytest.mark.parametrize("name", LOSS)
def test_a_missing_key_file_is_missed(deal, lived_in, name):
    path = lived_in / f"{name.lower()}.txt"
    path.unlink()
    for command in (ADD, ("worker",), ("serve",), ("start",)):
        code, said = deal(*command)
        assert code == 2 and str(path) in said and "Put your copy of it back" in said and "deal new-keys" in said
        assert not path.exists() and said.count("\n") == 1
    code, said = deal("new-keys")
    assert code == 0 and "Deal goes on with the keys that are here now." in said and path.exists()
    told = {"SECRET_KEY": "Everybody signs in again", "CODE_KEY": "numbers for a new PIN and links for staff are dead"}
    assert {one for one, words in told.items() if words in said} == {name}
    assert "nothing has changed" in deal("new-keys")[1]
    assert deal(*ADD)[0] == 0


@pytest.mark.parametrize("name", LOSS)
def test_another_key_is_noticed(deal, lived_in, monkeypatch, name):
    monkeypatch.setenv(f"DEAL_{name}", "x" * 40)
    for command in (ADD, ("worker",), ("serve",), ("start",)):
        code, said = deal(*command)
        assert code == 2 and f"{name} is not the key that this database was used with" in said
    assert deal("new-keys")[0] == 0
    assert deal(*ADD)[0] == 0
    monkeypatch.delenv(f"DEAL_{name}")
    assert deal(*ADD)[0] == 2, "and now the file holds another one"


def test_an_empty_database_takes_any_key(deal, instance, monkeypatch):
    for key in ("x" * 40, "y" * 40):
        monkeypatch.setenv("DEAL_CODE_KEY", key)
        assert deal("demo", "--residents", "0")[0] == 2, "no people were made"
        assert deal("daily")[0] == 0


@pytest.mark.on_both
def test_the_fingerprint_of_a_key_is_no_setting(app, visit, morgan):
    from deal.keys import check_keys

    check_keys()
    assert "fingerprint" not in visit(morgan).get("/settings").html


@pytest.mark.parametrize("command", COMMANDS, ids=lambda one: one[0])
@pytest.mark.parametrize("broken", ["no database", "half a database", "a folder"])
def test_a_damaged_database_is_a_sentence(deal, instance, command, broken):
    path = instance / "deal.db"
    whole = path.read_bytes()
    path.unlink()
    if broken == "a folder":
        path.mkdir()
    else:
        path.write_bytes(b"no database" * 1000 if broken == "no database" else whole[:4096] + b"\xff" * 9000)
    code, said = deal(*command)
    assert code == 2 and said.count("\n") == 1 and "The database cannot be used" in said, said
    advice = "Is its address right" if broken == "a folder" else "Put a copy of the file back."
    assert f". {advice}" in said and ".." not in said, said


@pytest.mark.parametrize("broken", [b"\xff\xfe" * 40, b"", b"short", None])
def test_a_damaged_key_is_a_sentence(deal, instance, broken):
    path = instance / "code_key.txt"
    path.mkdir() if broken is None else path.write_bytes(broken)
    for command in ("daily", "new-keys"):
        code, said = deal(command)
        assert code == 2 and said.count("\n") == 1 and str(path) in said, said
        assert "no letter that is under way" in said and "take the file away, then: deal new-keys" in said
    path.rmdir() if broken is None else path.unlink()
    assert deal("new-keys")[0] == 0 and deal("daily")[0] == 0


@pytest.mark.parametrize(
    ("settings", "command"),
    [
        ({"PORT": "many"}, ("serve",)),
        ({"PORT": "0"}, ("serve",)),
        ({"PORT": "99999999999"}, ("serve",)),
        ({"DEAL_DATABASE_URL": "nonsense"}, ("daily",)),
        ({"DEAL_DATABASE_URL": "mysql://a/b"}, ("daily",)),
        ({"DEAL_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/deal"}, ("daily",)),
        ({"DEAL_DATABASE_URL": "postgresql://nobody@127.0.0.1:none/deal"}, ("daily",)),
        ({"DEAL_DATABASE_URL": "sqlite:////nowhere/deal.db"}, ("daily",)),
        ({"DEAL_INSTANCE": "/proc/nowhere"}, ("daily",)),
        ({"DEAL_INSTANCE": "/dev/null"}, ("daily",)),
        ({"DEAL_PROXIES": "many"}, ("daily",)),
        ({}, ("nothing-like-it",)),
        ({}, ()),
        ({}, ("summary", "x", "--out", "a")),
        ({}, ("summary", "99999999999999999999", "--out", "a")),
        ({}, ("summary", "1", "--out", "/nowhere/a")),
        ({}, ("demo", "--residents", "-1")),
        ({}, ("demo", "--seed", "x")),
        ({}, ("add-manager", "--name", "", "--email", "a@larkfield.example")),
        ({}, ("add-manager", "--name", "\udcff", "--email", "a@larkfield.example")),
        ({}, ("add-manager", "--name", "Mo", "--email", "\udcff@larkfield.example")),
        ({}, ("add-manager", "--name", "Mo", "--email", "nobody")),
        ({}, ("worker", "--beside", "x")),
    ],
    ids=ascii,
)  # fmt: skip
def test_whatever_is_typed_gets_an_answer(deal, instance, monkeypatch, settings, command):
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    code, said = deal(*command)
    assert code == 2 and said.strip() if command else code == 2
    assert "Traceback" not in said


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request, tmp_path):
    """The address of a database with nothing in it."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'new.db'}"
    else:
        with new_database(request.getfixturevalue("postgres_url")) as url:
            yield url


@pytest.mark.slow
def test_machines_that_begin_at_once_bring_one_empty_database_up_to_date(empty_database, tmp_path, monkeypatch):
    keys = {"DEAL_SECRET_KEY": "x" * 40, "DEAL_CODE_KEY": "y" * 40, "DEAL_DATABASE_URL": empty_database}
    machines = []
    for name in ("one", "two", "three"):
        environment = _environment(tmp_path / name, 8000, demonstration=False) | keys
        command = [DEAL, "add-manager", "--name", name, "--email", f"{name}@larkfield.example"]
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        machines.append(subprocess.Popen(command, cwd=ROOT, env=environment, **streams))
    said = [machine.communicate(timeout=120) for machine in machines]
    assert [machine.returncode for machine in machines] == [0, 0, 0], said
    for name, value in keys.items():
        monkeypatch.setenv(name, value)
    app = new_app(empty_database, tmp_path)
    with app.app_context():
        assert db.session.scalar(select(func.count(QuestionSet.id))) == 1
    let_go(app)


@pytest.mark.slow
def test_a_worker_waits_for_its_database(postgresql, tmp_path):
    address = make_url(postgresql.config["SQLALCHEMY_DATABASE_URI"])
    port = free_port()
    environment = _environment(tmp_path, 8000, demonstration=False)
    environment["DEAL_DATABASE_URL"] = address.set(port=port).render_as_string(hide_password=False)
    for name in ("DEAL_SECRET_KEY", "DEAL_CODE_KEY"):
        environment[name] = "x" * 40
    with subprocess.Popen([DEAL, "worker"], cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as worker:
        try:
            assert "The database does not answer" in worker.stderr.readline()
            with relayed(port, address.port):
                over = monotonic() + 60
                while monotonic() < over:
                    with postgresql.app_context():
                        if worker_is_running():
                            break
                    sleep(0.2)
                with postgresql.app_context():
                    assert worker_is_running() and worker.poll() is None
                worker.terminate()
                assert worker.wait(30) == 0
        finally:
            worker.kill()


@contextmanager
def relayed(port: int, to: int):
    """What is sent to that port reaches the other one."""

    def pass_on(one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)
        other.close()

    def accept() -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(("127.0.0.1", to))
                for pair in ((near, far), (far, near)):
                    Thread(target=pass_on, args=pair, daemon=True).start()

    with socket.create_server(("127.0.0.1", port)) as listener:
        Thread(target=accept, daemon=True).start()
        yield
