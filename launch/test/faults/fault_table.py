# SPDX-License-Identifier: Apache-2.0
"""The whole fault table, and the page that is written from it.

python3 launch/test/faults/fault_table.py
"""

from pathlib import Path

from fault_rows.cameras import CAMERAS
from fault_rows.commands import COMMANDS
from fault_rows.joints import JOINTS
from fault_rows.launch import LAUNCH
from fault_rows.policy import POLICY
from fault_rows.time import TIME

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "faults.md"
SECTIONS = {
    "Cameras and images": CAMERAS,
    "Joint states and clocks": JOINTS,
    "Simulated time": TIME,
    "Commands, teleoperation, arms": COMMANDS,
    "Policy and checkpoints": POLICY,
    "Parameters, goals, transitions": LAUNCH,
}
FAULTS = {row.code: row for rows in SECTIONS.values() for row in rows}

HEAD = """# What goes wrong, and what then happens

Written by `python3 launch/test/faults/fault_table.py` from the tests in `launch/test/faults/`; a
test fails when this page and the table differ. Each row is provoked with real processes over DDS
in real time, and the text is what the test reads; `…` stands for figures and names. A text that
lasts is repeated at most once a second. *Hold* means that nothing more is sent: the arms keep
their last command, torque on, and only an act (`teleop/engage`, the grippers, `policy/resume`)
lets them go on.
"""
COLUMNS = """| | fault | what the operator reads | what the arms do | how it goes on |
|---|---|---|---|---|"""
FOOT = """
Not in the table: what needs a GPU (out of memory, a driver's error: the inference process reports
it, and the policy node ends with that text); old versions of torch and pickled statistics, since
no pickle is ever read; a policy behind an action of its own (there is none yet); an overloaded
gripper, which holds by the motor's own protection and which only its driver can see.
"""


def page() -> str:
    """Return the page as Markdown."""
    parts = [HEAD]
    for title, rows in SECTIONS.items():
        parts += [f"## {title}\n", COLUMNS, *(row.row for row in rows), ""]
    return "\n".join(parts) + FOOT


if __name__ == "__main__":
    PAGE.write_text(page())
