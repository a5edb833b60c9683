# SPDX-License-Identifier: Apache-2.0
from act_core.episode.meta import EpisodeMeta
from act_core.episode.recorded_seeds import recorded_seeds
from act_core.episode.writer import EpisodeWriter
from act_core.robot.robot_file import load_robot


def test_seeds_are_those_of_whole_episodes_of_the_task(tmp_path):
    assert recorded_seeds(tmp_path / "absent", "lift") == set()
    assert recorded_seeds(tmp_path, "lift") == set()
    spec = load_robot("aloha_sim")
    for task, seed in (("lift", 3), ("lift", 2**40), ("push", 4)):
        EpisodeWriter(
            tmp_path, EpisodeMeta.for_robot(spec, sim=True, task=task, seed=seed), {}
        ).finish(verdict="success")
    EpisodeWriter(tmp_path, EpisodeMeta.for_robot(spec, sim=True, task="lift", seed=9), {})
    assert recorded_seeds(tmp_path, "lift") == {3, 2**40}
