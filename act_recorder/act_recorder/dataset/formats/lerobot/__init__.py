# SPDX-License-Identifier: Apache-2.0
"""LeRobot datasets: v3 in and out, v2 in."""
