# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest

from act_core.checked import checked
from act_core.episode.meta import EpisodeMeta
from act_policy.errors import DatasetError
from act_policy.samples.selection import Selection, choose_episodes


def _meta(verdict="", labels=(), task=""):
    return EpisodeMeta(("a",), ("rad",), 50.0, "", True, task, verdict=verdict, labels=labels)


EPISODES = {
    Path("0"): _meta("success", ("clean",), "cube"),
    Path("1"): _meta("failure", ("clean", "blurred"), "cube"),
    Path("2"): _meta("", (), "socket"),
    Path("3"): _meta("success", ("blurred",)),
}


def _chosen(**wanted):
    paths, notes = choose_episodes(EPISODES, Selection(**wanted))
    return "".join(map(str, paths)), notes


def _refusal(**wanted):
    with pytest.raises(DatasetError) as error:
        choose_episodes(EPISODES, Selection(**wanted))
    return str(error.value)


def test_nothing_asked_for_is_everything_taken():
    assert _chosen() == ("0123", [])


@pytest.mark.parametrize(
    ("wanted", "paths"),
    [
        ({"verdicts": ("success",)}, "03"),
        ({"verdicts": ("success", "unjudged")}, "023"),
        ({"labels": ("clean",)}, "01"),
        ({"labels": ("clean", "blurred")}, "013"),
        ({"without_labels": ("blurred",)}, "02"),
        ({"without_labels": ("never given",)}, "0123"),
        ({"tasks": ("cube",)}, "01"),
        ({"tasks": ("cube",), "verdicts": ("success",)}, "0"),
        ({"labels": ("clean",), "without_labels": ("blurred",)}, "0"),
    ],
)
def test_episodes_are_chosen_by_what_people_said_of_them(wanted, paths):
    assert _chosen(**wanted)[0] == paths


def test_how_many_are_left_out_by_what_is_told():
    assert _chosen(tasks=("cube",), verdicts=("success",))[1] == [
        "1 of 4 episodes are selected; out are 2 by verdicts, 2 by tasks"
    ]


def test_a_word_that_no_episode_has_is_refused_with_those_there():
    assert _refusal(labels=("clean", "x")) == (
        "no episode has label 'x'; labels there: clean (2), blurred (2)"
    )
    assert _refusal(tasks=("lid",)) == (
        "no episode has task 'lid'; tasks there: cube (2), socket (1), (empty) (1)"
    )
    with pytest.raises(DatasetError) as error:
        choose_episodes({Path("2"): EPISODES[Path("2")]}, Selection(verdicts=("success",)))
    assert str(error.value) == "no episode has verdict 'success'; verdicts there: unjudged (1)"


def test_when_nothing_is_left_it_says_what_has_left_it_out():
    assert _refusal(tasks=("socket",), verdicts=("failure",)) == (
        "select leaves none of the 4 episodes: out are 3 by verdicts, 3 by tasks"
    )


def test_rows_are_chosen_by_who_commanded_them():
    sources = ("policy", "teleop", "", "teleop")
    assert Selection().rows(sources).all()
    assert Selection(sources=("teleop",)).rows(sources).tolist() == [False, True, False, True]
    assert Selection(sources=("unknown",)).rows(sources).tolist() == [False, False, True, False]


def test_slips_in_a_configuration_are_named():
    with pytest.raises(ValueError, match=r"^verdicts\[0\] is 'sucess'; did you mean 'success'\?"):
        checked(Selection, {"verdicts": ["sucess"]})
    with pytest.raises(ValueError, match="^unknown key 'label'; did you mean 'labels'"):
        checked(Selection, {"label": ["a"]})
    with pytest.raises(ValueError, match="'a' is there twice, among a, a"):
        checked(Selection, {"labels": ["a", "a"]})
