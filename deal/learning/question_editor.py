"""The versions of the questions, and the draft of the next one, as managers write it together."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NoReturn

import tomli_w
from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from deal.access import open_to
from deal.assessment import question_editing as editing
from deal.assessment import question_files as files
from deal.assessment.forms import form_class
from deal.assessment.question_files import Table, found_in, table_of
from deal.assessment.question_validation import faults
from deal.assessment.questions import (
    Kind,
    QuestionDraft,
    QuestionSet,
    published_sets,
    question_draft,
    version_of_questions,
)
from deal.clock import now, start_of, today
from deal.db import commit_first, db
from deal.forms import Form, Press, press_or_400
from deal.learning import bp
from deal.learning import question_forms as forms
from deal.learning.suggestions import suggestions_page, words_of
from deal.people import Role
from deal.undo import cannot_be_undone

LATER = _l("The next version is set for a day to come. Take it back first, then change it.")
VERBS: dict[str, Callable[[Table, str, Sequence[Table]], Table]] = {
    "up": partial(editing.move, by=-1),
    "down": partial(editing.move, by=1),
    "retire": editing.retire,
    "back": editing.bring_back,
}

can_be_pressed_back = cannot_be_undone("the draft of the questions has one state, and every change can be pressed back")
can_be_taken_back = cannot_be_undone("a version can be taken back until its day")


# -- the versions


@bp.get("/questions")
@open_to(Role.MANAGER)
def questions():
    """Every version, the draft, and a file to begin from."""
    draft = question_draft()
    return _index(forms.ImportForm(version=draft.version if draft else 0), draft)


@bp.post("/questions/import")
@open_to(Role.MANAGER)
@can_be_pressed_back
def import_questions():
    """A file becomes the draft; one of a published version only adds languages to it."""
    form, draft, sets = forms.ImportForm(), question_draft(), published_sets()
    if not (form.validate() and form.is_fresh(draft and draft.version)):
        return _index(form, draft), 422
    form.form_errors += faults(form.table, [table_of(one) for one in sets])
    published = None if form.errors else next((one for one in sets if one.version == form.table["version"]), None)
    if published and (sentence := files.says_otherwise(table_of(published), form.table)):
        form.form_errors.append(sentence)
    elif not (published or form.errors) and sets[-1].begins_later:
        form.form_errors.append(LATER)
    if form.errors:
        return _index(form, draft), 422
    if published:
        return _add(published, form.table, _count(form.table) - _count(table_of(published)), url_for(".questions"))
    read = files.question_set_from(form.table | {"version": sets[-1].version + 1})
    _keep(draft or QuestionDraft(), table_of(read))
    flash(_("The file is the draft now. Look at it before you publish it."))
    return redirect(url_for(".question_draft_page"), 303)


@bp.post("/questions/<int:version>/take-back")
@open_to(Role.MANAGER)
@can_be_taken_back
def take_back_version(version):
    """Before its day: it is the draft again."""
    found, draft = version_of_questions(version), question_draft()
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
    answer = Response(tomli_w.dumps(table), mimetype="application/toml")
    answer.headers["Content-Disposition"] = f"attachment; filename=about-me-v{table['version']}.toml"
    return answer


@bp.get("/questions/<which>/preview/<any(en,cy):chosen>/<key>")
@open_to(Role.MANAGER)
def preview_question(which, chosen, key):
    """One question as a resident sees it, in either language; nothing is kept."""
    asked = files.question_set_from(_table_or_404(which)).questions()
    question = next((one for one in asked if one.key == key), None) or abort(404)
    way = [one for one in asked if one.core is question.core]
    with force_locale(chosen):
        page: dict[str, Any] = {"which": which, "chosen": chosen, "question": question, "way": way, "asked": asked}
        return render_template("learning/questions_preview.html", form=form_class(question)(formdata=None), **page)


@bp.get("/questions/<which>/compare")
@open_to(Role.MANAGER)
def compare_questions(which):
    """Side by side with the version before."""
    table = _table_or_404(which)
    before = [one for one in published_sets() if one.version < table["version"]] or abort(404)
    was = table_of(before[-1])
    page: dict[str, Any] = {"rows": editing.differences(was, table), "emptied": list(forms.emptied(was, table))}
    page |= {"before": was["version"], "after": table["version"], "which": which, "kinds": forms.KINDS}
    return render_template("learning/questions_compare.html", **page)


@bp.get("/questions/<int:version>/languages")
@bp.post("/questions/<int:version>/languages", endpoint="keep_languages")
@open_to(Role.MANAGER)
@can_be_pressed_back
def question_languages(version):
    """The texts of a version that have no Welsh, with a box each.

    What is filled is kept; no other word changes, and none that was sent is lost.
    """
    found = version_of_questions(version) or abort(404)
    before = table_of(found)
    form = forms.languages_form(before)
    if form.is_submitted():
        after, good, known = editing.say(before, form.said()), form.validate(), faults(before)
        form.form_errors += [sentence for sentence in faults(after) if good and sentence not in known]
        if not form.errors:
            return _add(found, after, len(form.said()), url_for(".question_languages", version=version))
    return _shown("languages", form, question_set=found)


# -- the draft


@bp.get("/questions/draft")
@open_to(Role.MANAGER)
def question_draft_page():
    """The draft: every question, what is still wrong with it, and from which day it is asked."""
    draft = question_draft()
    return _draft_page(draft) if draft else redirect(url_for(".questions"), 303)


@bp.post("/questions/draft")
@open_to(Role.MANAGER)
def begin_draft():
    """Made from the newest version; there is never a second one."""
    press_or_400()
    newest = published_sets()[-1]
    if newest.begins_later:
        flash(str(LATER))
        return redirect(url_for(".questions"), 303)
    db.session.add(QuestionDraft(table=editing.next_version(table_of(newest)), changed_by_id=current_user.id))
    commit_first()
    return redirect(url_for(".question_draft_page"), 303)


@bp.post("/questions/draft/change")
@open_to(Role.MANAGER)
@can_be_pressed_back
def change_draft():
    """Up, down, retire, back again: one press, one question. Or the whole draft is thrown away."""
    draft, form = question_draft(), forms.DraftForm()
    verb, _space, key = request.form.get("do", "").partition(" ")
    if verb not in (*VERBS, "drop") or not form.validate():
        abort(400)
    if draft is None and verb == "drop":
        return _throw_away(None)
    draft = draft or abort(409)
    if not form.is_fresh(draft.version):
        return _draft_page(draft, form), 422
    if verb == "drop":
        return _throw_away(draft)
    _keep(draft, VERBS[verb](draft.table, key, _published()))
    return redirect(url_for(".question_draft_page", _anchor=None if verb == "retire" else f"q-{key}"), 303)


@bp.get("/questions/draft/about")
@bp.post("/questions/draft/about", endpoint="keep_about_draft")
@open_to(Role.MANAGER)
@can_be_pressed_back
def about_draft():
    """Who designed them and why they change; the titles."""
    draft = question_draft() or _gone()
    form = forms.about_form(draft)
    if form.is_submitted() and _changed(draft, form, lambda _published: editing.say(draft.table, form.said())):
        return redirect(url_for(".question_draft_page"), 303)
    return _shown("about", form)


@bp.get("/questions/draft/new/<any(words,ticks,scale,choice):how>")
@bp.post("/questions/draft/new/<any(words,ticks,scale,choice):how>", endpoint="add_question")
@open_to(Role.MANAGER)
@can_be_pressed_back
def new_question(how):
    """At the end of its part; with the words of a suggestion, where it came from one."""
    draft = question_draft() or _gone()
    form = forms.question_form(draft, Kind(how), {})
    suggestion = words_of(request.args.get("suggestion")) if request.method == "GET" else None
    if suggestion and not form.draft:
        form["prompt"].data = " ".join(suggestion.split())
    add = partial(editing.add, draft.table)
    if form.is_submitted() and _changed(draft, form, lambda published: add(form.said(), published, *form.where())):
        flash(_("The question is in the draft."))
        return redirect(url_for(".question_draft_page"), 303)
    return _shown("one", form, kinds=forms.KINDS, suggestion=suggestion)


@bp.get("/questions/draft/change/<key>")
@bp.post("/questions/draft/change/<key>", endpoint="change_question")
@open_to(Role.MANAGER)
@can_be_pressed_back
def question_words(key):
    """The same question in other words; or, where it asks for something else, a new one in its place."""
    draft = question_draft() or _gone()
    held = found_in(draft.table, key) or _gone()
    form = forms.question_form(draft, Kind(held["kind"]), held)
    verb = editing.replace if form["same"].data == "no" else editing.reword
    if form.is_submitted() and _changed(draft, form, lambda published: verb(draft.table, key, form.said(), published)):
        flash(_("Saved in the draft."))
        return redirect(url_for(".question_draft_page"), 303)
    return _shown("one", form, kinds=forms.KINDS)


@bp.post("/questions/draft/publish")
@open_to(Role.MANAGER)
@can_be_taken_back
def publish():
    """From a day on; people under way finish the questions that they began with."""
    draft, form = question_draft(), forms.PublishForm()
    if draft is None:
        return _published_by_this_press(None)
    good, published = form.validate(), _published()
    form.form_errors += faults(draft.table, published)
    if not form.is_fresh(draft.version) or form.form_errors or not good:
        return _draft_page(draft, form), 422
    row = files.question_set_from({**draft.table, "version": published[-1]["version"] + 1})
    row.published_at = max(now(), start_of(form.day.data or today()))
    db.session.add(row)
    db.session.delete(draft)
    return _published_by_this_press(row if commit_first() else None)


def _published_by_this_press(row: QuestionSet | None) -> Any:
    """Or by somebody who was quicker."""
    ready = _("Version %(version)s is ready. Whoever begins About me from that day on is asked it.",
              version=row.version if row else "")  # fmt: skip
    gone = _("Somebody was quicker: this draft is published already, or thrown away. Look at the versions first.")
    flash(ready if row else gone)
    return redirect(url_for(".questions"), 303)


def _throw_away(draft: QuestionDraft | None) -> Any:
    if draft:
        db.session.delete(draft)
    thrown = _("The draft is thrown away. The questions that are asked now stay as they are.")
    flash(thrown if draft and commit_first() else _("There is no draft any more."))
    return redirect(url_for(".questions"), 303)


def _published() -> list[Table]:
    return [table_of(one) for one in published_sets()]


def _changed(draft: QuestionDraft, form: forms.DraftForm, change: Callable[[Sequence[Table]], Table]) -> bool:
    """Change the draft, where the form is good and the change brings no new fault. Commits."""
    good = form.validate()
    if not (form.is_fresh(draft.version) and good):
        return False
    published = _published()
    table, known = change(published), faults(draft.table, published)
    form.form_errors += [sentence for sentence in faults(table, published) if sentence not in known]
    if not form.form_errors:
        _keep(draft, table)
    return not form.form_errors


def _keep(draft: QuestionDraft, table: Table) -> None:
    """Commits."""
    draft.table, draft.changed_at, draft.changed_by_id = table, now(), current_user.id
    db.session.add(draft)
    db.session.commit()


def _add(published: QuestionSet, table: Table, count: int, page: str) -> Any:
    """Add the languages, and say how many texts that were. Commits."""
    files.add_languages(published, table)
    db.session.commit()
    sentence = ngettext(
        "%(num)s text in another language was added to version %(version)s.",
        "%(num)s texts in another language were added to version %(version)s.",
        count,
        version=published.version,
    )
    flash(sentence if count else _("Nothing was added to version %(version)s.", version=published.version))
    return redirect(page, 303)


def _count(table: Table) -> int:
    return sum(len(words) for _place, words in files.texts_of(table))


def _table_or_404(which: str) -> Table:
    if which == "draft":
        return (question_draft() or abort(404)).table
    return table_of(version_of_questions(which) or abort(404))


def _index(form: forms.ImportForm, draft: QuestionDraft | None) -> str:
    page = {"sets": published_sets()[::-1], "draft": draft, "press": Press(formdata=None)}
    suggestions = suggestions_page(request.args.get("suggestions"))
    return render_template("learning/questions.html", form=form, suggestions=suggestions, **page)


def _gone() -> NoReturn:
    """There is no draft, or not that question in it: what was typed is shown back."""
    abort(404 if request.method == "GET" else 409)


def _shown(name: str, form: Form, **page: Any) -> Any:
    return render_template(f"learning/questions_{name}.html", form=form, **page), 422 if form.is_submitted() else 200


def _draft_page(draft: QuestionDraft, form: forms.DraftForm | None = None) -> str:
    published, publish = _published(), form
    if not isinstance(form, forms.PublishForm):
        publish = forms.PublishForm(None, version=draft.version, day=today())
    lost = {one["key"]: one for version in published for one in files.questions_of(version)}
    lost = {key: one for key, one in lost.items() if not found_in(draft.table, key)}
    return render_template(
        "learning/questions_draft.html",
        draft=draft,
        form=form,
        change=forms.DraftForm(formdata=None, version=draft.version),
        publish=publish,
        faults=faults(draft.table, published),
        retired=[one for key, one in lost.items() if found_in(published[-1], key)],
        retired_before=[one for key, one in lost.items() if not found_in(published[-1], key)],
        emptied=list(forms.emptied(published[-1], draft.table)),
        fills=forms.FILLS,
        reworded=list(editing.reworded(published[-1], draft.table)),
        kinds=forms.KINDS,
        suggestions=suggestions_page(request.args.get("suggestions")),
    )
