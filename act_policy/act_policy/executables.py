# SPDX-License-Identifier: Apache-2.0
"""The executables of this package, by the names that `ros2 run` knows."""

from act_core.executable import executable

policy_node = executable("act_policy.policy_node")
train = executable("act_policy.train")
