"""The pages of big prints: choose people, see how far it is, fetch what was made."""

from typing import Any

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from sqlalchemy import delete, select

from deal.access import open_to
from deal.caseload.assignments import people_page
from deal.clock import now
from deal.db import db
from deal.forms import EmptyForm
from deal.idempotency import keep_once, let_go
from deal.pagination import page_of
from deal.people import Assignment, Person, Role, assigned_now
from deal.printing import bp
from deal.printing import print_jobs as queue
from deal.printing.forms import PapersForm
from deal.printing.models import PrintFile, PrintJob
from deal.printing.pdf import Ended, RendererBusy, RenderLimit, joined
from deal.printing.views import printed
from deal.undo import cannot_be_undone


def _everybody_of(coach: Person) -> list[int]:
    """The numbers of all whom a coach may see now, by name."""
    query = select(Person.id).join(Assignment, Assignment.resident_id == Person.id).where(*assigned_now(coach))
    return list(db.session.scalars(query.order_by(Person.name_key, Person.id)))


@bp.post("/papers")
@open_to(Role.COACH, Role.RESIDENT)
@cannot_be_undone("a print can be cancelled")
def print_papers():
    """A few at once; many, long ones, or where another is in the way, as a print that is made by the worker."""
    form = PapersForm()
    people = _chosen(form)
    if not form.validate():
        return (prints(form) if current_user.is_coach else abort(400)), 422
    options = {"people": people, "layout": form.layout.data, "language": form.language.data}
    job = PrintJob(asked_by_id=current_user.id, kind=form.kind.data, options=options)
    if len(people) <= queue.AT_ONCE and not request.form.get("later"):
        let_go()  # what prints reads and writes beside this request
        try:
            return _at_once(job)
        except (RendererBusy, RenderLimit, Ended):
            keep_once()
    return _queued(queue.enqueue(job), form)


def _queued(job: PrintJob | None, form: PapersForm) -> Any:
    """On its way to the worker; or what to do where three of theirs wait, with all that was chosen."""
    if job is None:
        wait = _(
            "%(most)s of your prints are not made yet. Wait until one is, or cancel one. Then ask again.",
            most=queue.MOST,
        )
        form.form_errors.append(wait)
        return prints(form), 429
    return redirect(url_for(".print_job", print_id=job.id), 303)


def _chosen(form: PapersForm) -> list[int]:
    if current_user.is_resident:
        form.people.data = [current_user.id]
    elif request.form.get("all"):
        form.people.data = _everybody_of(current_user)
        return form.people.data
    return list(dict.fromkeys(form.people.data or []))[: queue.MOST_PEOPLE]


def _at_once(job: PrintJob) -> Any:
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    left: list[int] = []

    def made() -> bytes:
        found = {number: queue.one_paper(app, job, number) for number in job.options["people"]}
        left.extend(number for number, papers in found.items() if not papers)
        whole = [one for papers in found.values() for one in papers]
        return joined(whole, str(queue.KINDS[job.kind].label)) if whole else abort(404)

    answer = printed(made, queue.file_name(job))
    if left:
        flash(left_out(len(left), job.total))
    return answer


def left_out(number: int, total: int) -> str:
    """Whose papers were not made, and why."""
    return ngettext(
        "%(num)s of %(total)s was left out: you are not their coach any more.",
        "%(num)s of %(total)s were left out: you are not their coach any more.",
        number,
        total=total,
    )


@bp.get("/prints")
@open_to(Role.COACH, Role.RESIDENT)
def prints(form: PapersForm | None = None):
    """What I asked for today; a coach chooses whose papers to print."""
    mine = page_of(queue.asked_lately(current_user.id), PrintJob.id.desc(), after=request.args.get("printed"))
    people, many = None, 0
    if current_user.is_coach:
        people, many = people_page(current_user, request.args.get("after"), size=100), len(_everybody_of(current_user))
        form = form or PapersForm(formdata=None)
        form.offer(people.rows)
    page = {"people": people, "many": many, "at_once": queue.AT_ONCE, "printed": mine, "kinds": queue.KINDS}
    return render_template("printing/prints.html", form=form, **page)


@bp.get("/prints/<int:print_id>")
@open_to(Role.COACH, Role.RESIDENT)
def print_job(print_id):
    """How far it is; the files when they are there."""
    job = _own_or_404(print_id)
    parts, thrown_away = queue.parts_of(job)
    page = {
        "job": job,
        "kinds": queue.KINDS,
        "faults": queue.FAULTS,
        "left_out": left_out,
        "press": EmptyForm(formdata=None),
    }
    page["before"] = 0 if job.is_over else queue.how_many_before(job)
    page["running"] = job.is_over or queue.worker_is_running()
    return render_template("printing/job.html", parts=parts, thrown_away=thrown_away, **page)


@bp.post("/prints/<int:print_id>/cancel")
@open_to(Role.COACH, Role.RESIDENT)
@cannot_be_undone("a print can be cancelled")
def cancel_print(print_id):
    """Not wanted any more."""
    job = _own_or_404(print_id)
    if not EmptyForm().validate():
        abort(400)
    if not job.is_over:
        job.cancelled_at = now()
        db.session.execute(delete(PrintFile).where(PrintFile.job_id == job.id))
        db.session.commit()
    return redirect(url_for(".print_job", print_id=job.id), 303)


@bp.get("/prints/<int:print_id>/<int:part>.pdf")
@open_to(Role.COACH, Role.RESIDENT)
def print_file(print_id, part):
    """One of its files, while all that is in it may still be read."""
    job = _own_or_404(print_id)
    data = queue.file_of(job, part)
    if data is None:
        return render_template("printing/thrown_away.html", job=job), 404
    return printed(lambda: data, queue.file_name(job, part), "attachment")


def _own_or_404(print_id: int) -> PrintJob:
    """What I asked for within the last day; anything else is not there."""
    return db.session.scalar(queue.asked_lately(current_user.id).where(PrintJob.id == print_id)) or abort(404)
