# SPDX-License-Identifier: Apache-2.0
"""From samples to weights."""
