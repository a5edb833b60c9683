# SPDX-License-Identifier: Apache-2.0
"""The decisions of driving: when to ask, how to blend, when to hold. No ROS."""
