"""One made-up resident, from the letter to the newest check-in."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from deal.access import Look, Seen
from deal.accounts.codes import hash_of, made_from
from deal.accounts.models import Consent, Helper, Invitation, SignIn
from deal.assessment.models import Answer, Assessment, ReadBack, Wait
from deal.assessment.questions import Kind, Question
from deal.conversations.models import Conversation, How, Note
from deal.db import day_of
from deal.demo.rows import Rows, add_person, code_of, in_turn, local, sign_in_name, words
from deal.goals.models import CheckIn, Goal, GoalState, State, Step, Wording
from deal.people import Coaching, Role
from deal.settings import PROMISE
from deal.summaries.models import EXTRAS, SummaryChoice


class Life:
    """One resident, from the letter to the newest check-in. Days are counted back from today."""

    def __init__(
        self, rows: Rows, seed: int, number: int, staff: list[int], invited_at: datetime, weeks: float, pin_hash: str
    ) -> None:
        named = [life for life in words()["life"] if "name" in life]
        others = words()["life"][len(named) :]
        self.named = number < len(named)
        self.turn, place = (0, number) if self.named else divmod(number - len(named), len(others))
        self.told = named[number] if self.named else others[place]
        self.rows, self.seed, self.number, self.invited_at = rows, seed, number, invited_at
        self.chance = Random(f"{seed} {number}")
        self.id = len(staff) + 1 + number
        self.coach = staff[1 + number % (3 if self.named else len(staff) - 1)]
        self.today = rows.today
        self.age = (self.today - day_of(invited_at)).days
        self.language = self.told.get("language", "en")
        self.weeks, self.pin_hash, self.turns = weeks, pin_hash, words()["turns"]
        self.hope: int | None = None  # the answer that a goal may quote

    def live(self, questions: list[Question]) -> None:
        letter = "in" if self.weeks else "waiting"
        if self.weeks > 5 and not self.named:
            letter = in_turn(self.turns["letters"], self.number - 10)
        came_in = letter in ("in", "talked_first", "renewed")
        self._person(self.pin_hash if came_in else None)
        if letter == "renewed":
            again = self.invited_at + timedelta(days=7)
            self._letter("withdrawn", self.invited_at, again)
            self.invited_at, self.age = again, self.age - 7
        early = self.weeks < 2.6
        opened_on = max(2, self.age - 4 - self.number % 3 * 3) if early and came_in else self.age - 1
        at = self._at(opened_on, self.chance.randrange(580, 1100))
        self._letter(letter, self.invited_at, at)
        if not came_in:
            return
        about_me_on = opened_on - (8 if letter == "talked_first" else self.chance.choice((0, 0, 1)))
        begun = at + timedelta(minutes=6) if about_me_on == opened_on else self._at(about_me_on, 640)
        finished = self._about_me(questions, begun, most=6 if early and self.number % 4 == 3 else 99)
        if letter == "talked_first":
            self.hope = None  # said after the goal
        waits = early or (self.weeks < 3.3 and self.number % 3 == 0)
        talks = [] if waits else self._talks(self.age - 4 if letter == "talked_first" else about_me_on - 3)
        if finished or talks:
            since = None if letter == "talked_first" else finished
            talked_on = self.today - timedelta(days=talks[0]) if talks else None
            self.rows.add(Wait, resident_id=self.id, since=since, talked_on=talked_on)
        if talks:
            self._goals(talks)
        if talks and (self.number % 6 == 5 or "shows" in self.told):
            shows = self.told.get("shows") or [in_turn(EXTRAS, self.number)]
            self.rows.add(SummaryChoice, resident_id=self.id, shows=shows, chosen_at=self._at(1, 700))

    def _at(self, days_ago: int, minute: float) -> datetime:
        return local(self.today - timedelta(days=days_ago), minute)

    def _after(self, day: int, share: float) -> datetime:
        """Between the day after that one and yesterday; a later moment for a greater share, below 1."""
        days, part = divmod(share * (day - 1), 1)
        return self._at(day - 1 - int(days), 600 + part * 560)

    def _pick(self, key: str) -> str:
        return self.chance.choice(words()["said"][key])

    def _words_for(self, key: str) -> str:
        """What this person says to a question; empty where they say nothing."""
        if key in self.told:
            said = in_turn(self.told[key], self.turn)
            return words()["long"][key] if said == "LONG" else said
        pool = [] if self.named else words()["said"].get(key, [])
        return in_turn(pool, self.number + self.turn) if pool and self.chance.random() < 0.85 else ""

    def _person(self, pin_hash: str | None) -> None:
        first, last, labels = (words()[key] for key in ("first", "last", "labels"))
        turn, place = divmod(self.number, len(first))
        short = turn == 0 and self.number % 2
        name = first[place] if short else f"{first[place]} {in_turn(last, place * 7 + turn)}"
        label = in_turn(labels, self.number * 7) if short or self.number % 3 else ""
        name, label = self.told.get("name", name), self.told.get("label", label)
        sign_in = {"secret_hash": pin_hash, "sign_in_name": sign_in_name(self.seed, self.id) if pin_hash else None}
        add_person(self.rows, Role.RESIDENT, self.invited_at, name, label=label, **sign_in)
        self.rows.add(Coaching, resident_id=self.id, coach_id=self.coach, since=self.invited_at)

    def _letter(self, letter: str, made_at: datetime, at: datetime) -> None:
        renewal = letter == "renewed"
        code = made_from(f"renewed {self.seed} {self.id}", "invitation") if renewal else code_of(self.seed, self.id)
        what = {"renewal": renewal, "code_hash": hash_of(code), "made_at": made_at}
        if letter in ("no_thanks", "not_me", "withdrawn"):
            what[f"{letter}_at"] = at
            what["opened_at"] = at - timedelta(minutes=2) if letter == "no_thanks" else None
        elif letter in ("in", "talked_first", "renewed"):
            agreed, used = at + timedelta(minutes=2), at + timedelta(minutes=5)
            what |= {"opened_at": at, "agreed_at": agreed, "used_at": used}
            promise = "\n".join(PROMISE)
            self.rows.add(Consent, resident_id=self.id, agreed_at=agreed, wording=promise, language="en")
            ends = {"runs_out_at": used + timedelta(hours=12), "ended_at": used + timedelta(minutes=70)}
            self.rows.add(SignIn, person_id=self.id, began_at=used, **ends)
        self.rows.add(Invitation, resident_id=self.id, made_by_id=self.coach, **what)

    def _about_me(self, questions: list[Question], begun: datetime, most: int) -> datetime | None:
        """The answers; when the short way was done, if it was."""
        further = self.named or self.number % 3 > 0
        asked = [one for one in questions if one.core or (further and most > len(questions))][:most]
        done = most > len(questions)
        finished = begun + timedelta(minutes=sum(one.core for one in asked) + 1) if done else None
        about_me = {"question_set_id": questions[0].section.question_set_id, "started_at": begun}
        way = self.rows.add(Assessment, resident_id=self.id, finished_at=finished, **about_me)
        for minute, question in enumerate(asked, 1):
            if question.key == "how-sure" and not self.hope:
                continue
            self._answer(question, way, begun + timedelta(minutes=minute + (not question.core)))
        return finished

    def _answer(self, question: Question, way: int, at: datetime) -> None:
        said = self._said(question)
        row = {"assessment_id": way, "resident_id": self.id, "question_id": question.id, **self._typed(at)}
        row |= {"language": self.language, "skipped": not any(value not in (None, []) for value in said.values())}
        if question.key == "asked-for" and self.number % 4 == 1 and " " in (said["words"] or ""):
            first_go = said | {"words": said["words"].rsplit(" ", 1)[0]}
            before = at - timedelta(seconds=40)
            self.rows.add(Answer, given_at=before, superseded_at=at, **row, **first_go)
        number = self.rows.add(Answer, given_at=at, **row, **said)
        if question.key == "hope-most" and said["words"]:
            self.hope = number

    def _typed(self, at: datetime) -> dict[str, Any]:
        """Who typed the answers of this resident, who sat beside them, and whether they were read back."""
        how = "self" if self.named else in_turn(self.turns["typed"], self.number)
        typed: dict[str, Any] = {"typed_by_id": self.coach if how in ("coach", "read_back") else self.id}
        typed["helper"] = Helper.FRIEND if how == "friend" else None
        read_back = {"read_back_at": at + timedelta(days=1), "read_back_how": ReadBack.PAPER}
        return typed | read_back if how == "read_back" else typed

    def _said(self, question: Question) -> dict[str, Any]:
        said: dict[str, Any] = {"words": None, "choices": [], "number": None}
        if question.kind is Kind.WORDS:
            said["words"] = self._words_for(question.key) or None
        elif question.kind is Kind.SCALE:
            said["number"] = self.told.get("how-sure", self.chance.randrange(3, 11))
        elif question.kind is Kind.CHOICE:
            said["choices"] = [self.chance.choice(("yes", "yes", "not-sure", "no"))]
        else:
            keys = [choice["key"] for choice in question.choices]
            told = self.told.get(question.key, [])
            more = 0 if self.named and told else 1 + self.chance.randrange(2)
            ticked = {*told, *self.chance.sample(keys, more)}
            said["choices"] = [key for key in keys if key in ticked]
            if question.key == "hands" and not self.named and self.number % 4 == 0:
                said["words"] = self._pick("something-else")
        return said

    def _talks(self, first: int) -> list[int]:
        """Conversations from that day on, on weekdays; their days."""
        count = min(self.told.get("talks", 9), 1 + int(self.weeks / 3.5))
        days = [self._weekday(round(first - place * (first - 2) / count)) for place in range(count)]
        for place, day in enumerate(days):
            at = self._at(day, 590 + (self.number * 37 + place * 60) % 380)
            coming = days[place + 1] if place + 1 < len(days) else -self._ahead()
            next_on = self.today - timedelta(days=coming) if coming else None
            talk = {"resident_id": self.id, "coach_id": self.coach, "how": self.chance.choice(list(How))}
            days_of = {"talked_on": day_of(at), "next_on": next_on, "written_at": at}
            self._notes(self.rows.add(Conversation, **talk, **days_of), place, at, day, place + 1 == len(days))
            if self.number % 3 == 0:
                look = {"resident_id": self.id, "staff_id": self.coach, "hour": at.replace(minute=0, second=0)}
                self.rows.add(Look, page="home.resident", **look)
        self.rows.add(Seen, resident_id=self.id, staff_id=self.coach, at=at)
        return days

    def _weekday(self, day: int) -> int:
        return day + max((self.today - timedelta(days=day)).weekday() - 4, 0)

    def _ahead(self) -> int:
        ahead = self.told.get("next") or self.chance.choice((0, 2, 5, 8, 13))
        weekday = (self.today + timedelta(days=ahead)).weekday()
        return ahead + 7 - weekday if ahead and weekday > 4 else ahead

    def _notes(self, talk: int, place: int, at: datetime, day: int, last: bool) -> None:
        told = self.told.get("notes", [])
        row = {"conversation_id": talk, "language": self.language}
        own = self.told.get("own_note") if self.named and place == 1 else None
        if told[place:]:
            typed = told[place]
        elif last and self.number % 9 == 4:
            turn = self.number // 9 % 2
            typed, own = words()["said"]["notes_not_agreed"][turn], words()["said"]["own_notes"][turn]
        else:
            typed = self._pick("notes")
        answered = self._after(day, 0.05) if own else None
        self.rows.add(Note, words=typed, typed_by_id=self.coach, at=at, not_agreed_at=answered, **row)
        if own:
            self.rows.add(Note, words=own, typed_by_id=self.id, at=answered, **row)

    def _goals(self, talks: list[int]) -> None:
        told = self.told["goals"]
        if not self.named:
            told = [in_turn(told, self.turn + place) for place in range(1 + (self.number % 3 == 0))]
        check_ins: list[dict[str, Any]] = []
        for place, goal in enumerate(told):
            day = talks[min(place // 2, len(talks) - 1)]
            stands = "live" if self.named or place else in_turn(self.turns["stands"], self.number)
            self._goal(goal, day, self._at(day, 1000 + 5 * place), goal.get("state", stands), check_ins)
        for check_in in sorted(check_ins, key=lambda row: row["at"]):
            self.rows.add(CheckIn, **check_in)

    def _goal(self, goal: dict, day: int, made_at: datetime, stands: str, check_ins: list[dict]) -> int:
        """A goal with all that hangs on it; its number."""
        goes = {"live": [], "back": [("resting", 0.4), ("live", 0.7)], "changed": [("changed", 0.6)]}
        turns = goes.get(stands, [(stands, 0.85)])
        became = None
        goal_id = self.rows.add(Goal, resident_id=self.id, made_at=made_at, state=State.LIVE)
        row = self.rows.waiting[Goal][-1]
        if stands == "changed":
            follows = in_turn(self.told["goals"], self.turn + 2)
            turned_at = self._after(day, 0.6)
            became = self._goal(follows, (self.today - day_of(turned_at)).days, turned_at, "live", check_ins)
        author, changed_at, own_words, count = self._wordings(goal_id, goal, day, made_at)
        self.rows.add(GoalState, goal_id=goal_id, state=State.LIVE, by_id=author, at=made_at)
        for state, share in turns:
            changed_at = self._after(day, share)
            by, reason = self.coach if self.number % 4 == 2 else self.id, goal.get("reason")
            pool = "back" if stands == "back" and state == "live" else state
            reason = reason or (self._pick(pool) if self.number % 5 else None)
            to = {"state": State(state), "by_id": by, "reason": reason}
            self.rows.add(GoalState, goal_id=goal_id, at=changed_at, **to)
            row["state"] = State(state)
        row |= {"became_id": became, "own_words": own_words, "changed_at": changed_at}
        row["version"] = count + len(turns)
        self._steps(goal_id, goal, day, made_at, author, stands)
        check_ins += self._check_ins(goal_id, goal, day, turns[-1][1] if turns else 1.0)
        return goal_id

    def _wordings(self, goal_id: int, goal: dict, day: int, made_at: datetime) -> tuple[int, datetime, bool, int]:
        """Every wording; who typed the first, when the face was typed, if in own words, and how many there are."""
        full = {"why": goal.get("why") or None, "sure": goal.get("sure")}
        row = {"goal_id": goal_id, "language": self.language, "said_by_id": self.id, "is_face": True}
        if "said" in goal or "earlier" in goal:
            later, staff = self._after(day, 0.12), "said" in goal
            author = self.coach if staff else self.id
            first = {"words": goal["said" if staff else "earlier"], "not_agreed_at": later if staff else None}
            before = row | {"is_face": False, "typed_by_id": author, "at": made_at}
            self.rows.add(Wording, **before, **first, **(full if staff else {}))
            own = {} if staff else full
            self.rows.add(Wording, words=goal["words"], typed_by_id=self.id, at=later, **row, **own)
            return author, later, True, 2
        how = goal.get("kind") or in_turn(self.turns["said"], self.number * 2 + len(goal["steps"]))
        author = self.coach if how in ("read_back", "typed") else self.id
        row |= {"read_back_at": made_at, "read_back_how": ReadBack.PIN} if how == "read_back" else {}
        row |= {"quoted_answer_id": self.hope} if how == "quoted" else {}
        self.rows.add(Wording, words=goal["words"], typed_by_id=author, at=made_at, **row, **full)
        return author, made_at, how != "typed", 1

    def _steps(self, goal_id: int, goal: dict, day: int, made_at: datetime, author: int, stands: str) -> None:
        steps = goal.get("steps", [])
        done = len(steps) if stands == "reached" else goal.get("done", 0)
        for place, step in enumerate(steps):
            who = self._pick("who_steps") if place == 1 and self.number % 4 == 2 else ""
            by, added_at = (self.id, self._after(day, 0.03 * place)) if place else (author, made_at)
            done_at = self._after(day, 0.14 + 0.11 * place) if place < done else None
            row = {"goal_id": goal_id, "language": self.language, "done_at": done_at}
            self.rows.add(Step, words=step, who=who, added_by_id=by, added_at=added_at, **row)

    def _check_ins(self, goal_id: int, goal: dict, day: int, until: float) -> list[dict[str, Any]]:
        told = goal.get("check_ins") or [self._check_in(place) for place in range(1 + int(self.weeks / 3))]
        rows = []
        for place, (number, *said) in enumerate(told):
            typed_by = self.coach if place == 1 and self.number % 5 == 3 else self.id
            row = {"goal_id": goal_id, "said_by_id": self.id, "typed_by_id": typed_by, "language": self.language}
            row |= dict(zip(("helped", "in_the_way", "celebrate"), (one or None for one in said), strict=True))
            at = self._after(day, until * (0.08 + 0.9 * place / len(told)))
            rows.append(row | {"number": None if number < 0 else number, "at": at})
        return rows

    def _check_in(self, place: int) -> list[Any]:
        number = min(10, self.chance.randrange(2, 7) + place) if self.chance.random() < 0.8 else -1
        said = [self._pick(key) if self.chance.random() < 0.45 else "" for key in ("helped", "in_the_way", "celebrate")]
        return [number, *said] if number >= 0 or any(said) else [number, self._pick("helped"), "", ""]
