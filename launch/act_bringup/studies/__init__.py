# SPDX-License-Identifier: Apache-2.0
"""Comparisons, each a table and a picture: `act study`."""
