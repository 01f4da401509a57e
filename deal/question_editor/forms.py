"""The forms of the next questions: one of each kind, who designed them, from which day; and the places they fill."""

from functools import partial
from itertools import zip_longest
from typing import Any

from flask import g, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FileField
from wtforms.validators import InputRequired, ValidationError

from deal.assessment.flow import HOPES, MATTERS
from deal.blockers.forms import FromListField
from deal.dates import DayField
from deal.forms import Form, LineField, OneOfField, VersionedForm, WordsField, choices_of
from deal.questions.models import MAY_BRING_UP_REPAIRS, QuestionDraft
from deal.questions.serialization import OF_QUESTION, Table, Words, questions_of, read_file, texts_of
from deal.questions.validation import TEXTS
from deal.settings import localized

LARGEST_FILE = 200_000  # bytes; the first version has 10,000

KINDS = {
    "words": _l("In their own words"),
    "ticks": _l("Ticks, and something else in words"),
    "scale": _l("From 0 to 10"),
    "choice": _l("Yes, no, not sure"),
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


class DraftForm(VersionedForm):
    """A page that changes the draft; the version is the draft's."""

    moved = _l("Somebody changed this draft while your page was open. Look once more.")


class PublishForm(DraftForm):
    day = DayField(
        _l("From which day are they asked?"),
        within=(0, 366 * 100),
        otherwise=_l("That day has passed. Choose today or a day to come."),
        description=_l("Today, or a day to come."),
        validators=[InputRequired(_l("Choose today or a day to come."))],
    )


class ImportForm(DraftForm):
    file = FileField(_l("A file that was saved here, or written by hand (TOML)"), render_kw={"accept": ".toml"})
    table: Any = None  # what the file holds, whatever its shape

    def validate(self, extra_validators: Any = None) -> bool:
        """The letters of the file are looked at line by line, in it."""
        g.unreadable = False
        return super().validate(extra_validators)

    def validate_file(self, field: FileField) -> None:
        """It can be read; what it says is looked at elsewhere."""
        sent = request.files.get(field.name)
        content = sent.read(LARGEST_FILE + 1) if sent else b""
        if not content.strip():
            raise ValidationError(_("Choose a file with questions in it."))
        if len(content) > LARGEST_FILE:
            most = LARGEST_FILE // 1000
            raise ValidationError(
                _("That file is too large. A question set is never larger than %(most)s kB.", most=most)
            )
        self.table = read_file(content)


# -- boxes for texts

# of a box in English, and the one beside it in Welsh; and what is said where there is no English
BOXES = {
    "designed_by": (_l("Who designed them?"), _l("Who designed them? In Welsh"), _l("Write who.")),
    "why": (_l("Why do they change?"), _l("Why do they change? In Welsh"), _l("Write why they change.")),
    "title": (_l("The title"), _l("The title in Welsh"), _l("Write a title.")),
    "part": (_l("The title of the new part"), _l("The title of the new part in Welsh"), None),
    "prompt": (_l("The question"), _l("The question in Welsh"), _l("Write the question.")),
    "hint": (_l("A hint (you can leave this empty)"), _l("The hint in Welsh"), None),
    "low": (_l("What 0 means"), _l("What 0 means, in Welsh"), _l("Write what 0 means.")),
    "high": (_l("What 10 means"), _l("What 10 means, in Welsh"), _l("Write what 10 means.")),
}


def line_for(box: str, label: Any, **kwargs: Any) -> LineField:
    """A box for a text; behind the last full stop of its name stands which one."""
    return LineField(label, most=TEXTS.get(box.rpartition(".")[2], TEXTS["choices"])[1], **kwargs)


def in_both(name: str, words: Words, label: Any, welsh: Any, needed: Any = None) -> dict[str, Any]:
    """A box in English and one in Welsh, which can be left empty; filled with these words."""
    box = partial(WordsField, render_kw={"rows": 3}) if name == "why" else partial(line_for, name)
    english = box(label, needed=needed, default=words.get("en"))
    return {name: english, f"{name}_cy": box(welsh, default=words.get("cy"))}


def typed_in(form: Form, name: str, held: Words | None = None) -> Words:
    """What stands in the two boxes, beside the languages that have none here."""
    words = {**(held or {}), "en": form[name].data or "", "cy": form[f"{name}_cy"].data or ""}
    return {language: text for language, text in words.items() if text and text.strip()}


class AboutForm(DraftForm):
    """Who designed them and why; the title, and that of each part, in a box named by its place."""

    def said(self) -> dict[str, Words]:
        """The words at each place; an emptied box in Welsh takes the Welsh away: English stands there instead."""
        boxes = [one.name for one in self if f"{one.name}_cy" in self]
        return {box.replace(".", " "): {"cy": ""} | typed_in(self, box) for box in boxes}


def about_form(draft: QuestionDraft) -> AboutForm:
    """Filled with what the draft says."""
    fields: dict[str, Any] = {}
    for name in ("designed_by", "why", "title"):
        fields |= in_both(name, draft.table[name], *BOXES[name])
    for number, part in enumerate(draft.table["section"], 1):
        labels = _l("Part %(number)s", number=number), _l("Part %(number)s in Welsh", number=number)
        fields |= in_both(f"{part['key']}.title", part["title"], *labels, needed=_l("Write a title."))
    return type("ThisAboutForm", (AboutForm,), fields)(version=draft.version)


class QuestionForm(DraftForm):
    """A question; question_form adds the boxes of its kind."""

    kind: str
    held: Table  # the question as it stands, or {}

    def said(self) -> Table:
        """The question as the boxes say it; a choice that is new has no key."""
        said: Table = {one: typed_in(self, one, self.held.get(one)) for one in OF_QUESTION if one in self}
        rest = {name: self[name].data for name in ("core", "shows")}
        return said | rest | {"kind": self.kind, "choices": self._choices()}

    def _choices(self) -> list[Any]:
        held = self.held.get("choices", [])
        if "more" not in self:
            return held
        kept = [typed_in(self, f"choice-{one['key']}", one) for one in held]
        more = zip_longest(_lines(self["more"]), _lines(self["more_cy"]))
        new = [{"key": None, "en": en} | ({"cy": cy} if cy else {}) for en, cy in more]
        return [one for one in kept if one.get("en")] + new

    def where(self) -> tuple[str, Words]:
        """The key of the part in which a new one stands; or none, and the title of a new part."""
        return self["section"].data, typed_in(self, "part")

    def validate_part(self, field: Any) -> None:
        """A part is chosen, or a new one has a title."""
        section, title = self.where()
        if not section and "en" not in title:
            raise ValidationError(_("Write the title of the new part, or choose one that is there."))

    def validate_more_cy(self, field: Any) -> None:
        """A line of Welsh belongs to each line of English, or none at all."""
        if _lines(field) and len(_lines(field)) != len(_lines(self["more"])):
            raise ValidationError(_l("Write as many lines in Welsh as in English, in the same order; or none."))


def _lines(field: Any) -> list[str]:
    return [" ".join(line.split()) for line in (field.data or "").splitlines() if line.strip()]


def question_form(draft: QuestionDraft, kind: str, held: Table) -> QuestionForm:
    """A question of that kind, and the choices that it has; filled with the one as it stands, or empty."""
    fields: dict[str, Any] = {"kind": kind, "held": held}
    for name in OF_QUESTION if kind == "scale" else ("prompt", "hint"):
        fields |= in_both(name, held.get(name, {}), *BOXES[name])
    if kind == "ticks":
        for number, choice in enumerate(held.get("choices", []), 1):
            labels = _l("Choice %(number)s", number=number), _l("Choice %(number)s in Welsh", number=number)
            fields |= in_both(f"choice-{choice['key']}", choice, *labels)
        fields["more"] = WordsField(_l("New choices, one a line"))
        fields["more_cy"] = WordsField(_l("The same choices in Welsh, one a line"))
    core = _l("In the short way through (else it is asked after it)")
    fields["core"] = BooleanField(core, default=held.get("core", False))
    others = [one for one in questions_of(draft.table) if one["kind"] == "words" and one["key"] != held.get("key")]
    shown = [(one["key"], localized(one["prompt"])) for one in others]
    above = _l("Show above it the answer to:")
    fields["shows"] = FromListField(above, _("No other question"), shown, default=held.get("shows", ""))
    if held:
        stays = _l("Answers that were given before stay with it only if it does.")
        fills = _l("Its answers fill a place of their own: %(place)s. A new question leaves it empty.",
                   place=FILLS.get(held["key"]))  # fmt: skip
        fields["same"] = OneOfField(
            _l("Does it still ask for the same thing?"),
            description=fills if held["key"] in FILLS else stays,
            choices=choices_of({"yes": _l("Yes, in other words"), "no": _l("No, it is a new question")}),
            needed=_l("Choose whether it still asks for the same thing."),
        )
    else:
        parts = [(one["key"], localized(one["title"])) for one in draft.table["section"]]
        fields["section"] = FromListField(_l("In which part?"), _("A new part"), parts, default=parts[-1][0])
        fields |= in_both("part", {}, *BOXES["part"])
    return type("ThisQuestion", (QuestionForm,), fields)(version=draft.version)


class LanguagesForm(Form):
    """A box for the Welsh of each text that had none when the page was opened, named by its place."""

    there: dict[str, Words]  # by box, the words that stand there by now

    def said(self) -> dict[str, Words]:
        """What was written, by place."""
        return {name.replace(".", " "): {"cy": self[name].data} for name in self.there if self[name].data}


def _beside_nothing(form: LanguagesForm, field: Any) -> None:
    """What somebody else has written meanwhile stays, and this says so beside other words."""
    there = form.there[field.name].get("cy")
    if there and field.data not in ("", there):
        raise ValidationError(
            _("There are words already: “%(words)s”. They stay. Empty this box to go on.", words=there)
        )


def languages_form(table: Table) -> LanguagesForm:
    """For the first forty texts without Welsh; for those that were sent, where a form was."""
    texts = [(place.replace(" ", "."), words) for place, words in texts_of(table)]
    sent = [(box, words) for box, words in texts if box in request.form]
    there = dict(sent or [(box, words) for box, words in texts if not words.get("cy")][:40])
    boxes: dict[str, Any] = {box: line_for(box, words["en"], checks=[_beside_nothing]) for box, words in there.items()}
    return type("ThisLanguagesForm", (LanguagesForm,), boxes | {"there": there})()


class SuggestForm(Form):
    """A better question from a coach; it stands folded where they read About me."""

    sent_to = "question_editor.suggest"
    words = WordsField(
        _l("A question that we could ask"),
        id="better-question",  # it stands on a page with other boxes
        needed=_l("Write the question."),
        description=_l("Managers read it when these four weeks are over. Your name is not kept with it."),
        render_kw={"rows": 3},
    )
