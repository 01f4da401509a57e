"""Every box in which somebody writes keeps a draft: each page is walked, typed in, left and opened again."""

from urllib.parse import urljoin

import pytest

from tests.browser import Browser, Page
from tests.people import make_full_story
from tests.urls import ENDPOINTS, FOR_SOME, Places

TYPED = "half a word\nand  half a line "
# secrets, and what is looked for
NOT_KEPT = {"number": "/cards"}


def boxes_of(page: Page) -> dict[str, list[str]]:
    """The boxes to write in, of each form that is sent, by its address."""
    forms = {}
    for form in page.soup.find_all("form", method="post"):
        kinds = form.find_all("textarea") + form.select("input[type=text], input[type=tel], input[type=email]")
        names = [str(box["name"]) for box in kinds if box.get("inputmode") != "numeric"]
        if names and form.find("input", type="password") is None:
            forms[urljoin(page.path, str(form.get("action") or page.path))] = names
    return forms


def walk(app, people):
    """Each page that somebody signed in may open, in the browser of the first who may."""
    for endpoint, address in Places(app, people["nia"], people["sam"]).pages():
        if endpoint in FOR_SOME:
            browser = Browser(app, next(one for who, one in people.items() if who in ENDPOINTS[endpoint].who))
            answer = browser.send("GET", address)
            if answer.status_code == 200:
                yield endpoint, browser, browser.open_answer(answer, address, 200)


@pytest.mark.sqlite_only
def test_every_box_keeps_what_is_typed(app, nia, sam, joe, morgan):
    make_full_story(nia, sam)
    seen = {}
    for endpoint, browser, page in walk(app, {"morgan": morgan, "sam": sam, "nia": nia, "joe": joe}):
        for address, names in boxes_of(page).items():
            names = [name for name in names if NOT_KEPT.get(name) != page.path]
            form = page.form_to(address)
            assert form.get("data-draft") == "/draft" and form.select_one("[data-says]"), f"{page.path}: {address}"
            browser.send_draft(form, **dict.fromkeys(names, TYPED))
            again = browser.get(page.path)
            for name in names:
                box = again.form_to(address).find(attrs={"name": name})
                held = box.get_text().removeprefix("\n") if box.name == "textarea" else box["value"]
                assert held.split() == TYPED.split(), f"{page.path} lost {name}"
            assert "have not saved" in again
            seen[endpoint] = names
    assert len(seen) >= 25, sorted(seen)
