"""What the tests of campaigns share: answers, and a small campaign for a class."""

import pytest
from handed_in import PLAN_TRUTH, small_campaign


@pytest.fixture
def answers(tmp_path):
    path = tmp_path / "answers-campaign.csv"
    path.write_text(PLAN_TRUTH, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("class") / "spring"
    small_campaign(folder, 2**100)
    return folder
