# SPDX-License-Identifier: Apache-2.0
"""Messages to arrays and back."""
