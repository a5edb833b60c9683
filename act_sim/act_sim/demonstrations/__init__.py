# SPDX-License-Identifier: Apache-2.0
"""How each task is done: waypoints of both arms from where the objects are."""

from act_sim.demonstrations.insertion import insertion_waypoints
from act_sim.demonstrations.transfer_cube import transfer_cube_waypoints

WAYPOINTS = {"transfer_cube": transfer_cube_waypoints, "insertion": insertion_waypoints}

__all__ = ["WAYPOINTS"]
