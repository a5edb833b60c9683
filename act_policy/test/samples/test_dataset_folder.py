# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest

from act_policy.errors import DatasetError
from act_policy.samples.dataset_folder import DatasetFolder


def test_a_folder_may_come_with_a_weight():
    assert DatasetFolder.parse("data/a") == DatasetFolder(Path("data/a"), 1.0)
    assert DatasetFolder.parse("data/a=0.5") == DatasetFolder(Path("data/a"), 0.5)
    assert DatasetFolder.parse("~/a=3") == DatasetFolder(Path.home() / "a", 3.0)


def test_a_folder_that_is_there_is_taken_by_its_whole_name(tmp_path):
    (tmp_path / "rate=50").mkdir()
    assert DatasetFolder.parse(f"{tmp_path}/rate=50") == DatasetFolder(tmp_path / "rate=50")
    assert DatasetFolder.parse(f"{tmp_path}/rate=50=2") == DatasetFolder(tmp_path / "rate=50", 2.0)


@pytest.mark.parametrize("weight", ["half", "0", "-1", "nan", "inf", "", "1e9"])
def test_a_weight_that_cannot_be_is_refused(weight):
    with pytest.raises(DatasetError) as error:
        DatasetFolder.parse(f"a={weight}")
    assert str(error.value) == (
        f"'--dataset a={weight}': the weight is '{weight}', expected a number above 0 and up to "
        "1000, as in DIR=0.5"
    )
