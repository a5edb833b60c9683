# SPDX-License-Identifier: Apache-2.0
"""Leaders without leader arms: a recorded episode, played back."""
