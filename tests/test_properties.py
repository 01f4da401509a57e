"""What holds for all names, codes, PINs and lists, tried on many."""

import string
import unicodedata
from datetime import UTC, datetime, timedelta
from math import log2

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import select

from deal.auth.models import LoginThrottle
from deal.auth.passwords import is_easy_pin
from deal.auth.pending_post import seal, unseal
from deal.auth.tokens import ALPHABET, CODE_LENGTH, NAME_LENGTH, code_hash_of, derive_code, grouped, plain
from deal.clock import week_of
from deal.db import db
from deal.invitations.onboarding import new_sign_in_name
from deal.names import name_key
from deal.pagination import page_of
from deal.people import Person, Role

names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=60)
codes = st.text(ALPHABET, min_size=CODE_LENGTH, max_size=CODE_LENGTH)


def test_codes_have_sixty_bits_or_more():
    assert len(set(ALPHABET)) == len(ALPHABET)
    assert log2(len(ALPHABET)) * CODE_LENGTH >= 60


def test_no_two_signs_of_a_code_look_alike():
    for alike in ("0OQD", "1IL", "2Z", "5S", "8B", "UV", "6G"):
        shared = set(alike) & set(ALPHABET)
        assert len(shared) <= 1 or shared == {"Q", "D"}, f"{sorted(shared)} look alike"


@given(codes, st.sampled_from([3, 4, 5]))
def test_a_code_is_the_same_however_it_is_typed(app, code, size):
    printed = grouped(code, size)
    assert plain(printed) == code
    assert code_hash_of(printed.lower().replace("-", " ")) == code_hash_of(code)


@given(st.binary(min_size=16, max_size=16), st.binary(min_size=16, max_size=16))
def test_a_token_gives_its_own_code_and_always_the_same(app, one, other):
    first, second = (derive_code(token.hex(), "invitation") for token in (one, other))
    assert set(first) <= set(ALPHABET) and len(first) == CODE_LENGTH
    assert (first == second) == (one == other)
    assert derive_code(one.hex(), "join") != first == derive_code(one.hex(), "invitation")


def test_sign_in_names_can_be_read_out():
    for _ in range(200):
        name = new_sign_in_name()
        assert len(name) == NAME_LENGTH == 8
        assert set(name) <= set(ALPHABET)


@given(names)
@example("Łukasz")
@example("𝕬nna")
@example("  ŴYN  ")
@example("ﷺ" * 60)
def test_a_name_sorts_without_case_and_marks(name):
    key = name_key(name)
    assert name_key(key).strip() == key.strip(), "sorting a key again changes nothing"
    assert not any(unicodedata.combining(letter) for letter in key)
    assert len(key) <= 200


def test_names_fold_as_people_search_them():
    folded = [name_key(name) for name in ("Łukasz", "Đorđe", "Bjørn", "Siân", "ŴYN", "José", " Zoë ", "ægir")]
    assert folded == ["lukasz", "dorde", "bjorn", "sian", "wyn", "jose", "zoe", "aegir"]


def test_easy_pins_are_told_from_others():
    easy = ["000000", "999999", "123456", "654321", "098765", "567890", "121212", "909090"]
    easy += ["123123", "907907", "112233", "998877", "445500"]
    assert [pin for pin in easy if not is_easy_pin(pin)] == []
    assert [pin for pin in ["271904", "135790", "100002", "123465", "918273"] if is_easy_pin(pin)] == []


@given(st.text(string.digits, min_size=6, max_size=6))
def test_a_pin_reads_alike_backwards_and_few_are_easy(pin):
    assert is_easy_pin(pin) == is_easy_pin(pin[::-1])


def test_few_pins_are_refused():
    tried = range(0, 1_000_000, 7)
    assert sum(is_easy_pin(f"{number:06}") for number in tried) < len(tried) / 50


@given(st.dates())
def test_a_week_begins_on_monday(day):
    if day.toordinal() > 7:
        assert week_of(day).weekday() == 0
        assert timedelta(0) <= day - week_of(day) < timedelta(7)


@given(words=st.text(st.characters(exclude_categories=["Cs"])), who=st.integers(1, 2**31), other=st.integers(1, 2**31))
def test_held_words_come_back_for_that_person_alone(app, words, who, other):
    with app.test_request_context("/residents/7/goals/new", method="POST", data={"words": words, "pin": "271904"}):
        sealed = seal(who)
        assert words not in sealed or len(words) < 4
        assert unseal(sealed, who) == ("/residents/7/goals/new", [("words", words)])
        assert other == who or unseal(sealed, other) is None
        assert unseal(sealed[:-2] + "AA", who) is None or sealed.endswith("AA")


@pytest.mark.sqlite_only
@pytest.mark.parametrize("damaged", ["", "x", "gAAAAA==", "é", "\udcff", "A" * 5000, None])
def test_damaged_held_words_are_nobodys(app, damaged):
    assert unseal(damaged, 1) is None


def pages_through(query, *keys, size):
    """Every row of a query, page by page."""
    seen, after = [], None
    while True:
        page = page_of(query, *keys, after=after, size=size)
        assert len(page.rows) <= size
        seen += page.rows
        if page.after is None:
            return seen
        assert len(page.rows) == size
        after = page.after


@pytest.mark.on_both
@given(
    names=st.lists(
        st.one_of(st.sampled_from(["Nia", "nia", "NIA", "Łucja", "Zoë", "émile", "Ωmega", "😀"]), names), max_size=12
    ),
    size=st.integers(1, 5),
)
def test_pages_show_every_row_once_by_name(app, names, size):
    db.session.add_all(Person(role=Role.COACH, name=name[:200]) for name in names)
    db.session.flush()
    everybody = [(key, number) for key, number in db.session.execute(select(Person.name_key, Person.id))]
    up = pages_through(select(Person), Person.name_key, Person.id, size=size)
    assert [(one.name_key, one.id) for one in up] == sorted(everybody)
    down = pages_through(select(Person), Person.name_key.desc(), Person.id.desc(), size=size)
    assert [(one.name_key, one.id) for one in down] == sorted(everybody, reverse=True)
    db.session.rollback()


@pytest.mark.on_both
@given(seconds=st.lists(st.integers(0, 3), max_size=12), size=st.integers(1, 5))
def test_pages_show_every_row_once_by_moment(app, seconds, size):
    """Moments with ties and with fractions of a second; rows may hold more than one thing."""
    begin = datetime(2026, 3, 29, 0, 59, 59, 999_999, tzinfo=UTC)
    row = LoginThrottle
    for number, one in enumerate(seconds):
        at = begin + timedelta(seconds=one)
        db.session.add(row(subject=f"s {number}", wrong=1, tried_at=at, closed_until=at))
    db.session.flush()
    everything = sorted((one.tried_at, one.id) for one in db.session.scalars(select(row)))
    query = select(row, row.subject)
    assert [(one.tried_at, one.id) for one, _ in pages_through(query, row.tried_at, row.id, size=size)] == everything
    down = pages_through(query, row.tried_at.desc(), row.id.desc(), size=size)
    assert [(one.tried_at, one.id) for one, _ in down] == everything[::-1]
    db.session.rollback()
