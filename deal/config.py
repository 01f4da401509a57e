"""The machine's settings: defaults, then DEAL_* from the environment, and the key files."""

import base64
import hmac
import os
import re
import secrets
import stat
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from flask import Flask, current_app
from sqlalchemy import create_engine, inspect, make_url, text

ROOT = Path(__file__).resolve().parent.parent


MOST_SENT = 16_000_000  # bytes that the web server reads: what is more than Deal takes is given back up to here
THREADS = 32  # of the web: most wait for somebody, and those who wait for the database must not hold up the others
WAITS = 10  # seconds that a page waits for the database, or for whoever has locked a part of it
MISSING_KEY = (
    "The key file {path} is missing, but the database has people in it. Put your copy of it back. "
    "Without it {loss}. To go on with a new key: deal new-keys"
)
DAMAGED_KEY = (
    "The key file {path} is empty or damaged, or cannot be read. Put your copy of it back. "
    "Without it {loss}. If there is no copy, take the file away, then: deal new-keys"
)
LOSS = {
    "SECRET_KEY": "everybody is signed out, and words that wait for a sign-in cannot be read",
    "CODE_KEY": "no letter that is under way, no number for a new PIN and no link for staff works any more",
}


class Defaults:
    """What holds where neither the environment nor a test says otherwise."""

    PUBLIC_URL = ""  # where residents reach Deal; letters and QR codes carry it
    PORT = 8000
    PROXIES = 0  # how many reverse proxies of our own stand in front
    DEMO = "yes"
    SIGN_IN_HOURS = 12
    IDLE_MINUTES = 60
    # twenty boxes with 10,000 emoji each, percent-encoded and carried through signing in; files have MOST_IN_FILES
    MAX_CONTENT_LENGTH = 4_000_000
    MAX_FORM_MEMORY_SIZE = 4_000_000
    MOST_IN_FILES = 2_000_000
    PERMANENT_SESSION_LIFETIME = 60 * 60 * 24 * 31  # a browser left open can still tell whose sign-in ran out
    SESSION_COOKIE_NAME = "deal"
    SESSION_COOKIE_SAMESITE = "Lax"
    SESSION_COOKIE_HTTPONLY = True
    WTF_CSRF_TIME_LIMIT = None  # a page left open all day must still save
    WTF_CSRF_SSL_STRICT = False  # we send no Referer at all
    BABEL_DEFAULT_LOCALE = "en"
    BABEL_DEFAULT_TIMEZONE = "Europe/London"
    BABEL_TRANSLATION_DIRECTORIES = str(ROOT / "deal" / "translations")
    SEND_FILE_MAX_AGE_DEFAULT = 31_536_000  # static addresses carry a hash of their content


def instance_path() -> Path:
    """The folder of this machine's own data: never in the repository."""
    return Path(os.environ.get("DEAL_INSTANCE", ROOT / "instance")).resolve()


def configure(app: Flask, overrides: dict[str, object] | None = None) -> None:
    """Fill app.config; makes the key files where they are missing."""
    app.config.from_object(Defaults)
    app.config.from_prefixed_env("DEAL")
    app.config.update(overrides or {})
    for name, value in vars(Defaults).items():
        if type(value) is int and type(app.config[name]) is not int:
            raise ValueError(f"DEAL_{name} is a whole number, not {app.config[name]}")
    instance, url = Path(app.instance_path), database_url(app.config.get("DATABASE_URL"), Path(app.instance_path))
    keep_private(instance, url)
    for name in LOSS:
        path = instance / f"{name.lower()}.txt"
        if not app.config.get(name) and not path.exists() and not app.config.get("NEW_KEYS") and _has_people(url):
            raise OSError(MISSING_KEY.format(path=path, loss=LOSS[name]))
        app.config[name] = str(app.config.get(name) or key_file(path, LOSS[name]))
    port = os.environ.get("PORT", app.config["PORT"])
    app.config["PUBLIC_URL"] = str(app.config["PUBLIC_URL"] or f"http://127.0.0.1:{port}").rstrip("/")
    app.config["SESSION_COOKIE_SECURE"] = app.config["PUBLIC_URL"].startswith("https://")
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(url)


def engine_options(url: str) -> dict[str, Any]:
    """A connection for each thread that asks, none that waits for ever, and no value of anybody's in a message."""
    options: dict[str, Any] = {"pool_pre_ping": True, "hide_parameters": True, "pool_timeout": WAITS}
    options |= {"pool_size": THREADS // 2, "max_overflow": THREADS // 2 + 2}
    if url.startswith("postgresql"):
        options["connect_args"] = {"connect_timeout": WAITS, "options": f"-c lock_timeout={WAITS}s"}
    return options


def database_url(wanted: object, instance: Path) -> str:
    """SQLite in the instance folder, unless DEAL_DATABASE_URL names a PostgreSQL or another SQLite file."""
    return re.sub("^postgres(ql)?://", "postgresql+psycopg://", str(wanted or f"sqlite:///{instance / 'deal.db'}"))


def keep_private(instance: Path, url: str) -> None:
    """What this process makes, and what stands in the instance folder already, is for this account alone."""
    os.umask(0o077)
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    if instance.stat().st_mode & 0o077 and not instance.stat().st_mode & stat.S_ISVTX:  # /tmp is everybody's
        instance.chmod(0o700)
    files = [*instance.glob("*.db*"), *instance.glob("*_key.txt")]
    if url.startswith("sqlite") and (database := make_url(url).database):
        files += [Path(f"{database}{end}") for end in ("", "-wal", "-shm")]
    for path in files:
        if path.is_file() and path.stat().st_mode & 0o177:
            path.chmod(0o600)


def _has_people(url: str) -> bool:
    """Whether anybody is in the database; asks it directly, before there is an app."""
    if url.startswith("sqlite") and not Path(make_url(url).database or "").is_file():
        return False
    engine = create_engine(url, hide_parameters=True)
    try:
        with engine.connect() as connection:
            there = inspect(connection).has_table("person")
            return there and connection.execute(text("SELECT 1 FROM person LIMIT 1")).first() is not None
    finally:
        engine.dispose()


def key_file(path: Path, loss: str) -> str:
    """The key in the file, made with mode 0600 when it is not there; safe when two processes start at once."""
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
        try:
            os.link(draft, path)  # fails where another process was first: then its key holds
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    try:
        key = path.read_text("ascii").strip()
    except (UnicodeDecodeError, OSError):
        key = ""
    if len(key) < 32:
        raise OSError(DAMAGED_KEY.format(path=path, loss=loss))
    return key


def box_for(purpose: str) -> Fernet:
    """What is put into it only this machine can read, and only for the same purpose."""
    key = hmac.digest(current_app.config["SECRET_KEY"].encode(), purpose.encode(), "sha256")
    return Fernet(base64.urlsafe_b64encode(key))
