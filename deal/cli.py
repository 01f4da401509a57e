"""The console command `deal`."""

import json
import os
import secrets
import socket
import sys
from pathlib import Path
from time import sleep

import click
import psycopg
from click.exceptions import ClickException, NoArgsIsHelpError
from flask import Flask, current_app
from flask.cli import FlaskGroup, with_appcontext
from flask_babel import force_locale
from flask_migrate import upgrade
from sqlalchemy import select
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, ProgrammingError

from deal import demo
from deal.daily import daily_command, freeze_command, new_keys
from deal.db import db
from deal.keys import WrongKey, check_keys
from deal.logs import facts
from deal.names import are_letters, one_line
from deal.people import Person, Role
from deal.printing.models import Summary
from deal.printing.pdf import CannotPrint
from deal.printing.summary_layout import summary_pdf
from deal.questions.serialization import publish_bundled_question_sets
from deal.settings import languages
from deal.staff.views import by_email, join_address, join_code

AGAIN = 5  # seconds until a worker asks again for a database that is away
DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")  # how SQLite names a file that is broken


def init_app(app: Flask) -> None:
    """Add Deal's own commands to Flask's."""
    for command in (start, serve, demo_command, add_manager, summary, daily_command, freeze_command, worker, new_keys):
        app.cli.add_command(command)


def main() -> None:
    """Run a command; a mistake gets one plain sentence and exit code 2."""
    from deal import create_app

    try:
        app = create_app({"NEW_KEYS": sys.argv[1:2] == ["new-keys"]})
        group = FlaskGroup(create_app=lambda: app, add_version_option=False)
        group.main(prog_name="deal", standalone_mode=False)
    except click.Abort:
        sys.exit(1)
    except NoArgsIsHelpError as error:
        click.echo(error.format_message())
        sys.exit(2)
    except ClickException as error:
        _stop(error.format_message())
    except WrongKey as error:
        _stop(str(error))
    except (ArgumentError, OSError, ImportError, ValueError) as error:
        _stop(f"Deal cannot start with these settings: {error}")
    except DBAPIError as error:
        # others quote what people wrote
        said = error.orig if isinstance(error, OperationalError | ProgrammingError) else " ".join(facts(error))
        damaged = str(getattr(error.orig, "sqlite_errorname", "")).startswith(DAMAGED)
        wrong = "Is its address right, and is it up to date (deal db upgrade)?"
        advice = "Put a copy of the file back." if damaged else wrong
        _stop(f"The database cannot be used: {str(said).strip().rstrip('.')}. {advice}")


def _stop(sentence: str) -> None:
    click.echo(" ".join(sentence.split()).encode(errors="backslashreplace"), err=True)
    sys.exit(2)


def _bring_up_to_date() -> None:
    upgrade()
    check_keys()
    publish_bundled_question_sets()


@click.command()
@with_appcontext
def start() -> None:
    """Bring the database up to date, load the demonstration where it belongs, and serve."""
    _bring_up_to_date()
    if wants_demonstration() and not db.session.scalar(select(Person.id).limit(1)):
        click.echo("Loading the demonstration: about forty made-up residents.")
        demo.load()
    _free_port()
    _say_how_to_sign_in()
    db.session.remove()
    sys.stdout.flush()
    deal = str(Path(sys.executable).with_name("deal"))
    os.execv(deal, [deal, "serve", "--with-worker"])  # without what the demonstration took


@click.command("serve")
@click.option("--with-worker", is_flag=True, help="And run a worker beside it.")
@with_appcontext
def serve(with_worker: bool) -> None:
    """Serve Deal's pages on PORT of this machine, until Ctrl-C."""
    from deal.web import serve as serve_on

    check_keys()
    port = _free_port()
    db.session.remove()
    serve_on(current_app._get_current_object(), port, with_worker)  # type: ignore[attr-defined]


def _free_port() -> int:
    """The port to serve on; a sentence where it cannot be had."""
    wanted = str(os.environ.get("PORT", current_app.config["PORT"]))
    if not wanted.isdecimal() or not 0 < int(wanted) < 65536:
        raise ClickException(f"PORT is a number from 1 to 65535, not {wanted}.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(wanted)))
        except OSError as error:
            raise ClickException(
                f"Port {wanted} cannot be used ({error.strerror}). Choose another: PORT=8001 make run"
            ) from error
    return int(wanted)


def wants_demonstration() -> bool:
    """Only into this machine's own SQLite file, and not where DEAL_DEMO says no."""
    own = f"sqlite:///{Path(current_app.instance_path) / 'deal.db'}"
    here = current_app.config["SQLALCHEMY_DATABASE_URI"] == own
    return here and str(current_app.config["DEMO"]).lower() not in ("no", "false", "0", "off")


def _say_how_to_sign_in() -> None:
    address = current_app.config["PUBLIC_URL"]
    click.echo(f"Deal is at {address}")
    shown = demo.people()
    if shown:
        click.echo("This is a demonstration. Sign in as:")
        for person in shown:
            typed = ", ".join(f"{field} {value}" for field, value in person["fields"].items())
            click.echo(f"  {person['role']:<9} {person['name']:<16} {address}{person['page']}  {typed}")
        if code := demo.unopened_code():
            click.echo(f"  a letter that nobody has opened yet: {address}/code  code {code}")
    elif not db.session.scalar(select(Person.id).where(Person.role == Role.MANAGER).limit(1)):
        known = " ".join(f"{name}={os.environ[name]}" for name in ("DEAL_INSTANCE", "PORT") if name in os.environ)
        click.echo(f"Nobody is here yet. Add the first manager in another window: {known} .venv/bin/deal add-manager")


@click.command("demo")
@click.option("--residents", default=demo.RESIDENTS, show_default=True, help="How many residents.")
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same people.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: who can sign in, where and how.")
@with_appcontext
def demo_command(residents: int, seed: int, as_json: bool) -> None:
    """Load the demonstration into an empty database; on a loaded one change nothing."""
    if not 1 <= residents <= 1_000_000:
        raise ClickException("Choose a number of residents from 1 to 1000000.")
    _bring_up_to_date()
    if not demo.is_loaded():
        if db.session.scalar(select(Person.id).limit(1)):
            raise ClickException("This database has real people in it, so no demonstration is loaded.")
        demo.load(residents, seed)
    if as_json:
        click.echo(json.dumps({"people": demo.people()}, ensure_ascii=False))
    else:
        _say_how_to_sign_in()


@click.command("add-manager")
@click.option("--name", prompt="Their name", help="The manager's name.")
@click.option("--email", prompt="Their e-mail address", help="They sign in with it.")
@with_appcontext
def add_manager(name: str, email: str) -> None:
    """Add a manager, or give one a new link: they choose a password on it."""
    _bring_up_to_date()
    name, email = one_line(name) or "", email.strip().casefold()
    if not name or len(name) > 200 or not are_letters(name):
        raise ClickException("Write the manager's name, in at most 200 characters.")
    if not are_letters(email) or not _could_be_an_address(email):
        raise ClickException(f"{email} does not look like an e-mail address.")
    person = by_email(email) or Person(role=Role.MANAGER, name=name, email=email)
    if person.role is not Role.MANAGER:
        raise ClickException(f"{email} belongs to somebody who is not a manager.")
    if person.is_closed:
        raise ClickException(f"{email} belongs to a manager who is suspended. Another manager can reactivate them.")
    token = secrets.token_urlsafe(16)
    join_code(person, token, by=None)
    click.echo(f"Open this link within 48 hours to choose a password: {join_address(token)}")


def _could_be_an_address(email: str) -> bool:
    from email_validator import EmailNotValidError, validate_email

    try:
        validate_email(email, check_deliverability=False)
    except EmailNotValidError:
        return False
    return len(email) <= 254


@click.command()
@click.argument("resident", type=int)
@click.option("--out", required=True, type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.option("--language", default="en", show_default=True, type=click.Choice(["en", "cy"]), help="English or Welsh.")
@with_appcontext
def summary(resident: int, out: Path, language: str) -> None:
    """Write the story so far of RESIDENT (the number in their own address) to a PDF."""
    person = db.session.get(Person, resident) if abs(resident) < 2**31 else None
    if person is None or not person.is_resident:
        raise ClickException(f"There is no resident with the number {resident}.")
    if language not in languages():
        raise ClickException("Welsh is not on yet: a manager writes on the settings page who has checked it.")
    try:
        with current_app.test_request_context(), force_locale(language):
            paper = summary_pdf(Summary(person))
        out.write_bytes(paper)
    except CannotPrint as error:
        raise ClickException(f"Deal cannot print on this machine yet: {error}") from error
    except OSError as error:
        raise ClickException(f"{out} cannot be written: {error.strerror}.") from error


@click.command()
@click.option("--beside", type=int, hidden=True, help="End when the process with this number, our parent, is gone.")
@with_appcontext
def worker(beside: int | None) -> None:
    """Make big prints, one at a time, and do each day's work; until Ctrl-C. `deal start` runs it too."""
    from deal.worker import run

    while True:
        try:
            check_keys()
            break
        except OperationalError as error:
            if not isinstance(error.orig, psycopg.OperationalError) or beside not in (None, os.getppid()):
                raise
            click.echo(f"The database does not answer; trying again: {' '.join(str(error.orig).split())}", err=True)
            db.session.remove()
            sleep(AGAIN)
    run(current_app._get_current_object(), beside)  # type: ignore[attr-defined]
