"""Who may open what: every endpoint of the table in urls.py, tried by everybody."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from deal.audit import AccessLog
from deal.clock import now
from deal.db import db
from deal.drafts.models import FormState
from deal.idempotency import Submission
from deal.people import Assignment, Person, Role
from deal.settings import PROMISE
from tests.browser import Browser
from tests.conftest import let_go, new_app, new_database
from tests.people import keep, make_coach, make_full_story, make_manager, make_resident
from tests.urls import ENDPOINTS, FOR_EVERYBODY, FOR_SOME, PAPER, VISITORS, Places, method_of

MOSTLY_REFUSED = dict.fromkeys(("amina", "joe"), pytest.mark.slow)


@dataclass
class House:
    """Nia with rows of every kind, everybody else, and the addresses of it all."""

    people: dict[str, Person | None]
    places: Places
    last_look: int

    def browser(self, who: str) -> Browser:
        return Browser(self.places.app, self.people[who])


def move_in(database_url: str, folder: Path) -> None:
    """Everybody, and two full stories: Nia's, and Moira's, whom Sam coaches too."""
    app = new_app(database_url, folder)
    with app.app_context():
        sam = make_coach("Sam")
        nia = make_resident("Nia", sam)
        make_resident("Amina", make_coach("Joe"))
        make_manager("Morgan")
        make_full_story(nia, sam)
        make_full_story(make_resident("Moira", sam), sam)
    let_go(app)


# the databases that the tests copy: in this file with the house in them, made once a worker


@pytest.fixture(scope="session")
def sqlite_template(sqlite_template: Path, folder: Path) -> Path:
    house = Path(shutil.copy(sqlite_template, folder / "house.db"))
    move_in(f"sqlite:///{house}", folder)
    return house


@pytest.fixture(scope="session")
def postgres_template(postgres_template: str, postgres_url: str, folder: Path) -> Iterator[str]:
    with new_database(postgres_url, postgres_template) as url:
        move_in(url, folder)
        yield url.rpartition("/")[2]


@pytest.fixture
def house(app) -> House:
    named = {one.name.casefold(): one for one in db.session.scalars(select(Person)) if one.name.casefold() in VISITORS}
    db.session.execute(update(Submission).values(made_at=now()))  # which can be pressed for ten minutes
    db.session.commit()
    looked = db.session.scalar(select(func.max(AccessLog.id))) or 0
    return House({who: named.get(who) for who in VISITORS}, Places(app, named["nia"], named["sam"]), looked)


def state_of(browser: Browser) -> str:
    """A form that this visitor has open."""
    resident, manager = browser.resident, browser.person.role is Role.MANAGER
    place = f"/residents/{browser.person.id}/goals/new" if resident else "/settings/help" if manager else "/suggestions"
    with browser.app.test_request_context():
        return FormState(browser.person.id, place, place).sealed()


def outcome(browser: Browser, method: str, path: str) -> str:
    """How a request ended: opened, not there, or asked to sign in."""
    data = {"csrf_token": browser.token(), "sentence": PROMISE[0]} if method == "POST" else None
    if data and browser.person:
        data["draft"] = state_of(browser)
    answer = browser.send(method, path, data)
    assert answer.status_code < 500, f"{method} {path} answered {answer.status_code}"
    asked = answer.status_code in (302, 303) and "sign-in?next=" in answer.location
    if asked or answer.status_code == 401:
        return "asked to sign in"
    return "not there" if answer.status_code == 404 else "opened"


@cache
def all_rows() -> dict[str, str]:
    """The statement that reads each table that is kept an eye on."""
    kept = [table for table in db.metadata.sorted_tables if table.name not in ("access_log", "last_viewed", "sign_in")]
    return {table.name: str(select(table).order_by(*table.primary_key)) for table in kept}


def everything() -> dict[str, list]:
    """Every row of every table but the looks and their times, and the sign-ins of the browsers here."""
    ask = db.session.connection().exec_driver_sql  # rows as the driver gives them: they are only compared
    rows = {name: ask(statement).all() for name, statement in all_rows().items()}
    db.session.rollback()
    return rows


def test_every_endpoint_stands_in_the_table(app):
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(ENDPOINTS)
    for rule in app.url_map.iter_rules():
        assert len(rule.methods - {"HEAD", "OPTIONS"}) == 1, f"{rule.endpoint} is one function for several methods"


@pytest.mark.parametrize("endpoint", FOR_EVERYBODY)
def test_everybody_may_open(house, endpoint):
    method, path = method_of(house.places.app, endpoint), house.places.address(endpoint)
    assert {who: outcome(house.browser(who), method, path) for who in VISITORS} == dict.fromkeys(VISITORS, "opened")


def slow_where_printed(endpoint: str):
    """Each is asked for twelve times; one paper is enough for the fast tests."""
    printed = ENDPOINTS[endpoint].gives is PAPER and endpoint != "printing.paper"
    return pytest.param(endpoint, marks=pytest.mark.slow if printed else ())


@pytest.mark.parametrize("endpoint", [slow_where_printed(name) for name in FOR_SOME])
def test_some_may_open(house, endpoint):
    """Those who may not are told the same as if it were not there, and nothing is stored. Her coach leaves a look."""
    method, path = method_of(house.places.app, endpoint), house.places.address(endpoint)
    allowed = ENDPOINTS[endpoint].who
    browsers = {who: house.browser(who) for who in VISITORS}
    before = everything()
    refused = {who: outcome(browsers[who], method, path) for who in VISITORS if who not in allowed}
    assert refused.pop("nobody") == "asked to sign in"
    assert set(refused.values()) <= {"not there"}, refused
    assert everything() == before
    opened = {who: outcome(browsers[who], method, path) for who in VISITORS if who in allowed}
    assert set(opened.values()) == {"opened"}, opened
    if method == "GET":
        outcome(browsers["sam"], method, path)  # within the hour that is the same look
        looks = select(AccessLog.staff_id).where(AccessLog.page == endpoint, AccessLog.id > house.last_look)
        hers = "sam" in allowed and "joe" not in allowed
        assert set(db.session.scalars(looks)) == ({house.people["sam"].id} if hers else set())


def test_pages_that_closed_long_after_moving_away_are_closed_to_the_coach_too(house):
    """Nothing under their address is there any more for whoever coaches or covers them."""
    keep(Assignment(resident_id=house.people["nia"].id, coach_id=house.people["joe"].id, cover=True))
    house.people["nia"].closes_at = now() - timedelta(minutes=1)
    db.session.commit()
    rules = {rule.endpoint: rule for rule in house.places.app.url_map.iter_rules()}
    hers = [name for name in FOR_SOME if "resident_id" in rules[name].arguments]
    before = everything()
    told = {}
    for endpoint in hers:
        method, path = method_of(house.places.app, endpoint), house.places.address(endpoint)
        told |= {(who, endpoint): outcome(house.browser(who), method, path) for who in ("sam", "joe")}
    assert set(told.values()) == {"not there"}, [one for one, what in told.items() if what != "not there"]
    assert everything() == before


@pytest.mark.sqlite_only
@pytest.mark.parametrize("who", [pytest.param(who, marks=MOSTLY_REFUSED.get(who, ())) for who in VISITORS])
def test_no_get_changes_a_row(house, who):
    """But for a look, whoever opens whatever."""
    browser = house.browser(who)
    before = everything()
    for endpoint in ENDPOINTS:
        if method_of(house.places.app, endpoint) == "GET":
            path = house.places.address(endpoint)
            browser.send("GET", path)
            assert everything() == before, f"opening {path} changed rows"


# what may stand behind her own number in an address
ROWS = ("goal_id", "number", "wording_id", "typed_id", "step_id", "said_id", "answer_id")
ROWS += ("promise_id", "deal_id", "blocker_id", "coaching_id")


@pytest.mark.sqlite_only
def test_a_row_of_somebody_else_is_not_there_under_ones_own_address(house):
    """Moira is Sam's too, and still her goals, talks and About me do not stand among Nia's."""
    sam = house.people["sam"]
    moira = db.session.scalars(select(Person).filter_by(name="Moira")).one()
    hers, before = Places(house.places.app, moira, sam), everything()
    browsers = {who: house.browser(who) for who in VISITORS}
    opened = []
    for endpoint in FOR_SOME:
        needed = next(house.places.app.url_map.iter_rules(endpoint)).arguments
        method, values = method_of(house.places.app, endpoint), hers.values | hers.numbered(endpoint)
        for name in needed.intersection(ROWS) if "resident_id" in needed else ():
            path = house.places.address(endpoint, **{name: values[name]})
            opened += [(who, path) for who in VISITORS if outcome(browsers[who], method, path) == "opened"]
    assert opened == []
    assert everything() == before
