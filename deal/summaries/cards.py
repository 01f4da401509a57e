"""A card to send back: whether it felt right, whether a promise was kept; typed in by somebody whom it is not about."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy import ForeignKey, String, exists, select, update
from sqlalchemy.orm import Mapped, mapped_column, relationship

from deal.access import open_to, resident_or_404
from deal.accounts.auth_forms import CodeField
from deal.accounts.codes import grouped, hash_of, made_from
from deal.accounts.throttling import found_by_trying
from deal.assessment.models import Assessment, newest_assessment
from deal.assessment.pulse import FEELS, Feels, Pulse
from deal.conversations.asks import Ask, AskKind
from deal.conversations.models import Conversation
from deal.conversations.pulse import TalkPulse, keep_pulse, talk_to_ask_about
from deal.db import db, insert_into, now
from deal.deals.forms import KEPT
from deal.deals.models import Kept, KeptAnswer, Promise, as_promised, promise_waited_for
from deal.forms import Form, OneOfField, WordsField, choices_of, has_words, press_or_400
from deal.idempotency import answers_again, insert_once
from deal.people import Coaching, NeverSees, Person, Role
from deal.summaries.views import bp, sheet

CARD_LENGTH = 8


class Card(db.Model):
    """A card that was printed, what it asks about, and who typed in what came back. Its number stands on it alone."""

    resident_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    number_hash: Mapped[str] = mapped_column(String(64), unique=True)
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    assessment_id: Mapped[int | None] = mapped_column(ForeignKey("assessment.id", ondelete="CASCADE"))
    promise_id: Mapped[int | None] = mapped_column(ForeignKey("promise.id", ondelete="CASCADE"))
    language: Mapped[str] = mapped_column(String(10))
    made_at: Mapped[datetime] = mapped_column(default=now)
    typed_at: Mapped[datetime | None]
    typed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", deferrable=True, initially="DEFERRED"))
    resident: Mapped[Person] = relationship(foreign_keys=resident_id)
    conversation: Mapped[Conversation | None] = relationship()
    assessment: Mapped[Assessment | None] = relationship()
    promise: Mapped[Promise | None] = relationship()

    def is_about(self, staff: Person) -> bool:
        """Whether this coach coached or covered for whoever sent it, or was named as one who never sees their words."""
        coached = exists().where(Coaching.resident_id == self.resident_id, Coaching.coach_id == staff.id)
        named = exists().where(NeverSees.resident_id == self.resident_id, NeverSees.staff_id == staff.id)
        return bool(db.session.scalar(select(coached | named)))


class CardForm(Form):
    """What came back on a card."""

    never_kept = frozenset({"number"})  # it stands on the card alone
    number = CodeField(
        _l("The number on the card"),
        _l("Type the number that is on the card."),
        _l("The number on a card has 8 letters and numbers. You typed %(num)s."),
        CARD_LENGTH,
    )
    feels = OneOfField(_l("Did this feel right?"), choices=choices_of(FEELS))
    kept = OneOfField(_l("Was this promise kept?"), choices=choices_of(KEPT))
    words = WordsField(
        _l("Is there anything we should change?"), description=_l("Word for word. It goes to the managers.")
    )

    refused: Sequence[str] = ()  # why nobody may type in this card

    def takes(self, card: Card) -> bool:
        """Whether this reader may type in that card, and it says anything, and nothing that the card does not ask."""
        if card.is_about(current_user):
            self.refused = [_("Somebody else must type this in: it is about you.")]
        elif card.typed_at:
            self.refused = [_("This card was typed in before.")]
        if self.refused:
            return False
        if self.feels.data and not (card.conversation_id or card.assessment_id):
            self.feels.errors = [_("This card does not ask that. Leave it empty.")]
        if self.kept.data and not card.promise_id:
            self.kept.errors = [_("This card asks about no promise. Leave it empty.")]
        if not (self.feels.data or self.kept.data or has_words(self.words.data)):
            self.form_errors.append(_("There is nothing here to keep yet."))
        return not (self.feels.errors or self.kept.errors or self.form_errors)


@bp.post("/residents/<int:resident_id>/card-to-send")
@open_to(Role.RESIDENT, Role.COACH)
@answers_again
def make_card(resident_id):
    """Print it: a second press prints the same card again."""
    resident = resident_or_404(resident_id)
    number = made_from(press_or_400().token, "card", CARD_LENGTH)
    same = {"number_hash": hash_of(number)}
    made = db.session.scalar(select(Card).filter_by(**same))
    made = made or insert_once(Card(language=str(get_locale()), **same, **_asked_of(resident)), **same)
    db.session.commit()
    return sheet("card", _("card.pdf"), card=made, number=grouped(number, 4), kept=KEPT, feels=FEELS)


def _asked_of(resident: Person) -> dict[str, Any]:
    """The newest talk, else About me; and the promise of ours that is waited for longest."""
    talk = talk_to_ask_about(resident)
    about_me = None if talk else newest_assessment(resident)
    first = promise_waited_for(resident)
    asked = {"conversation_id": talk and talk.id, "promise_id": first and first.id}
    finished = about_me and about_me.finished_at and about_me.id
    return {"resident_id": resident.id, "assessment_id": finished or None, **asked}


@bp.get("/cards")
@open_to(Role.COACH, Role.MANAGER)
def cards():
    """Type in what came back on a card: no name stands here."""
    return render_template("summaries/cards.html", form=CardForm())


@bp.post("/cards")
@open_to(Role.COACH, Role.MANAGER)
def typed_card():
    """Keep it as the resident's answers, once."""
    form = CardForm()
    found = _card_behind(form) if form.validate() else None
    late = _newer_than(found, found.promise) if found and form.kept.data and found.promise else None
    if found is None or not _keep(found, form, late):
        return render_template("summaries/cards.html", form=form), 422
    flash(_("Saved. Thank you for typing it in."))
    if form.feels.data and _felt_before(found):
        flash(_("How it felt was not written down. They said so themselves before: that stands."))
    if late:
        flash(late)
    return redirect(url_for(".cards"), 303)


def _card_behind(form: CardForm) -> Card | None:
    """The card of that number, where this can be kept; all other tries of one person make longer and longer waits."""
    known = select(Card).where(Card.number_hash == hash_of(form.number.data))
    seen: list[Card] = []

    def look() -> Card | None:
        seen.extend(db.session.scalars(known))
        return next((one for one in seen if form.takes(one)), None)

    wrong = _("No card has that number. Look at it once more.")
    found = found_by_trying(form.number, f"card {current_user.id}", look, wrong)
    if seen and found is None:
        form.number.errors = form.refused
    return found


def _keep(card: Card, form: CardForm, late: str | None) -> bool:
    """Every answer and who typed them, together; about the promise none that comes too late. Commits."""
    typed = {"typed_at": now(), "typed_by_id": current_user.id}
    first = update(Card).where(Card.id == card.id, Card.typed_at.is_(None)).values(typed).returning(Card.id)
    if db.session.scalar(first) is None:
        db.session.rollback()
        form.number.errors = [_("This card was typed in before.")]
        return False
    if form.feels.data:
        _keep_feels(card, Feels(form.feels.data))
    if form.kept.data and card.promise and not late:
        db.session.add(KeptAnswer(promise_id=card.promise_id, kept=Kept(form.kept.data)))
    if has_words(form.words.data):
        ask = {"kind": AskKind.SOMETHING_WRONG, "words": form.words.data, "language": card.language}
        db.session.add(Ask(resident_id=card.resident_id, **ask))
    db.session.commit()
    return True


def _newer_than(card: Card, promise: Promise) -> str | None:
    """Why an answer to what the card asks about a promise is not kept: what happened since stands."""
    newest = as_promised(promise)
    if promise.let_go_at or newest.face.taken_back_at:
        return _("Whether the promise was kept was not written down: the promise does not stand any more.")
    if newest.answer and newest.answer.at > card.made_at:
        return _("Whether the promise was kept was not written down. They said so themselves since: that stands.")
    return None


def _felt_before(card: Card) -> bool:
    """Whether they had said how it felt when the card was typed in."""
    said = select(Pulse.at).filter_by(assessment_id=card.assessment_id)
    if card.conversation_id:
        said = select(TalkPulse.at).filter_by(conversation_id=card.conversation_id, by_id=card.resident_id)
    return bool(card.typed_at and (at := db.session.scalar(said)) and at < card.typed_at)


def _keep_feels(card: Card, feels: Feels) -> None:
    """What was said first stands."""
    if card.conversation:
        keep_pulse(card.conversation, card.resident, feels)
        return
    pulse = {"resident_id": card.resident_id, "assessment_id": card.assessment_id, "feels": feels, "at": now()}
    db.session.execute(insert_into(Pulse).values(**pulse).on_conflict_do_nothing())
