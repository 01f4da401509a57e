"""The database is as the models say, keeps what it must keep, and lets go of what goes with a person."""

import shutil

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import upgrade
from sqlalchemy import delete, func, inspect, select, text, update
from sqlalchemy.exc import DBAPIError

from deal.audit import AccessLog
from deal.config import ROOT
from deal.db import db
from deal.people import Person
from tests.people import make_full_story, make_resident

pytestmark = pytest.mark.on_both

# nothing in them is anybody's words; every other table has a cascading path to person
NOBODYS = {
    "question_set",
    "section",
    "question",
    "question_draft",
    "setting",
    "confirmed_sentence",
    "weekly_places",
    "letter_picture",
    "business_answer",
    "coach_hours",
    "frozen_block",
    "login_throttle",
    "heading",
    "change",
    "suspension",
    "worker",
}

THROWAWAY = '''"""Throwaway: person is made anew, as a batch migration on SQLite does it."""

import sqlalchemy as sa
from alembic import op

revision = "throwaway"
down_revision = {head!r}


def upgrade():
    with op.batch_alter_table("person") as person:
        person.add_column(sa.Column("shoe_size", sa.Integer()))
        person.alter_column("label", type_=sa.String(60), existing_nullable=False)
'''


def counts() -> dict[str, int]:
    """How many rows each table has."""
    tables = db.metadata.sorted_tables
    return {table.name: db.session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


def triggers() -> list[str]:
    """The names of all triggers of ours."""
    sqlite = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    postgresql = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    return sorted(db.session.scalars(text(sqlite if db.engine.dialect.name == "sqlite" else postgresql)))


def test_the_models_match_the_migrations(app):
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, db.metadata) == []


def test_a_batch_migration_loses_no_row_and_no_trigger(app, sam, nia, tmp_path):
    make_full_story(nia, sam)
    before, triggers_before = counts(), triggers()
    assert triggers_before
    migrations = tmp_path / "migrations"
    shutil.copytree(ROOT / "migrations", migrations, ignore=shutil.ignore_patterns("__pycache__"))
    head = db.session.scalar(text("SELECT version_num FROM alembic_version"))
    (migrations / "versions" / "throwaway.py").write_text(THROWAWAY.format(head=head))
    db.session.remove()

    upgrade(directory=str(migrations))

    assert "shoe_size" in {column["name"] for column in inspect(db.engine).get_columns("person")}
    assert (counts(), triggers()) == (before, triggers_before)
    foreign_keys_hold(nia)


def test_a_database_of_another_version_is_refused_in_a_sentence(app, nia):
    db.session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    db.session.commit()
    with pytest.raises(ValueError, match="another version of Deal \\(9999\\)"):
        upgrade()
    assert db.session.scalars(select(Person.name)).all()


def foreign_keys_hold(person: Person) -> None:
    """A person whom others refer to cannot vanish from under them."""
    look = {"resident_id": person.id, "staff_id": 99_999, "page": "goals.goal", "hour": person.made_at}
    with pytest.raises(DBAPIError):
        db.session.execute(AccessLog.__table__.insert().values(look))
    db.session.rollback()


def test_a_look_is_neither_changed_nor_deleted_except_with_the_person(app, sam, nia):
    make_full_story(nia, sam)
    for attempt in (update(AccessLog).values(page="home.index"), delete(AccessLog)):
        with pytest.raises(DBAPIError, match="the access log"):
            db.session.execute(attempt)
        db.session.rollback()
    assert counts()["access_log"] == 1
    db.session.execute(delete(Person).where(Person.id == nia.id))
    db.session.commit()
    assert counts()["access_log"] == 0


def test_a_person_who_is_deleted_takes_everything_along_and_nothing_else(app, sam, joe, amina):
    make_full_story(amina, joe)
    without_nia = counts()
    nia = make_resident("Nia", sam)
    make_full_story(nia, sam)
    with_nia = counts()
    assert {name for name in with_nia if with_nia[name] == without_nia[name]} == NOBODYS
    db.session.execute(delete(Person).where(Person.id == nia.id))
    db.session.commit()
    assert counts() == without_nia


def test_no_table_gives_a_number_twice(app):
    if db.engine.dialect.name == "sqlite":
        made = db.session.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'table'"))
        ours = {table.name for table in db.metadata.sorted_tables}
        assert {name for name, sql in made if name in ours and "AUTOINCREMENT" not in sql} == set()


def test_the_number_of_a_deleted_person_is_given_to_nobody(app, sam, nia):
    number = nia.id
    db.session.execute(delete(Person).where(Person.id == number))
    db.session.commit()
    assert make_resident("Mo", sam).id > number
