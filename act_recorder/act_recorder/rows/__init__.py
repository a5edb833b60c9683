# SPDX-License-Identifier: Apache-2.0
"""Which samples make a row of an episode, and what became of the frames between."""
