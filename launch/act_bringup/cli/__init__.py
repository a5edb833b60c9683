# SPDX-License-Identifier: Apache-2.0
"""The command `act`: a verb for every job of the suite."""
