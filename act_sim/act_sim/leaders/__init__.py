# SPDX-License-Identifier: Apache-2.0
"""Leaders without leader arms: a gamepad, or a keyboard that stands for one, moves the tools."""
