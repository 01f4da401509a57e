"""The counts that a front page is held to, of the demonstration in a real browser."""

import pytest

from scripts.front_pages import MOST, counts
from tests.live import running_deal

pytestmark = [pytest.mark.slow, pytest.mark.browser]


def test_each_front_page_says_little_and_leads_to_few_pages(chromium, tmp_path):
    with running_deal(tmp_path, demonstration=True) as live:
        found = counts(live, chromium)
    assert found.keys() == MOST.keys()
    assert {what: one for what, one in found.items() if one[0] > MOST[what]} == {}
