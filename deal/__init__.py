"""Deal: an open, strengths-based tracker of residents' aspirations and goals."""

import os
from importlib import import_module
from typing import Any

from flask import Flask
from flask_babel import Babel
from flask_migrate import Migrate
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from deal import access, cli, config, errors, forms, idempotency, logs, pages, undo
from deal.accounts import sessions
from deal.db import db, end_the_turn

# where each feature's blueprint stands, and the modules that add their views to it
FEATURES = {
    "accounts": "hand_over invitations member pending sign_in staff welcome",
    "assessment": "helped pulse translations type_in views",
    "goals": "views",
    "deals": "views",
    "conversations": "asks caseload chats endings pulse reach today views",
    "learning": "question_editor question_figures suggestions views",
    "summaries.views": "cards letters papers",
    "kpis": "exports views",
    "privacy.views": "never",
    "landlord.views": "",
    "home": "change views",
    "jobs": "views",
}


class StaticFiles(WhiteNoise):
    """Deal's files for browsers; a compressed copy that is older than its file is left out."""

    def get_static_file(self, path: str, url: str, stat_cache: dict[str, os.stat_result]) -> Any:
        """A file may have changed since the copies were made, which have its time to the second."""
        oldest = int(stat_cache[path].st_mtime)
        copies = {one: stat_cache[one] for one in (path, f"{path}.gz", f"{path}.br") if one in stat_cache}
        fresh = {one: stat for one, stat in copies.items() if stat.st_mtime >= oldest}
        return super().get_static_file(path, url, fresh)


def create_app(settings: dict[str, Any] | None = None) -> Flask:
    """The app assembled, nothing else; settings win over the environment."""
    app = Flask(__name__, instance_path=str(config.instance_path()))
    config.configure(app, settings)
    logs.init_app(app)
    db.init_app(app)
    app.teardown_request(end_the_turn)
    Migrate(app, db, directory=str(config.ROOT / "migrations"), render_as_batch=True)
    Babel(app, locale_selector=pages.page_language)
    app.before_request(pages.read_names)
    app.before_request(forms.read_the_body)
    CSRFProtect(app)
    sessions.login.init_app(app)
    app.before_request(access.guard)
    idempotency.init_app(app)
    undo.init_app(app)
    pages.init_app(app)
    errors.init_app(app)
    for feature, parts in FEATURES.items():
        for module in (feature, *(f"{feature.partition('.')[0]}.{part}" for part in parts.split())):
            import_module(f"deal.{module}")
    for feature in FEATURES:  # once all are there: a view may stand in a room behind its blueprint's
        app.register_blueprint(import_module(f"deal.{feature}").bp)
    static = StaticFiles(app.wsgi_app, root=app.static_folder, prefix="static/", max_age=31_536_000)
    app.wsgi_app = ProxyFix(static, x_for=app.config["PROXIES"], x_proto=app.config["PROXIES"])  # type: ignore[method-assign]
    cli.init_app(app)
    return app
