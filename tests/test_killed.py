"""The server is killed while residents press Save: what was shown as saved is there, and nothing is there twice."""

import random
import sqlite3
from collections import Counter
from dataclasses import dataclass, field
from http.client import HTTPException
from http.cookiejar import CookieJar
from pathlib import Path
from signal import SIGKILL
from threading import Event, Thread
from time import monotonic, sleep
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

import pytest
from bs4 import BeautifulSoup

from deal.people import Person
from tests import people
from tests.browser import as_data, filled_in
from tests.conftest import let_go, new_app
from tests.live import Live, running_deal

pytestmark = pytest.mark.slow

LEAST_KILLS, MOST_KILLS = 3, 8
ENOUGH_BETWEEN = 3  # presses that were on their way when the server was killed
NAMES = ("Amina", "Bea", "Cai")


@dataclass
class EmptyForm:
    """A form as it was sent: where to, what, and the words that only this one carries."""

    path: str
    data: bytes
    words: str


@dataclass
class Resident:
    """Somebody who changes one answer again and again, whatever happens to the server."""

    deal: Live
    question: str
    name: str
    opener: OpenerDirector = field(default_factory=lambda: build_opener(HTTPCookieProcessor(CookieJar())))
    shown: list[EmptyForm] = field(default_factory=list)  # the next page came
    unknown: list[EmptyForm] = field(default_factory=list)  # no page came: it may be stored or not

    def open(self, path: str, data: bytes | None = None) -> BeautifulSoup:
        """A page as a browser shows it: on through redirects, whole."""
        with self.opener.open(self.deal.address + path, data, timeout=10) as answer:
            assert answer.status == 200
            return BeautifulSoup(answer.read(), "html.parser")

    def filled(self, path: str, form: str, button: str | None = None, **fields: str) -> bytes:
        """The form on that page, filled in."""
        return self.fill_in(self.open(path), form, button, **fields)

    @staticmethod
    def fill_in(page: BeautifulSoup, form: str, button: str | None = None, **fields: str) -> bytes:
        pressed = page.select_one(button) if button else None
        return urlencode(as_data(filled_in(page.select_one(form), pressed, fields)), doseq=True).encode()

    def send_again(self, press: EmptyForm) -> None:
        """As it was sent; where another answer was saved since, both are shown, and the button is pressed once more."""
        try:
            self.open(press.path, press.data)
        except HTTPError as refused:
            assert refused.code == 409
            page = BeautifulSoup(refused.read(), "html.parser")
            assert press.words in page.textarea.get_text()
            self.open(press.path, self.fill_in(page, "form[data-draft]", "button[value=save]"))

    def sign_in(self, sign_in_name: str) -> None:
        data = self.filled("/sign-in", "main form", name=sign_in_name, pin=people.PIN)
        assert self.name in self.open("/sign-in", data).h1.get_text()

    def press(self, number: int) -> None:
        """Change the answer, and note whether the next page came."""
        words = f"{self.name} {number}"
        data = self.filled(self.question, "form[data-draft]", "button[value=save]", words=words)
        pressed = EmptyForm(self.question, data, words)
        try:
            following = self.open(pressed.path, pressed.data)
        except (OSError, HTTPException):
            self.unknown.append(pressed)
            raise
        assert words in following.get_text()
        self.shown.append(pressed)

    def go_on_until(self, over: Event) -> None:
        number = 0
        while not over.is_set():
            number += 1
            try:
                self.press(number)
            except (OSError, HTTPException):
                sleep(0.1)  # nobody serves just now


def test_a_killed_server_loses_no_answer_and_stores_none_twice(tmp_path):
    with running_deal(tmp_path, demonstration=False) as deal:
        residents = [resident_of(deal, person) for person in invited(deal.folder)]
        over = Event()
        kill_while(deal, residents, over)
        shown = [press for one in residents for press in one.shown]
        unknown = [press for one in residents for press in one.unknown]
        assert len(shown) > 20 and len(unknown) >= ENOUGH_BETWEEN

        stored = answers_in(tmp_path)
        assert {press.words: stored[press.words] for press in shown} == {press.words: 1 for press in shown}
        assert {press.words for press in unknown if stored[press.words] > 1} == set()
        assert set(stored) <= {press.words for press in shown + unknown}

        for one in residents:
            for press in one.unknown + one.shown[-10:]:
                one.send_again(press)
        assert answers_in(tmp_path) == Counter({press.words for press in shown + unknown})
        assert holding(tmp_path) == [1] * len(residents)


def kill_while(deal: Live, residents: list[Resident], over: Event) -> None:
    """Kill and start again while they press, until enough presses were on their way."""
    threads = [Thread(target=one.go_on_until, args=[over]) for one in residents]
    for thread in threads:
        thread.start()
    try:
        for kills in range(MOST_KILLS):
            if kills >= LEAST_KILLS and sum(len(one.unknown) for one in residents) >= ENOUGH_BETWEEN:
                break
            wait_for_more(residents)
            deal.end(SIGKILL)
            deal.start()
    finally:
        over.set()
        for thread in threads:
            thread.join()


def wait_for_more(residents: list[Resident]) -> None:
    """Until some more answers were shown as saved, and then a moment that nobody chose."""
    wanted = sum(len(one.shown) for one in residents) + random.randint(6, 12)
    until = monotonic() + 20
    while sum(len(one.shown) for one in residents) < wanted and monotonic() < until:
        sleep(0.01)
    sleep(random.uniform(0, 0.1))


def invited(folder: Path) -> list[tuple[str, str, str]]:
    """Name, sign-in name and the address of a question of each; their About me has begun."""
    app = new_app(f"sqlite:///{folder / 'deal.db'}", folder)
    with app.app_context():
        coach, made = people.make_coach("Joe"), []
        for name in NAMES:
            resident: Person = people.make_resident(name, coach)
            about_me = people.begin_about_me(resident)
            path = f"/residents/{resident.id}/about-me/{about_me.id}/good-day?change=1"
            made.append((name, str(resident.sign_in_name), path))
    let_go(app)
    return made


def resident_of(deal: Live, person: tuple[str, str, str]) -> Resident:
    name, sign_in_name, question = person
    resident = Resident(deal, question, name)
    resident.sign_in(sign_in_name)
    return resident


def answers_in(folder: Path) -> Counter[str]:
    """How often each answer is stored, versions that were changed since included."""
    with sqlite3.connect(folder / "deal.db") as database:
        return Counter(dict(database.execute("SELECT words, count(*) FROM answer GROUP BY words")))


def holding(folder: Path) -> list[int]:
    """How many answers hold, of each resident."""
    held = "SELECT count(*) FROM answer WHERE superseded_at IS NULL GROUP BY resident_id, question_id"
    with sqlite3.connect(folder / "deal.db") as database:
        return [row[0] for row in database.execute(held)]
