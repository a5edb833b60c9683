# SPDX-License-Identifier: Apache-2.0
"""The executables of this package, by the names that `ros2 run` knows."""

from act_core.executable import executable
from act_policy.inference.worker_process import start_ahead

# Its worker's libraries take longer to load than its own, so they load beside.
policy_node = executable("act_policy.policy_node", first=start_ahead)
train = executable("act_policy.train")
