# SPDX-License-Identifier: Apache-2.0
"""Leader-follower teleoperation: leader joints to limited follower commands, by name."""
