# SPDX-License-Identifier: Apache-2.0
"""Tools for folders of episodes, one file a verb; `command` finds them."""
