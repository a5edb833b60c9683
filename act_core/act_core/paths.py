# SPDX-License-Identifier: Apache-2.0
"""Paths as people give them."""

from pathlib import Path


def user_path(text: str) -> Path:
    """Return the path; `~` is the user's home, a relative path means the caller's folder."""
    return Path(text).expanduser()
