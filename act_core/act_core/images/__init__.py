# SPDX-License-Identifier: Apache-2.0
"""Pixels as cameras send them, and as videos keep them."""
