"""Names: compared in one way, kept without what cannot be seen, and apart from the sentence that they stand in."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from deal.clock import now, today
from deal.db import db
from deal.names import isolated, name_key, one_line
from deal.people import Assignment, Person, Role, names_apart
from tests.people import finish_about_me, invite, keep, make_coach, make_heading, make_resident, make_talk

AISHA = "عائشة"
FSI, PDI = "\u2068", "\u2069"


@pytest.mark.parametrize(
    "names",
    [
        ("O'Brien", "o’brien", "O‘Brien", "Oʼbrien", "Oʻbrien", "O`Brien", "O´Brien", "O′Brien", "O＇Brien", "O Brien"),
        ("Mary-Jane", "mary jane", "MARY‐JANE", "Mary‑Jane", "Mary–Jane", "Mary — Jane", "Mary−Jane", "Maryjane"),
        ("Ðuro", "Đuro", "Ɖuro", "duro", "DURO"),
        ("D’Arcy", "darcy"),
        ("Łukasz Øst", "lukasz ost"),
        ("Þór Æsa", "thor aesa"),
        ("Siân Ó Brien", "SIÂN o\u0301brien", "sian obrien"),
        ("Nia", "\u200bN\u00adia\u202e", "N\u2060ia\ufeff", "N\ufe0fia", "Ni\u034fa"),
        ("ﬁona", "Fiona"),
        ("Ｎｉａ", "Nia"),
        ("İrem", "irem"),
        ("عُمَر", "عمر"),
    ],
)
def test_one_name_however_it_is_typed(names):
    assert len({name_key(name).replace(" ", "") for name in names}) == 1


@pytest.mark.parametrize("name", ["!", "😀", "_", "কণা", "ㅤ!", "∅"])
def test_no_name_has_an_empty_key(name):
    assert name_key(name)


def test_other_names_stay_other_names():
    names = ["Ann", "Anna", "Hann", "کنا", "কণা", "Nia 2", "Nia 3", "O", "Ö2"]
    assert len({name_key(name) for name in names}) == len(names)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Nia \u202eLloyd\u2066 ", "Nia Lloyd"),
        ("A\u200bn\u00adn", "Ann"),
        ("Ann\u2028Puw", "Ann Puw"),
        ("Ann\u0007", "Ann"),
        ("Ann\u200d\u200c Puw", "Ann Puw"),
        ("\u3164", ""),
        ("نیم\u200cفاصله", "نیم\u200cفاصله"),  # a Persian word keeps its joint
        ("ශ්\u200dරී", "ශ්\u200dරී"),
        ("👩🏽\u200d🚒 ❤️", "👩🏽\u200d🚒 ❤️"),
        (
            "🏴\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f",
            "🏴\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f",
        ),
        ("Siân ŵŷ O’Brien-Jones", "Siân ŵŷ O’Brien-Jones"),
        ("کل\u200cــ", "کل\u200cــ"),
    ],
)
def test_a_line_keeps_its_letters_and_nothing_that_cannot_be_seen(typed, kept):
    assert one_line(typed) == kept


def test_what_turns_a_sentence_round_is_left_at_the_door(visit, sam, morgan):
    visit(sam).post("/invitations/new", status=200, name="Ni\u202ea", label="Oak\u200b Court\u2067", adult="y")
    nia = db.session.scalars(select(Person).filter_by(role=Role.RESIDENT)).one()
    assert (nia.name, nia.label, nia.name_key) == ("Nia", "Oak Court", "nia")
    more = {"email": "lou@example.org", "phone": "01632 960 777"}
    visit(morgan).post("/staff/new", status=200, on="/staff", role="coach", name="L\u202eou\ufeff", **more)
    assert db.session.scalars(select(Person).filter_by(email="lou@example.org")).one().name == "Lou"
    assert visit(morgan).get("/settings").value("organisation")
    visit(morgan).post("/settings/names", on="/settings", organisation="Bryn\u202e Homes")
    assert "Bryn Homes" in visit(morgan).get("/settings").html and "\u202e" not in visit(morgan).get("/settings").html


def test_words_stay_letter_for_letter(visit, nia):
    said = "a\u200bb \u202eright to left\u00ad"
    visit(nia).post(f"/residents/{nia.id}/goals/new", words=said)
    assert said in visit(nia).get(f"/residents/{nia.id}/goals").words


def test_a_name_that_runs_right_to_left_stands_apart_in_every_sentence(visit, sam, morgan):
    aisha = make_resident(AISHA, sam, "קומה 2")
    make_talk(aisha, sam, next_on=today() + timedelta(days=2))
    apart = f"<bdi>{AISHA}</bdi>"
    coach = visit(sam)
    for path in (
        "/today",
        "/people",
        f"/residents/{aisha.id}",
        f"/residents/{aisha.id}/goals",
        f"/residents/{aisha.id}/deal",
        f"/residents/{aisha.id}/change",
    ):
        page = coach.get(path)
        bare = re.sub(r"<bdi[^>]*>[^<]*</bdi>|<title>.*?</title>", "", page.html)
        assert apart in page.html and AISHA not in bare, path
    assert f"{FSI}{AISHA}{PDI}" in coach.get(f"/residents/{aisha.id}/goals").soup.title.get_text()
    yesterday = today() - timedelta(days=1)
    coach.get(f"/residents/{aisha.id}/conversations/new")
    done = coach.post(f"/residents/{aisha.id}/conversations/new", talked_on=yesterday.isoformat(), how="phone")
    assert f"{FSI}{AISHA} (קומה 2){PDI}" in done.html
    _person, _code = invite("نور", sam)
    coach.get("/invitations")
    assert "<bdi>نور</bdi>" in coach.press("New letter for نور", status=200).html


def test_a_coach_whose_name_runs_right_to_left_stands_apart_for_residents(visit):
    coach = make_coach("דניאל")
    nia = make_resident("Nia", coach)
    visit(coach).get(f"/residents/{nia.id}")
    assert "<bdi>דניאל</bdi> read your page." in visit(nia).get(f"/residents/{nia.id}/looks").html
    assert isolated("Sam") == "Sam"


def test_two_of_one_name_have_their_labels_beside_them(visit, sam, joe, morgan):
    one, other = make_resident("Nia", sam, "Oak Court"), make_resident("nia", sam, "Elm Court")
    for waits in (one, other):
        finish_about_me(waits)
    coach = visit(sam)
    for path in ("/today", "/people", "/prints"):
        page = coach.get(path)
        assert "Oak Court" in page and "Elm Court" in page, path
    assert "We talked Nia (Oak Court)" in coach.get("/today").text
    for path in ("goals", "deal", "conversations/new", "change"):
        page = coach.get(f"/residents/{other.id}/{path}")
        assert "Elm Court" in page and "Oak Court" not in page, path
    visit(one).post(f"/residents/{one.id}/asks", kind="other_coach")
    manager = visit(morgan)
    assert "Oak Court" not in manager.get("/asks"), "a manager reads the name and the ask, and no more than is needed"
    visit(other).post(f"/residents/{other.id}/asks", kind="other_coach")
    page = manager.get("/asks")
    assert "Nia (Oak Court)" in page and "nia (Elm Court)" in page
    assert "nia (Elm Court)" in manager.click("Read and answer nia (Elm Court)")


def test_two_coaches_of_one_name_have_more_beside_them(visit, nia, sam, joe):
    other = make_coach("S'am")
    named = names_apart([sam, joe, other], "email")
    assert named[joe.id] == "Joe" and named[sam.id] == f"Sam ({sam.email})" != named[other.id]
    page = visit(nia).get(f"/residents/{nia.id}/never")
    assert f"Sam ({sam.phone})" in page and "Joe (" not in page
    third = make_coach("Sa-m")
    page = visit(sam).get(f"/residents/{nia.id}/change")
    assert f"S'am ({other.email})" in page and f"Sa-m ({third.email})" in page and "Joe (" not in page


def test_a_list_of_coaches_and_the_board_tell_two_of_one_name_apart(visit, nia, sam, joe, morgan):
    other = make_coach("S'am")
    over = update(Assignment).where(Assignment.until.is_(None)).values(until=now(), since=now() - timedelta(days=1))
    for coach, by in ((other, sam), (joe, other)):
        db.session.execute(over)
        keep(Assignment(resident_id=nia.id, coach_id=coach.id, by_id=by.id))
    page = visit(nia).get(f"/residents/{nia.id}/timeline?kind=coaches")
    assert f"Sam ({sam.phone})" in page and f"S'am ({other.phone})" in page and "Joe (" not in page
    assert f"arranged by S'am ({other.phone})" in page
    for owner in (sam, other, joe):
        make_heading(owner).owner_id = owner.id
    db.session.commit()
    page = visit(morgan).get("/asks")
    assert f"Sam ({sam.email}) looks after it" in page and f"S'am ({other.email}) looks after it" in page
    assert "Joe looks after it" in page
