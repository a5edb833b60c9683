# SPDX-License-Identifier: Apache-2.0
"""The executables of this package, by the names that `ros2 run` knows."""

from act_core.executable import executable

recorder_node = executable("act_recorder.recorder_node")
record = executable("act_recorder.record_session")
session_node = executable("act_recorder.session.session_node")
keys = executable("act_recorder.session.keys_node")
dataset = executable("act_recorder.dataset.command")
