"""The Nu HTML checker reads every page, in both languages, and every form that was sent empty: it finds no error."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from deal.config import ROOT
from deal.people import Person
from tests.browser import Browser
from tests.people import make_full_story
from tests.urls import Places, method_of

JAR = ROOT / "scripts" / "nu" / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
NO_CHECKER = (
    "There is no Java or no HTML checker here, so no page was read by it: "
    "sudo apt-get install default-jre-headless npm, then make setup-test"
)
ENOUGH = 150

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not (JAR.exists() and shutil.which("java")), reason=NO_CHECKER)]


def pages(places: Places, *people: Person | None) -> Iterator[tuple[str, str]]:
    """A name and the HTML of everything that somebody can open, or is told when a form was sent empty."""
    for language in ("en", "cy"):
        for person in people:
            who = f"{person.role.value if person else 'nobody'} {language}"
            for endpoint, path in sorted([*places.pages(), *places.pages("POST")]):
                answer = opened_or_sent_empty(places.app, person, language, endpoint, path)
                if answer.mimetype == "text/html" and answer.status_code in (200, 404, 422):
                    yield f"{endpoint} {who} {answer.status_code}", answer.text


def opened_or_sent_empty(app: Flask, person: Person | None, language: str, endpoint: str, path: str):
    browser = Browser(app, person)
    browser.client.set_cookie("deal_language", language)
    if method_of(app, endpoint) == "GET":
        return browser.send("GET", path)
    return browser.send("POST", path, {"csrf_token": browser.token(), "once": "a"})


def errors_in(folder: Path) -> list[str]:
    """What the checker says of the pages in a folder: each error once, with a page that has it."""
    command = [
        "java",
        "-jar",
        str(JAR),
        "--errors-only",
        "--format",
        "json",
        "--exit-zero-always",
        "--stdout",
        str(folder),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    said = {}
    for one in json.loads(done.stdout)["messages"]:
        said[one["message"]] = f"{Path(one.get('url', '')).stem}: {one['message']} {one.get('extract', '')!r}"
    return list(said.values())


@pytest.mark.sqlite_only
def test_the_checker_finds_no_error_on_any_page(app, nia, sam, morgan, tmp_path):
    make_full_story(nia, sam)
    names = set()
    for name, html in pages(Places(app, nia, sam), None, nia, sam, morgan):
        (tmp_path / f"{name}.html").write_text(html, encoding="utf-8")
        names.add(name)
    assert len(names) > ENOUGH and any(name.endswith("422") for name in names)
    assert errors_in(tmp_path) == []


def test_the_checker_would_find_one(tmp_path):
    (tmp_path / "page.html").write_text('<!DOCTYPE html><html lang="en"><title>Page</title><p id="a"><p id="a"></html>')
    assert len(errors_in(tmp_path)) == 1
