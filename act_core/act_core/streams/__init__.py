# SPDX-License-Identifier: Apache-2.0
"""Samples of several streams: which belong together by their stamps, and whose clock is right."""
