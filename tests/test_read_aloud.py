"""A question is read aloud in a real browser, whose voice is a stub: one sentence after another, and then at rest."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from deal.config import ROOT

pytestmark = pytest.mark.browser

PAGE = """<!DOCTYPE html><html lang="en"><title>x</title><main>
<h1>What are you good at? Think of a good day, e.g. last week.</h1>
<p class="govuk-hint">{hint}</p><details><p class="govuk-hint">Folded away</p></details>
<button data-read="Read it to me" data-stop="Stop reading" hidden>Read it to me</button></main></html>"""
# speaks when it is told to; `said` is what it was given, `now` what it is saying
STUB = """() => {
  const voice = Object.assign(new EventTarget(), {
    said: [], now: null, cancelled: 0,
    getVoices: () => [{lang: "en-GB"}],
    speak(one) { voice.said.push(one.text); voice.now = one; },
    cancel() { const one = voice.now; voice.now = null; voice.cancelled++;
      if (one) setTimeout(() => one.dispatchEvent(new Event("error"))); },
    end(kind) { const one = voice.now; voice.now = null; one.dispatchEvent(new Event(kind)); },
  });
  Object.defineProperty(window, "speechSynthesis", {value: voice});
  window.SpeechSynthesisUtterance = class extends EventTarget { constructor(text) { super(); this.text = text; } };
}"""


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A question with a long hint, and the button."""
    page = chromium.new_page()
    hint = "A small thing counts. Any " + "word " * 100
    page.set_content(PAGE.format(hint=hint))
    page.evaluate(STUB)
    page.add_script_tag(content=(ROOT / "deal/static/read-aloud.js").read_text(), type="module")
    page.wait_for_selector("button:not([hidden])")
    yield page
    page.close()


def test_one_sentence_after_another_each_short_and_then_at_rest(page):
    page.click("button")
    assert page.inner_text("button") == "Stop reading"
    assert page.evaluate("speechSynthesis.said.map(one => one.trim())") == ["What are you good at?"], "one at a time"
    for _ in range(20):
        if page.evaluate("speechSynthesis.now === null"):
            break
        page.evaluate("speechSynthesis.end('end')")
    said = page.evaluate("speechSynthesis.said")
    assert "A small thing counts." in [one.strip() for one in said] and max(map(len, said)) <= 200
    assert " ".join(" ".join(said).split()).endswith("word " * 99 + "word") and "Folded away" not in " ".join(said)
    assert page.inner_text("button") == "Read it to me"


@pytest.mark.parametrize("ends", ["speechSynthesis.end('error')", "window.dispatchEvent(new Event('pagehide'))"])
def test_the_button_rests_after_an_error_and_when_the_page_is_left(page, ends):
    page.click("button")
    page.evaluate(ends)
    assert page.inner_text("button") == "Read it to me" and page.evaluate("speechSynthesis.said.length") == 1


def test_stopped_and_begun_again_it_reads_on(page):
    page.click("button")
    page.click("button")
    assert page.inner_text("button") == "Read it to me" and page.evaluate("speechSynthesis.cancelled") == 1
    page.click("button")
    page.evaluate("new Promise(done => setTimeout(done))")  # the error of what was stopped comes late
    page.evaluate("speechSynthesis.end('end')")
    assert page.inner_text("button") == "Stop reading" and page.evaluate("speechSynthesis.said.length") == 3
