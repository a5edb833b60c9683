# SPDX-License-Identifier: Apache-2.0
"""From episodes to weights."""
