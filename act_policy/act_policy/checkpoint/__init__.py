# SPDX-License-Identifier: Apache-2.0
"""Checkpoint folders: what is in them, where they are, which robot they fit."""
