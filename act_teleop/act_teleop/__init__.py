# SPDX-License-Identifier: Apache-2.0
"""Leader-follower teleoperation: leader joints to limited follower commands, by name."""

from act_core.public_names import public_names

_MODULES = {
    "FollowerCommand": "follower_command",
    "LeaderSample": "teleop_inputs",
    "TeleopParams": "teleop_params",
    "Teleoperation": "teleoperation",
}
__all__ = list(_MODULES)
__getattr__ = public_names(__name__, _MODULES)
