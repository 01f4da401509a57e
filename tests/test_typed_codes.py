"""PINs, numbers, codes and names count as they are meant; what cannot be one is told why, and is no try."""

import pytest
from sqlalchemy import func, select, text

from deal.auth.models import OneTimeKind
from deal.auth.tokens import grouped
from deal.clock import now
from deal.db import db
from deal.invitations.models import Invitation
from tests.people import PIN, invite, make_card, make_goal, make_one_time_code, make_talk

pytestmark = pytest.mark.sqlite_only  # how a code is typed

TYPED = {
    "blanks": "271 904",
    "a trailing blank": "271904 ",
    "a no-break space": "271\u00a0904",
    "narrow no-break spaces": "27\u202f19\u202f04\u202f",
    "dashes": "27-19-04",
    "a long dash": "271–904",
    "a zero-width space": "271\u200b904\ufeff",
    "right to left": "\u200f271904",
    "Arabic": "٢٧١٩٠٤",
    "Persian": "۲۷۱۹۰۴",
    "Bengali": "২৭১৯০৪",
    "Devanagari": "२७१९०४",
    "full width": "２７１９０４",
    "a mixture": "٢٧١ 9۰４",
}
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
OTHER_PIN = "640217"


def wide(code: str) -> str:
    return "".join(chr(ord(sign) + 0xFEE0) for sign in code)


def tries() -> int:
    return db.session.scalar(select(func.count()).select_from(text("login_throttle"))) or 0


@pytest.mark.parametrize("typed", TYPED.values(), ids=TYPED)
def test_a_pin_is_the_same_however_it_is_typed(visit, nia, sam, typed):
    assert visit().post("/sign-in", name=nia.sign_in_name, pin=typed).path == f"/residents/{nia.id}"


@pytest.mark.slow
@pytest.mark.parametrize("typed", TYPED.values(), ids=TYPED)
def test_and_so_it_is_where_it_is_chosen_or_read_back(visit, nia, sam, typed):
    mo, letter = invite("Mo", sam)
    db.session.scalars(select(Invitation).filter_by(resident_id=mo.id)).one().agreed_at = now()
    db.session.commit()
    phone = visit()
    phone.post(f"/i/{letter}/pin", pin=typed)
    assert visit().post("/sign-in", name=mo.sign_in_name, pin=PIN).path == f"/residents/{mo.id}"
    goal = make_goal(mo, typed_by=sam)
    fields = {"how": "pin", "pin": typed, "shown": [f"wording-{goal.current_wording.id}"]}
    read_back = f"/residents/{mo.id}/read-back"
    coach = visit(sam)
    assert coach.send("POST", read_back, {"csrf_token": coach.token(), "once": "a", **fields}).status_code == 303
    number = make_one_time_code(nia, OneTimeKind.NEW_PIN, by=sam)
    phone = visit()
    phone.post("/new-pin", name=nia.sign_in_name, number=number, pin=typed)
    assert "Your PIN is changed." in phone.post("/account", present=PIN, pin=OTHER_PIN.translate(ARABIC))
    assert visit().post("/sign-in", name=nia.sign_in_name, pin=OTHER_PIN).path == f"/residents/{nia.id}"


def test_names_codes_and_numbers_too(visit, nia, sam, joe):
    name = nia.sign_in_name
    for typed in (wide(name), f"{name[:4]}\u200b – {name[4:]}\u00a0".lower(), f"\u200e{name}"):
        assert visit().post("/sign-in", name=typed, pin=PIN).path == f"/residents/{nia.id}"
    _mo, letter = invite("Mo", sam)
    for typed in (wide(letter), grouped(letter).replace("-", "‑"), f"\u200f{letter}\ufeff"):
        assert "Is this for you, Mo?" in visit().post("/code", code=typed)
    number = make_one_time_code(nia, OneTimeKind.NEW_PIN, by=sam)
    typed = f"{number[:4]}\u00a0{number[4:]}".translate(ARABIC)
    assert visit().post("/new-pin", name=wide(name), number=typed, pin=OTHER_PIN).path == f"/residents/{nia.id}"
    card = make_card(nia, make_talk(nia, sam), None)
    assert "Saved. Thank you" in visit(joe).post("/cards", number=wide(card).lower(), feels="yes")


NO_PIN = {
    "27190": "A PIN has six numbers. You typed 5.",
    "2719045": "A PIN has six numbers. You typed 7.",
    "٢٧١٩٠": "A PIN has six numbers. You typed 5.",
    "27190O": "A PIN has six numbers, and no letters.",
    "": "Type your PIN.",
    " - ": "Type your PIN.",
}


@pytest.mark.parametrize("typed", NO_PIN)
def test_what_cannot_be_a_pin_is_told_why_and_is_no_try(visit, nia, sam, typed):
    browser = visit()
    for _ in range(7):
        page = browser.post("/sign-in", status=422, name=nia.sign_in_name, pin=typed)
        assert page.errors.endswith(NO_PIN[typed]) and page.value("name") == nia.sign_in_name
    make_goal(nia, typed_by=sam)
    page = visit(sam).post(f"/residents/{nia.id}/read-back", status=422, how="pin", pin=typed)
    assert page.errors.endswith(NO_PIN[typed] if typed.strip(" -") else "Type the PIN, or use paper.")
    assert tries() == 0
    assert visit().post("/sign-in", name=nia.sign_in_name, pin=PIN).path == f"/residents/{nia.id}"


def test_what_cannot_be_a_code_names_the_mend_and_is_no_try(visit, nia, sam):
    _mo, letter = invite("Mo", sam)
    wrong = {
        f"O{letter[1:]}": "There is no O in our codes and names. It may be one of these: D, Q.",
        f"{letter[:7]}1{letter[8:]}": "There is no 1 in our codes and names. It may be one of these: L, J, 7.",
        f"{letter[:14]}Ø": "There is no Ø in our codes and names. Look at that sign once more.",
        letter[:14]: "A code has 15 letters and numbers. You typed 14.",
        f"{letter}A": "A code has 15 letters and numbers. You typed 16.",
        "": "Type the code from your letter.",
    }
    for typed, sentence in wrong.items():
        page = visit().post("/code", status=422, code=typed)
        assert page.errors.endswith(sentence) and page.value("code") == typed
    name = nia.sign_in_name
    for typed, sentence in {
        name[:7]: "A sign-in name has 8 letters and numbers. You typed 7.",
        f"{name[:7]}0": "There is no 0 in our codes and names. It may be one of these: D, Q.",
    }.items():
        assert visit().post("/sign-in", status=422, name=typed, pin=PIN).errors.endswith(sentence)
        assert sentence in visit().post("/new-pin", status=422, name=typed, number="12345678", pin=OTHER_PIN).errors
    for typed, sentence in {
        "1234567": "The number from your coach has 8 digits. You typed 7.",
        "1234567O": "This number has digits only, and no O. Look at it once more.",
    }.items():
        page = visit().post("/new-pin", status=422, name=name, number=typed, pin=OTHER_PIN)
        assert page.errors.endswith(sentence)
    card = visit(sam).post("/cards", status=422, number="ACDEFHJ", feels="yes")
    assert card.errors.endswith("The number on a card has 8 letters and numbers. You typed 7.")
    assert tries() == 0


def test_a_pin_is_chosen_in_one_box_that_can_be_shown(visit, nia, sam):
    mo, letter = invite("Mo", sam)
    db.session.scalars(select(Invitation).filter_by(resident_id=mo.id)).one().agreed_at = now()
    db.session.commit()
    link = make_one_time_code(sam, OneTimeKind.JOIN)
    for browser, path, boxes in (
        (visit(), f"/i/{letter}/pin", ["pin"]),
        (visit(), "/new-pin", ["pin"]),
        (visit(), f"/join/{link}", ["password"]),
        (visit(nia), "/account", ["present", "pin"]),
        (visit(sam), "/account", ["present", "password"]),
    ):
        page = browser.get(path)
        secret = [box["name"] for box in page.soup.main.find_all("input", type="password")]
        assert secret == boxes
        assert len(page.soup.select(".govuk-password-input__toggle")) == len(boxes)
