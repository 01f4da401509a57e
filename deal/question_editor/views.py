"""The pages of the questions: their versions, the draft that managers write together, and what people suggest."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NoReturn

import tomli_w
from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import force_locale, get_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy import Select, select

from deal.access import open_to
from deal.assessment.forms import form_class
from deal.assessment.models import Suggestion
from deal.auth.pending_post import local
from deal.clock import block_of, now, start_of, today
from deal.db import commit_first, db
from deal.drafts.models import sent_state
from deal.forms import EmptyForm, Form, validate_or_400
from deal.pagination import Page, page_of
from deal.people import Role
from deal.question_editor import bp
from deal.question_editor import forms as forms
from deal.question_editor.statistics import DEFINED, figures_of
from deal.questions import editing as editing
from deal.questions import models as models
from deal.questions import serialization as files
from deal.questions.models import QuestionDraft, published_sets, question_draft, version_of_questions
from deal.questions.serialization import Table, table_of
from deal.questions.validation import faults
from deal.tenths import least_people
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
    if form.validate() and form.is_fresh(draft and draft.version):
        form.form_errors += faults(form.table, [table_of(one) for one in sets])
    published = None if form.errors else next((one for one in sets if one.version == form.table["version"]), None)
    if published and (sentence := files.says_otherwise(table_of(published), form.table)):
        form.form_errors.append(sentence)
    elif not (published or form.errors) and sets[-1].begins_later:
        form.form_errors.append(LATER)
    if form.errors:
        return _index(form, draft)
    if published:
        return _lead_to(".questions", _add_languages(published, form.table))
    read = files.question_set_from(form.table | {"version": sets[-1].version + 1})
    _keep(draft or QuestionDraft(), table_of(read))
    return _lead_to(".question_draft_page", _("The file is the draft now. Look at it before you publish it."))


@bp.post("/questions/<int:version>/take-back")
@open_to(Role.MANAGER)
@can_be_taken_back
def take_back_version(version):
    """Before its day: it is the draft again."""
    found, draft = version_of_questions(version), question_draft()
    validate_or_400()
    if found is None and (draft is None or draft.table["version"] != version):
        abort(404)
    if found and not found.begins_later:
        return _lead_to(".questions", _("Version %(version)s has begun already, and stays.", version=version))
    if found:
        db.session.add(QuestionDraft(table=table_of(found), changed_by_id=current_user.id))
        db.session.delete(found)
        commit_first()
    return _lead_to(".questions", _("Version %(version)s is taken back. It is the draft again.", version=version))


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
    with force_locale(chosen):
        form, way = form_class(question)(formdata=None), [one for one in asked if one.core is question.core]
        return _shown("preview", form, which=which, chosen=chosen, question=question, asked=asked, way=way)


@bp.get("/questions/<which>/compare")
@open_to(Role.MANAGER)
def compare_questions(which):
    """Side by side with the version before."""
    table = _table_or_404(which)
    before = [one for one in files.published_tables() if one["version"] < table["version"]] or abort(404)
    rows = editing.differences(before[-1], table)
    return _shown("compare", which=which, before=before[-1]["version"], after=table["version"], rows=rows)


@bp.get("/questions/<int:version>/figures")
@open_to(Role.MANAGER)
def question_figures(version):
    """How often each of its questions was answered, skipped and left at."""
    found = version_of_questions(version) or abort(404)
    figures = figures_of(found)
    return _shown("figures", question_set=found, figures=figures, defined=DEFINED, least_people=least_people())


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
        after, good = editing.say(before, form.said()), form.validate()
        form.form_errors += _new_faults(before, after) if good else []
        if not form.errors:
            return _lead_to(".question_languages", _add_languages(found, after), version=version)
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
    validate_or_400()
    newest = published_sets()[-1]
    if newest.begins_later:
        return _lead_to(".questions", LATER)
    db.session.add(QuestionDraft(table=editing.next_version(table_of(newest)), changed_by_id=current_user.id))
    commit_first()
    return _lead_to(".question_draft_page")


@bp.post("/questions/draft/change")
@open_to(Role.MANAGER)
@can_be_pressed_back
def change_draft():
    """Up, down, retire, back again: one press, one question. Or the whole draft is thrown away."""
    draft, form = question_draft(), forms.DraftForm()
    verb, _space, key = request.form.get("do", "").partition(" ")
    if verb not in (*VERBS, "drop") or not form.validate():
        abort(400)
    none = _("There is no draft any more.")
    if draft is None:
        return _lead_to(".questions", none) if verb == "drop" else _gone()
    if not form.is_fresh(draft.version):
        return _draft_page(draft, form)
    if verb == "drop":
        db.session.delete(draft)
        thrown = _("The draft is thrown away. The questions that are asked now stay as they are.")
        return _lead_to(".questions", thrown if commit_first() else none)
    _keep(draft, VERBS[verb](draft.table, key, files.published_tables()))
    return _lead_to(".question_draft_page", _anchor=None if verb == "retire" else f"q-{key}")


@bp.get("/questions/draft/about")
@bp.post("/questions/draft/about", endpoint="keep_about_draft")
@open_to(Role.MANAGER)
@can_be_pressed_back
def about_draft():
    """Who designed them and why they change; the titles."""
    draft = question_draft() or _gone()
    form = forms.about_form(draft)
    if _changed(draft, form, lambda _published: editing.say(draft.table, form.said())):
        return _lead_to(".question_draft_page")
    return _shown("about", form)


@bp.get("/questions/draft/new/<any(words,ticks,scale,choice):how>")
@bp.post("/questions/draft/new/<any(words,ticks,scale,choice):how>", endpoint="add_question")
@open_to(Role.MANAGER)
@can_be_pressed_back
def new_question(how):
    """At the end of its part; with the words of a suggestion, where it came from one."""
    draft = question_draft() or _gone()
    form = forms.question_form(draft, how, {})
    if (suggestion := _suggested()) and not form.draft:
        form["prompt"].data = " ".join(suggestion.split())
    add = partial(editing.add, draft.table)
    if _changed(draft, form, lambda published: add(form.said(), published, *form.where())):
        return _lead_to(".question_draft_page", _("The question is in the draft."))
    return _shown("one", form, suggestion=suggestion)


@bp.get("/questions/draft/change/<key>")
@bp.post("/questions/draft/change/<key>", endpoint="change_question")
@open_to(Role.MANAGER)
@can_be_pressed_back
def question_words(key):
    """The same question in other words; or, where it asks for something else, a new one in its place."""
    draft = question_draft() or _gone()
    held = files.found_in(draft.table, key) or _gone()
    form = forms.question_form(draft, held["kind"], held)
    verb = editing.replace if form["same"].data == "no" else editing.reword
    if _changed(draft, form, lambda published: verb(draft.table, key, form.said(), published)):
        return _lead_to(".question_draft_page", _("Saved in the draft."))
    return _shown("one", form)


@bp.post("/questions/draft/publish")
@open_to(Role.MANAGER)
@can_be_taken_back
def publish():
    """From a day on; people under way finish the questions that they began with."""
    draft, form, published = question_draft(), forms.PublishForm(), files.published_tables()
    gone = _("Somebody was quicker: this draft is published already, or thrown away. Look at the versions first.")
    if draft is None:
        return _lead_to(".questions", gone)
    good = form.validate()
    form.form_errors += faults(draft.table, published)
    if not form.is_fresh(draft.version) or form.form_errors or not good:
        return _draft_page(draft, form)
    version = published[-1]["version"] + 1
    row = files.question_set_from({**draft.table, "version": version})
    row.published_at = max(now(), start_of(form.day.data or today()))
    db.session.add(row)
    db.session.delete(draft)
    ready = _("Version %(version)s is ready. Whoever begins About me from that day on is asked it.", version=version)
    return _lead_to(".questions", ready if commit_first() else gone)


def _lead_to(page: str, sentence: Any = None, **at: Any) -> Any:
    if sentence:
        flash(str(sentence))
    return redirect(url_for(page, **at), 303)


def _new_faults(before: Table, after: Table, published: Sequence[Table] = ()) -> list[str]:
    known = faults(before, published)
    return [sentence for sentence in faults(after, published) if sentence not in known]


def _changed(draft: QuestionDraft, form: forms.DraftForm, change: Callable[[Sequence[Table]], Table]) -> bool:
    """Change the draft, where the form was sent and is good and the change brings no new fault. Commits."""
    if not form.is_submitted():
        return False
    good = form.validate()
    if not (form.is_fresh(draft.version) and good):
        return False
    published = files.published_tables()
    table = change(published)
    form.form_errors += _new_faults(draft.table, table, published)
    if not form.form_errors:
        _keep(draft, table)
    return not form.form_errors


def _keep(draft: QuestionDraft, table: Table) -> None:
    """Commits."""
    draft.table, draft.changed_at, draft.changed_by_id = table, now(), current_user.id
    db.session.add(draft)
    db.session.commit()


def _add_languages(published: models.QuestionSet, table: Table) -> str:
    """Says how many texts that were. Commits."""
    count, version = files.add_languages(published, table), published.version
    db.session.commit()
    if not count:
        return _("Nothing was added to version %(version)s.", version=version)
    return ngettext(
        "%(num)s text in another language was added to version %(version)s.",
        "%(num)s texts in another language were added to version %(version)s.",
        count,
        version=version,
    )


def _table_or_404(which: str) -> Table:
    if which == "draft":
        return (question_draft() or abort(404)).table
    return table_of(version_of_questions(which) or abort(404))


def _index(form: forms.ImportForm, draft: QuestionDraft | None) -> Any:
    sets, press = published_sets()[::-1], EmptyForm(formdata=None)
    return _shown("versions", form, draft=draft, sets=sets, press=press, suggestions=_suggestions())


def _gone() -> NoReturn:
    """There is no draft, or not that question in it: what was typed is shown back."""
    abort(404 if request.method == "GET" else 409)


def _shown(name: str, form: Form | None = None, **page: Any) -> Any:
    page |= {"form": form, "kinds": forms.KINDS, "fills": forms.FILLS}
    refused = form is not None and form.is_submitted()
    return render_template(f"question_editor/questions_{name}.html", **page), 422 if refused else 200


def _draft_page(draft: QuestionDraft, form: forms.DraftForm | None = None) -> Any:
    published = files.published_tables()
    rows = editing.differences(published[-1], draft.table)
    lost = {one["key"]: one for version in published[:-1] for one in files.questions_of(version)}
    for row in rows:
        lost.pop(row.key, None)
    new_publish = forms.PublishForm(None, version=draft.version, day=today())
    return _shown(
        "draft",
        form,
        draft=draft,
        change=forms.DraftForm(formdata=None, version=draft.version),
        publish=form if isinstance(form, forms.PublishForm) else new_publish,
        faults=faults(draft.table, published),
        rows=rows,
        retired=[one.before for one in rows if one.what == "retired"],
        retired_before=list(lost.values()),
        reworded=list(editing.reworded(published[-1], draft.table)),
        suggestions=_suggestions(),
    )


# -- better questions that residents and coaches thought of: managers read them without names, days or order


def _of_finished_blocks() -> Select:
    """This block's wait for its end: whoever knows who was here today could tell whose they are."""
    return select(Suggestion).where(Suggestion.at < start_of(block_of(today())), Suggestion.taken_back_at.is_(None))


def _suggestions() -> Page:
    """Those of the blocks that are over, in mixed order."""
    order, after = (Suggestion.id * 7919 % 10_007, Suggestion.id), request.args.get("suggestions")
    page = page_of(_of_finished_blocks(), *order, after=after, size=100)
    return Page(sorted(page.rows, key=lambda one: one.mark), page.after)


def _suggested() -> str | None:
    """The words of the suggestion that the address names."""
    mark = request.args.get("suggestion")
    shown = db.session.scalars(_of_finished_blocks()) if mark and request.method == "GET" else ()
    return next((one.words for one in shown if one.mark == mark), None)


@bp.post("/suggestions")
@open_to(Role.COACH)
def suggest():
    """Kept without the coach's name; then back to where the form stood."""
    form, stood_on = forms.SuggestForm(), local(getattr(sent_state(), "on", None)) or url_for("caseload.today")
    if not form.validate():
        return render_template("question_editor/suggest.html", form=form, back=stood_on), 422
    asked = models.current_question_set().id
    db.session.add(Suggestion(question_set_id=asked, words=form.words.data, language=str(get_locale())))
    db.session.commit()
    flash(_("Thank you. Managers can read your question when these four weeks are over, without your name."))
    return redirect(stood_on, 303)
