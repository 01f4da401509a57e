"""Deal: an open, strengths-based tracker of residents' aspirations and goals."""

from typing import Any

from flask import Flask
from flask_babel import Babel
from flask_migrate import Migrate
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from deal import access, accounts, assessment, cli, config, conversations, errors, forms, goals, home, pages
from deal.accounts import agreement, invitations, sessions, sign_in, staff, welcome
from deal.assessment import drafts, helped, pulse, translations, type_in
from deal.assessment import views as questions
from deal.conversations import asks, reach
from deal.conversations import views as talks
from deal.db import db
from deal.goals import read_back, steps
from deal.goals import views as goal_views
from deal.kpis import views as kpis
from deal.landlord import views as landlord
from deal.privacy import views as privacy
from deal.summaries import letters
from deal.summaries import views as summaries

FEATURES = (accounts, assessment, goals, conversations, summaries, kpis, privacy, landlord, home)
# modules that add their views to a feature's blueprint
PARTS = (
    *(asks, reach, talks, drafts, helped, pulse, translations, type_in, questions),
    *(agreement, invitations, sign_in, staff, welcome, read_back, steps, goal_views, letters),
)


def create_app(settings: dict[str, Any] | None = None) -> Flask:
    """The app assembled, nothing else; settings win over the environment."""
    app = Flask(__name__, instance_path=str(config.instance_path()))
    config.configure(app, settings)
    db.init_app(app)
    Migrate(app, db, directory=str(config.ROOT / "migrations"), render_as_batch=True)
    Babel(app, locale_selector=pages.page_language)
    app.before_request(pages.read_names)
    app.before_request(forms.read_the_body)
    CSRFProtect(app)
    sessions.login.init_app(app)
    app.before_request(access.guard)
    pages.init_app(app)
    errors.init_app(app)
    for feature in FEATURES:
        app.register_blueprint(feature.bp)
    static = WhiteNoise(app.wsgi_app, root=app.static_folder, prefix="static/", max_age=31_536_000)
    app.wsgi_app = ProxyFix(static, x_for=app.config["PROXIES"], x_proto=app.config["PROXIES"])  # type: ignore[method-assign]
    cli.init_app(app)
    return app
