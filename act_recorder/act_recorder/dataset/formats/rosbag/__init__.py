# SPDX-License-Identifier: Apache-2.0
"""Recordings of `ros2 bag`: read as the recorder reads topics, written as MCAP."""
