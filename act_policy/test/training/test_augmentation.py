# SPDX-License-Identifier: Apache-2.0
import pytest
import torch

from act_policy.training.augmentation import Augmentation


def test_augmentation_is_off_by_default_and_repeats_by_seed():
    images = torch.randint(0, 256, (2, 2, 12, 16, 3), dtype=torch.uint8)
    assert torch.equal(Augmentation()(images, 1), images)
    augmentation = Augmentation(shift_px=2, brightness=0.1, contrast=0.1)
    changed = augmentation(images, 1)
    assert changed.dtype == torch.uint8
    assert changed.shape == images.shape
    assert torch.equal(changed, augmentation(images, 1))
    assert not torch.equal(changed, augmentation(images, 2))


def test_shift_moves_the_image_by_whole_pixels():
    images = torch.zeros(20, 1, 12, 16, 3, dtype=torch.uint8)
    images[:, :, 6, 8] = 200
    found = Augmentation(shift_px=3)(images, 0)[..., 0].nonzero()[:, 2:]
    offsets = found - torch.tensor([6, 8])
    assert len(found) == 20
    assert offsets.abs().max() == 3
    assert len(offsets.unique(dim=0)) > 5


def test_brightness_moves_all_pixels_of_an_image_by_one_number():
    images = torch.full((1, 4, 6, 6, 3), 100, dtype=torch.uint8)
    changed = Augmentation(brightness=0.2)(images, seed=1)[0].flatten(1)
    offsets = [int(image[0]) - 100 for image in changed]
    assert [image.unique().numel() for image in changed] == [1, 1, 1, 1]
    assert len(set(offsets)) > 1
    assert all(-51 <= offset <= 51 for offset in offsets)


def test_contrast_stretches_about_the_mean():
    row = torch.tensor([50, 150], dtype=torch.uint8).repeat(3)
    images = row.view(1, 1, 1, 6, 1).expand(1, 1, 6, 6, 3).contiguous()
    changed = Augmentation(contrast=0.4)(images, seed=3).flatten().unique().tolist()
    assert len(changed) == 2
    assert sum(changed) == pytest.approx(200, abs=1)
    assert changed != [50, 150]
