# SPDX-License-Identifier: Apache-2.0
import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from act_policy.checkpoint.atomic_folder import atomic_folder
from act_policy.checkpoint.checkpoint import (
    Checkpoint,
    copy_as_half,
    load_checkpoint,
    save_checkpoint,
)
from act_policy.checkpoint.description import FILES
from act_policy.errors import CheckpointError
from act_policy.testing import make_checkpoint

CPU = torch.device("cpu")


@pytest.fixture
def checkpoint() -> Checkpoint:
    rows = np.random.default_rng(0).normal(size=(9, 2)).astype(np.float32)
    return make_checkpoint(rows, rows, robot_yaml="name: r\n", step=3)


def test_round_trip_gives_equal_actions(checkpoint, tmp_path):
    folder = tmp_path / "c"
    save_checkpoint(folder, checkpoint)
    assert sorted(p.name for p in folder.iterdir()) == sorted(FILES)
    back = load_checkpoint(folder)
    assert back.config == checkpoint.config
    assert back.robot_yaml == "name: r\n"
    assert back.provenance == {"step": 3}
    inputs = torch.randn(1, 2), torch.randn(1, 1, 3, 32, 32)
    with torch.inference_mode():
        ours, theirs = (c.build_model(CPU)(*inputs).actions for c in (checkpoint, back))
    assert torch.equal(ours, theirs)


def test_half_has_half_the_size_and_loads_as_float32(checkpoint, tmp_path):
    source, half = tmp_path / "c", tmp_path / "h"
    save_checkpoint(source, checkpoint)
    copy_as_half(source, half)
    sizes = [(f / "model.safetensors").stat().st_size for f in (source, half)]
    assert sizes[1] < 0.51 * sizes[0]
    back = load_checkpoint(half)
    assert back.provenance["weights_dtype"] == "float16"
    for name, tensor in back.weights.items():
        assert tensor.dtype == torch.float32
        torch.testing.assert_close(tensor, checkpoint.weights[name], rtol=1e-3, atol=1e-6)


def test_a_copy_does_not_overwrite(checkpoint, tmp_path):
    save_checkpoint(tmp_path / "c", checkpoint)
    with pytest.raises(CheckpointError, match="is there already"):
        copy_as_half(tmp_path / "c", tmp_path / "c")


@pytest.mark.parametrize("name", FILES)
def test_missing_file_is_named(checkpoint, tmp_path, name):
    save_checkpoint(tmp_path / "c", checkpoint)
    (tmp_path / "c" / name).unlink()
    with pytest.raises(CheckpointError, match=f"lacks .*{name}"):
        load_checkpoint(tmp_path / "c")


def test_missing_folder_is_named(tmp_path):
    with pytest.raises(CheckpointError, match=f"no checkpoint folder '{tmp_path / 'x'}'"):
        load_checkpoint(tmp_path / "x")


@pytest.mark.parametrize("kept", [0, 5, 1000, -1])
def test_truncated_weights_are_called_damaged(checkpoint, tmp_path, kept):
    save_checkpoint(tmp_path / "c", checkpoint)
    path = tmp_path / "c" / "model.safetensors"
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(CheckpointError, match=r"is damaged \(truncated\?\)"):
        load_checkpoint(tmp_path / "c")


@pytest.mark.parametrize("name", ["config.json", "stats.json", "provenance.json"])
def test_damaged_json_is_named(checkpoint, tmp_path, name):
    save_checkpoint(tmp_path / "c", checkpoint)
    huge = '{"cameras": [' + '"a",' * 2**20 + '"a"]}'
    for text, message in (("{", "not JSON"), ("[]", "got list"), (huge, "4194322 bytes, exp")):
        (tmp_path / "c" / name).write_text(text)
        with pytest.raises(CheckpointError, match=f"{name}' is damaged: {message}"):
            load_checkpoint(tmp_path / "c")


def _edit(path, **changes):
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_weights_of_another_network_are_refused(checkpoint, tmp_path):
    save_checkpoint(tmp_path / "c", checkpoint)
    _edit(tmp_path / "c" / "config.json", dim_feedforward=24)
    with pytest.raises(CheckpointError, match=r"has shape \(16.*network has \(24"):
        load_checkpoint(tmp_path / "c").build_model(CPU)
    _edit(tmp_path / "c" / "config.json", n_encoder_layers=2)
    with pytest.raises(CheckpointError, match=r"missing \['encoder.layers.1"):
        load_checkpoint(tmp_path / "c").build_model(CPU)


def test_weights_that_are_no_numbers_are_refused(checkpoint, tmp_path):
    weights = {k: v.clone() for k, v in checkpoint.weights.items()}
    weights["action_head.bias"][0] = float("nan")
    save_checkpoint(tmp_path / "c", replace(checkpoint, weights=weights))
    with pytest.raises(CheckpointError, match="weight 'action_head.bias' of type .* not finite"):
        load_checkpoint(tmp_path / "c").build_model(CPU)
    weights["action_head.bias"] = torch.zeros(len(weights["action_head.bias"]), dtype=torch.int64)
    save_checkpoint(tmp_path / "c", replace(checkpoint, weights=weights))
    with pytest.raises(CheckpointError, match=r"is not of type torch\.float32"):
        load_checkpoint(tmp_path / "c").build_model(CPU)


def test_doubled_key_and_foreign_text_are_called_damaged(checkpoint, tmp_path):
    save_checkpoint(tmp_path / "c", checkpoint)
    path = tmp_path / "c" / "config.json"
    text = path.read_text()
    path.write_text(text.replace("{", '{"dropout": 0.5,', 1))
    with pytest.raises(CheckpointError, match="a key is there twice, among dropout, chunk_size"):
        load_checkpoint(tmp_path / "c")
    path.write_text("[" * 100_000)
    with pytest.raises(CheckpointError, match=r"config.json' is damaged: not JSON"):
        load_checkpoint(tmp_path / "c")
    path.write_text(text)
    (tmp_path / "c" / "robot.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(CheckpointError, match=r"robot.yaml' is damaged: not UTF-8"):
        load_checkpoint(tmp_path / "c")


def test_config_and_statistics_must_agree(checkpoint, tmp_path):
    save_checkpoint(tmp_path / "c", checkpoint)
    _edit(tmp_path / "c" / "config.json", state_names=["a", "b", "c"])
    with pytest.raises(CheckpointError, match=r"stats.json has 2 state columns, config.json nam"):
        load_checkpoint(tmp_path / "c")
    _edit(tmp_path / "c" / "config.json", chunksize=3)
    with pytest.raises(CheckpointError, match=r"config.json: .*'chunksize'; did you mean 'chunk_"):
        load_checkpoint(tmp_path / "c")


def test_a_folder_appears_whole_or_not_at_all(tmp_path):
    path = tmp_path / "f"

    def write(text, *, fail=False):
        with atomic_folder(path) as partial:
            (partial / "x").write_text(text)
            if fail:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write("a", fail=True)
    assert not list(tmp_path.iterdir())
    write("a")
    with pytest.raises(KeyboardInterrupt):
        write("b", fail=True)
    assert (path / "x").read_text() == "a"
    write("b")
    assert (path / "x").read_text() == "b"
    assert list(tmp_path.iterdir()) == [path]
    path.rename(tmp_path / "f.old.partial")  # killed between the two renames
    with pytest.raises(KeyboardInterrupt):
        write("c", fail=True)
    assert (path / "x").read_text() == "b"
