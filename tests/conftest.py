"""A fresh Deal for every test, people by name, and a checking browser for each of them.

A test marked `on_both` runs on SQLite and on PostgreSQL; all others run on SQLite, and on PostgreSQL too where the
slow tests are run, unless they are marked `sqlite_only`.
"""

import functools
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest
from flask import Flask
from flask_migrate import upgrade
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import event

from deal import create_app
from deal.db import db
from deal.people import Person
from deal.questions.models import current_question_set
from deal.questions.serialization import publish_bundled_question_sets
from deal.settings import PROMISE, ConfirmedSentence, WeeklyPlaces, change_settings
from tests import people
from tests.browser import Browser

if TYPE_CHECKING:  # a plugin may not be imported before pytest has loaded it
    from playwright.sync_api import Browser as Chromium

    from tests.live import Live
    from tests.postgres import Copy

pytest_plugins = ["tests.postgres"]

hypothesis.settings.register_profile(
    "deal",
    deadline=None,
    max_examples=50,
    database=None,
    # the examples of one test may share a database: each makes rows of its own
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture, hypothesis.HealthCheck.too_slow],
)
# where the slow tests are left out, a property is tried with few examples: every one of them opens pages
hypothesis.settings.register_profile("quick", hypothesis.settings.get_profile("deal"), max_examples=10)


def pytest_configure(config: pytest.Config) -> None:
    hypothesis.settings.load_profile("quick" if config.getoption("markexpr") == "not slow" else "deal")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes minutes begins first, so that at the end no worker waits long for another."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "app" in metafunc.fixturenames:
        both = metafunc.definition.get_closest_marker("on_both")
        only = metafunc.definition.get_closest_marker("sqlite_only")
        postgresql = [] if only and not both else [pytest.param("postgresql", marks=[] if both else [pytest.mark.slow])]
        metafunc.parametrize("app", ["sqlite", *postgresql], indirect=True)


def new_app(database_url: str, folder: Path) -> Flask:
    """Deal on that database, with key files in the folder; all workers share the compiled templates."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DEAL_INSTANCE", str(folder))
        app = create_app({"TESTING": True, "DATABASE_URL": database_url, "PUBLIC_URL": "http://deal.test"})
    shared = folder.parent.parent if "PYTEST_XDIST_WORKER" in os.environ else folder.parent
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(shared))
    if database_url.startswith("sqlite"):
        with app.app_context():  # a test's database need not outlive the machine
            event.listen(db.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    return app


def let_go(app: Flask) -> None:
    """Close every connection that an app holds."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def new_database(*arguments: str) -> AbstractContextManager[str]:
    """A database on the tests' PostgreSQL server."""
    from tests.postgres import new_database

    return new_database(*arguments)


def begin(database_url: str, folder: Path) -> None:
    """What stands in every test's database: the real migrations, the questions, a landlord who is ready to begin."""
    app = new_app(database_url, folder)
    with app.app_context():
        upgrade()
        publish_bundled_question_sets()
        current_question_set().published_at = datetime(2020, 1, 6, tzinfo=UTC)  # stories may begin earlier than now
        names = {"service_name": "Our Deal", "organisation": "Bryn Homes", "phone": "01632 960000"}
        change_settings(names, by=None)
        db.session.add_all(ConfirmedSentence(wording=sentence) for sentence in PROMISE)
        db.session.add(WeeklyPlaces(week=date(2020, 1, 6), places=500))
        db.session.commit()
    let_go(app)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The worker's own folder: key files, the template of the SQLite file."""
    return tmp_path_factory.mktemp("deal")


@pytest.fixture(scope="session")
def sqlite_template(folder: Path) -> Path:
    """A migrated SQLite file, to be copied."""
    begin(f"sqlite:///{folder / 'template.db'}", folder)
    return folder / "template.db"


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str, folder: Path) -> Iterator[str]:
    """The name of a migrated PostgreSQL database, to be copied."""
    with new_database(postgres_url) as url:
        begin(url, folder)
        yield url.rpartition("/")[2]


@pytest.fixture(scope="session")
def sqlite_app(sqlite_template: Path, folder: Path) -> Flask:
    """Deal on the worker's SQLite file: one app, so that statements and templates are compiled once."""
    return new_app(f"sqlite:///{folder / 'test.db'}", folder)


@pytest.fixture(scope="session")
def postgres_copy(postgres_url: str) -> "Copy":
    """The worker's PostgreSQL database."""
    from tests.postgres import Copy

    return Copy(postgres_url)


@pytest.fixture(scope="session")
def postgresql_app(postgres_template: str, postgres_copy: "Copy", folder: Path) -> Flask:
    """Deal on it."""
    return new_app(postgres_copy.url, folder)


@pytest.fixture
def sqlite(sqlite_app: Flask, sqlite_template: Path) -> Iterator[Flask]:
    """That app, with a fresh copy of the template as its file."""
    copy = sqlite_template.with_name("test.db")
    for path in (copy, copy.with_name("test.db-wal"), copy.with_name("test.db-shm")):
        path.unlink(missing_ok=True)
    shutil.copy(sqlite_template, copy)
    yield sqlite_app
    let_go(sqlite_app)


@pytest.fixture
def postgresql(postgresql_app: Flask, postgres_copy: "Copy", postgres_template: str) -> Iterator[Flask]:
    """That app, with its database as the template is."""
    postgres_copy.be_like(postgres_template)
    yield postgresql_app
    let_go(postgresql_app)


@pytest.fixture
def app(request: pytest.FixtureRequest) -> Iterator[Flask]:
    """Deal, ready to begin and without people; the test may use `db.session` as it is."""
    app = request.getfixturevalue(getattr(request, "param", "sqlite"))
    settings = dict(app.config)
    with app.app_context():
        yield app
    app.config.update(settings)


@pytest.fixture
def visit(app: Flask) -> Callable[..., Browser]:
    """`visit(nia)` is a browser in which Nia is signed in, `visit()` one in which nobody is."""
    return functools.partial(Browser, app)


@pytest.fixture(scope="session")
def chromium() -> "Iterator[Chromium]":
    """The machine's own browser: one for all tests of a worker."""
    from tests.live import NO_CHROMIUM, find_chromium, running_chromium

    with running_chromium(find_chromium() or pytest.skip(NO_CHROMIUM)) as browser:
        yield browser


@pytest.fixture(scope="session")
def demonstration(chromium: "Chromium", tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Live]":
    """A demonstration that is served to that browser, for all tests that need not be the first there."""
    from tests.live import running_deal

    with running_deal(tmp_path_factory.mktemp("demonstration"), demonstration=True) as live:
        yield live


@pytest.fixture
def deal(chromium: "Chromium", tmp_path: Path) -> "Iterator[Live]":
    """A Deal, served to that browser, that nobody has signed in to yet."""
    from tests.live import running_deal

    with running_deal(tmp_path, demonstration=False) as live:
        yield live


@pytest.fixture
def morgan(app: Flask) -> Person:
    """The manager."""
    return people.make_manager("Morgan")


@pytest.fixture
def sam(app: Flask) -> Person:
    """A coach: Nia's."""
    return people.make_coach("Sam")


@pytest.fixture
def joe(app: Flask) -> Person:
    """Another coach: Amina's."""
    return people.make_coach("Joe")


@pytest.fixture
def nia(sam: Person) -> Person:
    """A resident, coached by Sam, who has chosen a PIN."""
    return people.make_resident("Nia", sam, label="Oak Court")


@pytest.fixture
def amina(joe: Person) -> Person:
    """A resident, coached by Joe, who has chosen a PIN."""
    return people.make_resident("Amina", joe)
