# SPDX-License-Identifier: Apache-2.0
"""Comparisons over many rollouts, in one process."""
