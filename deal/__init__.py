"""Deal: an open, strengths-based tracker of residents' aspirations and goals."""

import os
from typing import Any

from flask import Flask
from flask_babel import Babel
from flask_migrate import Migrate
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from deal import (
    access,
    assessment,
    auth,
    blockers,
    caseload,
    cli,
    config,
    contact,
    conversations,
    deals,
    errors,
    forms,
    goals,
    home,
    invitations,
    kpis,
    logs,
    manager_requests,
    organisation,
    pages,
    printing,
    privacy,
    question_editor,
    residents,
    staff,
    undo,
)
from deal.auth import sessions
from deal.db import db, end_the_turn

FEATURES = (
    auth,
    invitations,
    assessment,
    goals,
    deals,
    conversations,
    contact,
    caseload,
    staff,
    blockers,
    manager_requests,
    question_editor,
    residents,
    printing,
    organisation,
    kpis,
    privacy,
    home,
)


class StaticFiles(WhiteNoise):
    """Deal's files for browsers; a compressed copy that is older than its file is left out."""

    def get_static_file(self, path: str, url: str, stat_cache: dict[str, os.stat_result]) -> Any:
        """A file may have changed since the copies were made, which have its time to the second."""
        oldest, files = int(stat_cache[path].st_mtime), (path, f"{path}.gz", f"{path}.br")
        fresh = {one: stat_cache[one] for one in files if one in stat_cache and stat_cache[one].st_mtime >= oldest}
        return super().get_static_file(path, url, fresh)


def create_app(settings: dict[str, Any] | None = None) -> Flask:
    """The app assembled, nothing else; settings win over the environment."""
    app = Flask(__name__, instance_path=str(config.instance_path()))
    config.configure(app, settings)
    logs.init_app()
    db.init_app(app)
    app.teardown_request(end_the_turn)
    Migrate(app, db, directory=str(config.ROOT / "migrations"), render_as_batch=True)
    Babel(app, locale_selector=pages.page_language)
    app.before_request(pages.read_names)
    app.before_request(forms.read_the_body)
    CSRFProtect(app)
    sessions.login.init_app(app)
    app.before_request(access.check_access)
    undo.init_app(app)
    pages.init_app(app)
    errors.init_app(app)
    for room in FEATURES:
        app.register_blueprint(room.bp)
    static = StaticFiles(app.wsgi_app, root=app.static_folder, prefix="static/", max_age=31_536_000)
    app.wsgi_app = ProxyFix(static, x_for=app.config["PROXIES"], x_proto=app.config["PROXIES"])  # type: ignore[method-assign]
    cli.init_app(app)
    return app
