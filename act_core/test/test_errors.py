# SPDX-License-Identifier: Apache-2.0
import pytest

from act_core.errors import suggestion


@pytest.mark.parametrize(
    ("word", "known", "text"),
    [
        ("tpo", ["top", "angle"], "; did you mean 'top'? Known: angle, top"),
        ("xyz", ["top", "angle"], ". Known: angle, top"),
        ("top", [], ". Known: (none)"),
    ],
)
def test_suggestion(word, known, text):
    assert suggestion(word, iter(known)) == text
