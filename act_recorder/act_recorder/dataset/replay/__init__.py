# SPDX-License-Identifier: Apache-2.0
"""Verb `replay`: an episode's commands once more, into the simulator or onto the robot."""
