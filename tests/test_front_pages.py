"""The counts that a front page is held to, of the demonstration in a real browser."""

from pathlib import Path

import pytest

from scripts.front_pages import MOST, counts
from tests.live import NO_CHROMIUM, find_chromium, running_chromium, running_deal

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.skipif(find_chromium() is None, reason=NO_CHROMIUM)]


def test_each_front_page_says_little_and_leads_to_few_pages(tmp_path: Path):
    with running_deal(tmp_path, demonstration=True) as live, running_chromium(str(find_chromium())) as chromium:
        found = counts(live, chromium)
    assert found.keys() == MOST.keys()
    assert {what: one for what, one in found.items() if one[0] > MOST[what]} == {}
