"""The forms of the next questions: one of each kind, who designed them, from which day; and the places they fill."""

from collections.abc import Iterator
from typing import Any

from flask import g
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FileField
from wtforms.validators import ValidationError

from deal.assessment.question_faults import MOST, MOST_ELSE, questions_of
from deal.assessment.question_files import OF_QUESTION, OF_SET, Table, Words
from deal.assessment.questions import MAY_BRING_UP_REPAIRS, Kind, QuestionDraft
from deal.assessment.ways import HOPES, MATTERS
from deal.dates import DayField
from deal.forms import Form, LineField, OneOfField, VersionedForm, WordsField, choices_of
from deal.learning.forms import FromListField
from deal.settings import in_our_language

KINDS = {
    Kind.WORDS: _l("In their own words"),
    Kind.TICKS: _l("Ticks, and something else in words"),
    Kind.SCALE: _l("From 0 to 10"),
    Kind.CHOICE: _l("Yes, no, not sure"),
}

# the places outside About me that the answers to certain questions fill, by the questions' keys
FILLS: dict[str, Any] = {
    **dict.fromkeys(HOPES, _l("“My hopes” in the story so far, and on the paper for a visit")),
    **dict.fromkeys(MATTERS, _l("“What matters to me” in the story so far")),
    **dict.fromkeys(
        MAY_BRING_UP_REPAIRS, _l("where to report a repair or complain, and whether the coach did it for them")
    ),
    "who-matters": _l("“Who or what matters most to me” in the story so far"),
    "not-ask": _l("“Would rather not be asked about” on the coach's page, and on the paper for a visit"),
    "how-talk": _l("“How they would like to talk” on the coach's page, and on the paper for a visit"),
}


def emptied(before: Table, after: Table) -> Iterator[tuple[Table, Any]]:
    """Each question that is asked no more and filled such a place, and that place."""
    kept = {one["key"] for one in questions_of(after)}
    return ((one, FILLS[one["key"]]) for one in questions_of(before) if one["key"] in FILLS.keys() - kept)


class DraftForm(VersionedForm):
    """A page that changes the draft; the version is the draft's."""

    moved = _l("Somebody changed this draft while your page was open. Look once more.")


class PublishForm(DraftForm):
    day = DayField(
        _l("From which day are they asked?"),
        within=(0, 366 * 100),
        otherwise=_l("That day has passed. Choose today or a day to come."),
        description=_l("Today, or a day to come."),
    )

    def validate_day(self, field: DayField) -> None:
        """White space is no day either."""
        if field.data is None and not field.errors:
            raise ValidationError(_l("Choose today or a day to come."))


class ImportForm(DraftForm):
    file = FileField(_l("A file that was saved here, or written by hand (TOML)"), render_kw={"accept": ".toml"})

    def validate(self, extra_validators: Any = None) -> bool:
        """The letters of the file are looked at line by line, elsewhere."""
        g.unreadable = False
        return super().validate(extra_validators)


def in_both(name: str, label: Any, welsh: Any, **kwargs: Any) -> dict[str, Any]:
    """A box in English and one in Welsh, which can be left empty."""
    most = MOST.get(name, MOST_ELSE)
    english = LineField(label, most=most, **kwargs)
    return {name: english, f"{name}_cy": LineField(welsh, most=most)}


def about_form(draft: QuestionDraft) -> DraftForm:
    """Who designed them and why; the title, and that of each part; filled with what the draft says."""
    said = {f"part-{one['key']}": one["title"] for one in draft.table["section"]}
    said |= {name: draft.table[name] for name in OF_SET}
    fields = in_both(
        "designed_by", _l("Who designed them?"), _l("Who designed them? In Welsh"), needed=_l("Write who.")
    )
    why = {"render_kw": {"rows": 3}}
    fields["why"] = WordsField(_l("Why do they change?"), needed=_l("Write why they change."), **why)
    fields["why_cy"] = WordsField(_l("Why do they change? In Welsh"), **why)
    fields |= in_both("title", _l("The title"), _l("The title in Welsh"), needed=_l("Write a title."))
    for number, section in enumerate(draft.table["section"], 1):
        label = _l("Part %(number)s", number=number), _l("Part %(number)s in Welsh", number=number)
        fields |= in_both(f"part-{section['key']}", *label, needed=_l("Write a title."))
    return type("AboutForm", (DraftForm,), fields)(data=_filled(said) | {"version": draft.version})


def typed_in(form: Form, name: str, held: Words | None = None) -> Words:
    """What stands in the two boxes, beside the languages that have none here."""
    words = {**(held or {}), "en": form[name].data or "", "cy": form[f"{name}_cy"].data or ""}
    return {language: text for language, text in words.items() if text and text.strip()}


def _filled(said: dict[str, Words]) -> dict[str, Any]:
    english = {name: words.get("en") for name, words in said.items()}
    return english | {f"{name}_cy": words.get("cy") for name, words in said.items()}


class QuestionForm(DraftForm):
    """A question; question_form adds the boxes of its kind."""

    kind: Kind
    held: Table  # the question as it stands, or {}

    def said(self) -> Table:
        """The question as the boxes say it; a choice that is new has no key."""
        boxes = [one for one in OF_QUESTION if one in self]
        said: Table = {one: typed_in(self, one, self.held.get(one)) for one in boxes}
        rest = {"core": self["core"].data, "shows": self["shows"].data, "choices": self._choices()}
        return said | rest | {"kind": self.kind.value}

    def _choices(self) -> list[Any]:
        held = self.held.get("choices", [])
        if "more" not in self:
            return held
        kept = [typed_in(self, f"choice-{one['key']}", one) for one in held]
        english, welsh = (_lines(self[name].data) for name in ("more", "more_cy"))
        welsh = welsh + [""] * (len(english) - len(welsh))
        more = [{"key": None, "en": en} | ({"cy": cy} if cy else {}) for en, cy in zip(english, welsh, strict=False)]
        return [one for one in kept if one.get("en")] + more

    def validate_more_cy(self, field: Any) -> None:
        """A line of Welsh belongs to each line of English, or none at all."""
        if _lines(field.data) and len(_lines(field.data)) != len(_lines(self["more"].data)):
            raise ValidationError(_l("Write as many lines in Welsh as in English, in the same order; or none."))


def _lines(text: str | None) -> list[str]:
    return [" ".join(line.split()) for line in (text or "").splitlines() if line.strip()]


def question_form(draft: QuestionDraft, kind: Kind, held: Table) -> QuestionForm:
    """A question of that kind, and the choices that it has; filled with the one as it stands, or empty."""
    said = {one: held.get(one, {}) for one in OF_QUESTION}
    said |= {f"choice-{one['key']}": one for one in held.get("choices", [])}
    values = _filled(said) | {"core": held.get("core", False), "shows": held.get("shows", "")}
    values |= {"version": draft.version, "section": draft.table["section"][-1]["key"]}
    form = _boxes(kind, held)(data=values)
    _offer(form, draft.table, held.get("key"))
    return form


def _boxes(kind: Kind, held: Table) -> type[QuestionForm]:
    fields = in_both("prompt", _l("The question"), _l("The question in Welsh"), needed=_l("Write the question."))
    fields |= in_both("hint", _l("A hint (you can leave this empty)"), _l("The hint in Welsh"))
    if kind is Kind.SCALE:
        fields |= in_both("low", _l("What 0 means"), _l("What 0 means, in Welsh"), needed=_l("Write what 0 means."))
        fields |= in_both("high", _l("What 10 means"), _l("What 10 means, in Welsh"), needed=_l("Write what 10 means."))
    if kind is Kind.TICKS:
        for number, choice in enumerate(held.get("choices", []), 1):
            label = _l("Choice %(number)s", number=number), _l("Choice %(number)s in Welsh", number=number)
            fields |= in_both(f"choice-{choice['key']}", *label)
        fields["more"] = WordsField(_l("New choices, one a line"))
        fields["more_cy"] = WordsField(_l("The same choices in Welsh, one a line"))
    fields["core"] = BooleanField(_l("In the short way through (else it is asked after it)"))
    fields["shows"] = FromListField(_l("Show above it the answer to:"))
    if held:
        fields["same"] = OneOfField(
            _l("Does it still ask for the same thing?"),
            description=_l("Answers that were given before stay with it only if it does."),
            choices=choices_of({"yes": _l("Yes, in other words"), "no": _l("No, it is a new question")}),
            needed=_l("Choose whether it still asks for the same thing."),
        )
    else:
        fields["section"] = FromListField(_l("In which part?"))
        fields |= in_both("part", _l("The title of the new part"), _l("The title of the new part in Welsh"))
    return type("ThisQuestion", (QuestionForm,), fields | {"kind": kind, "held": held})


def _offer(form: QuestionForm, table: Table, own: str | None) -> None:
    """The parts, and the questions whose answers may stand above this one."""
    others = [one for one in questions_of(table) if one["kind"] == "words" and one["key"] != own]
    form["shows"].offer(_("No other question"), [(one["key"], in_our_language(one["prompt"])) for one in others])
    if own in FILLS:
        form["same"].description = _(
            "Its answers fill a place of their own: %(place)s. A new question leaves it empty.", place=FILLS[own]
        )
    if "section" in form:
        parts = [(one["key"], in_our_language(one["title"])) for one in table["section"]]
        form["section"].offer(_("A new part"), parts)
