# SPDX-License-Identifier: Apache-2.0
"""The half of bench_engines.py that runs where LeRobot is installed.

python lerobot_latency_peer.py CAMERAS HEIGHT_PX WIDTH_PX THREADS

Makes LeRobot's ACT policy of its default size, random weights. For each line of its input it
predicts a chunk from pixels and joints, as its own programs do, and prints the seconds it took.
"""

import sys
import time

import torch
from lerobot.configs.types import FeatureType, PolicyFeature
from lerobot.policies.act.configuration_act import ACTConfig
from lerobot.policies.act.modeling_act import ACTPolicy
from lerobot.policies.factory import make_pre_post_processors

DIM = 14


def main(cameras: int, height: int, width: int, threads: int) -> None:
    """Predict at each line."""
    torch.set_num_threads(threads)
    images = {f"observation.images.c{i}": PolicyFeature(FeatureType.VISUAL, (3, height, width))
              for i in range(cameras)}  # fmt: skip
    config = ACTConfig(
        input_features={"observation.state": PolicyFeature(FeatureType.STATE, (DIM,)), **images},
        output_features={"action": PolicyFeature(FeatureType.ACTION, (DIM,))},
        pretrained_backbone_weights=None, device="cpu",
    )  # fmt: skip
    shapes = {"observation.state": (DIM,), "action": (DIM,), **dict.fromkeys(images, (3, 1, 1))}
    statistics = {
        key: {"mean": torch.zeros(shape), "std": torch.ones(shape)}
        for key, shape in shapes.items()
    }
    policy = ACTPolicy(config).eval()
    before, after = make_pre_post_processors(config, dataset_stats=statistics)
    state = torch.zeros(DIM)
    pixels = torch.randint(0, 256, (height, width, 3), dtype=torch.uint8)
    print("ready", flush=True)
    for _ in sys.stdin:
        started_s = time.perf_counter()
        seen = {key: pixels.permute(2, 0, 1).float() / 255 for key in images}
        with torch.inference_mode():
            after(policy.predict_action_chunk(before({"observation.state": state, **seen})))
        print(time.perf_counter() - started_s, flush=True)


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:5]))
