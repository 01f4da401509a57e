"""What every page carries: headers that keep it safe, names for its top, and addresses of static files."""

import hashlib
import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, has_request_context, request, url_for
from flask_babel import format_date, format_datetime, get_locale, gettext
from flask_login import current_user
from jinja2 import ChoiceLoader, FileSystemLoader, PackageLoader, PrefixLoader, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape
from werkzeug.routing import IntegerConverter

from deal.charts import bar_chart, line_chart
from deal.clock import day_of, today
from deal.config import ROOT
from deal.drafts.forms import DraftedForm, leaving_form
from deal.forms import TELEPHONE, EmptyForm
from deal.logs import request_number
from deal.names import isolated
from deal.settings import LANGUAGE_COOKIE, TEXT_SIZE_COOKIE, TEXT_SIZES, landlord, languages, localized

POLICY = (
    "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; script-src 'self'; style-src 'self'; "
    "font-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; manifest-src 'self'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Robots-Tag": "noindex",
}

# a number to ring; nothing shorter, such as a time or a house; and what never begins a line
RINGABLE = re.compile(rf"(?<![\w/+])({TELEPHONE})(?!\w)([.,)]*)")

BACK_LINK = re.compile(r'<a class="govuk-back-link" href="([^"]*)">(.*?)</a>', re.DOTALL)

# the values of sentences that are somebody's name, with their label or without
NAMES = {"name", "coach", "staff", "other", "who", "names"}


class Number(IntegerConverter):
    """A number in an address: never larger than the databases' own."""

    regex = r"\d{1,9}"


def init_app(app: Flask) -> None:
    """Numbers, loaders, filters, names and headers."""
    app.url_map.converters["int"] = Number
    components = PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})
    app.jinja_loader = ChoiceLoader([FileSystemLoader(ROOT / "templates"), components])
    env = app.jinja_env
    env.trim_blocks = env.lstrip_blocks = True
    shown = (moment, days_ago, plain_number, cut_to, spoken, dialled, ringable, buttons_of, without_bdi)
    env.filters |= DAYS | {one.__name__: one for one in shown} | {"localized": localized}
    ours: dict[str, Any] = env.globals
    ours |= {"languages": languages, "leaving_form": leaving_form, "bar_chart": bar_chart, "line_chart": line_chart}
    ours |= {name: with_names_apart(ours[name]) for name in ("gettext", "ngettext")}  # _ is gettext
    app.context_processor(layout_context)
    app.url_defaults(fingerprint_static)
    app.after_request(security_headers)


def with_names_apart(translate: Callable[..., str]) -> Callable[..., str]:
    """A template's gettext or ngettext that puts each name in a sentence into the element bdi.

    A name that runs right to left then leaves the words, numbers and signs beside it where they belong.
    """

    @pass_context
    def translated(context: Context, *sentences: Any, **values: Any) -> str:
        for key in NAMES & values.keys():
            values[key] = Markup("<bdi>{}</bdi>").format(values[key]) if isinstance(values[key], str) else values[key]
        return translate(context, *sentences, **values)

    return translated


def without_bdi(markup: str) -> Markup:
    """For a title, which is plain text: the element bdi becomes signs, where a name needs them."""
    return Markup(re.sub(r"<bdi>(.*?)</bdi>", lambda found: isolated(found[1]), str(markup)))


def read_names() -> None:
    """Before all else: read the settings that every page shows, so that an error page need not."""
    landlord()


def page_language() -> str:
    """The page's language: the one in its address, else the chosen one, else the browser's, of those that are on."""
    if not has_request_context():
        return "en"
    browsers = (code.partition("-")[0].lower() for code, weight in request.accept_languages if weight)
    wanted = [request.args.get("language"), request.cookies.get(LANGUAGE_COOKIE), *browsers]
    return next((one for one in wanted if one in languages()), "en")


def chosen_text_size() -> int:
    """How large the text is in this browser: one of TEXT_SIZES, the first of them where nobody chose."""
    chosen = request.cookies.get(TEXT_SIZE_COOKIE, "") if has_request_context() else ""
    return next((size for size in TEXT_SIZES if str(size) == chosen), TEXT_SIZES[0])


def _day(when: Any) -> date:
    return day_of(when) if isinstance(when, datetime) else when


def _day_as(pattern: str) -> Callable[[Any], str]:
    return lambda when: format_date(_day(when), pattern) if when else ""


# a day as people say it (Thursday 3 May 2026), one of these weeks in a list (Thu 3 May), and under a chart (3 May)
DAYS = {"day": _day_as("EEEE d MMMM y"), "near_day": _day_as("EEE d MMM"), "short_day": _day_as("d MMM")}


def moment(when: Any) -> str:
    """A moment as people say it: 3 May 2026 at 14:05."""
    return format_datetime(when, "d MMMM y, HH:mm") if when else ""


def days_ago(when: Any) -> int:
    """How many of the landlord's days ago a day or a moment was."""
    return (today() - _day(when)).days


def plain_number(number: float) -> int | float:
    """A median without a needless .0."""
    return int(number) if number == int(number) else number


def cut_to(words: str, most: int | None) -> str:
    """Somebody's words, whole; or on paper up to the last word that fits, and where the rest is."""
    if most is None or len(words) <= most:
        return words
    room = words[:most]
    return (room.rpartition(" ")[0] or room) + gettext(" … (more on my page)")


def spoken(words: str, language: str | None) -> str:
    """The language to read somebody's words in: their page's, or unknown where the first letter is not Latin."""
    first = next((letter for letter in words if letter.isalpha()), "a")
    return (language or "") if unicodedata.name(first, "").startswith("LATIN") else ""


def dialled(phone: str) -> str:
    """A telephone number as a link dials it."""
    return "".join(sign for sign in phone.replace("(0)", "") if sign in "+0123456789")


def ringable(words: str) -> Markup:
    """What the landlord wrote, with a link on each telephone number in it."""

    def linked(found: re.Match[str]) -> str:
        link = f'<a class="govuk-link deal-ring" href="tel:{dialled(found[1])}">{found[1]}</a>'
        return f'<span class="deal-ring">{link}{found[2]}</span>' if found[2] else link

    return Markup(RINGABLE.sub(linked, str(escape(words))))


def buttons_of(back: Markup, form: DraftedForm) -> Markup:
    """The links back, as buttons of a form whose words go along."""
    leave = f'form="{form.form_id}" formaction="{url_for("auth.leave_page")}" formnovalidate name="leave_to"'
    button = rf'<button class="govuk-back-link" {leave} value="\1">\2</button>'
    return Markup(BACK_LINK.sub(button, str(back)))


def layout_context() -> dict[str, Any]:
    """What the layout needs, read once a request.

    The switch of languages stands where there is a choice. An answer to a POST has none, unless it holds a form with a
    draft: switching would lose a letter that is shown once.
    """
    ours, switches = landlord(), len(languages()) > 1 and request.method == "GET"
    return {
        "lang": str(get_locale()),
        "text_size": chosen_text_size(),
        "service_name": localized(ours.service_name),
        "organisation_name": localized(ours.organisation),
        "is_demonstration": ours.demonstration is not None,
        "phone": ours.phone,
        "landlord": ours,
        "me": current_user,
        "back_here": request.full_path.rstrip("?") if switches else None,
        "asks_language": switches and LANGUAGE_COOKIE not in request.cookies,
        "press": EmptyForm(formdata=None) if current_user.is_authenticated else None,
    }


def fingerprint_static(endpoint: str, values: dict[str, Any]) -> None:
    """Give a static file's address a hash of its content, so that browsers may keep it for a year.

    The typeface has none: the stylesheet asks for it by its plain name, and the two must be one address.
    """
    if endpoint == "static" and not values["filename"].endswith(".woff2"):
        values["v"] = _stamp(values["filename"])


@cache
def _stamp(filename: str) -> str:
    path = Path(__file__).parent / "static" / filename
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.is_file() else "0"


def security_headers(answer: Response) -> Response:
    """Nothing from elsewhere, nothing kept by browsers or proxies, no address passed on."""
    answer.headers.update(HEADERS)
    answer.headers["X-Request-ID"] = request_number()
    if current_app.config["SESSION_COOKIE_SECURE"]:
        answer.headers["Strict-Transport-Security"] = "max-age=31536000"
    if request.endpoint != "static" or answer.status_code >= 400:
        answer.headers["Cache-Control"] = "no-store"
    return answer
