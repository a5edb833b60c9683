# SPDX-License-Identifier: Apache-2.0
"""Dynamixel arms: bus files, the bus itself, and the node that leaders and followers share."""
