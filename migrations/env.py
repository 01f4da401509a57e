"""How Alembic reaches Deal's database, and how a migration keeps every row and every trigger."""

from alembic import context
from flask import current_app
from sqlalchemy import Connection, Enum, Table, event, inspect

from deal.audit import drop_triggers, make_triggers
from deal.db import Instant, SortKey, db


def plain_type(kind, column_type, _context):
    """Write our own column types as the plain ones beneath them: a migration outlives the code."""
    if kind == "type" and isinstance(column_type, Instant):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(column_type, SortKey):
        return 'sa.String().with_variant(sa.String(collation="C"), "postgresql")'
    if kind == "type" and isinstance(column_type, Enum):
        return f"sa.String(length={column_type.length})"
    return False


@event.listens_for(Table, "after_parent_attach")
def count_on(table, _parent):
    """A table that is remade on SQLite still gives no number twice."""
    if table.name.startswith("_alembic_tmp_"):
        table.dialect_kwargs["sqlite_autoincrement"] = True


def numbers_given(connection: Connection) -> dict[str, int]:
    """The highest number that each table on SQLite has ever given, of deleted rows too."""
    if "sqlite_sequence" not in inspect(connection).get_table_names(sqlite_include_internal=True):
        return {}
    return {name: number for name, number in connection.exec_driver_sql("SELECT name, seq FROM sqlite_sequence")}


def refuse_another_version() -> None:
    """A newer Deal, or one from before the first release, may have kept what this one knows nothing of."""
    there = context.get_context().get_current_revision()
    if there and there not in {one.revision for one in context.script.walk_revisions()}:
        raise ValueError(f"the database was made by another version of Deal ({there}). Use that one, or a new database")


def run_migrations() -> None:
    """Migrate in one transaction.

    On SQLite foreign keys are switched off before it begins (inside it the PRAGMA does nothing): a batch migration
    drops and remakes a parent table, which would delete its children. What refers to nothing afterwards is an error.
    """
    with db.engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.commit()
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # the driver begins none before CREATE or ALTER
        else:  # machines that begin at once take turns; whoever comes second finds nothing to do
            connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(2012)")
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_item=plain_type,
            **current_app.extensions["migrate"].configure_args,
        )
        refuse_another_version()
        given = numbers_given(connection) if sqlite else {}
        drop_triggers(connection)  # SQLite renames no table while a trigger names one that is gone
        context.run_migrations()
        if "access_log" in inspect(connection).get_table_names():
            make_triggers(connection)
        for name in given.keys() & numbers_given(connection).keys() if sqlite else ():
            most = "UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?"
            connection.exec_driver_sql(most, (given[name], name))
        if sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
            connection.rollback()
            raise RuntimeError("a migration left rows that refer to nothing: it was undone")
        connection.commit()
        if sqlite:
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")


run_migrations()
