"""Who may open what: every endpoint, tried by everybody. The table stands here by hand, as DESIGN.md has it."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import select, update

from deal.access import Look
from deal.clock import now
from deal.db import db
from deal.drafts.models import FormState
from deal.idempotency import Submission
from deal.people import Coaching, Person, Role
from deal.settings import PROMISE
from tests.browser import Browser
from tests.conftest import let_go, new_app, new_database
from tests.people import keep, make_coach, make_full_story, make_manager, make_resident
from tests.places import PAPERS, Places, method_of

# the visitors: nobody, Nia whose rows they are, another resident, Nia's coach, another coach, the manager
VISITORS = ("nobody", "nia", "amina", "sam", "joe", "morgan")
EVERYBODY = set(VISITORS)
OWN = {"nia"}
OWN_AND_COACH = {"nia", "sam"}
HER_COACH = {"sam"}
COACHES = {"sam", "joe"}
MANAGER = {"morgan"}
ALL_SIGNED_IN = EVERYBODY - {"nobody"}
MOSTLY_REFUSED = dict.fromkeys(("amina", "joe"), pytest.mark.slow)

MAY_OPEN = {
    # signing in and out, letters, links: for everybody
    "accounts.code": EVERYBODY,
    "accounts.use_code": EVERYBODY,
    "accounts.welcome": EVERYBODY,
    "accounts.is_it_me": EVERYBODY,
    "accounts.not_me": EVERYBODY,
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
    "home.more": EVERYBODY,
    "home.manifest": EVERYBODY,
    "home.timeline": OWN_AND_COACH,
    "home.change": HER_COACH,
    "home.keep_phone": HER_COACH,
    "home.plan_chat": HER_COACH,
    "summaries.print_page": OWN_AND_COACH,
    "home.language": EVERYBODY,
    "home.text_size": EVERYBODY,
    "static": EVERYBODY,
    # whoever is signed in: their own
    "accounts.account": ALL_SIGNED_IN,
    "accounts.change_secret": ALL_SIGNED_IN,
    "accounts.end_other_sign_ins": ALL_SIGNED_IN,
    # the resident alone
    "accounts.agree_again": OWN,
    "accounts.card_picture": OWN,
    "accounts.card": OWN,
    "accounts.end_sign_in": OWN,
    "conversations.felt": OWN,
    "accounts.seen_coach": OWN,
    "assessment.about_me": OWN,
    "assessment.start": OWN,
    "assessment.question": OWN,
    "assessment.answer": OWN,
    "assessment.check": OWN,
    "assessment.finished": OWN,
    "assessment.done": OWN,
    "assessment.helped": OWN,
    "assessment.begin_help": OWN,
    "conversations.clear_reach": OWN,
    "conversations.cannot_make_it": OWN,
    "conversations.chat_file": OWN,
    "conversations.keep_reach": OWN,
    "assessment.felt": OWN,
    "conversations.reach": OWN,
    "conversations.ring_me": OWN,
    "conversations.not_now": OWN,
    "conversations.say_not_now": OWN,
    "deals.kept": OWN,
    "goals.mine": OWN,
    "goals.share": OWN,
    "learning.pass_on": OWN,
    "learning.take_back": OWN,
    "privacy.ask_take_back": OWN,
    "privacy.keep_never": OWN,
    "privacy.looks": OWN,
    "privacy.never": OWN,
    "privacy.not_mine": OWN,
    "privacy.say_it_myself": OWN,
    "privacy.taken_back": OWN,
    "privacy.words": OWN,
    "summaries.choose": OWN,
    # a print opens to whoever asked for it: this one is hers
    "jobs.cancel_print": OWN,
    "jobs.print_file": OWN,
    "jobs.print_job": OWN,
    "summaries.sign_in_card": OWN,
    # the resident and her coach
    "home.resident": OWN_AND_COACH,
    "assessment.translation": OWN_AND_COACH,
    "assessment.translate": OWN_AND_COACH,
    "goals.index": OWN_AND_COACH,
    "goals.new": OWN_AND_COACH,
    "goals.add": OWN_AND_COACH,
    "goals.add_from_answer": OWN_AND_COACH,
    "goals.goal": OWN_AND_COACH,
    "goals.change_words": OWN_AND_COACH,
    "goals.change_state": OWN_AND_COACH,
    "goals.add_step": OWN_AND_COACH,
    "goals.tick_step": OWN_AND_COACH,
    "goals.add_check_in": OWN_AND_COACH,
    "deals.index": OWN_AND_COACH,
    "deals.agree": OWN_AND_COACH,
    "deals.add_promise": OWN_AND_COACH,
    "deals.promise": OWN_AND_COACH,
    "deals.change_words": OWN_AND_COACH,
    "summaries.paper": OWN_AND_COACH,
    "summaries.booklet": OWN_AND_COACH,
    "summaries.make_card": OWN_AND_COACH,
    "summaries.deal_now": OWN_AND_COACH,
    "summaries.deal": OWN_AND_COACH,
    "summaries.what_i_did": OWN_AND_COACH,
    "goals.read_back": OWN_AND_COACH,
    "goals.confirm_read_back": OWN_AND_COACH,
    "learning.add": OWN_AND_COACH,
    "learning.blocker": OWN_AND_COACH,
    "learning.gone": OWN_AND_COACH,
    # her coach
    "home.say_gone": HER_COACH,
    "assessment.keep_agreement": HER_COACH,
    "assessment.type_in": HER_COACH,
    "assessment.typed_in": HER_COACH,
    "home.hand_on": HER_COACH,
    "home.keep_cover_of_one": HER_COACH,
    "accounts.make_new_pin": HER_COACH,
    "assessment.report": HER_COACH,
    "accounts.renew_invitation": HER_COACH,
    "deals.let_go": HER_COACH,  # the landlord's; a resident's is hers alone to let go (test_deals.py)
    "deals.add_note": HER_COACH,
    "deals.agreed_on_paper": HER_COACH,
    "accounts.take_back_invitation": HER_COACH,
    "conversations.new": HER_COACH,
    "conversations.talked": HER_COACH,
    "conversations.write": HER_COACH,
    "conversations.no_words": HER_COACH,
    "conversations.asks": OWN,
    "conversations.ask": OWN,
    "conversations.give_other_coach": MANAGER,
    "conversations.one_ask": MANAGER,
    "conversations.answer_ask": MANAGER,
    "conversations.add_note": HER_COACH,
    "learning.write_for_managers": HER_COACH,
    "summaries.visit": HER_COACH,
    # every coach, for their own
    "summaries.empty_booklet": COACHES,
    "accounts.cover_all": COACHES,
    "accounts.end_my_cover": COACHES,
    "accounts.find": COACHES,
    "accounts.invitations": COACHES,
    "accounts.keep_cover": COACHES,
    "accounts.invite": COACHES,
    "accounts.make_invitation": COACHES,
    "accounts.renew_invitations": COACHES,
    "accounts.make_invitations": COACHES,
    "summaries.letters": COACHES,
    "conversations.today": COACHES,
    "summaries.postcard": COACHES,
    "jobs.print_papers": COACHES | {"nia", "amina"},
    "jobs.prints": COACHES | {"nia", "amina"},
    "summaries.cards": COACHES | MANAGER,
    "summaries.typed_card": COACHES | MANAGER,
    # the manager
    "accounts.end_cover_for": MANAGER,
    "accounts.give_a_coach": MANAGER,
    "accounts.keep_cover_for": MANAGER,
    "accounts.move_people": MANAGER,
    "accounts.people": MANAGER,
    "accounts.staff": MANAGER,
    "accounts.add_staff": MANAGER,
    "accounts.renew_link": MANAGER,
    "kpis.numbers": COACHES | MANAGER,
    "kpis.sheet": MANAGER,
    "kpis.blocks_file": MANAGER,
    "kpis.changes_file": MANAGER,
    "kpis.questions_file": MANAGER,
    "kpis.answer_weekly": MANAGER,
    "kpis.keep_hours": COACHES,
    "kpis.people_file": COACHES,
    "accounts.suspend_them": MANAGER,
    "accounts.reactivate": MANAGER,
    "learning.about_draft": MANAGER,
    "learning.add_question": MANAGER,
    "learning.begin_draft": MANAGER,
    "learning.change_draft": MANAGER,
    "learning.change_question": MANAGER,
    "learning.compare_questions": MANAGER,
    "learning.export_questions": MANAGER,
    "learning.import_questions": MANAGER,
    "learning.keep_about_draft": MANAGER,
    "learning.keep_languages": MANAGER,
    "learning.new_question": MANAGER,
    "learning.preview_question": MANAGER,
    "learning.publish": MANAGER,
    "learning.question_draft_page": MANAGER,
    "learning.question_figures": MANAGER,
    "learning.question_languages": MANAGER,
    "learning.question_words": MANAGER,
    "learning.questions": MANAGER,
    "learning.suggest": COACHES,
    "learning.take_back_version": MANAGER,
    "learning.needs_answer": MANAGER,
    "learning.gather_them": MANAGER,
    "learning.heading": MANAGER,
    "learning.change_heading": MANAGER,
    "learning.answer": MANAGER,
    "learning.take_out": MANAGER,
    "learning.changes": ALL_SIGNED_IN,
    # their own drafts
    "accounts.keep_draft": ALL_SIGNED_IN,
    "accounts.leave_page": ALL_SIGNED_IN,
    "accounts.use_draft": ALL_SIGNED_IN,
    "accounts.throw_draft_away": ALL_SIGNED_IN,
    "undo.undo": ALL_SIGNED_IN,  # whose press it was is asked there (test_undo.py)
    "landlord.settings": MANAGER,
    "landlord.change_names": MANAGER,
    "landlord.change_limits": MANAGER,
    "landlord.change_help": MANAGER,
    "landlord.change_welsh": MANAGER,
    "landlord.sample_letter": MANAGER,
    "landlord.confirm": MANAGER,
    "landlord.set_places": MANAGER,
    "landlord.set_pause": MANAGER,
    "landlord.pictures": MANAGER,
    "landlord.picture": MANAGER,
    "landlord.keep_picture": MANAGER,
    "landlord.take_picture_away": MANAGER,
    "landlord.keep_learned": MANAGER,
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


def move_in(database_url: str, folder: Path) -> None:
    """Everybody, and Nia's full story."""
    app = new_app(database_url, folder)
    with app.app_context():
        sam = make_coach("Sam")
        nia = make_resident("Nia", sam)
        make_resident("Amina", make_coach("Joe"))
        make_manager("Morgan")
        make_full_story(nia, sam)
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
    return House({who: named.get(who) for who in VISITORS}, Places(app, named["nia"], named["sam"]))


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
    kept = [table for table in db.metadata.sorted_tables if table.name not in ("look", "seen", "sign_in")]
    return {table.name: str(select(table).order_by(*table.primary_key)) for table in kept}


def everything() -> dict[str, list]:
    """Every row of every table but the looks and their times, and the sign-ins of the browsers here."""
    ask = db.session.connection().exec_driver_sql  # rows as the driver gives them: they are only compared
    rows = {name: ask(statement).all() for name, statement in all_rows().items()}
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


def slow_where_printed(endpoint: str):
    """Each is asked for twelve times; one paper is enough for the fast tests."""
    printed = endpoint.removeprefix("summaries.") in PAPERS - {"paper"}
    return pytest.param(endpoint, marks=pytest.mark.slow if printed else ())


@pytest.mark.parametrize("endpoint", [slow_where_printed(name) for name in FOR_SOME])
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


def test_pages_that_closed_long_after_moving_away_are_closed_to_the_coach_too(house):
    """Nothing under their address is there any more for whoever coaches or covers them."""
    keep(Coaching(resident_id=house.people["nia"].id, coach_id=house.people["joe"].id, cover=True))
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
    for endpoint in MAY_OPEN:
        if method_of(house.places.app, endpoint) == "GET":
            path = house.places.address(endpoint)
            browser.send("GET", path)
            assert everything() == before, f"opening {path} changed rows"


HERS = [name for name in FOR_SOME if MAY_OPEN[name] in (OWN, OWN_AND_COACH, HER_COACH)]


@pytest.mark.sqlite_only
@pytest.mark.parametrize("endpoint", [slow_where_printed(name) for name in HERS])
def test_staff_leave_a_look_and_nobody_else_does(app, request, endpoint):
    if method_of(app, endpoint) != "GET":
        return
    house = request.getfixturevalue("house")  # which takes its time
    path = house.places.address(endpoint)
    looks = select(Look.staff_id, Look.page).where(Look.page == endpoint)
    before = set(db.session.execute(looks).all())
    for who in VISITORS:
        house.browser(who).send("GET", path)
        house.browser(who).send("GET", path)
    expected = {(house.people["sam"].id, endpoint)} if "sam" in MAY_OPEN[endpoint] else set()
    assert set(db.session.execute(looks).all()) == before | expected


@pytest.mark.sqlite_only
@pytest.mark.parametrize("endpoint", FOR_SOME)
def test_a_row_of_somebody_else_is_not_there_under_ones_own_address(app, request, endpoint):
    """Moira is Sam's too, and still her goals, talks and About me do not stand among Nia's."""
    numbers = {"goal_id", "number", "wording_id", "step_id", "typed_id", "said_id", "answer_id"}
    numbers |= {"promise_id", "deal_id", "blocker_id", "coaching_id"}
    needed = next(app.url_map.iter_rules(endpoint)).arguments
    if not ("resident_id" in needed and needed & numbers):
        return
    house = request.getfixturevalue("house")
    sam = house.people["sam"]
    moira = make_resident("Moira", sam)
    make_full_story(moira, sam)
    hers = Places(house.places.app, moira, sam)
    method, before = method_of(house.places.app, endpoint), everything()
    for name in needed & numbers:
        number = hers.values.get(name) or (hers.talk.id if endpoint.startswith("conversations.") else hers.about_me.id)
        path = house.places.address(endpoint, **{name: number})
        for who in VISITORS:
            assert outcome(house.browser(who), method, path) != "opened", f"{who} opened {path}"
    assert everything() == before
