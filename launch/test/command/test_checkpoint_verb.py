# SPDX-License-Identifier: Apache-2.0
"""`act checkpoint`: what it prints and refuses; what is imported: act_policy's own tests."""

import json

from act_bringup.cli.main import main
from act_core.robot.robot_file import load_robot
from act_core.testing import make_episode


def test_info_says_what_a_checkpoint_is_of_and_for(capsys):
    assert main(["checkpoint", "info", "transfer_cube"]) == 0
    assert capsys.readouterr().out.splitlines()[:3] == [
        "ACT, chunks of 100 actions at 50 Hz (2.00 s)",
        "network: resnet18, width 256, 4 encoder and 1 decoder layers",
        "cameras: top, seen in 120x160",
    ]


def test_what_cannot_be_imported_is_told_and_nothing_written(tmp_path, capsys):
    words = ["checkpoint", "import", str(tmp_path / "theirs"), str(tmp_path / "ours")]
    (tmp_path / "theirs").mkdir()
    assert main([*words, "--robot", "aloha_sim"]) == 1
    assert "is no LeRobot policy: it has no config.json" in capsys.readouterr().err
    (tmp_path / "theirs/config.json").write_text(json.dumps({"type": "pi0"}))
    assert main([*words, "--robot", "aloha_sim"]) == 1
    assert "is a LeRobot policy of type 'pi0', expected 'act'" in capsys.readouterr().err
    assert main([*words, "--robot", "aloha_sim", "--camera", "top"]) == 1
    assert "--camera 'top', expected THEIRS=OURS" in capsys.readouterr().err
    (tmp_path / "theirs/policy_best.ckpt").touch()
    assert main([*words, "--robot", "aloha_sim"]) == 1
    assert "does not name its cameras: --camera for each of" in capsys.readouterr().err
    assert main([*words, "--robot", "aloha_sim", "--camera", "top", "--image-size", "480"]) == 1
    assert "--image-size '480', expected HEIGHTxWIDTH" in capsys.readouterr().err
    assert not (tmp_path / "ours").exists()
    (tmp_path / "ours").mkdir()
    assert main([*words, "--robot", "aloha_sim"]) == 1
    assert "is there already; name another folder" in capsys.readouterr().err


def test_compile_compares_and_calibrates_on_recorded_observations(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("ACT_CACHE_DIR", str(tmp_path / "cache"))
    spec = load_robot("aloha_sim")
    make_episode(
        tmp_path, num_frames=8, joint_names=spec.columns, robot_yaml=spec.yaml_text,
        image_shape=(120, 160),
    )  # fmt: skip
    words = ["checkpoint", "compile", "transfer_cube", "--engine", "openvino_int8"]
    assert main(words) == 1
    assert "was not calibrated on this machine" in capsys.readouterr().err
    assert main([*words, "--dataset", str(tmp_path)]) == 0
    assert "in the median of 4 observations (recorded); a node with" in capsys.readouterr().out
    assert main(words) == 0  # what was calibrated is kept
    assert "in the median of 1 observations (mean positions, black)" in capsys.readouterr().out
