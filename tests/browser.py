"""A browser that checks every page it opens: status, title, labels, forms, headers, nothing from elsewhere."""

import re
from collections import Counter
from collections.abc import Container, Iterator
from contextlib import contextmanager
from contextvars import Context, ContextVar
from time import time
from typing import Any
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup, NavigableString, Tag
from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import event
from sqlalchemy.engine import Engine
from werkzeug.test import TestResponse

from deal.db import db
from deal.people import Person
from tests.people import make_sign_in

SERVICE = "Our Deal"
MOST_STATEMENTS = 12

Fields = list[tuple[str, str]]

NAMING = {"for", "form", "aria-describedby", "aria-labelledby", "aria-controls"}
LOADING = {"src", "href", "action", "formaction", "srcset", "poster", "data"}

_statements: ContextVar[list[str] | None] = ContextVar("statements", default=None)


@event.listens_for(Engine, "before_cursor_execute")
def _count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
    counted = _statements.get()
    if counted is not None:
        counted.append(statement)


class Browser:
    """One person's browser: a cookie jar, and the page that is open in it."""

    def __init__(self, app: Flask, person: Person | None = None) -> None:
        self.app = app
        self.client = app.test_client()
        self.person = person
        self.resident = person is not None and person.is_resident
        self.page: Page
        self.statements: list[str] = []
        if person:
            self.sign_in(person)

    def sign_in(self, person: Person) -> None:
        """Signed in from here on, without the wait that checking a PIN costs."""
        number = make_sign_in(person).id
        with self.client.session_transaction() as session:
            session.update(_user_id=str(number), _fresh=True, seen=int(time()))

    def get(self, path: str, status: int = 200) -> "Page":
        """Open a page as a click does, on through redirects, and check it."""
        answer, hops = self.send("GET", path), 0
        while answer.status_code in (302, 303, 308):
            path, hops = urljoin(path, answer.location), hops + 1
            assert hops < 20, f"{path} leads round in a circle"
            answer = self.send("GET", path)
        return self.open_answer(answer, path, status)

    def post(self, path: str, status: int = 303, on: str | None = None, **fields: Any) -> "Page":
        """Fill in the form that is sent to `path`, on the page `on`, and send it.

        Unless said, that is the page at the same address; where none opens there, the one above it.
        """
        self.get(on or self._opens_at(path))
        return self._send_form(self.page.form_to(path), None, status, fields)

    def _opens_at(self, path: str) -> str:
        adapter = self.app.url_map.bind("localhost")
        while not adapter.test(path.partition("?")[0], "GET") and path.count("/") > 1:
            path = path.rpartition("/")[0]
        return path

    def press(self, text: str, status: int = 303, on: str | None = None, **fields: Any) -> "Page":
        """Fill in the form of the button with this text, and press it; on the open page, or on that at `on`."""
        if on:
            self.get(on)
        button = self.page.button(text)
        owner = button.get("form")
        form = self.page.soup.find("form", id=owner) if owner else button.find_parent("form")
        assert form, f"the button {text!r} belongs to no form"
        return self._send_form(form, button, status, fields)

    def click(self, text: str, status: int = 200, on: str | None = None) -> "Page":
        """Follow the link with this text; on the open page, or on that at `on`."""
        if on:
            self.get(on)
        if back := [one for one in self.page.soup.select("button[name=leave_to]") if _said(one) == text]:
            return self.get(urljoin(self.page.path, str(back[0]["value"])), status)
        links = [link for link in self.page.soup.find_all("a") if _said(link) == text]
        assert links, f"{self.page.path} has no link {text!r}"
        return self.get(urljoin(self.page.path, links[0]["href"]), status)

    def keep_draft(self, path: str, status: int = 200, on: str | None = None, **fields: Any) -> TestResponse:
        """As the script does: type this into the form that is sent to `path`, and do not press Save."""
        return self.send_draft(self.get(on or self._opens_at(path)).form_to(path), status, **fields)

    def send_draft(self, form: Tag, status: int = 200, **fields: Any) -> TestResponse:
        """The same from a form that was opened before."""
        answer = self.send("POST", "/draft", as_data(filled_in(form, None, fields)))
        assert answer.status_code == status, summary(answer)
        return answer

    def __contains__(self, words: str) -> bool:
        return words in self.page

    def send(self, method: str, path: str, data: Any = None, **options: Any) -> TestResponse:
        """One request as it is, unchecked: in a context of its own, as every request has in real life."""
        db.session.rollback()  # what this test has read so far is old from now on
        self.statements = []

        def request() -> TestResponse:
            _statements.set(self.statements)
            address = urlsplit(path)._replace(fragment="").geturl()
            return self.client.open(address, method=method, data=data, buffered=True, **options)

        answer = Context().run(request)
        db.session.expire_all()
        return answer

    def token(self) -> str:
        """A CSRF token as any form of this browser has it, without opening a page."""
        with self.client.session_transaction() as session:
            raw = session.setdefault("csrf_token", "0123456789" * 4)
        return str(URLSafeTimedSerializer(self.app.secret_key, salt="wtf-csrf-token").dumps(raw))

    @contextmanager
    def before_the_answer(self) -> Iterator[None]:
        """Press a second time before the first answer has come: the cookies are those of before."""
        cookies = dict(self.client._cookies or {})
        yield
        self.client._cookies = cookies

    def _send_form(self, form: Tag, button: Tag | None, status: int, fields: dict[str, Any]) -> "Page":
        sent_to = (button is not None and button.get("formaction")) or form.get("action") or self.page.path
        path = urljoin(self.page.path, str(sent_to))
        answer = self.send("POST", path, data=as_data(filled_in(form, button, fields)))
        assert answer.status_code == status, f"{path} answered {answer.status_code}: {summary(answer)}"
        if status == 303:
            return self.get(urljoin(path, answer.location))
        return self.open_answer(answer, path, status)

    def open_answer(self, answer: TestResponse, path: str, status: int) -> "Page":
        """Look at an answer of `send` as at any other page, with all checks."""
        assert answer.status_code == status, f"{path} answered {answer.status_code}: {summary(answer)}"
        self.page = Page(answer, urlsplit(path)._replace(fragment="").geturl())
        many = f"{path} issues {len(self.statements)} statements:\n" + "\n".join(self.statements)
        assert len(self.statements) <= MOST_STATEMENTS, many
        if answer.mimetype == "text/html":
            self.page.check(self.resident)
        return self.page


class Page:
    """An answer, read as a person reads it."""

    def __init__(self, answer: TestResponse, path: str) -> None:
        self.answer = answer
        self.path = path
        self.status = answer.status_code
        # a browser reads every line break of a page as LF
        self.html = re.sub(r"\r\n?", "\n", answer.text) if answer.mimetype == "text/html" else ""
        # a name that is isolated reads as part of its sentence
        self.soup = BeautifulSoup(re.sub("</?bdi>", "", self.html), "html.parser")
        self.tags: list[Tag] = self.soup.find_all(True)  # once, for all checks

    @property
    def words(self) -> list[str]:
        """People's words, each exactly as it stands there."""
        return [tag.get_text() for tag in self.soup.find_all(is_words)]

    @property
    def text(self) -> str:
        """All that can be read, with single spaces."""
        return " ".join(" ".join(visible_texts(self.soup)).split())

    @property
    def own_text(self) -> str:
        """What Deal itself says on the page: people's words stand in the title and in hidden names of links too."""
        return " ".join(visible_texts(self.soup, but=("title", "govuk-visually-hidden")))

    def __contains__(self, words: str) -> bool:
        return words in self.text or any(words in quote for quote in self.words)

    def __str__(self) -> str:
        return f"{self.status} {self.path}\n{self.text}"

    @property
    def errors(self) -> str:
        """The error summary, or nothing."""
        box = self.soup.select_one(".govuk-error-summary")
        return _said(box) if box else ""

    def value(self, name: str, at: str | None = None) -> str:
        """What stands in a box, of the form that is sent to `at`; a day in three boxes reads 2026-03-27."""
        soup = self.form_to(at) if at else self.soup
        if soup.find("input", attrs={"name": f"{name}-day"}):
            parts = [self.value(f"{name}-{part}", at) for part in ("year", "month", "day")]
            return "-".join(one.zfill(2) for one in parts) if all(parts) else " ".join(filter(None, parts))
        box = soup.find(["textarea", "input"], attrs={"name": name})
        assert isinstance(box, Tag), f"{self.path} has no {name}"
        return value_of(box)

    def form_to(self, path: str) -> Tag:
        """The form that is sent to this address."""
        for form in self.soup.find_all("form", method="post"):
            action = urljoin(self.path, str(form.get("action") or self.path))
            if action == path or urlsplit(action).path == path:
                return form
        raise AssertionError(f"{self.path} has no form to {path}")

    def button(self, text: str) -> Tag:
        """The button with this text."""
        for button in self.soup.find_all("button"):
            if _said(button) == text:
                return button
        raise AssertionError(f"{self.path} has no button {text!r}, but {[_said(one) for one in self.soup('button')]}")

    def check(self, resident: bool) -> None:
        """Everything that every page of Deal has."""
        for check in (check_frame, check_labels, check_forms, check_safety):
            for fault in check(self):
                raise AssertionError(f"{self.path} ({self.status}): {fault}")
        if resident and self.status != 401:  # whoever has to sign in again may turn out to be staff
            ours = {"/staff", "/today", "/settings"} & {tag.get("href") for tag in self.tags}
            assert not ours, f"{self.path} links residents to {ours}"


def check_frame(page: Page) -> Iterator[str]:
    """Title, heading, language, and no sign of a template that went wrong."""
    soup, title = page.soup, _said(page.soup.title) if page.soup.title else ""
    headings = [tag for tag in page.tags if tag.name == "h1"]
    if len(headings) != 1 or not _said(headings[0]):
        yield f"{len(headings)} headings h1 instead of one with words"
    if not re.fullmatch(rf".*\S – {SERVICE}", title):
        yield f"the title {title!r} does not say the page and end with the service"
    has_summary = any("govuk-error-summary" in tag.get("class", ()) for tag in page.tags)
    if title.startswith(("Error: ", "Gwall: ")) != has_summary:
        yield f"the title {title!r} and the error summary do not agree"
    if found := re.search("<title>[^<]*<bdi", page.html) or re.search("=[\"'][^\"'<>]*<bdi>", page.html):
        yield f"an element where only text can be: {page.html[found.start() : found.end() + 200]!r}"
    if not (soup.html and soup.html.get("lang")):
        yield "no lang on html"
    if found := re.search(r"\bNone\b|\bundefined\b|\{\{|\{%|%\(\w+\)s|<Lazy|&(amp|lt|gt|#\d+);", page.own_text):
        yield f"{found[0]!r} in the page's own text"


def check_labels(page: Page) -> Iterator[str]:
    """Ids are unique, what they are for exists, and every box has a name."""
    ids = Counter(str(tag["id"]) for tag in page.tags if tag.get("id"))
    if twice := sorted(one for one, times in ids.items() if times > 1):
        yield f"ids that stand twice: {twice}"
    labelled = {str(tag["for"]) for tag in page.tags if tag.name == "label" and tag.get("for") and _said(tag)}
    for tag in page.tags:
        for attribute in tag.attrs.keys() & NAMING:
            if lost := set(str(tag[attribute]).split()) - ids.keys():
                yield f"{attribute} of {tag.name} names {lost}, which is nowhere"
        if tag.name in ("input", "textarea", "select") and tag.get("type") not in ("hidden", "submit"):
            yield from check_box(tag, labelled)
        if tag.name == "a":
            yield from check_link(tag, ids)


def check_box(box: Tag, labelled: set[str]) -> Iterator[str]:
    """A box to type in or to tick says what belongs in it."""
    if str(box.get("id")) not in labelled and not box.get("aria-label"):
        yield f"no label for {box}"
    if box.get("type") == "radio" and not _legend_of(box):
        yield f"no legend for {box}"


def check_link(link: Tag, ids: Container[str]) -> Iterator[str]:
    """A link has words and leads somewhere."""
    href = str(link.get("href") or "")
    if not href or not (_said(link) or link.get("aria-label")):
        yield f"a link to nowhere or without words: {link}"
    if href.startswith("#") and href[1:] not in ids:
        yield f"a link to a place that is not here: {link}"


def check_forms(page: Page) -> Iterator[str]:
    """Every form that sends something is safe against forgery and against a second press."""
    for form in [tag for tag in page.tags if tag.name == "form"]:
        if not form.find("button"):
            yield f"a form without a button: {form}"
        if form.get("method") == "get" and form.get("role") == "search":
            if form.find_all("input", attrs={"type": "hidden"}):
                yield f"a search that puts secrets into the address: {form}"
            continue
        if form.get("method") != "post":
            yield f"a form that is not post: {form}"
        for name in ("csrf_token", "once"):
            hidden = [value_of(box) for box in form.find_all("input", attrs={"name": name, "type": "hidden"})]
            if len(hidden) != 1 or not hidden[0]:
                yield f"{len(hidden)} {name} in the form {form}"


def check_safety(page: Page) -> Iterator[str]:
    """Nothing inline, nothing from another host, nothing kept by anybody."""
    soup, headers = page.soup, page.answer.headers
    for tag in page.tags:
        yield from reaches_elsewhere(tag)
        inline = [name for name in tag.attrs if name == "style" or name.startswith("on")]
        if inline:
            yield f"inline {inline} on {tag}"
    scripts = [tag for tag in page.tags if tag.name == "script"]
    if any(not script.get("src") or script.get_text().strip() for script in scripts):
        yield "an inline script"
    if soup.find("style"):
        yield "an inline stylesheet"
    policy = headers.get("Content-Security-Policy", "")
    if "default-src 'none'" not in policy or "unsafe" in policy:
        yield f"the policy is {policy!r}"
    if headers.get("Cache-Control") != "no-store":
        yield f"may be kept: {headers.get('Cache-Control')}"


def reaches_elsewhere(tag: Tag) -> Iterator[str]:
    """What a tag loads or sends anywhere but here; a link may lead away."""
    for name in tag.attrs.keys() & LOADING:
        where = str(tag[name] or "")
        loads = name != "href" or tag.name in ("link", "use", "image")
        if where.startswith(("javascript:", "//")) or (loads and ":" in where.partition("?")[0]):
            yield f"{tag.name} reaches elsewhere: {where}"


def visible_texts(soup: BeautifulSoup, but: tuple[str, ...] = ()) -> Iterator[str]:
    """The page's own text, piece by piece: without people's words, boxes, and elements or classes of these names."""
    hidden = {"blockquote", "deal-said-words", "textarea", "script", *but}
    skipped: set[int] = set()
    for one in soup.descendants:
        if id(one.parent) in skipped or (isinstance(one, Tag) and hidden & {one.name, *one.get("class", [])}):
            skipped.add(id(one))
        elif type(one) is NavigableString:
            yield str(one)


def is_words(tag: Tag) -> bool:
    """Whether an element holds a person's words, and nothing else."""
    return tag.name == "blockquote" or "deal-said-words" in tag.get("class", [])


def value_of(box: Tag) -> str:
    """What stands in a box; a browser drops the first line break of a textarea."""
    if box.name == "textarea":
        return box.get_text().removeprefix("\n")
    if box.name == "select":
        chosen = box.select_one("option[selected]") or box.find("option")
        return str(chosen.get("value", "")) if chosen else ""
    return str(box.get("value", ""))


def filled_in(form: Tag, button: Tag | None, fields: dict[str, Any]) -> Fields:
    """The form as it stands there, changed as the person fills it in: a list ticks boxes, None leaves out."""
    boxes = [box for box in form.find_all(["input", "textarea", "select", "button"]) if box.get("name")]
    fields = in_three_boxes({str(box["name"]) for box in boxes}, fields)
    sent = [(str(box["name"]), value_of(box)) for box in boxes if box["name"] not in fields and _is_sent(box)]
    for name, wanted in fields.items():
        offered = [box for box in boxes if box["name"] == name]
        assert offered, f"the form has no {name}, but {sorted({str(box['name']) for box in boxes})}"
        values = [] if wanted is None else [str(one) for one in wanted] if isinstance(wanted, list) else [str(wanted)]
        if offered[0].get("type") in ("radio", "checkbox"):
            assert set(values) <= {value_of(box) for box in offered}, f"{name} does not offer {values}"
        sent += [(name, value) for value in values]
    if button is not None and button.get("name"):
        sent.append((str(button["name"]), str(button.get("value", ""))))
    return sent


def in_three_boxes(names: set[str], fields: dict[str, Any]) -> dict[str, Any]:
    """A day (a date, "2026-03-27" or "27 3 2026") typed into the three boxes that the form has for it."""
    typed: dict[str, Any] = {}
    for name, wanted in fields.items():
        if f"{name}-day" not in names:
            typed[name] = wanted
            continue
        iso = re.fullmatch(r"(\d+)-(\d+)-(\d+)", str(wanted))
        day, month, year = iso.groups()[::-1] if iso else (*str(wanted or "").split(" ", 2), "", "", "")[:3]
        typed |= {f"{name}-day": day, f"{name}-month": month, f"{name}-year": year}
    return typed


def as_data(fields: Fields) -> dict[str, list[str]]:
    """As a browser sends it: every line break as CRLF."""
    data: dict[str, list[str]] = {}
    for name, value in fields:
        data.setdefault(name, []).append(re.sub(r"\r\n|\r|\n", "\r\n", value))
    return data


def summary(answer: TestResponse) -> str:
    """What an unexpected answer says."""
    page = BeautifulSoup(answer.text, "html.parser") if answer.mimetype == "text/html" else None
    return _said(page.main or page)[:1500] if page else f"{answer.location or answer.mimetype}"


def _is_sent(box: Tag) -> bool:
    if box.name == "button":
        return False  # only the one that is pressed
    if box.get("type") in ("radio", "checkbox"):
        return box.has_attr("checked")
    return box.get("type") not in ("submit", "button")


def _legend_of(box: Tag) -> str:
    fieldset = box.find_parent("fieldset")
    return _said(fieldset.legend) if fieldset and fieldset.legend else ""


def _said(tag: Tag) -> str:
    return " ".join(tag.get_text().split())
