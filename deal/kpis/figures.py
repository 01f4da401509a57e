"""What is told of a block of four weeks: the shapes in which figures are worked out, kept and shown."""

from dataclasses import dataclass, field
from datetime import date, datetime

from deal.tenths import no_finer

FEW_HOURS = 5


@dataclass(frozen=True)
class Reach:
    """People invited over places; who opened a letter, finished About me, said no thanks; invited, places of a week."""

    invited: int
    places: int
    opened: int
    finished: int
    no_thanks: int
    weeks: list[tuple[int, int]] = field(default_factory=list)


@dataclass(frozen=True)
class Wait:
    """First conversations held, the median of calendar days that people waited for them; who waits now, the longest."""

    talks: int
    median: float | None
    waiting: int
    longest: int | None  # days


@dataclass(frozen=True)
class Felt:
    """What people said or felt, in tenths, as deal.tenths tells them; no counts. None stands for too few to show."""

    yes: int | None  # of those who answered
    answered: int | None  # of those who were asked

    def __post_init__(self) -> None:
        """Blocks that were frozen earlier hold finer tenths."""
        for name, tenths in vars(self).copy().items():
            object.__setattr__(self, name, None if tenths is None else no_finer(tenths))


@dataclass(frozen=True)
class OwnWords:
    """Live goals in own words, over all live goals."""

    own: int
    live: int


@dataclass(frozen=True)
class Blockers:
    """The landlord's own that were opened and removed, those that stand open at the end, the age of the oldest."""

    opened: int
    removed: int
    open: int
    oldest: int | None  # days


@dataclass(frozen=True)
class Hurting:
    """Is it hurting the business? Each week's answer ("no", "not-sure", "yes" or None) with its sentence; hours."""

    weeks: list[tuple[str | None, str]]
    hours: int | None  # a week, of all coaches who told, 4 for fewer than 5; None for too few

    def __post_init__(self) -> None:
        """No hours of all coaches would be none of each."""
        object.__setattr__(self, "hours", None if self.hours is None else max(self.hours, FEW_HOURS - 1))


@dataclass(frozen=True)
class Goals:
    """Goals set, and changes of state."""

    set: int
    done: int
    changed: int
    resting: int
    set_aside: int


@dataclass(frozen=True)
class Figures:
    """One block. What people said or felt is None while it runs.

    A published one says when it was frozen, and keeps the definitions and the threshold that were in force: by
    language, then by figure, what it is and what it cannot tell.
    """

    block: date  # its first Monday
    reach: Reach
    wait: Wait
    residents: Felt | None
    coaches: Felt | None
    own_words: OwnWords
    promises: Felt | None  # yes: kept, as residents say
    blockers: Blockers
    hurting: Hurting
    goals: Goals
    frozen_at: datetime | None = None
    definitions: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    least_people: int | None = None
