"""What keeps a question set from being published, in plain sentences; whatever a file may hold."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from deal.questions.models import Kind
from deal.questions.serialization import OF_QUESTION, OF_SET, Table, found_in, questions_of

MOST_SECTIONS, MOST_QUESTIONS, MOST_CHOICES = 20, 100, 40
KEY = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
LANGUAGE = re.compile(r"[a-z]{2}")
LINE_BREAK = re.compile(r"[\n\r\u2028\u2029]")
COMMAND = re.compile(r"[\0-\x08\x0b-\x1f\x7f-\x9f\u202d\u202e]")  # tells the screen what to do, or turns words round
TAKEN = {"check", "done", "draft", "finish", "pulse"}  # addresses that stand where a question's key does

# each text of a question set: what our sentences call it, and the characters that it may have
TEXTS = {
    "title": (_l("the title"), 100),
    "designed_by": (_l("who designed it"), 300),
    "why": (_l("why it changes"), 2_000),
    "prompt": (_l("the question"), 300),
    "hint": (_l("the hint"), 300),
    "low": (_l("what 0 means"), 100),
    "high": (_l("what 10 means"), 100),
    "choices": (_l("a choice"), 100),
}


def faults(table: Any, published: Sequence[Table] = ()) -> list[str]:
    """What is wrong with a question set, where these versions are published (the oldest first); twenty at most."""
    # only what has the right shape is asked for its sense
    found = list(_of_set(table)) or [*_of_sense(table), *_of_keys(table, published)]
    return list(dict.fromkeys(found))[:20]


# -- shape


def _of_set(table: Table) -> Iterator[str]:
    version = table.get("version")
    if type(version) is not int or not 0 < version < 10_000:
        yield _("The version has to be a number from 1 to 9999.")
    yield from _of_names(table, "version", {"version", "section", *OF_SET})
    for part in OF_SET:
        yield from _of_words(table.get(part), _("About me"), part, needed=False)  # a draft may not have them yet
    if not _are_tables(table.get("section"), MOST_SECTIONS) or not table["section"]:
        yield _("The questions have to stand in one to %(most)s parts: [[section]].", most=MOST_SECTIONS)
        return
    for section in table["section"]:
        name = str(section.get("key", "?"))[:40]
        yield from _of_names(section, name, {"key", "title", "question"})
        yield from _of_words(section.get("title"), name, "title")
        if not _are_tables(section.get("question"), MOST_QUESTIONS):
            yield _("“%(name)s” needs a list of questions: [[section.question]].", name=name)
            continue
        for question in section["question"]:
            yield from _of_question(question)


def _of_question(question: Table) -> Iterator[str]:
    name = str(question.get("key", "?"))[:40]
    yield from _of_names(question, name, {"key", "kind", "core", "shows", "choices", *OF_QUESTION})
    if question.get("kind") not in [kind.value for kind in Kind]:
        yield _("“%(name)s”: the kind has to be words, ticks, scale or choice.", name=name)
    if type(question.get("core", False)) is not bool:
        yield _("“%(name)s”: core has to be true or false.", name=name)
    if not isinstance(question.get("shows", ""), str):
        yield _("“%(name)s”: what it shows has to be the key of a question.", name=name)
    for part in ("prompt", *(one for one in OF_QUESTION[1:] if one in question)):
        yield from _of_words(question.get(part), name, part, needed=part == "prompt")
    if not _are_tables(question.get("choices", []), MOST_CHOICES):
        yield _("“%(name)s”: the choices have to be a list, at most %(most)s of them.", name=name, most=MOST_CHOICES)
        return
    for choice in question.get("choices", []):
        yield from _of_names(choice, name, {"key", *choice})
        yield from _of_words({one: text for one, text in choice.items() if one != "key"}, name, "choices")


def _of_names(table: Table, name: str, known: set[str]) -> Iterator[str]:
    """A key, where it needs one, and no other names than these."""
    if "key" in known and not (isinstance(table.get("key"), str) and KEY.fullmatch(table["key"])):
        yield _("“%(name)s”: a key is up to 40 small letters, numbers and hyphens.", name=name)
    for one in table.keys() - known:
        yield _("“%(name)s”: we do not know what “%(one)s” is.", name=name, one=one[:40])


def _of_words(words: Any, name: str, part: str, needed: bool = True) -> Iterator[str]:
    """One text a language."""
    called, most = TEXTS[part]
    what = {"name": name, "part": called}
    if not isinstance(words, dict) or not all(isinstance(text, str) for text in words.values()):
        yield _('“%(name)s”, %(part)s: words have to stand there, in a language each: { en = "…" }.', **what)
        return
    if not all(LANGUAGE.fullmatch(language) for language in words):
        yield _("“%(name)s”, %(part)s: a language is named by two letters, such as en or cy.", **what)
    if (needed or words) and "en" not in words:
        yield _("“%(name)s”, %(part)s: there are no words in English.", **what)
    for text in words.values():
        yield from _of_text(text, part, what | {"most": most})


def _of_text(text: str, part: str, what: dict[str, Any]) -> Iterator[str]:
    if len(text) > what["most"]:
        yield _("“%(name)s”, %(part)s: please use at most %(most)s characters.", **what)
    if part != "why" and LINE_BREAK.search(text):
        yield _("“%(name)s”, %(part)s: it has to stand in one line.", **what)
    if COMMAND.search(text):
        yield _("“%(name)s”, %(part)s: there is a sign that is no letter.", **what)
    # a question needs a letter or a number, other words something that is seen
    if not text.strip():
        yield _("“%(name)s”, %(part)s: a language stands there without words.", **what)
    elif not any(one.isalnum() if part == "prompt" else unicodedata.category(one)[0] not in "CZ" for one in text):
        yield _("“%(name)s”, %(part)s: there are no letters to read.", **what)


def _are_tables(value: Any, most: int) -> bool:
    return isinstance(value, list) and len(value) <= most and all(isinstance(one, dict) for one in value)


# -- sense


def _of_sense(table: Table) -> Iterator[str]:
    questions = questions_of(table)
    for name in _twice(table["section"]):
        yield _("Two parts have the key “%(name)s”.", name=name)
    for name in _twice(questions):
        yield _("Two questions have the key “%(name)s”.", name=name)
    for name in OF_SET:
        if not table[name]:
            yield _("“%(name)s”, %(part)s: there are no words in English.", name=_("About me"), part=TEXTS[name][0])
    if not any(question.get("core") for question in questions):
        yield _("No question is in the short way through. At least one has to be.")
    if not table["section"][0]["question"]:
        yield _("The first part has no questions. What residents are good at is read from it.")
    in_words = {question["key"] for question in questions if question["kind"] == "words"}
    for question in questions:
        yield from _of_one(question, in_words - {question["key"]})


def _of_one(question: Table, in_words: set[str]) -> Iterator[str]:
    says = question["prompt"]["en"]
    if question["key"] in TAKEN:
        yield _("“%(name)s” cannot be the key of a question.", name=question["key"])
    for name in _twice(question.get("choices", [])):
        yield _("Two choices of “%(question)s” have the key “%(name)s”.", question=says, name=name)
    if question["kind"] == "scale" and not (question.get("low") and question.get("high")):
        yield _("“%(question)s” is a scale, and what 0 and 10 mean is not said.", question=says)
    if question["kind"] == "ticks" and not question.get("choices"):
        yield _("“%(question)s” has no choices to tick.", question=says)
    if question.get("shows") and question["shows"] not in in_words:
        yield _("“%(question)s” shows the answer to a question that is not here, or that is not answered in words.",
                question=says)  # fmt: skip


def _twice(tables: list[Table]) -> list[str]:
    return [key for key, count in Counter(one["key"] for one in tables).items() if count > 1]


# -- keys: once used, never another meaning


def _of_keys(table: Table, published: Sequence[Table]) -> Iterator[str]:
    """The kind stays; words that one key has said are said by no other; a key that was retired comes back as it was."""
    kinds = {one["key"]: one["kind"] for version in published for one in questions_of(version)}
    strange = set(_strange_keys(table, published))
    for question in questions_of(table):
        key, says = question["key"], question["prompt"]["en"]
        what = {"name": key, "question": says}
        if kinds.get(key, question["kind"]) != question["kind"]:
            yield _("“%(question)s” is answered in another way than “%(name)s” was. It needs a key of its own.", **what)
        if ("", key) in strange:
            yield _("“%(name)s” is the key of another question. “%(question)s” needs one of its own.", **what)
        if question["kind"] == "scale" and _is_turned_round(question, published):
            yield _("“%(question)s” has 0 and 10 the other way round than “%(name)s” had. It needs a key of its own.",
                    **what)  # fmt: skip
        for choice in question.get("choices", []):
            if (key, choice["key"]) in strange:
                what = {"name": choice["key"], "question": says, "choice": choice["en"]}
                yield _("“%(question)s”: “%(name)s” is the key of another choice than “%(choice)s”.", **what)


def _keys_of(table: Table) -> Iterator[tuple[str, str, str]]:
    """Each key of a question (of none) and of a choice (of its question), and the words in English it stands for."""
    for question in questions_of(table):
        yield "", question["key"], question["prompt"]["en"]
        yield from ((question["key"], one["key"], one["en"]) for one in question.get("choices", []))


def _strange_keys(table: Table, published: Sequence[Table]) -> Iterator[tuple[str, str]]:
    """Keys for what another one has stood for, and those that come back with words that they never had."""
    newest = {(of, key) for of, key, _words in _keys_of(published[-1])} if published else set()
    by_key, by_kin = defaultdict(set), defaultdict(set)
    for of, key, words in (one for version in published for one in _keys_of(version)):
        by_key[of, key].add(words)
        by_kin[of].add(words)
    for of, key, words in _keys_of(table):
        if (of, key) in by_key and words not in by_key[of, key] and ((of, key) not in newest or words in by_kin[of]):
            yield of, key


def _is_turned_round(question: Table, published: Sequence[Table]) -> bool:
    """Whether an end of a scale says what only the other end has said under this key."""
    before = [one for one in (found_in(version, question["key"]) for version in published) if one]
    lows, highs = ({_end(one, end) for one in before} for end in ("low", "high"))
    return _end(question, "low") in highs - lows or _end(question, "high") in lows - highs


def _end(question: Table, end: str) -> str:
    return " ".join(question.get(end, {}).get("en", "").casefold().split())
