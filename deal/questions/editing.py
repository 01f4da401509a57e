"""What managers do to a draft of the questions, which each gives as a new table; and what differs between two."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from difflib import SequenceMatcher
from typing import NamedTuple

from deal.questions.serialization import OF_QUESTION, Table, Words, found_in, questions_of, texts_of
from deal.questions.validation import TAKEN


def next_version(published: Table) -> Table:
    """A draft of the version after this one; why it changes is still to be said."""
    return deepcopy(published) | {"version": published["version"] + 1, "why": {}}


def add(table: Table, question: Table, published: Sequence[Table], section: str, title: Words | None = None) -> Table:
    """A new question at the end of a part, or of a new part with this title; all its keys are made from its words."""
    new = deepcopy(table)
    if not section and title:
        section = _new_key(title["en"], {one["key"] for version in (*published, table) for one in version["section"]})
        new["section"].append({"key": section, "title": title, "question": []})
    place = next(one for one in new["section"] if one["key"] == section)
    place["question"].append(_finished(question, _fresh_key(table, question, published)))
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
    new = _instead(table, key, _finished({**said, "choices": choices}, fresh))
    for question in questions_of(new):
        if question.get("shows") == key:
            question["shows"] = fresh
    return new


def retire(table: Table, key: str, _published: Sequence[Table] = ()) -> Table:
    """Asked no more from the next version on; its answers stay."""
    return _instead(table, key)


def bring_back(table: Table, key: str, published: Sequence[Table]) -> Table:
    """A question as the newest version that has it asks it, at the end of its part."""
    new, asked = deepcopy(table), [_placed(one) for one in published]
    if held := next((one[key] for one in reversed(asked) if key in one and not found_in(table, key)), None):
        section, question = held
        place = next((one for one in new["section"] if one["key"] == section), new["section"][-1])
        place["question"].append(deepcopy(question))
    return new


def move(table: Table, key: str, _published: Sequence[Table] = (), by: int = 1) -> Table:
    """One place up (-1) or down (1); at the edge of its part, into the next part."""
    new = deepcopy(table)
    parts = [section["question"] for section in new["section"]]
    for number, place in ((n, m) for n, rows in enumerate(parts) for m, one in enumerate(rows) if one["key"] == key):
        if 0 <= place + by < len(parts[number]):
            parts[number].insert(place + by, parts[number].pop(place))
        elif 0 <= number + by < len(parts):
            other = parts[number + by]
            other.insert(len(other) if by < 0 else 0, parts[number].pop(place))
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


def _new_key(words: str, used: Iterable[str]) -> str:
    """A key made from words: small Latin letters, none that was ever used."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    stem = "-".join(re.findall(r"[a-z0-9]+", plain))[:30].strip("-") or "q"
    taken, key, number = {*used, *TAKEN}, stem, 1
    while key in taken:
        key, number = f"{stem}-{number + 1}", number + 1
    return key


def _fresh_key(table: Table, question: Table, published: Sequence[Table]) -> str:
    used = {one["key"] for each in (*published, table) for one in questions_of(each)}
    return _new_key(question["prompt"]["en"], used)


def _placed(table: Table) -> dict[str, tuple[str, Table]]:
    """Each question by its key, with the key of the part in which it stands."""
    return {one["key"]: (section["key"], one) for section in table["section"] for one in section["question"]}


def _instead(table: Table, key: str, *others: Table) -> Table:
    """The table with these, or nothing, in the place of the question with that key."""
    new = deepcopy(table)
    for section in new["section"]:
        asked = section["question"]
        section["question"] = [each for one in asked for each in (others if one["key"] == key else (one,))]
    return new


def _finished(said: Table, key: str, used: Iterable[str] = ()) -> Table:
    """Without what is empty; a choice that has no key yet gets one that this question has never used."""
    choices: list[Table] = []
    for one in said.get("choices", []):
        taken = {*used, *(other["key"] for other in choices)}
        choices.append({**one, "key": one["key"] or _new_key(one["en"], taken)})
    whole = {**said, "key": key, "choices": choices}
    order = ("key", "kind", "core", "shows", *OF_QUESTION, "choices")
    return {name: whole[name] for name in order if whole.get(name)}


# -- what differs


class Difference(NamedTuple):
    """What became of one question from a version to the next: new, retired, reworded, moved, same."""

    key: str
    what: str
    before: Table | None
    after: Table | None


def differences(before: Table, after: Table) -> list[Difference]:
    """By key, in the order of the later one, what is retired at the end; the one reworded and moved is reworded."""
    old, new = _placed(before), _placed(after)
    both = [key for key in old if key in new], [key for key in new if key in old]
    blocks = SequenceMatcher(None, *both, autojunk=False).get_matching_blocks()
    stayed = {key for one in blocks for key in both[1][one.b : one.b + one.size]}
    rows = []
    for key, (section, question) in new.items():
        was_in, was = old.get(key, (None, None))
        moved = key not in stayed or section != was_in
        what = "new" if was is None else "reworded" if was != question else "moved" if moved else "same"
        rows.append(Difference(key, what, was, question))
    return rows + [Difference(key, "retired", one, None) for key, (_section, one) in old.items() if key not in new]


def reworded(before: Table, after: Table) -> Iterator[tuple[str, str, str]]:
    """The key of a question, and the words in English that it, an end or a choice of it had and has now."""
    had = {place: words["en"] for place, words in texts_of(before)}
    for place, words in texts_of(after):
        key, _space, what = place.partition(" ")
        if what.split(" ")[0] in ("prompt", "low", "high", "choice") and had.get(place, words["en"]) != words["en"]:
            yield key, had[place], words["en"]
