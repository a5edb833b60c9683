# SPDX-License-Identifier: Apache-2.0
import pytest

from act_core.errors import ParameterError
from act_core.ros.params_file import check_own_entries, check_params_file, key_matches

NAMES = ["sim", "policy"]


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "mine.yaml"
        path.write_text(text)
        return str(path)

    return write


@pytest.mark.parametrize(
    ("key", "node", "matches"),
    [
        ("policy", "/policy", True),
        ("/policy", "/policy", True),
        ("policy", "/cell/policy", False),
        ("/cell/policy", "/cell/policy", True),
        ("/**/policy", "/policy", True),
        ("/**/policy", "/a/b/policy", True),
        ("/*/policy", "/a/policy", True),
        ("/*/policy", "/a/b/policy", False),
        ("/**", "/a/b", True),
        ("/**/sim", "/policy", False),
    ],
)
def test_keys_match_as_in_rcl(key, node, matches):
    assert key_matches(key, node) is matches


def test_entry_for_each_node_passes(file):
    check_params_file("", "", NAMES)
    check_params_file(file("/**/policy: {}\nsim: {}\n/**: {}\n"), "", NAMES)
    check_params_file(file("/cell/policy: {}\n"), "/cell", NAMES)


@pytest.mark.parametrize(
    ("text", "namespace", "fault"),
    [
        ("policy: {}", "cell", "'policy' is none of the nodes; did you mean '/cell/policy'?"),
        ("policy_node: {}", "", "'policy_node' is none of the nodes; did you mean '/policy'?"),
        ("[1]", "", "got [1], expected nodes by name"),
        ("a: 1\na: 2", "", "there twice"),
    ],
)
def test_entry_that_no_node_would_take_is_refused(file, text, namespace, fault):
    path = file(text)
    with pytest.raises(ParameterError) as caught:
        check_params_file(path, namespace, NAMES)
    assert str(caught.value).startswith(f"params_file {path}: ")
    assert fault in str(caught.value)


@pytest.mark.parametrize(
    ("key", "fault"),
    [
        ("policy", "'policy' is another node than this, /cell/policy; write /**/policy for it"),
        ("policy_node", "'policy_node' is another node than this, /cell/policy"),
        ("/other/policy", "'/other/policy' is another node than this"),
        ("/cell/policy", ""),
        ("/**/policy", ""),
        ("sim", ""),
    ],
)
def test_entry_meant_for_this_node_under_another_name_is_refused(file, key, fault):
    words = ["policy_node", "--ros-args", "--params-file", file(f"{key}: {{}}\n")]
    if fault:
        with pytest.raises(ParameterError) as caught:
            check_own_entries(words, "/cell/policy", "policy_node")
        assert fault in str(caught.value)
    else:
        check_own_entries(words, "/cell/policy", "policy_node")


def test_file_that_launch_has_written_is_left_to_ros(file):
    path = file("/**:\n  ros__parameters:\n    extra_cameras: !!python/tuple ['']\n")
    check_own_entries(["sim_node", "--params-file", path], "/sim", "sim_node")


def test_missing_file_is_named(tmp_path):
    with pytest.raises(ParameterError, match=r"params_file .*none\.yaml: .*No such file"):
        check_params_file(str(tmp_path / "none.yaml"), "", NAMES)
