# SPDX-License-Identifier: Apache-2.0
"""Verbs that show what was recorded and change nothing."""
