# SPDX-License-Identifier: Apache-2.0
"""A serial bus with one arm's motors: its file, its registers, reading and writing. No ROS."""
