# SPDX-License-Identifier: Apache-2.0
"""A recording session with an operator: its states, its display, its keys and buttons."""
