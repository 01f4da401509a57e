"""Cymraeg: every sentence, every question, the switch, and who decides that it is on."""

import gettext
import io
import re
import tomllib
from urllib.parse import quote

import pytest
from flask_babel import force_locale
from sqlalchemy import select

from deal.assessment.models import Answer
from deal.db import db
from deal.printing.models import Summary
from deal.printing.summary_layout import summary_html
from deal.questions.models import current_question_set
from deal.questions.serialization import FILES, publish_bundled_question_sets
from deal.settings import PROMISE
from scripts.words import MO, catalogue, compiled, extracted, untranslated
from tests.people import PIN, finish_about_me, invite, set_settings

HOLE = re.compile(r"%(?:\(\w+\))?[sd]")


@pytest.fixture
def welsh_is_on(app):
    set_settings(welsh_checked_by="Eleri Pugh, a Welsh translator", service_name={"cy": "Our Deal"})


# -- the catalogue


@pytest.fixture(scope="module")
def sentences():
    """Every sentence of Deal's: found once, which takes long."""
    return extracted()


def test_every_sentence_has_a_welsh_one(sentences):
    welsh = catalogue()
    new = [one.id for one in sentences if one.id and one.id not in welsh]
    assert (new, untranslated(welsh)) == ([], []), "make words lists them"


def test_no_welsh_is_a_guess_or_left_over(sentences):
    needed = {one.id for one in sentences}
    assert [one.id for one in catalogue() if one.id and (one.fuzzy or one.id not in needed)] == []


def test_what_is_filled_in_is_the_same_in_both_languages():
    differs = {}
    for one in catalogue():
        english, welsh = (one.id, one.string) if one.pluralizable else ([one.id], [one.string])
        wanted = set(HOLE.findall(english[-1]))
        if one.id and [form for form in welsh if set(HOLE.findall(form)) != wanted]:
            differs[english[0]] = welsh
    assert differs == {}


def test_white_space_at_the_ends_is_the_same():
    pairs = [(one.id, one.string) for one in catalogue() if one.id and not one.pluralizable]
    assert [english for english, welsh in pairs if english[:1].isspace() != welsh[:1].isspace()] == []


def test_the_compiled_catalogue_is_up_to_date():
    wanted = gettext.GNUTranslations(io.BytesIO(compiled(catalogue())))._catalog
    found = gettext.GNUTranslations(io.BytesIO(MO.read_bytes()))._catalog
    assert {key: text for key, text in found.items() if key} == {key: text for key, text in wanted.items() if key}


# -- the questions


def texts_of(part, path=""):
    """Every text of a question set, with where it stands."""
    if isinstance(part, dict) and "en" in part:
        yield path, part
    elif isinstance(part, dict | list):
        for key, one in part.items() if isinstance(part, dict) else enumerate(part):
            yield from texts_of(one, f"{path}/{key}")


@pytest.mark.parametrize("path", sorted(FILES.glob("about-me-v*.toml")), ids=lambda path: path.stem)
def test_every_text_of_a_question_set_is_in_both_languages(path):
    texts = dict(texts_of(tomllib.loads(path.read_text(encoding="utf-8"))))
    assert len(texts) > 100
    assert [where for where, text in texts.items() if not text.get("cy")] == []


@pytest.mark.on_both
def test_a_published_version_gains_a_language_and_keeps_its_words(app):
    questions = {one.key: one for one in current_question_set().questions()}
    hands, proud, asked = questions["hands"], questions["proud"], questions["asked-for"]
    hands.prompt, hands.choices = {"en": hands.prompt["en"]}, [{"key": "cooking", "en": "Cooking"}]
    proud.prompt = {"en": proud.prompt["en"], "cy": "Geiriau eraill"}
    asked.prompt = {"en": "An older wording"}
    db.session.commit()
    publish_bundled_question_sets()
    db.session.expire_all()
    assert hands.prompt["cy"] == "Beth ydych chi'n dda am ei wneud?"
    assert hands.choices == [{"key": "cooking", "en": "Cooking", "cy": "Coginio"}]
    assert proud.prompt["cy"] == "Geiriau eraill"
    assert asked.prompt == {"en": "An older wording"}


# -- the pages


@pytest.mark.on_both
@pytest.mark.usefixtures("welsh_is_on")
def test_a_resident_chooses_welsh_on_the_front_page_and_answers_in_it(visit, sam):
    resident, code = invite("Nia", sam)
    nia = visit()
    nia.get("/")
    assert nia.page.soup.main.find(class_="govuk-button").get_text() == "English", "asked first"
    page = nia.click("Cymraeg")
    assert page.soup.html["lang"] == "cy"
    assert "Beth ydych chi'n dda am ei wneud?" in page
    assert "Ym mha iaith?" not in page, "asked once"

    nia.post("/code", code=code)
    assert "Ai i chi mae hwn, Nia?" in nia.page
    assert "y cyngor na'r heddlu" in nia.page and PROMISE[1] not in nia.page
    nia.press("Ie, fi yw hynny, ac rydw i'n cytuno")
    page = nia.press("Cadw'r PIN hwn", status=422, pin="123456", own_phone="y")
    assert "Mae'r rhif hwnnw'n hawdd ei ddyfalu." in page.errors
    nia.press("Cadw'r PIN hwn", pin=PIN, own_phone="y")
    nia.get(f"/residents/{resident.id}")
    nia.post(f"/residents/{resident.id}/about-me", status=303, on=f"/residents/{resident.id}/about-me")
    number = re.search(r"about-me/(\d+)", nia.page.path)[1]
    question = f"/residents/{resident.id}/about-me/{number}/asked-for"
    assert "Am beth mae pobl yn dod atoch chi?" in nia.get(question)
    nia.press("Cadw a mynd ymlaen", words="Pobi bara brith, fel Mam-gu")
    answer = db.session.scalars(select(Answer)).one()
    assert answer.language == "cy"

    page = nia.click("English", on=f"/residents/{resident.id}")
    assert page.soup.html["lang"] == "en"
    page = nia.get(f"/residents/{resident.id}/about-me/{number}/check")
    words = page.soup.find("blockquote")
    assert (words["lang"], words.get_text()) == ("cy", "Pobi bara brith, fel Mam-gu")


@pytest.mark.usefixtures("welsh_is_on")
def test_the_browser_speaks_first_and_an_invitation_asks(visit, sam):
    _resident, code = invite("Nia", sam)
    nia = visit()
    answer = nia.send("GET", f"/i/{code}", headers={"Accept-Language": "cy-GB,en;q=0.5"})
    page = nia.open_answer(answer, f"/i/{code}", 200)
    assert page.soup.html["lang"] == "cy"
    assert [one.get_text() for one in page.soup.main.find_all(class_="govuk-button")][:2] == ["English", "Cymraeg"]
    assert "Is this for you, Nia?" in nia.click("English"), "we are back on the letter's page"
    cookie = nia.client.get_cookie("deal_language")
    assert cookie.http_only and cookie.same_site == "Lax" and cookie.max_age == 31_536_000


def test_with_welsh_off_there_is_no_switch(visit, nia):
    for browser, path in ((visit(), "/"), (visit(nia), f"/residents/{nia.id}")):
        browser.client.set_cookie("deal_language", "cy")
        page = browser.get(path)
        assert page.soup.html["lang"] == "en" and "Cymraeg" not in page.html
        assert browser.send("GET", path, headers={"Accept-Language": "cy"}).text.count('<html lang="en"') == 1
        answer = browser.send("GET", "/language/cy?next=/help")
        assert answer.status_code == 303 and "deal_language" not in str(answer.headers.getlist("Set-Cookie"))


def test_a_manager_turns_welsh_on_by_saying_who_checked_it(visit, morgan):
    manager = visit(morgan)
    manager.post("/settings/welsh", on="/settings", welsh_checked_by="Eleri Pugh")
    names = {"service_name_cy": "Our Deal", "organisation_cy": "Cartrefi Bryn"}
    page = manager.post("/settings/names", on="/settings", **names)
    assert "Cymraeg" in page and "Our Deal / Our Deal" in page
    page = manager.click("Cymraeg")
    assert "Cartrefi Bryn" in page and page.value("organisation") == "Bryn Homes"
    manager.press("Cadw'r enwau a'r rhifau", phone="01632 960001")
    assert "Bryn Homes" in manager.click("English"), "saving in Welsh changes no English name"
    manager.post("/settings/welsh", on="/settings", welsh_checked_by="")
    assert "Cymraeg" not in manager.page.html


@pytest.mark.usefixtures("welsh_is_on")
def test_an_error_page_in_welsh(visit, nia):
    browser = visit(nia)
    browser.client.set_cookie("deal_language", "cy")
    page = browser.get("/nowhere", status=404)
    assert "Does dim tudalen o'r fath" in page and "English" in page
    assert len(browser.statements) <= 1, "the settings, read before the error"
    page = browser.open_answer(browser.send("POST", "/help", {"csrf_token": browser.token()}), "/help", 405)
    assert "Mae'r dudalen hon yn agor o fotwm" in page


@pytest.mark.sqlite_only
@pytest.mark.usefixtures("welsh_is_on")
@pytest.mark.parametrize("where", ["//evil.example", "https://evil.example", "/\\evil.example", "", None])
def test_a_switch_leads_nowhere_else(visit, where):
    browser = visit()
    address = "/language/cy" if where is None else f"/language/cy?next={quote(where)}"
    assert browser.send("GET", address).location == "/"


@pytest.mark.usefixtures("welsh_is_on")
def test_the_letter_and_the_story_on_paper_are_in_the_pages_language(app, visit, sam, nia):
    coach = visit(sam)
    coach.client.set_cookie("deal_language", "cy")
    letter = coach.post("/invitations/new", status=200, name="Mair", adult="y")
    assert "Annwyl Mair" in letter
    assert re.search(r"hyd y diwrnod hwn: Dydd \w+ \d+ \w+ 20\d\d", letter.text)
    finish_about_me(nia)
    for language, title in (("cy", "Fy stori hyd yma, Dydd "), ("en", "My story so far, ")):
        with app.test_request_context(), force_locale(language):
            paper = summary_html(Summary(nia))
        assert title in paper and f'<html lang="{language}"' in paper


def test_the_command_line_prints_welsh_only_where_it_is_on(app, nia, tmp_path):
    command = ["summary", str(nia.id), "--out", str(tmp_path / "story.pdf"), "--language", "cy"]
    assert "Welsh is not on yet" in app.test_cli_runner().invoke(args=command).output
