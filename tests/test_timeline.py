"""The timeline: all that happened to one person, newest first, each once."""

from tests.people import make_full_story


def test_try(visit, nia, sam):
    make_full_story(nia, sam)
    for who in (sam, nia):
        browser = visit(who)
        page = browser.get(f"/residents/{nia.id}/timeline")
        print(len(browser.statements))
        print(page)
        for kind in ["answers", "talks", "goals", "promises", "blockers", "coaches"]:
            page = browser.get(f"/residents/{nia.id}/timeline?kind={kind}")
            print(kind, len(browser.statements))
