# SPDX-License-Identifier: Apache-2.0
"""Verbs that draw episodes: plots, videos, contact sheets."""
