"""What keeps a question set from being published, in plain sentences; whatever a file may hold."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from deal.assessment.question_files import OF_QUESTION, OF_SET, Table, texts_of
from deal.assessment.questions import Kind

MOST = {"designed_by": 300, "why": 2_000, "prompt": 300, "hint": 300}  # characters; of all other texts:
MOST_ELSE = 100
MOST_SECTIONS, MOST_QUESTIONS, MOST_CHOICES = 20, 100, 40
KEY = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
LANGUAGE = re.compile(r"[a-z]{2}")
LINE_BREAK, TURNS = re.compile(r"[\n\r\u2028\u2029]"), "\u202d\u202e"
TAKEN = {"check", "done", "draft", "finish", "pulse"}  # addresses that stand where a question's key does

PARTS = {
    "title": _l("the title"),
    "designed_by": _l("who designed it"),
    "why": _l("why it changes"),
    "prompt": _l("the question"),
    "hint": _l("the hint"),
    "low": _l("what 0 means"),
    "high": _l("what 10 means"),
    "choices": _l("a choice"),
}


def faults(table: Any, published: Sequence[Table] = ()) -> list[str]:
    """What is wrong with a question set, where these versions are published (the oldest first); twenty at most."""
    found = list(_of_set(table))
    if not found:  # only then does it have the shape on which the others rely
        found = [*_of_sense(table), *_of_keys(table, published)]
    return list(dict.fromkeys(found))[:20]


def questions_of(table: Table) -> list[Table]:
    """All questions in the order of the sections."""
    return [question for section in table["section"] for question in section["question"]]


# -- shape


def _of_set(table: Any) -> Iterator[str]:
    version = table.get("version")
    if type(version) is not int or not 0 < version < 10_000:
        yield _("The version has to be a number from 1 to 9999.")
    yield from _strange(table, {"version", "section", *OF_SET}, "version")
    for name in OF_SET:
        yield from _of_words(table.get(name), _("About me"), name, needed=False)  # a draft may not have them yet
    sections = table.get("section")
    if not _are_tables(sections, MOST_SECTIONS):
        yield _("The questions have to stand in one to %(most)s parts: [[section]].", most=MOST_SECTIONS)
        return
    for section in sections:
        name = _key_of(section)
        yield from _of_key(section, name)
        yield from _strange(section, {"key", "title", "question"}, name)
        yield from _of_words(section.get("title"), name, "title", needed=True)
        if not _are_tables(section.get("question"), MOST_QUESTIONS, least=0):
            yield _("“%(name)s” needs a list of questions: [[section.question]].", name=name)
            continue
        for question in section["question"]:
            yield from _of_question(question)


def _of_question(question: Table) -> Iterator[str]:
    name = _key_of(question)
    yield from _of_key(question, name)
    yield from _strange(question, {"key", "kind", "core", "shows", "choices", *OF_QUESTION}, name)
    if question.get("kind") not in [kind.value for kind in Kind]:
        yield _("“%(name)s”: the kind has to be words, ticks, scale or choice.", name=name)
    if type(question.get("core", False)) is not bool:
        yield _("“%(name)s”: core has to be true or false.", name=name)
    if not isinstance(question.get("shows", ""), str):
        yield _("“%(name)s”: what it shows has to be the key of a question.", name=name)
    for part in OF_QUESTION:
        if part == "prompt" or part in question:
            yield from _of_words(question.get(part), name, part, needed=part == "prompt")
    if not _are_tables(question.get("choices", []), MOST_CHOICES, least=0):
        yield _("“%(name)s”: the choices have to be a list, at most %(most)s of them.", name=name, most=MOST_CHOICES)
        return
    for choice in question.get("choices", []):
        yield from _of_key(choice, name)
        words = {language: text for language, text in choice.items() if language != "key"}
        yield from _of_words(words, name, "choices", needed=True)


def _of_words(words: Any, name: str, part: str, needed: bool) -> Iterator[str]:
    """One text a language."""
    what = {"name": name, "part": PARTS[part]}
    if not isinstance(words, dict) or not all(isinstance(text, str) for text in words.values()):
        yield _('“%(name)s”, %(part)s: words have to stand there, in a language each: { en = "…" }.', **what)
        return
    most = MOST.get(part, MOST_ELSE)
    if not all(LANGUAGE.fullmatch(language) for language in words):
        yield _("“%(name)s”, %(part)s: a language is named by two letters, such as en or cy.", **what)
    if any(len(text) > most for text in words.values()):
        yield _("“%(name)s”, %(part)s: please use at most %(most)s characters.", most=most, **what)
    if (needed or words) and "en" not in words:
        yield _("“%(name)s”, %(part)s: there are no words in English.", **what)
    yield from _of_letters(list(words.values()), part, what)


def _of_letters(texts: list[str], part: str, what: dict[str, Any]) -> Iterator[str]:
    if part != "why" and any(LINE_BREAK.search(text) for text in texts):
        yield _("“%(name)s”, %(part)s: it has to stand in one line.", **what)
    if any(_holds_a_command(text) for text in texts):
        yield _("“%(name)s”, %(part)s: there is a sign that is no letter.", **what)
    if not all(text.strip() for text in texts):
        yield _("“%(name)s”, %(part)s: a language stands there without words.", **what)
    elif not all(_can_be_read(text, part) for text in texts):
        yield _("“%(name)s”, %(part)s: there are no letters to read.", **what)


def _holds_a_command(text: str) -> bool:
    """Whether a sign tells the screen what to do, or turns the words round."""
    return any(one in TURNS or (unicodedata.category(one) == "Cc" and one not in "\n\t") for one in text)


def _can_be_read(text: str, part: str) -> bool:
    """A question needs a letter or a number, other words something that is seen."""
    if part == "prompt":
        return any(one.isalnum() for one in text)
    return any(unicodedata.category(one)[0] not in "CZ" for one in text)


def _of_key(table: Table, name: str) -> Iterator[str]:
    if not isinstance(table.get("key"), str) or not KEY.fullmatch(table["key"]):
        yield _("“%(name)s”: a key is up to 40 small letters, numbers and hyphens.", name=name)


def _strange(table: Table, known: set[str], name: str) -> Iterator[str]:
    for one in table.keys() - known:
        yield _("“%(name)s”: we do not know what “%(one)s” is.", name=name, one=one[:40])


def _are_tables(value: Any, most: int, least: int = 1) -> bool:
    return isinstance(value, list) and least <= len(value) <= most and all(isinstance(one, dict) for one in value)


def _key_of(table: Table) -> str:
    return str(table.get("key", "?"))[:40]


# -- sense


def _of_sense(table: Table) -> Iterator[str]:
    questions = questions_of(table)
    for name in _twice(section["key"] for section in table["section"]):
        yield _("Two parts have the key “%(name)s”.", name=name)
    for name in _twice(question["key"] for question in questions):
        yield _("Two questions have the key “%(name)s”.", name=name)
    for name in OF_SET:
        if not table[name]:
            yield _("“%(name)s”, %(part)s: there are no words in English.", name=_("About me"), part=PARTS[name])
    if not any(question.get("core") for question in questions):
        yield _("No question is in the short way through. At least one has to be.")
    if not table["section"][0]["question"]:
        yield _("The first part has no questions. What residents are good at is read from it.")
    in_words = {question["key"] for question in questions if question["kind"] == "words"}
    for question in questions:
        yield from _of_one(question, question["prompt"]["en"], in_words - {question["key"]})


def _of_one(question: Table, says: str, in_words: set[str]) -> Iterator[str]:
    if question["key"] in TAKEN:
        yield _("“%(name)s” cannot be the key of a question.", name=question["key"])
    for name in _twice(choice["key"] for choice in question.get("choices", [])):
        yield _("Two choices of “%(question)s” have the key “%(name)s”.", question=says, name=name)
    if question["kind"] == "scale" and not all(question.get(end, {}).get("en") for end in ("low", "high")):
        yield _("“%(question)s” is a scale, and what 0 and 10 mean is not said.", question=says)
    if question["kind"] == "ticks" and not question.get("choices"):
        yield _("“%(question)s” has no choices to tick.", question=says)
    if question.get("shows") and question["shows"] not in in_words:
        yield _("“%(question)s” shows the answer to a question that is not here, or that is not answered in words.",
                question=says)  # fmt: skip


def _twice(keys: Any) -> list[str]:
    return [key for key, count in Counter(keys).items() if count > 1]


# -- keys: once used, never another meaning

Said = dict[str, set[str]]


def _of_keys(table: Table, published: Sequence[Table]) -> Iterator[str]:
    """The kind stays; words that one key has said are said by no other; a key that was retired comes back as it was."""
    kinds = {one["key"]: one["kind"] for version in published for one in questions_of(version)}
    newest = dict(texts_of(published[-1])) if published else {}
    said: Said = defaultdict(set)  # the English words that have stood in each place, as texts_of names it
    for place, words in (text for version in published for text in texts_of(version)):
        said[place].add(words.get("en", ""))
    for question in questions_of(table):
        key, says = question["key"], question["prompt"]["en"]
        what = {"name": key, "question": says}
        if kinds.get(key, question["kind"]) != question["kind"]:
            yield _("“%(question)s” is answered in another way than “%(name)s” was. It needs a key of its own.", **what)
        if _is_strange(said, newest, f"{key} prompt", says):
            yield _("“%(name)s” is the key of another question. “%(question)s” needs one of its own.", **what)
        if question["kind"] == "scale" and _is_turned_round(question, said):
            yield _("“%(question)s” has 0 and 10 the other way round than “%(name)s” had. It needs a key of its own.",
                    **what)  # fmt: skip
        for choice in question.get("choices", []):
            if _is_strange(said, newest, f"{key} choice {choice['key']}", choice["en"]):
                what = {"name": choice["key"], "question": says, "choice": choice["en"]}
                yield _("“%(question)s”: “%(name)s” is the key of another choice than “%(choice)s”.", **what)


def _is_turned_round(question: Table, said: Said) -> bool:
    """Whether an end of a scale says what only the other end has said under this key."""
    low, high = (_plain(question.get(end, {}).get("en", "")) for end in ("low", "high"))
    lows, highs = ({_plain(words) for words in said[f"{question['key']} {end}"]} for end in ("low", "high"))
    return low in highs - lows or high in lows - highs


def _plain(words: str) -> str:
    return " ".join(words.casefold().split())


def _is_strange(said: Said, newest: Table, place: str, words: str) -> bool:
    """Whether a key stands for what another one has stood for, or comes back with words that it never had."""
    if place not in said or words in said[place]:
        return False
    return place not in newest or any(words in had for other, had in said.items() if _kin(other) == _kin(place))


def _kin(place: str) -> list[str]:
    """What the places of all prompts have in common, and those of one question's choices."""
    key, *rest = place.split()
    return rest if rest == ["prompt"] else [key, *rest[:1]]
