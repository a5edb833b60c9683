# SPDX-License-Identifier: Apache-2.0
"""The executables of this package, by the names that `ros2 run` knows."""

from act_core.executable import executable

act = executable("act_bringup.cli.main")
