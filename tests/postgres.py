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
def new_database(postgres_url: str, template: str = "template1") -> Iterator[str]:
    """The URL of a new database on that server; dropped afterwards, whoever is still connected."""
    name = f"deal_{uuid4().hex}"
    run_sql(postgres_url, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield postgres_url + name
    finally:
        run_sql(postgres_url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


# what a test may not leave behind: another column, index or trigger
SHAPE = """SELECT md5(string_agg(said, ',' ORDER BY said)) FROM (
    SELECT concat_ws(' ', attrelid::regclass, attname, atttypid, atttypmod, attnotnull) AS said FROM pg_attribute
      WHERE attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
    UNION ALL SELECT concat_ws(' ', tgrelid::regclass, tgname) FROM pg_trigger) AS everything"""
TABLES = (
    "SELECT relname, pg_relation_size(oid) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
)
COUNTERS = "SELECT sequencename, coalesce(last_value, 1), last_value IS NOT NULL FROM pg_sequences"
LET_GO = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> {}"
LARGE = 1_000_000  # bytes that are sooner cut off than deleted row by row


class Copy:
    """A worker's database. Rows that a test wrote are taken out again: that is far quicker than to copy all anew."""

    def __init__(self, server: str) -> None:
        self.server, self.name = server, f"deal_{uuid4().hex}"
        self.url = server + self.name
        self.template = self.shape = ""
        self.kept: list[str] = []  # the tables with rows in the template, which stand a second time in a schema apart
        self.counters: list[tuple] = []

    def be_like(self, template: str) -> None:
        """Exactly as that template is; copied anew only where it was another one, or a test changed a table."""
        if self.template != template or not self._put_back():
            self._copy(template)

    def _copy(self, template: str) -> None:
        run_sql(self.server, f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')
        run_sql(self.server, f'CREATE DATABASE "{self.name}" TEMPLATE "{template}"')
        with self._connect() as connection:
            self.kept = [name for name, size in connection.execute(TABLES).fetchall() if size]
            self.counters = connection.execute(COUNTERS).fetchall()
            connection.execute("CREATE SCHEMA kept")
            for name in self.kept:
                connection.execute(f'CREATE TABLE kept."{name}" AS TABLE "{name}"')
            self.shape, self.template = self._shape(connection), template

    def _put_back(self) -> bool:
        with self._connect() as connection:
            connection.execute(LET_GO.format(connection.info.backend_pid))
            if self._shape(connection) != self.shape:
                return False
            sizes = connection.execute(TABLES).fetchall()
            large = [f'TRUNCATE "{name}" CASCADE' for name, size in sizes if size > LARGE]
            small = [f'DELETE FROM "{name}"' for name, size in sizes if 0 < size <= LARGE]
            again = [f'INSERT INTO "{name}" TABLE kept."{name}"' for name in self.kept]
            counters = [f"SELECT setval('{name}', {value}, {used})" for name, value, used in self.counters]
            without_triggers = "SET session_replication_role = replica"
            connection.execute(";".join([without_triggers, *large, *small, *again, *counters]))
        return True

    def _shape(self, connection: psycopg.Connection) -> str:
        (said,) = connection.execute(SHAPE).fetchone() or ("",)
        return str(said)

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(self.url.replace("+psycopg", ""))


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
