# SPDX-License-Identifier: Apache-2.0
"""Writes docs/reference/dataset_checks.md from the checks themselves.

python3 -m act_recorder.dataset.checks.validate_page > docs/reference/dataset_checks.md
"""

import sys

from act_core.episode.checks import (
    command_checks,
    dataset_checks,
    file_checks,
    image_checks,
    motion_checks,
    time_checks,
)

_HEAD = """# Checks of `act dataset validate`

Written by `python3 -m act_recorder.dataset.checks.validate_page`; a test fails when this page and
the code differ. An **error** should not be trained on, and `act train` refuses to; a **warning**
is to be looked at. There is no score: each check is one defect, with its threshold and its reason.
"""

_ROOMS = {
    "The file": file_checks.CHECKS,
    "Time": time_checks.CHECKS,
    "Cameras": image_checks.CHECKS,
    "Motion": motion_checks.CHECKS,
    "Command and state": command_checks.CHECKS,
    "The folder": dataset_checks.CHECKS,
}


def page() -> str:
    """Return the page as Markdown."""
    parts = [_HEAD]
    for title, checks in _ROOMS.items():
        parts.append(f"## {title}\n\n| code | severity | what is found | what to do |")
        parts.append("|---|---|---|---|")
        parts += [f"| `{c.code}` | {c.severity} | {c.meaning} | {c.remedy} |" for c in checks]
        parts.append("")
    return "\n".join(parts)


if __name__ == "__main__":
    sys.stdout.write(page())
