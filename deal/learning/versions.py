"""The versions of the questions: to read, compare, preview and save as files; from files; languages added."""

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _
from flask_login import current_user

from deal.access import open_to
from deal.assessment.forms import form_class
from deal.assessment.question_faults import MOST, MOST_ELSE, faults, questions_of
from deal.assessment.question_files import (
    Table,
    Words,
    add_languages,
    file_of,
    question_set_from,
    read_file,
    says_otherwise,
    table_of,
    texts_of,
)
from deal.assessment.question_verbs import say, section_of
from deal.assessment.questions import QuestionDraft, QuestionSet, published_sets, question_draft
from deal.db import commit_first, db, now
from deal.forms import Form, LineField, Press, press_or_400
from deal.learning import bp
from deal.learning.question_forms import KINDS, ImportForm, emptied
from deal.people import Role
from deal.undo import cannot_be_undone

LARGEST_FILE = 200_000  # bytes; the first version has 10,000


@bp.get("/questions")
@open_to(Role.MANAGER)
def questions():
    """Every version, the draft, and a file to begin from."""
    draft = question_draft()
    return _index(ImportForm(version=draft.version if draft else 0), draft)


@bp.post("/questions/import")
@open_to(Role.MANAGER)
@cannot_be_undone("the draft of the questions has one state, and every change can be pressed back")
def import_questions():
    """A file becomes the draft; one of a published version only adds languages to it."""
    form, draft = ImportForm(), question_draft()
    if not (form.validate() and form.is_fresh(draft and draft.version)):
        return _index(form, draft), 422
    sets = published_sets()
    table = _read(form, sets)
    if table is not None:
        published = next((one for one in sets if one.version == table["version"]), None)
        if published:
            _add_more(form, published, table)
        else:
            _take_as_draft(form, draft, table, sets[-1])
    if form.errors:
        return _index(form, draft), 422
    return redirect(url_for(".questions" if published else ".question_draft_page"), 303)


@bp.post("/questions/<int:version>/take-back")
@open_to(Role.MANAGER)
@cannot_be_undone("a version can be taken back until its day")
def take_back_version(version):
    """Before its day: it is the draft again."""
    found, draft = next((one for one in published_sets() if one.version == version), None), question_draft()
    press_or_400()
    if found is None and (draft is None or draft.table["version"] != version):
        abort(404)
    if found and not found.begins_later:
        flash(_("Version %(version)s has begun already, and stays.", version=version))
        return redirect(url_for(".questions"), 303)
    if found:
        db.session.add(QuestionDraft(table=table_of(found), changed_by_id=current_user.id))
        db.session.delete(found)
        commit_first()
    flash(_("Version %(version)s is taken back. It is the draft again.", version=version))
    return redirect(url_for(".questions"), 303)


@bp.get("/questions/<which>.toml")
@open_to(Role.MANAGER)
def export_questions(which):
    """A version, or the draft, as a file."""
    table = _table_or_404(which)
    answer = Response(file_of(table), mimetype="application/toml")
    answer.headers["Content-Disposition"] = f"attachment; filename=about-me-v{table['version']}.toml"
    return answer


@bp.get("/questions/<which>/preview/<chosen>/<key>")
@open_to(Role.MANAGER)
def preview_question(which, chosen, key):
    """One question as a resident sees it, in either language; nothing is kept."""
    if chosen not in ("en", "cy"):
        abort(404)
    asked = question_set_from(_table_or_404(which)).questions()
    question = next((one for one in asked if one.key == key), None) or abort(404)
    way = [one for one in asked if one.core is question.core]
    with force_locale(chosen):
        page: dict[str, Any] = {"which": which, "chosen": chosen, "question": question, "way": way, "asked": asked}
        return render_template("learning/questions_preview.html", form=form_class(question)(formdata=None), **page)


@dataclass(frozen=True)
class Difference:
    """What became of one question from a version to the next: new, retired, reworded, moved, same."""

    what: str
    before: Table | None
    after: Table | None


def differences(before: Table, after: Table) -> list[Difference]:
    """By key, in the order of the later one, what is retired at the end; the one reworded and moved is reworded."""
    old, new = ({one["key"]: one for one in questions_of(table)} for table in (before, after))
    both = [key for key in old if key in new], [key for key in new if key in old]
    blocks = SequenceMatcher(None, *both, autojunk=False).get_matching_blocks()
    stayed = {key for one in blocks for key in both[1][one.b : one.b + one.size]}
    rows = []
    for key, question in new.items():
        was = old.get(key)
        moved = was and (key not in stayed or section_of(before, key) != section_of(after, key))
        what = "new" if was is None else "reworded" if was != question else "moved" if moved else "same"
        rows.append(Difference(what, was, question))
    return rows + [Difference("retired", one, None) for key, one in old.items() if key not in new]


@bp.get("/questions/<which>/compare")
@open_to(Role.MANAGER)
def compare_questions(which):
    """Side by side with the version before."""
    table = _table_or_404(which)
    before = [one for one in published_sets() if one.version < table["version"]] or abort(404)
    was = table_of(before[-1])
    page = {"rows": differences(was, table), "emptied": list(emptied(was, table)), "which": which, "kinds": KINDS}
    page |= {"before": before[-1].version, "after": table["version"]}
    return render_template("learning/questions_compare.html", **page)


@bp.get("/questions/<int:version>/languages")
@open_to(Role.MANAGER)
def question_languages(version):
    """The texts of a version that have no Welsh, with a box each."""
    found = version_or_404(version)
    return _languages_page(found, _language_form(_lacking(found))())


@bp.post("/questions/<int:version>/languages")
@open_to(Role.MANAGER)
@cannot_be_undone("the draft of the questions has one state, and every change can be pressed back")
def keep_languages(version):
    """What is filled is kept; no other word changes, and none that was sent is lost."""
    found = version_or_404(version)
    before = table_of(found)
    asked = {place: words for place, words in texts_of(before) if _box(place) in request.form}
    form = _language_form(asked)()
    said = {place: {"cy": form[_box(place)].data} for place in asked if form[_box(place)].data}
    after, good, known = say(before, said), form.validate(), faults(before)
    form.form_errors += [sentence for sentence in faults(after) if good and sentence not in known]
    if not good or _differs(form, asked):
        return _languages_page(found, form), 422
    add_languages(found, after)
    db.session.commit()
    _say_how_many(len(said), version)
    return redirect(url_for(".question_languages", version=version), 303)


def _index(form: ImportForm, draft: QuestionDraft | None) -> str:
    page = {"sets": published_sets()[::-1], "draft": draft, "press": Press(formdata=None), "now": now()}
    return render_template("learning/questions.html", form=form, **page)


def version_or_404(version: int) -> QuestionSet:
    return next((one for one in published_sets() if one.version == version), None) or abort(404)


def _table_or_404(which: str) -> Table:
    if which == "draft":
        return (question_draft() or abort(404)).table
    return table_of(version_or_404(int(which) if which.isdecimal() and len(which) < 6 else 0))


def _read(form: ImportForm, sets: list[QuestionSet]) -> Table | None:
    """The table in the file that was sent; else the form says why there is none."""
    sent = request.files.get("file")
    content = sent.read(LARGEST_FILE + 1) if sent else b""
    table, sentence = None, None
    if not content.strip():
        sentence = _("Choose a file with questions in it.")
    elif len(content) > LARGEST_FILE:
        sentence = _("That file is too large. A question set is never larger than %(most)s kB.", most=200)
    else:
        table, sentence = read_file(content)
    form.file.errors = [sentence] if sentence else []
    form.form_errors += [] if sentence else faults(table, [table_of(one) for one in sets])
    return None if form.errors else table


def _add_more(form: ImportForm, published: QuestionSet, table: Table) -> None:
    if sentence := says_otherwise(table_of(published), table):
        form.form_errors.append(sentence)
        return
    before = _count(published)
    add_languages(published, table)
    db.session.commit()
    _say_how_many(_count(published) - before, published.version)


def _count(question_set: QuestionSet) -> int:
    return sum(len(words) for _place, words in texts_of(table_of(question_set)))


def _say_how_many(count: int, version: int) -> None:
    sentence = ngettext(
        "%(num)s text in another language was added to version %(version)s.",
        "%(num)s texts in another language were added to version %(version)s.",
        count,
        version=version,
    )
    flash(sentence if count else _("Nothing was added to version %(version)s.", version=version))


def _take_as_draft(form: ImportForm, draft: QuestionDraft | None, table: Table, newest: QuestionSet) -> None:
    if newest.begins_later:
        form.form_errors.append(_("The next version is set for a day to come. Take it back first, then change it."))
        return
    row = draft or QuestionDraft()
    row.table = table_of(question_set_from({**table, "version": newest.version + 1}))
    row.changed_at, row.changed_by_id = now(), current_user.id
    db.session.add(row)
    db.session.commit()
    flash(_("The file is the draft now. Look at it before you publish it."))


def _lacking(question_set: QuestionSet) -> dict[str, Words]:
    texts = {place: words for place, words in texts_of(table_of(question_set)) if not words.get("cy")}
    return dict(list(texts.items())[:40])  # so many a page


def _box(place: str) -> str:
    return place.replace(" ", ".")


def _language_form(lacking: dict[str, Words]) -> type[Form]:
    boxes = {
        _box(place): LineField(words["en"], most=MOST.get(place.split()[-1], MOST_ELSE))
        for place, words in lacking.items()
    }
    return type("LanguageForm", (Form,), boxes)


def _differs(form: Form, asked: dict[str, Words]) -> bool:
    """Whether a box holds other words than somebody has added since the page was opened."""
    for place, words in asked.items():
        field, there = form[_box(place)], words.get("cy")
        if there and field.data and field.data != there:
            field.errors = [_("There are words already: “%(words)s”. They stay. Empty this box to go on.", words=there)]
    return bool(form.errors)


def _languages_page(question_set: QuestionSet, form: Form) -> str:
    return render_template("learning/questions_languages.html", question_set=question_set, form=form)
