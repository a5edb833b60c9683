# SPDX-License-Identifier: Apache-2.0
"""The executables of this package, by the names that `ros2 run` knows."""

from act_core.executable import executable

recorder_node = executable("act_recorder.recorder_node")
record = executable("act_recorder.record_session")
dataset = executable("act_recorder.dataset.command")
