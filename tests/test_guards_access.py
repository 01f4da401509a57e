"""Who may open what: every endpoint, tried by everybody. The table stands here by hand, as DESIGN.md has it."""

from dataclasses import dataclass

import pytest
from sqlalchemy import select

from deal.access import Look
from deal.db import db
from deal.people import Person
from deal.settings import PROMISE
from tests.browser import Browser
from tests.people import make_full_story, make_resident
from tests.places import Places, method_of

# the visitors: nobody, Nia whose rows they are, another resident, Nia's coach, another coach, the manager
VISITORS = ("nobody", "nia", "amina", "sam", "joe", "morgan")
EVERYBODY = set(VISITORS)
OWN = {"nia"}
OWN_AND_COACH = {"nia", "sam"}
HER_COACH = {"sam"}
COACHES = {"sam", "joe"}
MANAGER = {"morgan"}

MAY_OPEN = {
    # signing in and out, letters, links: for everybody
    "accounts.code": EVERYBODY,
    "accounts.use_code": EVERYBODY,
    "accounts.welcome": EVERYBODY,
    "accounts.is_it_me": EVERYBODY,
    "accounts.not_me": EVERYBODY,
    "accounts.promise": EVERYBODY,
    "accounts.answer_promise": EVERYBODY,
    "accounts.no_thanks": EVERYBODY,
    "accounts.choose_pin": EVERYBODY,
    "accounts.set_pin": EVERYBODY,
    "accounts.sign_in": EVERYBODY,
    "accounts.let_resident_in": EVERYBODY,
    "accounts.staff_sign_in": EVERYBODY,
    "accounts.let_staff_in": EVERYBODY,
    "accounts.sign_out": EVERYBODY,
    "accounts.forget": EVERYBODY,
    "accounts.new_pin": EVERYBODY,
    "accounts.set_new_pin": EVERYBODY,
    "accounts.join": EVERYBODY,
    "accounts.set_password": EVERYBODY,
    "home.index": EVERYBODY,
    "home.help_now": EVERYBODY,
    "home.privacy": EVERYBODY,
    "home.accessibility": EVERYBODY,
    "home.language": EVERYBODY,
    "static": EVERYBODY,
    # the resident alone
    "accounts.card": OWN,
    "assessment.about_me": OWN,
    "assessment.start": OWN,
    "assessment.question": OWN,
    "assessment.answer": OWN,
    "assessment.check": OWN,
    "assessment.finished": OWN,
    "assessment.draft": OWN,
    "assessment.done": OWN,
    "assessment.helped": OWN,
    "assessment.begin_help": OWN,
    "conversations.not_mine": OWN,
    "conversations.say_it_myself": OWN,
    "goals.check_in_not_mine": OWN,
    "goals.mine": OWN,
    "goals.not_mine": OWN,
    "goals.say_it_myself": OWN,
    "privacy.ask_take_back": OWN,
    "privacy.looks": OWN,
    "privacy.taken_back": OWN,
    "privacy.words": OWN,
    "summaries.choose": OWN,
    # the resident and her coach
    "home.resident": OWN_AND_COACH,
    "goals.index": OWN_AND_COACH,
    "goals.new": OWN_AND_COACH,
    "goals.add": OWN_AND_COACH,
    "goals.goal": OWN_AND_COACH,
    "goals.words": OWN_AND_COACH,
    "goals.change_words": OWN_AND_COACH,
    "goals.state": OWN_AND_COACH,
    "goals.change_state": OWN_AND_COACH,
    "goals.add_step": OWN_AND_COACH,
    "goals.tick_step": OWN_AND_COACH,
    "goals.check_in": OWN_AND_COACH,
    "goals.add_check_in": OWN_AND_COACH,
    "conversations.index": OWN_AND_COACH,
    "summaries.summary": OWN_AND_COACH,
    "summaries.paper": OWN_AND_COACH,
    "goals.read_back": OWN_AND_COACH,
    "goals.confirm_read_back": OWN_AND_COACH,
    # her coach
    "accounts.agreement": HER_COACH,
    "accounts.keep_agreement": HER_COACH,
    "assessment.type_in": HER_COACH,
    "assessment.typed_in": HER_COACH,
    "assessment.type_in_draft": HER_COACH,
    "accounts.make_new_pin": HER_COACH,
    "accounts.renew_invitation": HER_COACH,
    "accounts.take_back_invitation": HER_COACH,
    "conversations.new": HER_COACH,
    "conversations.talked": HER_COACH,
    "conversations.write": HER_COACH,
    "conversations.asks": OWN,
    "conversations.ask": OWN,
    "conversations.all_asks": MANAGER,
    "conversations.one_ask": MANAGER,
    "conversations.answer_ask": MANAGER,
    "conversations.add_note": HER_COACH,
    # every coach, for their own
    "accounts.invitations": COACHES,
    "accounts.invite": COACHES,
    "accounts.make_invitation": COACHES,
    "accounts.invite_many": COACHES,
    "accounts.make_invitations": COACHES,
    "summaries.letters": COACHES,
    "conversations.today": COACHES,
    # the manager
    "accounts.staff": MANAGER,
    "accounts.new_staff": MANAGER,
    "accounts.add_staff": MANAGER,
    "accounts.renew_link": MANAGER,
    "kpis.numbers": MANAGER,
    "landlord.settings": MANAGER,
    "landlord.change": MANAGER,
    "landlord.confirm": MANAGER,
    "landlord.set_places": MANAGER,
}
FOR_EVERYBODY = sorted(name for name, who in MAY_OPEN.items() if who is EVERYBODY)
FOR_SOME = sorted(set(MAY_OPEN) - set(FOR_EVERYBODY))


@dataclass
class House:
    """Nia with rows of every kind, everybody else, and the addresses of it all."""

    people: dict[str, Person | None]
    places: Places

    def browser(self, who: str) -> Browser:
        return Browser(self.places.app, self.people[who])


@pytest.fixture
def house(app, nia, amina, sam, joe, morgan) -> House:
    make_full_story(nia, sam)
    people = {"nobody": None, "nia": nia, "amina": amina, "sam": sam, "joe": joe, "morgan": morgan}
    return House(people, Places(app, nia, sam))


def outcome(browser: Browser, method: str, path: str) -> str:
    """How a request ended: opened, not there, or asked to sign in."""
    data = {"csrf_token": browser.token(), "sentence": PROMISE[0]} if method == "POST" else None
    answer = browser.send(method, path, data)
    assert answer.status_code < 500, f"{method} {path} answered {answer.status_code}"
    asked = answer.status_code in (302, 303) and "sign-in?next=" in answer.location
    if asked or answer.status_code == 401:
        return "asked to sign in"
    return "not there" if answer.status_code == 404 else "opened"


def everything() -> dict[str, list]:
    """Every row of every table but the looks, which a GET may write, and the sign-ins of the browsers here."""
    kept = [table for table in db.metadata.sorted_tables if table.name not in ("look", "sign_in")]
    rows = {table.name: db.session.execute(select(table).order_by(*table.primary_key)).all() for table in kept}
    db.session.rollback()
    return rows


def test_every_endpoint_stands_in_the_table(app):
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(MAY_OPEN)
    for rule in app.url_map.iter_rules():
        assert len(rule.methods - {"HEAD", "OPTIONS"}) == 1, f"{rule.endpoint} is one function for several methods"


@pytest.mark.parametrize("endpoint", FOR_EVERYBODY)
def test_everybody_may_open(house, endpoint):
    method, path = method_of(house.places.app, endpoint), house.places.address(endpoint)
    assert {who: outcome(house.browser(who), method, path) for who in VISITORS} == dict.fromkeys(VISITORS, "opened")


@pytest.mark.parametrize("endpoint", FOR_SOME)
def test_some_may_open(house, endpoint):
    """Those who may not are told the same as if it were not there, and nothing is stored."""
    method, path = method_of(house.places.app, endpoint), house.places.address(endpoint)
    allowed = MAY_OPEN[endpoint]
    browsers = {who: house.browser(who) for who in VISITORS}
    before = everything()
    refused = {who: outcome(browsers[who], method, path) for who in VISITORS if who not in allowed}
    assert refused.pop("nobody") == "asked to sign in"
    assert set(refused.values()) <= {"not there"}, refused
    assert everything() == before
    opened = {who: outcome(browsers[who], method, path) for who in VISITORS if who in allowed}
    assert set(opened.values()) == {"opened"}, opened


@pytest.mark.parametrize("who", VISITORS)
def test_no_get_changes_a_row(house, who):
    """But for a look, whoever opens whatever."""
    browser = house.browser(who)
    for endpoint in MAY_OPEN:
        if method_of(house.places.app, endpoint) == "GET":
            path = house.places.address(endpoint)
            before = everything()
            browser.send("GET", path)
            assert everything() == before, f"opening {path} changed rows"


@pytest.mark.parametrize("endpoint", [name for name in FOR_SOME if MAY_OPEN[name] in (OWN, OWN_AND_COACH, HER_COACH)])
def test_staff_leave_a_look_and_nobody_else_does(house, endpoint):
    if method_of(house.places.app, endpoint) != "GET":
        return
    path = house.places.address(endpoint)
    looks = select(Look.staff_id, Look.page).where(Look.page == endpoint)
    before = set(db.session.execute(looks).all())
    for who in VISITORS:
        house.browser(who).send("GET", path)
        house.browser(who).send("GET", path)
    expected = {(house.people["sam"].id, endpoint)} if "sam" in MAY_OPEN[endpoint] else set()
    assert set(db.session.execute(looks).all()) == before | expected


@pytest.mark.parametrize("endpoint", FOR_SOME)
def test_a_row_of_somebody_else_is_not_there_under_ones_own_address(house, sam, endpoint):
    """Moira is Sam's too, and still her goals, talks and About me do not stand among Nia's."""
    needed = next(house.places.app.url_map.iter_rules(endpoint)).arguments
    moira = make_resident("Moira", sam)
    make_full_story(moira, sam)
    hers = Places(house.places.app, moira, sam)
    method, before = method_of(house.places.app, endpoint), everything()
    for name in needed & {"goal_id", "number", "wording_id", "step_id", "note_id", "said_id"}:
        number = hers.values.get(name) or (hers.talk.id if endpoint.startswith("conversations.") else hers.about_me.id)
        path = house.places.address(endpoint, **{name: number})
        for who in VISITORS:
            assert outcome(house.browser(who), method, path) != "opened", f"{who} opened {path}"
    assert everything() == before
