# SPDX-License-Identifier: Apache-2.0
"""Verbs that make other episodes, or other descriptions, of what was recorded."""
