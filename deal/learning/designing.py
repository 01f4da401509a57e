"""The next questions, as managers write them together: one draft, made from the newest version."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from deal.access import open_to
from deal.assessment import question_verbs as verbs
from deal.assessment.question_faults import faults, questions_of
from deal.assessment.question_files import OF_SET, Table, question_set_from, reworded, table_of
from deal.assessment.questions import Kind, QuestionDraft, QuestionSet, published_sets, question_draft
from deal.db import commit_first, db, insert_into, now, start_of, today
from deal.forms import press_or_400
from deal.learning import bp
from deal.learning.question_forms import (
    FILLS,
    KINDS,
    DraftForm,
    PublishForm,
    QuestionForm,
    about_form,
    emptied,
    question_form,
    typed_in,
)
from deal.learning.suggestions import suggestions_page, words_of
from deal.people import Role
from deal.undo import cannot_be_undone

VERBS: dict[str, Callable[[Table, str, Table], Table]] = {
    "up": lambda table, key, _newest: verbs.move(table, key, -1),
    "down": lambda table, key, _newest: verbs.move(table, key, 1),
    "retire": lambda table, key, _newest: verbs.retire(table, key),
    "back": verbs.bring_back,
}


@bp.get("/questions/draft")
@open_to(Role.MANAGER)
def question_draft_page():
    """The draft: every question, what is still wrong with it, and from which day it is asked."""
    draft = question_draft()
    return _page(draft) if draft else redirect(url_for(".questions"), 303)


@bp.post("/questions/draft")
@open_to(Role.MANAGER)
def begin_draft():
    """Made from the newest version; there is never a second one."""
    press_or_400()
    newest = published_sets()[-1]
    if newest.begins_later:
        flash(_("The next version is set for a day to come. Take it back first, then change it."))
        return redirect(url_for(".questions"), 303)
    row = {"only": True, "version": 1, "changed_at": now(), "changed_by_id": current_user.id}
    row["table"] = verbs.next_version(table_of(newest))
    db.session.execute(insert_into(QuestionDraft).values(row).on_conflict_do_nothing())
    db.session.commit()
    return redirect(url_for(".question_draft_page"), 303)


@bp.post("/questions/draft/change")
@open_to(Role.MANAGER)
@cannot_be_undone("the draft of the questions has one state, and every change can be pressed back")
def change_draft():
    """Up, down, retire, back again: one press, one question. Or the whole draft is thrown away."""
    draft, form = question_draft(), DraftForm()
    verb, _space, key = request.form.get("do", "").partition(" ")
    if verb not in (*VERBS, "drop") or not form.validate():
        abort(400)
    if draft is None and verb == "drop":
        return _throw_away(None)
    draft = draft or abort(409)
    if not form.is_fresh(draft and draft.version):
        return _page(draft, form), 422
    if verb == "drop":
        return _throw_away(draft)
    _keep(draft, VERBS[verb](draft.table, key, verbs.last_with(key, _published())))
    return redirect(url_for(".question_draft_page", _anchor=None if verb == "retire" else f"q-{key}"), 303)


@bp.get("/questions/draft/about")
@open_to(Role.MANAGER)
def about_draft():
    """Who designed them and why they change; the titles."""
    draft = question_draft() or abort(404)
    return render_template("learning/questions_about.html", form=about_form(draft))


@bp.post("/questions/draft/about")
@open_to(Role.MANAGER)
@cannot_be_undone("the draft of the questions has one state, and every change can be pressed back")
def keep_about_draft():
    draft = question_draft() or abort(409)
    form = about_form(draft)
    parts = {f"part-{one['key']}": f"{one['key']} title" for one in draft.table["section"]}
    names = {name: name for name in OF_SET} | parts
    said = {place: typed_in(form, name) for name, place in names.items()}
    # an emptied box in Welsh takes the Welsh away: English stands there instead
    said = {place: {"cy": ""} | words for place, words in said.items()}
    if not _changed(draft, form, lambda _published: verbs.say(draft.table, said)):
        return render_template("learning/questions_about.html", form=form), 422
    return redirect(url_for(".question_draft_page"), 303)


@bp.get("/questions/draft/new/<how>")
@open_to(Role.MANAGER)
def new_question(how):
    """A new question of that kind; with the words of a suggestion, where it came from one."""
    draft = question_draft() or abort(404)
    words = words_of(request.args.get("suggestion"))
    form = question_form(draft, _kind_or_404(how), {})
    if words and not form.draft:
        form["prompt"].data = " ".join(words.split())
    return _question_page(form, words)


@bp.post("/questions/draft/new/<how>")
@open_to(Role.MANAGER)
@cannot_be_undone("the draft of the questions has one state, and every change can be pressed back")
def add_question(how):
    """At the end of its part; its key is made from its words."""
    draft = question_draft() or abort(409)
    form = question_form(draft, _kind_or_404(how), {})
    section, title = form["section"].data, typed_in(form, "part")
    if not section and not title.get("en"):
        form["part"].process_errors = [_("Write the title of the new part, or choose one that is there.")]
    new_part = None if section else title
    if not _changed(draft, form, lambda published: verbs.add(draft.table, form.said(), section, published, new_part)):
        return _question_page(form), 422
    flash(_("The question is in the draft."))
    return redirect(url_for(".question_draft_page"), 303)


@bp.get("/questions/draft/change/<key>")
@open_to(Role.MANAGER)
def question_words(key):
    """A question's words, hint, ends and choices."""
    draft = question_draft() or abort(404)
    held = verbs.found_in(draft.table, key) or abort(404)
    return _question_page(question_form(draft, Kind(held["kind"]), held))


@bp.post("/questions/draft/change/<key>")
@open_to(Role.MANAGER)
@cannot_be_undone("the draft of the questions has one state, and every change can be pressed back")
def change_question(key):
    """The same question in other words; or, where it asks for something else, a new one in its place."""
    draft = question_draft() or abort(409)
    held = verbs.found_in(draft.table, key) or abort(409)
    form = question_form(draft, Kind(held["kind"]), held)
    verb = verbs.replace if form["same"].data == "no" else verbs.reword
    if not _changed(draft, form, lambda published: verb(draft.table, key, form.said(), published)):
        return _question_page(form), 422
    flash(_("That is kept in the draft."))
    return redirect(url_for(".question_draft_page"), 303)


@bp.post("/questions/draft/publish")
@open_to(Role.MANAGER)
@cannot_be_undone("a version can be taken back until its day")
def publish():
    """From a day on; people under way finish the questions that they began with."""
    draft, form = question_draft(), PublishForm()
    if draft is None:
        return _published_by_this_press(None)
    good, published = form.validate(), _published()
    form.form_errors += faults(draft.table, published)
    if not form.is_fresh(draft and draft.version) or form.form_errors or not good:
        return _page(draft, form), 422
    row = question_set_from({**draft.table, "version": published[-1]["version"] + 1})
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


def _changed(draft: QuestionDraft, form: DraftForm, change: Callable[[Sequence[Table]], Table]) -> bool:
    """Change the draft, where the form is good and the change brings no new fault. Commits."""
    good = form.validate()
    if not (form.is_fresh(draft and draft.version) and good):
        return False
    published = _published()
    table, known = change(published), faults(draft.table, published)
    form.form_errors += [sentence for sentence in faults(table, published) if sentence not in known]
    if not form.form_errors:
        _keep(draft, table)
    return not form.form_errors


def _keep(draft: QuestionDraft, table: Table) -> None:
    draft.table = table
    draft.changed_at, draft.changed_by_id = now(), current_user.id
    db.session.commit()


def _kind_or_404(how: str) -> Kind:
    return next((one for one in Kind if one.value == how), None) or abort(404)


def _question_page(form: QuestionForm, suggestion: str | None = None) -> str:
    return render_template("learning/questions_one.html", form=form, kinds=KINDS, suggestion=suggestion)


def _page(draft: QuestionDraft, form: DraftForm | None = None) -> str:
    published = _published()
    kept = {one["key"] for one in questions_of(draft.table)}
    lost = {one["key"]: one for version in published for one in questions_of(version) if one["key"] not in kept}
    return render_template(
        "learning/questions_draft.html",
        draft=draft,
        form=form,
        change=DraftForm(formdata=None, version=draft.version),
        publish=form if isinstance(form, PublishForm) else PublishForm(None, version=draft.version, day=today()),
        faults=faults(draft.table, published),
        retired=[one for key, one in lost.items() if verbs.found_in(published[-1], key)],
        retired_before=[one for key, one in lost.items() if not verbs.found_in(published[-1], key)],
        emptied=list(emptied(published[-1], draft.table)),
        fills=FILLS,
        reworded=list(reworded(published[-1], draft.table)),
        kinds=KINDS,
        suggestions=suggestions_page(request.args.get("suggestions")),
    )
