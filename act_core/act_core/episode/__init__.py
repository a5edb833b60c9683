# SPDX-License-Identifier: Apache-2.0
"""Episode files: what they say of themselves, how they are written and read."""
