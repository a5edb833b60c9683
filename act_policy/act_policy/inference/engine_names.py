# SPDX-License-Identifier: Apache-2.0
"""Names of the engines, for those who must not load torch."""

EXACT = "torch"
AUTO = "auto"
ENGINES = (AUTO, EXACT, "openvino", "openvino_bf16")
