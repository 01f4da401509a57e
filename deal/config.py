"""The machine's settings: defaults, then DEAL_* from the environment, and the key files."""

import os
import secrets
from pathlib import Path

from flask import Flask

ROOT = Path(__file__).resolve().parent.parent


class Defaults:
    """What holds where neither the environment nor a test says otherwise."""

    PUBLIC_URL = ""  # where residents reach Deal; letters and QR codes carry it
    PORT = 8000
    PROXIES = 0  # how many reverse proxies of our own stand in front
    DEMO = "yes"
    SIGN_IN_HOURS = 12
    IDLE_MINUTES = 60
    ADDRESS_CEILING = 300  # wrong tries an hour from one address: far above what a shared Wi-Fi needs
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
    instance = Path(app.instance_path)
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in ("SECRET_KEY", "CODE_KEY"):
        app.config[name] = str(app.config.get(name) or key_file(instance / f"{name.lower()}.txt"))
    port = os.environ.get("PORT", app.config["PORT"])
    app.config["PUBLIC_URL"] = str(app.config["PUBLIC_URL"] or f"http://127.0.0.1:{port}").rstrip("/")
    app.config["SESSION_COOKIE_SECURE"] = app.config["PUBLIC_URL"].startswith("https://")
    app.config["SQLALCHEMY_DATABASE_URI"] = database_url(app.config.get("DATABASE_URL"), instance)
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"pool_pre_ping": True}


def database_url(wanted: object, instance: Path) -> str:
    """SQLite in the instance folder, unless DEAL_DATABASE_URL names a PostgreSQL or another SQLite file."""
    url = str(wanted or f"sqlite:///{instance / 'deal.db'}")
    for prefix in ("postgres://", "postgresql://"):
        url = url.replace(prefix, "postgresql+psycopg://") if url.startswith(prefix) else url
    return url


def key_file(path: Path) -> str:
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
    key = path.read_text().strip()
    if len(key) < 32:
        raise OSError(f"the key file {path} is empty or damaged: put your copy of it back")
    return key
