"""A throwaway PostgreSQL server for the tests: made when first asked for, shared by all workers, then gone.

conftest.py loads it with `pytest_plugins = ["tests.postgres"]`; tests ask for `postgres_url`.
"""

import fcntl
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

NO_POSTGRES = "PostgreSQL is not installed here, so nothing was tried on it: sudo apt-get install postgresql"

# Nothing here has to outlive a crash, so nothing waits for a disk.
OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "random_page_cost": "1.1",  # as PostgreSQL's manual advises for disks that do not turn
}

folder_key = pytest.StashKey[Path]()


def find_postgres() -> Path | None:
    """The folder that holds postgres, initdb and pg_ctl; the newest of several, None where there is none."""
    on_path = shutil.which("postgres")
    packaged = Path("/usr/lib/postgresql").glob("*/bin")
    newest_first = sorted(packaged, key=lambda folder: float(folder.parent.name), reverse=True)
    folders = ([Path(on_path).resolve().parent] if on_path else []) + newest_first
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


@contextmanager
def running_postgres() -> Iterator[str]:
    """A server of one's own, as `postgresql+psycopg://deal@127.0.0.1:PORT/`: add a database's name."""
    folder = make_folder()
    try:
        yield start_server(folder)
    finally:
        remove_server(folder)


@contextmanager
def new_database(postgres_url: str, template: str = "template1", name: str | None = None) -> Iterator[str]:
    """The URL of a new database on that server; dropped afterwards, whoever is still connected."""
    name = name or f"deal_{uuid4().hex}"
    run_sql(postgres_url, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield postgres_url + name
    finally:
        run_sql(postgres_url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def run_sql(postgres_url: str, statement: str) -> None:
    plain_url = postgres_url.replace("+psycopg", "") + "postgres"
    with psycopg.connect(plain_url, autocommit=True) as connection:
        connection.execute(statement)


def make_folder() -> Path:
    """A new folder, owned by whoever the server will run as."""
    folder = Path(tempfile.mkdtemp(prefix="deal-postgres-"))
    if owner := server_owner():
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    return folder


def start_server(folder: Path) -> str:
    """Make a cluster in the folder and start it; its URL."""
    make_cluster(folder)
    for _ in range(3):  # somebody else may take the port first
        port = free_port()
        options = OPTIONS | {"port": str(port), "unix_socket_directories": str(folder)}
        write_options(folder, options)
        if run_tool(folder, "pg_ctl", "-w", "-l", str(folder / "log"), "start").returncode == 0:
            url = f"postgresql+psycopg://deal@127.0.0.1:{port}/"
            run_sql(url, "CREATE DATABASE deal")
            return url
    raise RuntimeError(f"PostgreSQL did not start:\n{(folder / 'log').read_text()}")


def make_cluster(folder: Path) -> None:
    """Sorted as English is, where the server can, so that a list without a collation of its own shows."""
    common = ("initdb", "-U", "deal", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync")
    if run_tool(folder, *common, "--locale-provider=icu", "--icu-locale=en-GB").returncode == 0:
        return
    plain = run_tool(folder, *common)
    if plain.returncode != 0:
        raise RuntimeError(f"PostgreSQL could not make a cluster:\n{plain.stderr}")


def write_options(folder: Path, options: dict[str, str]) -> None:
    lines = "".join(f"{name} = '{value}'\n" for name, value in options.items())
    (folder / "data" / "postgresql.auto.conf").write_text(lines)


def remove_server(folder: Path) -> None:
    """Stop the server, if it was started, and delete all it wrote."""
    if (folder / "data" / "postmaster.pid").exists():
        run_tool(folder, "pg_ctl", "-w", "-m", "immediate", "stop")
    shutil.rmtree(folder, ignore_errors=True)


def run_tool(folder: Path, tool: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    binaries = find_postgres()
    if binaries is None:
        raise RuntimeError(NO_POSTGRES)
    command = [str(binaries / tool), "-D", str(folder / "data"), *arguments]
    options: dict[str, Any] = {"cwd": folder, "stdin": subprocess.DEVNULL, "capture_output": True}
    if owner := server_owner():
        options |= {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
    return subprocess.run(command, text=True, check=False, **options)


def server_owner() -> pwd.struct_passwd | None:
    """Whom to become: PostgreSQL refuses to run as root. None when we are somebody else already."""
    if os.geteuid() != 0:
        return None
    known = {user.pw_name: user for user in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


# Under pytest-xdist the controller owns the folder; the first worker that asks starts the server in it.


def pytest_configure(config: pytest.Config) -> None:
    given = getattr(config, "workerinput", {}).get("postgres_folder")
    folder = Path(given) if given else make_folder()
    config.stash[folder_key] = folder
    if not given:
        config.add_cleanup(lambda: remove_server(folder))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["postgres_folder"] = str(node.config.stash[folder_key])


@pytest.fixture(scope="session")
def postgres_url(pytestconfig: pytest.Config) -> str:
    """The shared server, as `postgresql+psycopg://deal@127.0.0.1:PORT/`; skips where none can be had."""
    if find_postgres() is None:
        pytest.skip(NO_POSTGRES)
    folder = pytestconfig.stash[folder_key]
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        address = folder / "url"
        if not address.exists():
            address.write_text(start_server(folder))
        return address.read_text()
