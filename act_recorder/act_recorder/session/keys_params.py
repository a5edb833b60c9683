# SPDX-License-Identifier: Apache-2.0
"""Parameters of the operator's terminal."""

from dataclasses import dataclass

from act_core.system.declaration import param


@dataclass(frozen=True)
class KeysParams:
    """See each field's description; `docs/reference/parameters.md` lists them."""

    session_node: str = param("session", "Node of the recording session.")
    recorder_node: str = param("recorder", "Node of the recorder.")
    bell: bool = param(True, "Ring the terminal's bell when an episode begins and ends.")
