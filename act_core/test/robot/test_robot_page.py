# SPDX-License-Identifier: Apache-2.0
"""The page of robot files names every key that a file may have; links of pages lead somewhere."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from act_core.robot import arm_spec, robot_spec

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "reference" / "robot_files.md").read_text()
TYPES = (
    robot_spec.RobotSpec, robot_spec.CameraSpec, arm_spec.ArmSpec, arm_spec.JointSpec,
    arm_spec.GripperSpec, arm_spec.GripperEnd, arm_spec.DriverTopics, arm_spec.DriverTopic,
    arm_spec.CommandTopic, arm_spec.GripperTopic,
)  # fmt: skip
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("data_type", TYPES, ids=lambda t: t.__name__)
def test_every_key_is_on_the_page(data_type):
    for field in fields(data_type):
        if field.init:
            assert re.search(rf"`[^`]*\b{field.name}\b[^`]*`", PAGE), field.name


def test_every_command_type_is_on_the_page():
    for kind in (*arm_spec.ArmCommand.__args__, *arm_spec.GripperCommand.__args__):
        assert f"`{kind}`" in PAGE


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_of_a_page_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), target
