"""Nia asks the managers for something, and no coach sees it."""

from deal.db import db
from deal.manager_requests.models import ManagerRequest, RequestKind
from tests.people import count, keep, make_manager


def test_an_ask_goes_straight_to_the_managers(visit, nia, sam, morgan):
    phone = visit(nia)
    path = f"/residents/{nia.id}/asks"
    assert "Choose what it is about." in phone.post(path, status=422, words="he is never on time").errors
    page = phone.post(path, kind="other_coach", words="he is never on time")
    assert "Your coach cannot" in page and "he is never on time" in page.words and "Not answered yet." in page

    manager = visit(morgan)
    assert "1 resident asks you for something." in manager.get("/numbers")
    page = manager.get("/asks")
    assert "Nia: I would like a different coach" in page and "he is never on time" not in page
    manager.click("Read and answer Nia")
    assert "he is never on time" in manager.page.words
    assert "Write what you have done" in manager.press("Send the answer", status=422, answer=" ").errors
    manager.press("Send the answer", answer="Joe rings you on Monday.")
    assert "1 resident asks" not in manager.get("/numbers")
    assert "Joe rings you on Monday." in phone.get(path).words

    coach = visit(sam)
    for where in ("/today", f"/residents/{nia.id}"):
        assert "he is never on time" not in coach.get(where)
    coach.get(path, status=404)
    coach.get("/asks", status=404)


def test_pressing_twice_asks_once(visit, nia):
    phone = visit(nia)
    phone.get(f"/residents/{nia.id}/asks")
    page = phone.page
    for _ in range(2):
        phone.page = page
        phone.press("Send", kind="something_wrong")
    assert count(ManagerRequest) == 1


def test_two_managers_answer_the_same_ask(visit, nia, morgan):
    """Whoever is second reads the first one's answer before theirs takes its place; a double press is fine."""
    ask = keep(ManagerRequest(resident_id=nia.id, kind=RequestKind.SOMETHING_WRONG, words="the lift", language="en"))
    one, other, path = visit(morgan), visit(make_manager("Alex")), f"/asks/{ask.id}"
    one.get(path)
    other.get(path)
    stale = one.page
    for _ in range(2):
        one.page = stale
        one.press("Send the answer", answer="It is mended on Monday.")
    first = db.session.get(ManagerRequest, ask.id).answered_at
    page = other.press("Send the answer", status=409, answer="We know nothing about it.")
    assert "Somebody changed this while your page was open." in page.errors and "It is mended on Monday." in page.words
    assert page.value("answer") == "We know nothing about it."
    kept = db.session.get(ManagerRequest, ask.id)
    assert (kept.answer, kept.answered_at) == ("It is mended on Monday.", first)
    other.press("Send the answer", answer="On Monday. We said sorry.")
    assert "On Monday. We said sorry." in visit(nia).get(f"/residents/{nia.id}/asks").words


def test_open_asks_stand_first_and_the_list_is_paged(visit, nia, morgan):
    phone, manager = visit(nia), visit(morgan)
    for number in range(27):
        db.session.add(
            ManagerRequest(resident_id=nia.id, kind=RequestKind.SOMETHING_WRONG, words=str(number), language="en")
        )
        db.session.commit()
    assert "What you asked" in phone.get(f"/residents/{nia.id}/asks")
    first = manager.get("/asks")
    assert first.text.count("Read and answer") == 25
    assert manager.click("Show the next ones").text.count("Read and answer") == 2
    manager.page = first
    manager.click("Read and answer Nia")
    assert "0" in manager.page.words, "the oldest stands first"
    manager.press("Send the answer", answer="Done.")
    assert "Answered already" not in manager.page, "it stands behind those that wait"
    assert "Answered already" in manager.click("Show the next ones")
