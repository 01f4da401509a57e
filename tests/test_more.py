"""The top and foot of every page, what is rare on one page, the size of the text, and a phone's home screen."""

import io
import json

import pytest
from bs4 import BeautifulSoup
from PIL import Image

from deal.questions.tick_pictures import PICTURES
from tests.people import begin_about_me, set_settings

FOOT = ["Call us: 01632 960000", "Need help now?", "What we keep", "More"]


def at(resident, page: str = "") -> str:
    return f"/residents/{resident.id}/{page}".rstrip("/")


@pytest.fixture
def everybody(visit, nia, sam, morgan):
    """A browser of each on their first page: signed out, a resident, a coach, a manager."""
    set_settings(morgan, phone="01632 960000")
    paths = ((None, "/"), (nia, at(nia)), (sam, "/today"), (morgan, "/numbers"))
    browsers = [visit(person) if person else visit() for person, _path in paths]
    for browser, (_person, path) in zip(browsers, paths, strict=True):
        browser.get(path)
    return browsers


def test_the_foot_of_every_page_has_four_links(everybody):
    for browser in everybody:
        assert [link.get_text() for link in browser.page.soup.select("footer a")] == FOOT


def test_a_row_of_names_and_a_row_of_ways(everybody):
    ways = [[link.get_text() for link in browser.page.soup.select("header nav a")] for browser in everybody]
    assert ways == [
        [],
        ["My page", "About me", "Goals", "My story"],
        ["Today", "People", "Invitations", "Numbers"],
        ["This week", "Needs an answer", "Staff", "Settings"],
    ]
    hides = [len(browser.page.soup.select("a[data-hide]")) for browser in everybody]
    assert hides == [1, 1, 0, 0], "for residents, and where nobody is signed in"


def test_a_coach_searches_from_the_top_of_every_page(visit, sam, nia):
    coach = visit(sam)
    for path in ("/today", at(nia), "/more"):
        form = coach.get(path).soup.select_one("header form[role=search]")
        assert form["action"] == "/people" and form.find("input", attrs={"name": "q"})
    assert len(coach.get("/people").soup.select("[role=search]")) == 1, "it has its own"
    assert not visit(nia).get(at(nia)).soup.select("[role=search]")


def test_what_is_rare_is_on_one_page_and_each_of_its_links_opens(everybody):
    """A browser of the tests follows each, and looks at it."""
    for browser in everybody:
        links = [link["href"] for link in browser.get("/more").soup.select(".deal-more a")]
        assert len(links) >= 2 and len(set(links)) == len(links)
        for link in links:
            browser.get(link.partition("#")[0])
        assert "Accessibility" in browser.get("/more")


def test_the_size_of_the_text_is_remembered_by_the_browser(visit, nia):
    phone = visit(nia)
    assert "data-text-size" not in phone.get("/more").soup.html.attrs
    page = phone.click("Largest")
    assert page.path.startswith("/more") and page.soup.html["data-text-size"] == "3"
    assert page.soup.select_one("[aria-current=true]").get_text() == "Largest"
    assert phone.get(at(nia)).soup.html["data-text-size"] == "3"
    assert "data-text-size" not in phone.click("Usual", on="/more").soup.html.attrs
    phone.get("/text-size/4", status=404)
    phone.client.set_cookie("deal_text_size", "9000")
    assert "data-text-size" not in phone.get(at(nia)).soup.html.attrs


def test_a_phone_puts_the_sign_in_page_on_its_home_screen(visit, morgan):
    set_settings(morgan, welsh_checked_by="Eleri Pugh", service_name={"en": "Next", "cy": "Nesaf"})
    phone = visit()
    for language, name in (("en", "Next"), ("cy", "Nesaf")):
        phone.client.set_cookie("deal_language", language)
        head = BeautifulSoup(phone.send("GET", "/").text, "html.parser").head
        answer = phone.send("GET", head.select_one("link[rel=manifest]")["href"])
        assert answer.mimetype == "application/manifest+json"
        assert "manifest-src 'self'" in answer.headers["Content-Security-Policy"]
        told = json.loads(answer.data)
        assert (told["name"], told["lang"], told["start_url"]) == (name, language, "/sign-in")
        icons = {(icon["sizes"], icon["purpose"]): icon["src"] for icon in told["icons"]}
        assert set(icons) == {("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")}
        touch = head.select_one("link[rel=apple-touch-icon]")["href"]
        for size, address in (*((sizes, one) for (sizes, _), one in icons.items()), ("180x180", touch)):
            png = phone.send("GET", address)
            assert png.mimetype == "image/png" and len(png.data) < 10_000
            assert "x".join(map(str, Image.open(io.BytesIO(png.data)).size)) == size


def test_each_tick_has_a_picture_that_says_nothing(visit, nia):
    page = visit(nia).get(at(nia, f"about-me/{begin_about_me(nia).id}/hands"))
    pictures = page.soup.select(".govuk-checkboxes img")
    assert len(pictures) == len(page.soup.select("[type=checkbox]")) and all(one["alt"] == "" for one in pictures)
    phone = visit(nia)
    for emoji in set(PICTURES.values()):
        answer = phone.send("GET", f"/static/tick/{ord(emoji):x}.svg")
        assert answer.status_code == 200 and len(answer.data) < 5_000, "scripts/vendor.py draws it"


def test_speaking_is_offered_once_a_page(visit, nia, sam):
    says = "You can speak instead: use the microphone on your keyboard."
    for person in (nia, sam):
        assert visit(person).get(at(nia, "goals/new")).text.count(says) == 1
