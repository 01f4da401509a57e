""" "Did this feel right?" about a talk: asked of the resident later, without the coach, and of the coach."""

from datetime import datetime, timedelta

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy import ForeignKey, UniqueConstraint, exists, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column

from deal.access import open_to, own_or_404
from deal.assessment.pulse import Feels
from deal.conversations import bp
from deal.conversations.models import Conversation, talk_of
from deal.db import db, insert_into, now, today, values_of
from deal.forms import Press
from deal.people import Person, Role

ASKED_FOR = timedelta(days=30)


class TalkPulse(db.Model):
    """How a talk felt to one of the two. It is theirs: nobody else sees it, managers only a figure of many."""

    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id", deferrable=True, initially="DEFERRED"))
    feels: Mapped[Feels] = mapped_column(values_of(Feels))
    at: Mapped[datetime] = mapped_column(default=now, index=True)

    __table_args__ = (UniqueConstraint("conversation_id", "by_id"),)


def keep_pulse(talk: Conversation, by: Person, feels: Feels) -> None:
    """Once for each of the two: what was said first stands. The caller commits."""
    pulse = {"conversation_id": talk.id, "by_id": by.id, "feels": feels, "at": now()}
    db.session.execute(insert_into(TalkPulse).values(pulse).on_conflict_do_nothing())


def has_said_how_it_felt(talk: Conversation, by: Person) -> bool:
    """Whether there is no need to ask."""
    return bool(db.session.scalar(select(TalkPulse.id).filter_by(conversation_id=talk.id, by_id=by.id)))


def talk_to_ask_about(resident: Person) -> Conversation | None:
    """The newest talk, where it was not long ago and the resident has not said how it felt."""
    newest = select(Conversation.id).where(Conversation.resident_id == resident.id)
    newest = newest.order_by(Conversation.talked_on.desc(), Conversation.id.desc()).limit(1)
    said = exists().where(TalkPulse.conversation_id == Conversation.id, TalkPulse.by_id == resident.id)
    query = select(Conversation).where(Conversation.id == newest.scalar_subquery(), ~said)
    query = query.where(Conversation.talked_on >= today() - ASKED_FOR)
    return db.session.scalar(query.options(joinedload(Conversation.coach)))


@bp.post("/residents/<int:resident_id>/conversations/<int:number>/pulse")
@open_to(Role.RESIDENT)
def felt(resident_id, number):
    """One press on the resident's own first page."""
    resident = own_or_404(resident_id)
    talk = talk_of(resident_id, number) or abort(404)
    feels = next((one for one in Feels if one.value == request.form.get("feels")), None)
    if feels is None or not Press().validate():
        abort(400)
    keep_pulse(talk, resident, feels)
    db.session.commit()
    flash(_("Thank you for telling us."))
    if feels is not Feels.YES:
        flash(_("If something should change, you can ask the managers. Your coach does not see it."))
    return redirect(url_for("home.resident", resident_id=resident_id), 303)
