# SPDX-License-Identifier: Apache-2.0
"""What the packages share: robot description, observations, episode files, ROS helpers."""
