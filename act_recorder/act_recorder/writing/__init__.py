# SPDX-License-Identifier: Apache-2.0
"""Encoding and disk in a process of their own, so that neither holds up a subscription."""
