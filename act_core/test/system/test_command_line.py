# SPDX-License-Identifier: Apache-2.0
import pytest

from act_core.errors import ParameterError
from act_core.system.command_line import CommandLine, choose
from act_core.system.declaration import Declaration


@pytest.fixture
def line():
    made = CommandLine("act try", "Try it.")
    made.add_declared(Declaration("first_seed", "Seed.", 3, int, low=0))
    made.add_declared(Declaration("mode", "How: 100 %.", "soft", choices=("soft", "hard")))
    made.add_declared(Declaration("sim", "Whether.", True, bool))
    made.add_declared(Declaration("clock", "Which.", value_type=bool, same_as="sim"))
    made.add_declared(Declaration("robot", "Which."))
    return made


@pytest.mark.parametrize(
    "words",
    [
        ["--first-seed", "4", "--sim", "false"],
        ["--first_seed", "4", "--sim=false"],
        ["first_seed:=4", "sim:=false"],
        ["--first-seed=4", "--sim", "false"],
    ],
)
def test_only_what_was_given_is_returned_as_text(line, words):
    assert vars(line.parse(words)) == {"first_seed": "4", "sim": "false"}


def test_switch_is_turned_on_by_its_name(line):
    assert vars(line.parse(["--sim"])) == {"sim": "true"}


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (["--first-sed", "4"], "unknown argument '--first-sed'; did you mean '--first-seed'?"),
        (["--first", "4"], "unknown argument '--first'"),
        (["there"], "unknown argument 'there'"),
        (["--mode", "sof"], "argument --mode: mode is 'sof'; did you mean 'soft'?"),
        (["first_seed:=-1"], "argument --first-seed: first_seed is -1, expected 0 …"),
    ],
)
def test_slip_ends_in_one_line_with_a_suggestion(line, words, fault, capsys):
    with pytest.raises(SystemExit) as ended:
        line.parse(words)
    assert ended.value.code == 2
    text = capsys.readouterr().err
    assert text.startswith(f"act try: error: {fault}")
    assert text.count("\n") == 1


def test_help_shows_defaults_choices_and_ranges(line, capsys):
    with pytest.raises(SystemExit) as ended:
        line.parse(["--help"])
    assert ended.value.code == 0
    text = " ".join(capsys.readouterr().out.split())
    for shown in ("Seed. [0 …; default: 3]", "{soft,hard} How: 100 %. [default: soft]",
                  "[default: as --sim]", "[has to be given]", "--sim [{true,false}]"):  # fmt: skip
        assert shown in text


def test_word_of_a_list_is_chosen_or_refused():
    assert choose("half", ["half"], "action") == "half"
    with pytest.raises(ParameterError, match="unknown action 'hal'; did you mean 'half'?"):
        choose("hal", ["half"], "action")
