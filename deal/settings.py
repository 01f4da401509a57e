"""The landlord's settings: typed, in the database, in both languages where they are words, dated and signed."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime
from typing import Any

from flask import current_app, g
from flask_babel import get_locale, gettext
from sqlalchemy import JSON, ForeignKey, Index, String, Text, func, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from deal.clock import now
from deal.db import db, lock
from deal.people import Person


def N_(sentence: str) -> str:
    """Mark a sentence for the catalogues here; it is translated where it is shown."""
    return sentence


LANGUAGE_COOKIE = "deal_language"
TEXT_SIZE_COOKIE = "deal_text_size"
TEXT_SIZES = range(1, 4)  # usual, larger, largest

PROMISE = (
    N_("We never use your words to decide about your home, your rent or your repairs."),
    N_("We do not give them to the Job Centre, the council or the police."),
    N_("There are two times we must tell someone: somebody may be badly hurt; the law says we must."),
)


def promise_in_words() -> str:
    """The promise as a page shows it, in that page's language: a sentence a line."""
    return "\n".join(gettext(sentence) for sentence in PROMISE)


class Setting(db.Model):
    """One setting as it was set once: the newest of its key holds, the earlier ones are its history."""

    key: Mapped[str] = mapped_column(String(40))
    value: Mapped[Any] = mapped_column(JSON)
    set_at: Mapped[datetime] = mapped_column(default=now)
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # nobody: the demonstration
    set_by: Mapped[Person | None] = relationship()

    __table_args__ = (Index("ix_setting_key_id", "key", "id"),)


class ConfirmedSentence(db.Model):
    """A sentence of the promise to residents, with its wording as a manager confirmed it."""

    wording: Mapped[str] = mapped_column(Text)
    confirmed_at: Mapped[datetime] = mapped_column(default=now)
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    confirmed_by: Mapped[Person | None] = relationship()


class WeeklyPlaces(db.Model):
    """How many people may be invited in a week, from a week on; the newest row of the latest week holds."""

    week: Mapped[date] = mapped_column(index=True)  # a Monday
    places: Mapped[int]
    set_at: Mapped[datetime] = mapped_column(default=now)
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    set_by: Mapped[Person | None] = relationship()


def localized(words: dict[str, str]) -> str:
    """The text in the page's language, or in English where there is none."""
    return words.get(str(get_locale())) or words.get("en", "")


@dataclass(frozen=True)
class Landlord:
    """The settings in force. Words are one text a language."""

    service_name: dict[str, str] = field(default_factory=lambda: {"en": "Deal"})
    organisation: dict[str, str] = field(default_factory=lambda: {"en": ""})
    phone: str = ""  # whom to ring: on every signed-out page
    contact_days: int = 3  # within how many days a coach is in touch after About me
    quiet_weeks: int = 6  # after how many weeks without a talk Today says so
    repairs_phone: str = ""  # where to report a repair, on the questions that may bring one up
    complaints: dict[str, str] = field(default_factory=lambda: {"en": ""})  # how to complain, in a sentence
    help_lines: dict[str, str] = field(default_factory=lambda: {"en": ""})  # whom to ring, a line for each
    # so many must have said or felt something before managers see a share of them; never under 5
    least_people: int = 10
    moved_months: int = 12  # how long somebody who moved away can still sign in
    paused: bool = False  # no new invitations
    hope_to_learn: dict[str, str] = field(default_factory=lambda: {"en": ""})  # for the page to share, as is the next
    learned: dict[str, str] = field(default_factory=lambda: {"en": ""})
    danger: dict[str, str] = field(default_factory=lambda: {"en": ""})  # whom coaches ring, where they write it down
    welsh_checked_by: str = ""  # whose check the Welsh had; until then residents are not shown it
    demonstration: dict[str, Any] | None = None  # seed and size, in a demonstration only


def landlord() -> Landlord:
    """The settings in force, read once a request."""
    if "landlord" not in g:
        newest = select(func.max(Setting.id)).group_by(Setting.key)
        rows = db.session.scalars(select(Setting).where(Setting.id.in_(newest))).all()
        known = {one.name for one in fields(Landlord)}
        g.landlord = Landlord(**{row.key: row.value for row in rows if row.key in known})
        current_app.extensions["last_landlord"] = g.landlord
    return g.landlord


def last_landlord() -> Landlord:
    """The settings as this process last read them: for when the database cannot be read, and for then only."""
    return current_app.extensions.get("last_landlord") or Landlord()


def languages() -> list[str]:
    """The languages that are on: Welsh in a demonstration, or once a manager has written who checked it."""
    ours = landlord()
    return ["en", "cy"] if ours.demonstration is not None or ours.welsh_checked_by else ["en"]


def change_settings(changes: dict[str, Any], by: Person | None) -> None:
    """Write a row for each setting that differs; the caller commits.

    Words come with their language, and stand beside those in the other one; plain ones are English.
    """
    before = asdict(landlord())
    for key, value in changes.items():
        if isinstance(before[key], dict):
            value = before[key] | (value if isinstance(value, dict) else {"en": value})
            value = {language: words for language, words in value.items() if words or language == "en"}
        if before[key] != value:
            db.session.add(Setting(key=key, value=value, set_by_id=by and by.id))
    g.pop("landlord", None)


def lock_settings() -> None:
    """Two managers take turns: what is read afterwards is in force until the commit."""
    lock(Setting, select(func.min(Setting.id)).scalar_subquery())
    g.pop("landlord", None)


FINGERPRINTS = "fingerprints"  # of the keys: kept beside the settings, and none of them
TO_SHARE = ("hope_to_learn", "learned")  # long words, with a history of their own


def settings_history(*keys: str, most: int = 20) -> list[Setting]:
    """The last changes of these settings, or of all that are short, newest first."""
    which = Setting.key.in_(keys) if keys else Setting.key.not_in(("demonstration", FINGERPRINTS, *TO_SHARE))
    newest = select(Setting).options(joinedload(Setting.set_by)).where(which)
    return list(db.session.scalars(newest.order_by(Setting.id.desc()).limit(most)))


def pause(afresh: bool = False) -> Setting | None:
    """Who paused invitations and when, while they are; or since this request began."""
    if afresh:
        g.pop("landlord", None)
    return next(iter(settings_history("paused", most=1)), None) if landlord().paused else None


def is_paused() -> Any:
    """An expression: whether invitations are paused at this moment."""
    newest = select(Setting.id).where(Setting.key == "paused").order_by(Setting.id.desc()).limit(1).scalar_subquery()
    return select(Setting.value).where(Setting.id == newest).scalar_subquery()


def confirmations() -> dict[str, ConfirmedSentence]:
    """Each confirmed sentence of the promise as it stands in the code now, by its English wording."""
    query = select(ConfirmedSentence).options(joinedload(ConfirmedSentence.confirmed_by))
    query = query.where(ConfirmedSentence.wording.in_(PROMISE)).order_by(ConfirmedSentence.id)
    return {row.wording: row for row in db.session.scalars(query)}


def promise_is_confirmed() -> Any:
    """An expression: whether a manager has confirmed every sentence; no invitation is made before."""
    confirmed = select(func.count(ConfirmedSentence.wording.distinct()))
    return confirmed.where(ConfirmedSentence.wording.in_(PROMISE)).scalar_subquery() == len(PROMISE)


def places_of(week: date) -> Any:
    """An expression: the places of the week that begins on this Monday; 0 where a manager has not set any."""
    newest = select(WeeklyPlaces.places).where(WeeklyPlaces.week <= week)
    newest = newest.order_by(WeeklyPlaces.week.desc(), WeeklyPlaces.id.desc()).limit(1)
    return func.coalesce(newest.scalar_subquery(), 0)


def places_in(week: date) -> int:
    """The same as a number."""
    return db.session.scalar(select(places_of(week))) or 0


def weekly_places() -> Sequence[WeeklyPlaces]:
    """The last settings of weekly places, the furthest week first."""
    furthest_first = WeeklyPlaces.week.desc(), WeeklyPlaces.id.desc()
    query = select(WeeklyPlaces).options(joinedload(WeeklyPlaces.set_by)).order_by(*furthest_first)
    return db.session.scalars(query.limit(10)).all()
