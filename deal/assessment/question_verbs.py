"""What managers do to a draft of the questions: each takes the table and gives a new one."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from copy import deepcopy

from deal.assessment.question_faults import TAKEN, questions_of
from deal.assessment.question_files import OF_QUESTION, Table, Words, texts_of


def next_version(published: Table) -> Table:
    """A draft of the version after this one; why it changes is still to be said."""
    return deepcopy(published) | {"version": published["version"] + 1, "why": {}}


def found_in(table: Table, key: str) -> Table | None:
    """The question with that key."""
    return next((one for one in questions_of(table) if one["key"] == key), None)


def last_with(key: str, published: Sequence[Table]) -> Table:
    """The newest version that asks the question with that key; the newest of all where none does."""
    return next((one for one in reversed(published) if found_in(one, key)), published[-1])


def section_of(table: Table, key: str) -> str:
    """The key of the part in which a question stands."""
    return next(one["key"] for one in table["section"] if any(q["key"] == key for q in one["question"]))


def new_key(words: str, used: Iterable[str]) -> str:
    """A key made from words: small Latin letters, none that was ever used."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    stem = "-".join(re.findall(r"[a-z0-9]+", plain))[:30].strip("-") or "q"
    taken, key, number = {*used, *TAKEN}, stem, 1
    while key in taken:
        key, number = f"{stem}-{number + 1}", number + 1
    return key


def add(table: Table, question: Table, section: str, published: Sequence[Table], title: Words | None = None) -> Table:
    """A new question at the end of a part, or of a new part with this title; all its keys are made from its words."""
    new = deepcopy(table)
    if title:
        keys = {one["key"] for version in (*published, table) for one in version["section"]}
        new["section"].append({"key": new_key(title["en"], keys), "title": title, "question": []})
        section = new["section"][-1]["key"]
    place = next(one for one in new["section"] if one["key"] == section)
    place["question"].append(_finished(question, _fresh_key(table, question, published), set()))
    return new


def reword(table: Table, key: str, said: Table, published: Sequence[Table]) -> Table:
    """The same question in other words: its key stays, and that of each choice that stays."""
    held = [found_in(version, key) or {} for version in (*published, table)]
    used = {one["key"] for question in held for one in question.get("choices", [])}
    return _instead(table, key, _finished(said, key, used))


def replace(table: Table, key: str, said: Table, published: Sequence[Table]) -> Table:
    """Another question in the place of this one, which retires: all its keys are new."""
    fresh = _fresh_key(table, said, published)
    choices = [{**one, "key": None} for one in said.get("choices", [])]
    new = _instead(table, key, _finished({**said, "choices": choices}, fresh, set()))
    for question in questions_of(new):
        if question.get("shows") == key:
            question["shows"] = fresh
    return new


def retire(table: Table, key: str) -> Table:
    """Asked no more from the next version on; its answers stay."""
    return _instead(table, key)


def _fresh_key(table: Table, question: Table, published: Sequence[Table]) -> str:
    return new_key(question["prompt"]["en"], {one["key"] for each in (*published, table) for one in questions_of(each)})


def _instead(table: Table, key: str, *others: Table) -> Table:
    """The table with these, or nothing, in the place of the question with that key."""
    new = deepcopy(table)
    for section in new["section"]:
        section["question"] = [
            one for asked in section["question"] for one in (others if asked["key"] == key else (asked,))
        ]
    return new


def _finished(said: Table, key: str, used: set[str]) -> Table:
    """Without what is empty; a choice that has no key yet gets one that this question has never used."""
    choices: list[Table] = []
    for one in said.get("choices", []):
        choices.append({**one, "key": one["key"] or new_key(one["en"], used)})
        used = used | {choices[-1]["key"]}
    whole = {**said, "choices": choices}
    order = ("kind", "core", "shows", *OF_QUESTION, "choices")
    return {"key": key} | {name: whole[name] for name in order if whole.get(name)}


def bring_back(table: Table, key: str, published: Table) -> Table:
    """A question of that version again, at the end of its part."""
    new, question = deepcopy(table), deepcopy(found_in(published, key))
    if question and not found_in(table, key):
        section = section_of(published, key)
        place = next((one for one in new["section"] if one["key"] == section), new["section"][-1])
        place["question"].append(question)
    return new


def move(table: Table, key: str, by: int) -> Table:
    """One place up (-1) or down (1); at the edge of its part, into the next part."""
    new = deepcopy(table)
    parts = [section["question"] for section in new["section"]]
    for number, rows in enumerate(parts):
        place = next((place for place, one in enumerate(rows) if one["key"] == key), None)
        if place is None:
            continue
        if 0 <= place + by < len(rows):
            rows.insert(place + by, rows.pop(place))
        elif 0 <= number + by < len(parts):
            parts[number + by].insert(len(parts[number + by]) if by < 0 else 0, rows.pop(place))
        break
    return new


def say(table: Table, places: dict[str, Words]) -> Table:
    """Other words at these places, as texts_of names them; an empty text takes its language away, others stay."""
    new = deepcopy(table)
    for place, words in texts_of(new):
        words.update(places.get(place, {}))
        for language in [one for one, text in words.items() if not text]:
            del words[language]
    return new
