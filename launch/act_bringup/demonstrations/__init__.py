# SPDX-License-Identifier: Apache-2.0
"""Scripted demonstrations without topics: whole ones, and corrections of a policy."""
