"""The questions, designed together: from a resident's suggestion to a published version to its answers."""

import csv
import io
import threading
import tomllib
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from datetime import timedelta

import pytest
import time_machine
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from deal.assessment.models import Answer, Assessment, Suggestion, finish
from deal.clock import block_of, now, start_of, today
from deal.db import db
from deal.drafts.models import FormState
from deal.question_editor.forms import FILLS
from deal.question_editor.statistics import figures_of
from deal.questions.editing import add, bring_back, differences, move, next_version, replace, retire, reword
from deal.questions.models import QuestionDraft, QuestionSet, current_question_set, published_sets
from deal.questions.serialization import FILES, found_in, question_set_from, questions_of, read_file, table_of, texts_of
from deal.questions.validation import faults
from deal.settings import change_settings
from tests.people import (
    begin_about_me,
    finish_about_me,
    keep,
    make_answer,
    make_manager,
    make_question_draft,
    make_resident,
)

DRAFT = "/questions/draft"
FIRST = tomllib.loads((FILES / "about-me-v1.toml").read_text())
NEW_WORDS = {"designed_by": "Nia, Amina and Morgan", "why": "Residents asked for it."}


def the_draft() -> dict:
    return db.session.scalars(select(QuestionDraft.table)).one()


def drafted(by, table: dict | None = None) -> QuestionDraft:
    """A draft that can be published: with the questions as they are asked now, or these."""
    draft = make_question_draft(by)
    return write(draft, (table or draft.table) | {"version": 2, "why": {"en": "Because."}})


def write(draft: QuestionDraft, table: dict) -> QuestionDraft:
    draft.table = table
    return keep(draft)


def with_one(key: str, **changes) -> dict:
    """The first version as the second, with changes in one question."""
    table = deepcopy(FIRST) | {"version": 2}
    found_in(table, key).update(changes)
    return table


def without_welsh() -> None:
    """The first version, where its title and the words of its first question are in English alone."""
    found = published_sets()[0]
    found.title, question = {"en": "About me"}, found.questions()[0]
    question.prompt, question.hint = {"en": question.prompt["en"]}, {"en": "Anything."}
    db.session.commit()


def list_on(page, name: str) -> list[str]:
    """What a list on a manager's page says."""
    return [one.get_text() for one in page.soup.select(f"section[aria-labelledby={name}] li")]


def publish(browser, day=None, status: int = 303):
    browser.get(DRAFT)
    return browser.press("Publish", status=status, day=(day or today()).isoformat())


def send_file(browser, content: bytes | str, status: int = 303):
    browser.get("/questions")
    form = browser.page.form_to("/questions/import")
    fields = {box["name"]: box.get("value", "") for box in form.find_all("input", type="hidden")}
    content = content.encode() if isinstance(content, str) else content
    answer = browser.send("POST", "/questions/import", fields | {"file": (io.BytesIO(content), "a.toml")},
                          content_type="multipart/form-data")  # fmt: skip
    if status == 303:
        assert answer.status_code == 303, answer.text
        return browser.get(answer.location)
    return browser.open_answer(answer, "/questions/import", status)


@pytest.fixture
def manager(visit, morgan):
    """A manager's browser, where a draft is begun."""
    make_question_draft(morgan)
    return visit(morgan)


# -- the whole way


@pytest.mark.on_both
def test_from_a_suggestion_to_a_published_version_to_its_answers(visit, nia, amina, morgan):
    finished = finish_about_me(nia, "my garden")
    begin_about_me(amina)
    phone = visit(nia)
    phone.get(f"/residents/{nia.id}/about-me/{finished.id}/done")
    phone.press("Send", words="What makes\nyou laugh?")
    with time_machine.travel(start_of(block_of(today()) + timedelta(days=28)) + timedelta(hours=9)):
        manager = visit(morgan)
        manager.get("/questions")
        manager.press("Begin a draft")
        assert "What makes\nyou laugh?" in manager.page.words and "no words in English" in manager.page
        manager.click("Make a question of it What makes you laugh?")
        assert manager.page.value("prompt") == "What makes you laugh?"
        page = manager.press("Keep it in the draft", prompt_cy="Beth sy'n gwneud i chi chwerthin?", section="good-day",
                             core=["y"])  # fmt: skip
        assert "The question is in the draft." in page and "What makes you laugh?" in page
        manager.click("Who designed it, why, and titles")
        manager.press("Keep this", **NEW_WORDS)
        manager.get(DRAFT)
        page = manager.click("Side by side with the last version")
        assert "New 1" in page and "What makes you laugh?" in page and "As it was 23" in page
        assert publish(manager).path == "/questions" and "Version 2 is ready." in manager.page
        assert db.session.scalar(select(func.count()).select_from(QuestionDraft)) == 0
        assert current_question_set().version == 2

        # Amina, who was under way, finishes the version that she began
        other = visit(amina)
        assert "chwerthin" not in other.get(f"/residents/{amina.id}/about-me").html
        assert "laugh" not in other.page.html
        # Nia does it once more
        phone = visit(nia)
        phone.get(f"/residents/{nia.id}/about-me")
        phone.press("Do About me again")
        again = db.session.scalars(select(Assessment).filter_by(resident_id=nia.id, finished_at=None)).one()
        assert again.question_set.version == 2
        phone.get(f"/residents/{nia.id}/about-me/{again.id}/what-makes-you-laugh")
        phone.press("Save and go on", words="my nephew")
        assert "my nephew" in phone.get(f"/residents/{nia.id}/words").words
        assert "my garden" in phone.page.words, "what she said to the first version still stands"
        page = manager.get("/questions/2/figures")
        row = next(tr for tr in page.soup.select("tbody tr") if "What makes you laugh?" in tr.get_text())
        assert [td.get_text() for td in row.find_all("td")] == ["Too few answered to show a figure."] * 3
        assert "nephew" not in page.html


def test_a_coach_reads_old_and_new_answers_where_keys_are_the_same(visit, nia, sam, morgan):
    finish_about_me(nia, "my garden")
    drafted(morgan, retire(FIRST, "enjoyed"))
    publish(visit(morgan))
    again = begin_about_me(nia)
    assert again.question_set.version == 2
    make_answer(again, "proud", "the allotment")
    page = visit(sam).get(f"/residents/{nia.id}")
    assert "the allotment" in page.words and "my garden" in page.words
    assert "used to enjoy" in page, "the finished way through is the first version's"
    visit(nia).get(f"/residents/{nia.id}/about-me/{again.id}/enjoyed", status=404)


# -- the draft


def test_a_draft_begins_once_and_holds_what_is_asked_now(visit, morgan):
    manager = visit(morgan)
    page = manager.get("/questions")
    for _ in range(2):
        manager.page = page
        manager.press("Begin a draft")
    assert the_draft() == next_version(FIRST) and the_draft()["version"] == 2


def test_up_down_retire_and_back(manager):
    manager.get(DRAFT)
    manager.press("Down What are you good at doing?")
    assert [one["key"] for one in questions_of(the_draft())][:2] == ["head", "hands"]
    manager.press("Up What is a good day like for you?")
    assert [one["key"] for one in the_draft()["section"][0]["question"]][-1] == "good-day", "into the part before"
    manager.press("Retire What do people come to you for?")
    assert found_in(the_draft(), "asked-for") is None
    assert "Retired in this draft" in manager.page
    manager.press("Put it back What do people come to you for?")
    assert found_in(the_draft(), "asked-for") == found_in(FIRST, "asked-for")


def test_a_question_that_was_retired_long_ago_comes_back_with_its_key(visit, morgan):
    def publish_next(table: dict, version: int) -> dict:
        db.session.add(question_set_from(table | {"version": version}))
        db.session.commit()
        return table

    second = publish_next(with_one("proud", prompt={"en": "Of what are you proud?"}), 2)
    third = publish_next(retire(second, "proud"), 3)
    make_question_draft(morgan)
    manager = visit(morgan)
    manager.get(DRAFT)
    manager.press("Retire What do people come to you for?")
    assert "Retired in this draft" in manager.page and "Retired in earlier versions" in manager.page
    manager.press("Put it back Of what are you proud?")
    assert found_in(the_draft(), "proud") == found_in(second, "proud"), "as it was asked last"
    assert "Retired in earlier versions" not in manager.page
    manager.press("Put it back What do people come to you for?")
    assert {one["key"] for one in questions_of(the_draft())} == {one["key"] for one in questions_of(FIRST)}
    assert [one for one in faults(the_draft(), [FIRST, second, third]) if "key" in one] == []


def test_the_same_question_in_other_words_keeps_its_key_and_its_choices(manager):
    where = f"{DRAFT}/change/hands"
    assert "Choose whether it still asks" in manager.post(where, status=422, prompt="What can you do?").errors
    assert manager.page.value("prompt") == "What can you do?"
    said = {
        "choice-cooking": "Cooking meals",
        "choice-sewing": "",
        "more": "Swimming\nSewing",
        "more_cy": "Nofio\nGwnïo",
    }
    manager.post(where, prompt="What can you do well?", same="yes", **said)
    now_is = found_in(the_draft(), "hands")
    choices = {one["key"]: one["en"] for one in now_is["choices"]}
    assert now_is["prompt"]["en"] == "What can you do well?" and choices["cooking"] == "Cooking meals"
    assert "sewing" not in choices and choices["swimming"] == "Swimming"
    assert choices["sewing-2"] == "Sewing", "what was taken out leaves its key to nobody"
    assert (
        "Write as many lines in Welsh" in manager.post(where, status=422, same="yes", more="a\nb", more_cy="c").errors
    )


def test_a_question_that_asks_for_something_else_is_a_new_one(manager):
    manager.post(f"{DRAFT}/change/hope-most", prompt="What do you dream of?", same="no")
    keys, before = ([one["key"] for one in questions_of(table)] for table in (the_draft(), FIRST))
    assert "hope-most" not in keys and keys.index("what-do-you-dream-of") == before.index("hope-most")
    assert found_in(the_draft(), "how-sure")["shows"] == "what-do-you-dream-of"
    page = manager.get(f"{DRAFT}/compare")
    assert "Of all the things you hope for" in page and "What do you dream of?" in page and "Retired 1" in page


def test_a_question_that_nobody_can_read_is_refused_on_the_page_too(manager):
    page = manager.post(f"{DRAFT}/new/words", status=422, prompt="\u200b\u200e")
    assert "Write the question." in page.errors


def test_who_takes_a_question_with_a_place_away_reads_what_stays_empty(manager):
    page = manager.get(DRAFT)
    assert "It fills: “Who or what matters most to me” in the story so far" in page
    assert "What stays empty now" not in page
    page = manager.get(f"{DRAFT}/change/hope-most")
    assert "fill a place of their own: “My hopes” in the story so far" in page
    manager.press("Keep it in the draft", prompt="What do you dream of?", same="no")
    manager.get(DRAFT)
    manager.press("Retire What is a good day like for you?")
    manager.press("Retire What do people come to you for?")
    for where in (DRAFT, f"{DRAFT}/compare"):
        rows = list_on(manager.get(where), "emptied")
        assert len(rows) == 2 and rows[0].endswith("“What matters to me” in the story so far")
        assert rows[1].startswith("Of all the things you hope for") and "on the paper for a visit" in rows[1]
    manager.get(DRAFT)
    manager.press("Put it back What is a good day like for you?")
    assert len(list_on(manager.page, "emptied")) == 1


def test_every_place_belongs_to_a_question_that_is_asked():
    assert FILLS.keys() <= {one["key"] for one in questions_of(FIRST)}


def test_a_new_question_in_a_new_part(manager):
    where = f"{DRAFT}/new/scale"
    errors = manager.post(where, status=422, prompt="How loud is it?", section="").errors
    for sentence in ("Write what 0 means.", "Write what 10 means.", "Write the title of the new part"):
        assert sentence in errors
    manager.press("Keep it in the draft", low="Quiet", high="Loud", part="Noise", part_cy="Sŵn")
    part = the_draft()["section"][-1]
    assert (part["key"], part["title"]) == ("noise", {"en": "Noise", "cy": "Sŵn"})
    assert part["question"] == [{"key": "how-loud-is-it", "kind": "scale", "prompt": {"en": "How loud is it?"},
                                 "low": {"en": "Quiet"}, "high": {"en": "Loud"}}]  # fmt: skip
    assert "has no choices to tick" in manager.post(f"{DRAFT}/new/ticks", status=422, prompt="Which?").errors
    manager.post(f"{DRAFT}/new/words", prompt="Check")
    assert questions_of(the_draft())[-1]["key"] == "check-2", "the address of another page"


def test_pressing_twice_adds_one_question(manager):
    page = manager.get(f"{DRAFT}/new/words")
    for _ in range(2):
        manager.page = page
        manager.press("Keep it in the draft", prompt="What makes you laugh?")
    assert len(questions_of(the_draft())) == 24


@pytest.mark.on_both
def test_two_managers_at_one_draft(visit, morgan):
    make_question_draft(morgan)
    one, other = visit(morgan), visit(make_manager("Mair"))
    one.get(f"{DRAFT}/new/words")
    other.get(DRAFT)
    page = other.page
    other.press("Retire What do people come to you for?")
    refused = one.press("Keep it in the draft", status=422, prompt="What makes you laugh?")
    assert "Somebody changed this draft while your page was open. Look once more." in refused.errors
    assert refused.value("prompt") == "What makes you laugh?"
    one.press("Keep it in the draft")
    assert found_in(the_draft(), "what-makes-you-laugh") and not found_in(the_draft(), "asked-for")
    other.page = page
    assert "Somebody changed this draft" in other.press("Down What are you good at doing?", status=422).errors
    one.get(f"{DRAFT}/new/words")
    other.get(DRAFT)
    other.press("Throw it away")
    gone = one.press("Keep it in the draft", status=409, prompt="And what makes you cry?")
    assert "And what makes you cry?" in gone.html, "what was typed is shown back"


# -- publishing


def test_a_past_day_and_an_unfinished_draft_are_refused(manager):
    page = publish(manager, today() - timedelta(days=1), status=422)
    assert "That day has passed." in page.errors and "why it changes" in page.errors
    assert page.value("day") == (today() - timedelta(days=1)).isoformat()
    for no_day in ("", " \t"):
        assert "Choose today or a day to come." in manager.press("Publish", status=422, day=no_day).errors
    assert [one.version for one in published_sets()] == [1]


@pytest.mark.on_both
def test_a_version_for_a_later_day_begins_on_it_and_can_be_taken_back_before(visit, nia, morgan):
    drafted(morgan)
    manager, later = visit(morgan), today() + timedelta(days=7)
    publish(manager, later)
    assert "Version 2 is set for" in manager.page and current_question_set().version == 1
    assert begin_about_me(nia).question_set.version == 1
    with time_machine.travel(start_of(later) + timedelta(minutes=1)):
        assert current_question_set().version == 2
    token = {"csrf_token": manager.token(), "once": "a"}
    manager.send("POST", DRAFT, token)
    assert db.session.scalar(select(func.count()).select_from(QuestionDraft)) == 0, "not two next versions"
    assert "Take it back first" in send_file(manager, tomli_w.dumps(FIRST | {"version": 3}), 422).errors
    manager.get("/questions")
    manager.press("Take it back")
    assert [one.version for one in published_sets()] == [1] and the_draft()["why"] == {"en": "Because."}
    publish(manager)
    manager.send("POST", "/questions/2/take-back", token | {"csrf_token": manager.token()})
    assert current_question_set().version == 2, "it has begun"


@pytest.mark.on_both
def test_two_managers_publish_at_once_and_one_wins(app, visit, morgan):
    drafted(morgan)
    browsers, turn, sent = [visit(morgan), visit(make_manager("Mair"))], threading.Barrier(2), []
    for browser in browsers:
        boxes = browser.get(DRAFT).form_to(f"{DRAFT}/publish").find_all("input")
        sent.append({box["name"]: box.get("value", "") for box in boxes} | {"day": today().isoformat()})

    def press(browser, fields):
        turn.wait()
        return browser.client.post(f"{DRAFT}/publish", data=fields, follow_redirects=True)

    db.session.rollback()
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(press, browsers, sent))
    db.session.expire_all()
    assert sorted("Version 2 is ready." in answer.text for answer in answers) == [False, True]
    assert sorted("Somebody was quicker" in answer.text for answer in answers) == [False, True]
    assert [one.version for one in published_sets()] == [1, 2]


@pytest.mark.on_both
def test_a_second_press_lands_where_the_first_did(visit, morgan):
    drafted(morgan)
    manager, other = visit(morgan), visit(make_manager("Mair"))

    def twice(path, button, sentence, **fields):
        page = manager.get(path)
        for _ in range(2):
            manager.page = page
            assert sentence in manager.press(button, **fields) and manager.page.path == "/questions"

    other.get(DRAFT)
    twice(DRAFT, "Publish", "Version 2 is ready.", day=(today() + timedelta(days=3)).isoformat())
    assert [one.version for one in published_sets()] == [1, 2]
    assert "Somebody was quicker: this draft is published already" in other.press("Publish"), "it was not her press"
    twice("/questions", "Take it back", "Version 2 is taken back. It is the draft again.")
    assert the_draft()["why"] == {"en": "Because."}
    other.get(DRAFT)
    twice(DRAFT, "Throw it away", "The draft is thrown away.")
    assert "There is no draft any more." in other.press("Throw it away") and other.page.path == "/questions"
    token = {"csrf_token": manager.token(), "once": "a"}
    assert manager.send("POST", "/questions/2/take-back", token).status_code == 404, "there is no version 2"


# -- files


def test_a_file_goes_out_and_comes_back_the_same(visit, morgan):
    manager = visit(morgan)
    answer = manager.send("GET", "/questions/1.toml")
    assert tomllib.loads(answer.text) == FIRST and "attachment" in answer.headers["Content-Disposition"]
    assert "Nothing was added to version 1." in send_file(manager, answer.data)
    changed = deepcopy(FIRST) | {"version": 7, "why": {"en": "Because."}}
    changed["section"][0]["question"][0]["prompt"]["en"] = "What can you do?"
    send_file(manager, tomli_w.dumps(changed))
    assert the_draft() == changed | {"version": 2}
    assert tomllib.loads(manager.send("GET", f"{DRAFT}.toml").text) == the_draft()
    page = send_file(manager, b"\xef\xbb\xbf" + tomli_w.dumps(changed | {"title": {"en": "All about me"}}).encode())
    assert the_draft()["title"] == {"en": "All about me"} and page.path == DRAFT, "as some editors write it"


def broken(**changes) -> dict:
    """The first version as the second, with a question of which something is wrong."""
    table = deepcopy(FIRST) | {"version": 2}
    table["section"][1]["question"].append({"key": "new", "kind": "words", "prompt": {"en": "New?"}} | changes)
    return table


BAD = {
    "a key twice": (broken(key="proud"), "Two questions have the key “proud”."),
    "a scale without ends": (broken(kind="scale"), "“New?” is a scale, and what 0 and 10 mean is not said."),
    "choices missing": (broken(kind="ticks"), "“New?” has no choices to tick."),
    "a choice twice": (broken(kind="ticks", choices=[{"key": "a", "en": "A"}] * 2), "Two choices of “New?”"),
    "no such kind": (broken(kind="essay"), "the kind has to be words, ticks, scale or choice"),
    "shows nothing": (broken(shows="nothing"), "shows the answer to a question that is not here"),
    "shows ticks": (broken(shows="hands"), "or that is not answered in words"),
    "no English": (broken(prompt={"cy": "Newydd?"}), "“new”, the question: there are no words in English."),
    "a number for words": (broken(prompt={"en": 5}), "words have to stand there"),
    "words for a language": (broken(prompt="New?"), "words have to stand there"),
    "too long": (broken(prompt={"en": "x" * 301}), "at most 300 characters"),
    "a NUL": (broken(prompt={"en": "a\0b"}), "a sign that is no letter"),
    "an escape": (broken(prompt={"en": "New\x1b[2J?"}), "a sign that is no letter"),
    "a step back": (broken(hint={"en": "a\bb"}), "a sign that is no letter"),
    "the other way round": (broken(prompt={"en": "New \u202ecod.exe"}), "a sign that is no letter"),
    "nothing to see": (broken(prompt={"en": "\u200b\u2060"}), "“new”, the question: there are no letters to read."),
    "no letters": (broken(prompt={"en": "New?", "cy": "?! …"}), "there are no letters to read"),
    "a choice that nobody sees": (
        broken(kind="ticks", choices=[{"key": "a", "en": "\u200b"}]),
        "a choice: there are no letters to read.",
    ),
    "two lines": (broken(prompt={"en": "New\nYork?"}), "“new”, the question: it has to stand in one line."),
    "two lines in another way": (broken(prompt={"en": "New\u2028York?"}), "it has to stand in one line"),
    "smileys and a joiner": (broken(kind="ticks", choices=[{"key": "a", "en": "\U0001f468\u200d\U0001f469"}]), None),
    "why in lines": (broken() | {"why": {"en": "One.\n\tTwo."}}, None),
    "another page's address": (broken(key="check"), "“check” cannot be the key"),
    "a strange key": (broken(key="../etc"), "small letters, numbers and hyphens"),
    "a name that we do not know": (broken(promt={"en": "x"}), "we do not know what “promt” is"),
    "words of another key": (broken(prompt={"en": "What is a good day like for you?"}, key="proud-2"), None),
    "a version too large": (broken() | {"version": 10**30}, "a number from 1 to 9999"),
    "no parts": (broken() | {"section": []}, "in one to 20 parts"),
}


BAD |= {
    "nothing": (b"", "Choose a file with questions in it."),
    "no end": (b'version = 2\ntitle = { en = "x"\n', "line 2"),
    "brackets": (b"version = 2\n\nsection = [[[", "line 3"),
    "deep brackets": (b"a = " + b"[" * 50_000, "We could not read line 1"),
    "a long number": (b"a = 1" + b"0" * 5_000, "We could not read line 1"),
    "no UTF-8": (b"version = 2\ntitle = 'caf\xe9'\n", "line 2 are not UTF-8"),
    "too large": (b"#" * 200_001, "too large"),
    "a long key": (b"a" + b".a" * 5_000 + b" = 1", "We could not read line 1"),
    "a long name of a table": (b"b = 1\n['a' " + b'."\\".a"' * 2_000 + b"]", "We could not read line 2"),
    "a long key inside": (b"a = '''\n'''\nb = {a" + b" . 'a'" * 2_000 + b" = 1}", "We could not read line 3"),
    "no question set": (b"version = 1979-05-27\n[section]\nkey = nan\n", "a number from 1 to 9999"),
}


@pytest.mark.sqlite_only
@pytest.mark.parametrize(("content", "sentence"), BAD.values(), ids=BAD)
def test_a_bad_file_is_told_what_is_wrong_and_changes_nothing(visit, morgan, content, sentence):
    file = content if isinstance(content, bytes) else tomli_w.dumps(content)
    page = send_file(visit(morgan), file, 422 if sentence else 303)
    assert (sentence or "The file is the draft now.") in (page.errors if sentence else page)
    assert db.session.scalar(select(func.count()).select_from(QuestionDraft)) == (0 if sentence else 1)


def test_dots_in_words_and_remarks_are_no_long_keys():
    dots = "." * 400
    file = f'a = "{dots}" # {dots}\nb = """\n\\"""{dots}"""""\nc = \'{dots}\'\nd = \'\'\'\n{dots}\'\'\'\n'
    table = {"a": dots, "b": f'"""{dots}""', "c": dots, "d": dots}
    assert read_file(file.encode()) == table


def test_no_key_takes_another_meaning(visit, morgan):
    hands, proud, good_day = (found_in(FIRST, key) for key in ("hands", "proud", "good-day"))
    assert "is answered in another way" in faults(with_one("proud", kind="choice"), [FIRST])[0]
    swapped = with_one("proud", prompt=good_day["prompt"])
    found_in(swapped, "good-day")["prompt"] = proud["prompt"]
    assert len([each for each in faults(swapped, [FIRST]) if "is the key of another question" in each]) == 2
    retired = retire(FIRST, "proud")
    back = deepcopy(retired)
    back["section"][0]["question"].append({"key": "proud", "kind": "words", "prompt": {"en": "Who makes you proud?"}})
    assert "is the key of another question" in faults(back, [FIRST, retired])[0]
    assert faults(bring_back(retired, "proud", [FIRST]), [FIRST, retired]) == []
    sport = with_one("hands", choices=[hands["choices"][0] | {"en": "Sport"}, *hands["choices"][1:]])
    assert "is the key of another choice" in faults(sport, [FIRST])[0]


def test_a_scale_is_never_turned_round_under_its_key(manager):
    scale = found_in(FIRST, "how-sure")
    ends = {"low": "very  SURE", "high": scale["low"]["en"]}
    page = manager.post(f"{DRAFT}/change/how-sure", status=422, same="yes", **ends)
    assert "“How sure do you feel that you can make a start on it?” has 0 and 10 the other way round" in page.errors
    manager.press("Keep it in the draft", same="no")
    assert found_in(the_draft(), "how-sure") is None, "as a new question it may be so"
    turned = with_one("how-sure", low=scale["high"], high=scale["low"])
    assert "the other way round" in send_file(manager, tomli_w.dumps(turned), 422).errors


def test_a_file_of_a_published_version_only_adds_a_language(visit, morgan):
    manager = visit(morgan)
    polish = deepcopy(FIRST)
    polish["title"]["pl"] = "O mnie"
    polish["section"][0]["question"][0]["choices"][0]["pl"] = "Gotowanie"
    assert "2 texts in another language were added to version 1." in send_file(manager, tomli_w.dumps(polish))
    assert table_of(published_sets()[0]) == polish
    for change in (lambda table: table["title"].update(en="About us"), lambda table: table["title"].update(cy="x"),
                   lambda table: table["title"].pop("pl")):  # fmt: skip
        changed = deepcopy(polish)
        change(changed)
        assert "says something else" in send_file(manager, tomli_w.dumps(changed), 422).errors
    fewer = retire(polish, "proud")
    assert send_file(manager, tomli_w.dumps(fewer), 422).errors
    moved = move(polish, "proud", by=-1)
    assert "does not ask the same questions in the same order" in send_file(manager, tomli_w.dumps(moved), 422).errors
    assert table_of(published_sets()[0]) == polish


def test_welsh_is_added_to_a_published_version(visit, morgan):
    without_welsh()
    manager = visit(morgan)
    page = manager.get("/questions/1/languages")
    assert len(page.soup.select("main input[type=text]")) == 3
    assert "at most 100" in manager.press("Keep the Welsh", status=422, title="x" * 101).errors
    assert "Nothing was added to version 1." in manager.press("Keep the Welsh", title="\u200b")
    page = manager.press("Keep the Welsh", title="Amdana i")
    assert "1 text in another language was added to version 1." in page
    manager.press("Keep the Welsh", **{"hands.prompt": "Beth?", "hands.hint": "Unrhyw beth."})
    assert published_sets()[0].title == {"en": "About me", "cy": "Amdana i"}
    assert "Every text of this version is there in Welsh." in manager.page


def test_no_welsh_is_lost_when_two_managers_write_it_or_one_presses_twice(visit, morgan):
    without_welsh()
    one, other = visit(morgan), visit(make_manager("Mair"))
    page, hers = one.get("/questions/1/languages"), other.get("/questions/1/languages")
    for _ in range(2):
        one.page = page
        assert "2 texts in another language were added to version 1." in one.press(
            "Keep the Welsh", title="Amdana i", **{"hands.prompt": "Beth?"}
        )
    other.page = hers
    refused = other.press(
        "Keep the Welsh", status=422, title="Amdanaf i", **{"hands.prompt": "Beth?", "hands.hint": "Unrhyw beth."}
    )
    assert "There are words already: “Amdana i”." in refused.errors and "Beth" not in refused.errors
    assert [refused.value(box) for box in ("title", "hands.hint")] == ["Amdanaf i", "Unrhyw beth."]
    other.press("Keep the Welsh", title="")
    found = published_sets()[0]
    assert found.title["cy"] == "Amdana i" and found.questions()[0].hint["cy"] == "Unrhyw beth."


def test_a_draft_asks_about_every_key_that_says_something_else(visit, morgan):
    manager = visit(morgan)
    table = with_one("proud", prompt={"en": "Who annoys you?"})
    found_in(table, "how-sure")["high"]["en"] = "As sure as can be"
    found_in(table, "hands")["choices"][0]["en"] = "Cooking for many"
    table["section"][0]["title"]["en"] = "You"
    page = send_file(manager, tomli_w.dumps(table))
    first, proud = found_in(FIRST, "hands")["choices"][0]["en"], found_in(FIRST, "proud")["prompt"]["en"]
    assert set(list_on(page, "reworded")) == {
        f"“{first}” is now “Cooking for many”.",
        f"“{proud}” is now “Who annoys you?”.",
        "“Very sure” is now “As sure as can be”.",
    }
    manager.click(f"“{proud}” is now “Who annoys you?”.")
    manager.press("Keep it in the draft", same="no")
    assert found_in(the_draft(), "proud") is None and found_in(the_draft(), "who-annoys-you")
    assert list_on(manager.page, "reworded") and "annoys" not in str(list_on(manager.page, "reworded"))


# -- looking


def test_a_preview_is_what_a_resident_sees_and_keeps_nothing(visit, nia, manager):
    about_me, phone = begin_about_me(nia), visit(nia)
    for key in ("hands", "good-day", "meet-people", "how-sure", "landlord-do"):
        hers = phone.get(f"/residents/{nia.id}/about-me/{about_me.id}/{key}").soup
        page = manager.get(f"{DRAFT}/preview/en/{key}")
        asked = [str(one) for one in page.soup.select("main .govuk-form-group")]
        assert asked == [str(one) for one in hers.select("main form .govuk-form-group")]
        assert not page.soup.select("main form")
    page = manager.get(f"{DRAFT}/preview/cy/meet-people")
    assert page.soup.html["lang"] == "cy" and "A fyddai'n dda gennych gwrdd â mwy o bobl?" in page
    for nothing in ("draft/preview/fr/meet-people", "9/preview/en/hands", "x/compare", "1/compare"):
        manager.get(f"/questions/{nothing}", status=404)


def test_above_an_answer_that_is_shown_stands_its_own_question(visit, nia, morgan):
    draft = drafted(morgan, with_one("how-sure", shows="proud"))
    table = draft.table
    manager = visit(morgan)
    page = manager.get(f"{DRAFT}/preview/en/how-sure")
    proud = found_in(FIRST, "proud")["prompt"]
    assert [one.get_text() for one in page.soup.select("main .deal-asked")] == [proud["en"]]
    write(draft, retire(table, "proud"))
    assert not manager.get(f"{DRAFT}/preview/en/how-sure").soup.select("main .deal-asked"), "it is in the draft no more"
    write(draft, table)
    page = manager.get(f"{DRAFT}/preview/cy/how-sure")
    assert [one.get_text() for one in page.soup.select("main .deal-asked")] == [proud["cy"]]
    publish(manager)
    about_me = begin_about_me(nia)
    make_answer(about_me, "proud", "the allotment")
    page = visit(nia).get(f"/residents/{nia.id}/about-me/{about_me.id}/how-sure")
    assert page.words == ["the allotment"]
    assert [one.get_text() for one in page.soup.select("main .deal-asked")] == [proud["en"]]


def test_what_changed_is_listed_by_key():
    after = reword(
        move(retire(FIRST, "proud"), "head", by=-1), "heart", found_in(FIRST, "heart") | {"core": False}, [FIRST]
    )
    after = add(after, {"kind": "words", "prompt": {"en": "New?"}}, [FIRST], "help")
    what = {(one.after or one.before)["key"]: one.what for one in differences(FIRST, after)}
    assert {key: said for key, said in what.items() if said != "same"} == {
        "head": "moved", "heart": "reworded", "new": "new", "proud": "retired"
    } or what["hands"] == "moved"  # fmt: skip
    assert [one.what for one in differences(FIRST, FIRST)] == ["same"] * 23


@pytest.mark.on_both
def test_figures_checked_by_hand(nia, amina, sam):
    """Of five ways through, one is finished; two stopped long ago, at head and at how-talk; one goes on; one is new."""
    current, long_ago = current_question_set(), now() - timedelta(days=15)
    finish_about_me(nia)
    core = [one.key for one in current.questions() if one.core]

    def begun(name: str, at, *answered: str, **said) -> Assessment:
        who = make_resident(name, sam)
        about_me = keep(Assessment(resident_id=who.id, question_set_id=current.id, started_at=at))
        for key in answered:
            make_answer(about_me, key, given_at=at, **({"words": "x"} | said))
        return about_me

    begun("Mo", long_ago, "hands")
    # hope-most is skipped, so how-sure is not asked
    till = core[: core.index("how-sure")]
    stopped = begun("Bo", long_ago, *till, "would-help", "landlord-do", words=None, skipped=True)
    make_answer(stopped, "hands", "x", given_at=long_ago, superseded_at=long_ago)
    begun("Jo", long_ago, "hands").started_at = long_ago
    make_answer(begun("Di", long_ago), "hands", "x", given_at=now())
    db.session.commit()
    begun("Al", now())
    taken = begun("Vi", now(), "hands", words=None)
    db.session.scalars(select(Answer).filter_by(assessment_id=taken.id)).one().taken_back_at = now()
    db.session.commit()
    rows = {one.key: one for one in figures_of(current)}
    assert (rows["hands"].answered, rows["hands"].skipped, rows["hands"].left_at) == (4, 1, 0)
    assert (rows["head"].answered, rows["head"].skipped, rows["head"].left_at) == (1, 1, 2)
    assert rows["how-sure"].left_at == 0 and rows["how-talk"].left_at == 1
    assert sum(one.left_at for one in rows.values()) == 3
    assert [one.key for one in figures_of(current)] == [one.key for one in current.questions()]


def test_figures_are_told_in_tenths_of_enough_people(visit, sam, morgan):
    """Where all answered, or all skipped, nobody's answer shows; nor where too few did, however often."""
    change_settings({"least_people": 5}, by=None)
    them = [make_resident(f"R{number}", sam) for number in range(5)]
    for number, who in enumerate(them):
        about_me = begin_about_me(who)
        make_answer(about_me, "hands", "x")
        make_answer(about_me, "head", None, skipped=True)
        make_answer(about_me, "heart", "x") if number < 3 else make_answer(about_me, "heart", None, skipped=True)
        if number < 4:
            make_answer(about_me, "proud", "x")
    finish(begin_about_me(them[0]))
    make_answer(begin_about_me(them[0]), "proud", "x")
    most, least, few = "8 in 10 or more", "2 in 10 or fewer", "Too few answered to show a figure."
    rows = {one.key: one.told for one in figures_of(current_question_set())}
    assert rows["hands"] == [most, least, least] and rows["head"] == [least, most, least]
    assert rows["heart"][:2] == ["about 6 in 10", "about 4 in 10"]
    assert rows["proud"][:2] == [few, few], "five times, but four people"
    version = current_question_set().version
    page = visit(morgan).get(f"/questions/{version}/figures")
    cells = {cell.get_text() for cell in page.soup.select("tbody td")}
    assert cells == {most, least, few, "about 6 in 10", "about 4 in 10", "–"}
    assert "at least 5 people answered or skipped" in page
    sent = visit(morgan).get(f"/questions/{version}/figures.csv").answer.data.decode("utf-8-sig")
    _head, *lines = csv.reader(io.StringIO(sent, newline=""))
    assert {cell for line in lines for cell in line[2:]} == cells


def test_the_file_leaves_open_where_nobody_can_stop(visit, morgan):
    """After the short way nobody is "left at" a question: the file says no number there, as the page does."""
    version = current_question_set().version
    sent = visit(morgan).get(f"/questions/{version}/figures.csv").answer.data.decode("utf-8-sig")
    _head, *rows = csv.reader(io.StringIO(sent, newline=""))
    said = {one.prompt["en"]: row[4] for one, row in zip(current_question_set().questions(), rows, strict=True)}
    core = {one.prompt["en"]: one.core for one in current_question_set().questions()}
    assert set(core.values()) == {True, False}
    few = "Too few answered to show a figure."
    assert said == {prompt: few if asked else "–" for prompt, asked in core.items()}


def test_a_coach_suggests_without_a_name(visit, sam, morgan):
    coach = visit(sam)
    with coach.app.test_request_context("/today"):
        state = FormState(sam.id, "/suggestions", "/people").sealed()
    data = {"csrf_token": coach.token(), "once": "x", "draft": state, "words": " "}
    coach.open_answer(coach.send("POST", "/suggestions", data), "/suggestions", 422)
    assert "Write the question." in coach.page.errors
    page = coach.page
    for _ in range(2):
        coach.page = page
        assert coach.press("Send", words="What is your street like?").path == "/people", "where its form stood"
    row = db.session.scalars(select(Suggestion)).one()
    assert row.resident_id is None and str(sam.id) not in row.words
    with time_machine.travel(start_of(block_of(today()) + timedelta(days=28)) + timedelta(hours=9)):
        assert visit(morgan).get("/questions").words == ["What is your street like?"]


# -- what holds for all

letters = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=40)
words = letters.filter(str.strip)


@given(st.data())
def test_any_texts_go_out_and_come_back(data):
    table = deepcopy(FIRST)
    for _place, said in texts_of(table):
        if data.draw(st.integers(0, 9)) == 0:
            said["en"] = data.draw(words)
    assert table_of(question_set_from(table)) == table
    assert read_file(tomli_w.dumps(table).encode()) == table


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.sqlite_only
@given(st.data())
def test_a_table_of_any_shape_has_faults_and_never_fails(app, data):
    table = deepcopy(FIRST)
    spot = table
    while isinstance(spot, (dict, list)) and spot:
        name = data.draw(st.sampled_from(sorted(spot) if isinstance(spot, dict) else range(len(spot))))
        if data.draw(st.booleans()) or not isinstance(spot[name], (dict, list)) or not spot[name]:
            spot[name] = data.draw(values)
            break
        spot = spot[name]
    found = faults(table, [FIRST])
    assert all(isinstance(sentence, str) for sentence in found)
    if not found:
        assert faults(table_of(question_set_from(table)), [FIRST]) == []


def meanings(table: dict) -> dict[str, tuple[str, str]]:
    """What each key stands for: the mark that its words begin with never changes while it means the same."""
    found = {one["key"]: (one["kind"], one["prompt"]["en"].split()[0]) for one in questions_of(table)}
    for question in questions_of(table):
        marks = {
            f"{question['key']} {one['key']}": ("choice", one["en"].split()[0]) for one in question.get("choices", [])
        }
        found |= marks
    return found


def marked(table: dict) -> dict:
    """Every question and choice begins with a mark of its own."""
    table = deepcopy(table)
    for place, said in texts_of(table):
        if " prompt" in place or " choice " in place:
            said["en"] = f"{place.replace(' ', '/')} {said['en']}"
    return table


def changed(table: dict, published: list[dict], number: int, data) -> dict:
    """The draft after one verb of a manager."""
    key = data.draw(st.sampled_from([one["key"] for one in questions_of(table)]))
    verb = data.draw(st.sampled_from(("add", "reword", "replace", "retire", "back", "up", "down")))
    fresh = [{"key": None, "en": f"mark{number}{letter} same"} for letter in "cd"]
    said = deepcopy(found_in(table, key))
    if said["kind"] == "ticks":
        said["choices"] = [one for one in said["choices"] if data.draw(st.booleans())] + fresh
    if verb == "add":
        new = {"kind": "ticks", "prompt": {"en": f"mark{number} same?"}, "choices": fresh}
        return add(table, new, published, data.draw(st.sampled_from(table["section"]))["key"])
    if verb == "reword":
        said["prompt"] = {"en": f"{said['prompt']['en'].split()[0]} reworded {number}"}
        return reword(table, key, said, published)
    if verb == "replace":
        return replace(table, key, said | {"prompt": {"en": f"mark{number} same?"}}, published)
    if verb == "back":
        lost = data.draw(st.sampled_from(questions_of(published[-1])))
        return bring_back(table, lost["key"], published[-1:])
    return retire(table, key) if verb == "retire" else move(table, key, by=-1 if verb == "up" else 1)


@pytest.mark.sqlite_only
@settings(max_examples=min(settings.default.max_examples, 40))
@given(st.data())
def test_keys_never_change_meaning_whatever_managers_do(app, data):
    first = marked(FIRST)
    published, table = [first], next_version(first)
    for number in range(data.draw(st.integers(1, 20))):
        table = changed(table, published, number, data)
        if data.draw(st.booleans()):
            assert not [one for one in faults(table | {"why": {"en": "w"}}, published) if "key" in one]
            published.append(table | {"version": number + 2})
            table = next_version(published[-1])
    known: dict[str, tuple[str, str]] = {}
    for version in [*published, table]:
        for key, means in meanings(version).items():
            assert known.setdefault(key, means) == means, key


def test_what_reaches_the_database_is_what_was_drafted(visit, morgan):
    table = drafted(morgan).table
    publish(visit(morgan))
    assert table_of(published_sets()[-1]) == table
    assert db.session.scalars(select(QuestionSet.version)).all() == [1, 2]


def test_choices_that_nobody_is_shown_stay_with_their_question(visit, morgan):
    """A file may give choices to a question that has no boxes for them."""
    choices = [{"key": "yes", "en": "Oh yes"}]
    drafted(morgan, with_one("meet-people", choices=choices))
    visit(morgan).post(f"{DRAFT}/change/meet-people", same="yes", prompt="Would you like more company?")
    assert found_in(the_draft(), "meet-people")["choices"] == choices
