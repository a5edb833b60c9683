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


def test_saturation_leaves_grey_as_it_is_and_moves_colours_from_it():
    images = torch.full((1, 8, 4, 4, 3), 90, dtype=torch.uint8)
    changed = Augmentation(saturation=0.5)(images, 1)
    assert torch.equal(changed, images)
    images[..., 0] = 120
    changed = Augmentation(saturation=0.5)(images, 1)[0, :, 0, 0].float()
    luma = changed @ torch.tensor([0.299, 0.587, 0.114])
    assert (luma - luma.mean()).abs().max() < 1
    spread = changed[:, 0] - changed[:, 1]
    assert spread.min() < 25 < 35 < spread.max()


def test_a_crop_shows_a_part_of_the_image_over_its_whole_size():
    column = torch.arange(0, 160, dtype=torch.uint8)
    images = column.view(1, 1, 1, 160, 1).expand(1, 40, 20, 160, 3).contiguous()
    seen = Augmentation(crop=0.2)(images, 3)[0, :, 10, :, 0].float()
    left, right = seen[:, 1], seen[:, -2]
    width = right - left
    assert 157 * 0.79 <= width.min() < 157 * 0.85
    assert 157 * 0.95 < width.max() <= 157.5
    assert left.min() >= 0
    assert left.max() > 10
    assert right.min() < 145
    # Straight: each column is where a crop of its width has it.
    steps = seen[:, 2:-2].diff(dim=1)
    assert (steps.mean(dim=1) - width / 157).abs().max() < 0.02


def test_it_fades_to_nothing():
    images = torch.randint(0, 256, (2, 2, 12, 16, 3), dtype=torch.uint8)
    every = {"crop": 0.2, "shift_px": 2, "brightness": 0.1, "contrast": 0.2, "saturation": 0.3}
    fading, steady = Augmentation(**every, fading="linear"), Augmentation(**every)
    assert [fading.strength(step, 100) for step in (0, 50, 100)] == [1.0, 0.5, 0.0]
    assert steady.strength(99, 100) == 1.0
    assert torch.equal(fading(images, 1, fading.strength(100, 100)), images)
    full = (fading(images, 1, 1.0).float() - images).abs().mean()
    half = (fading(images, 1, 0.5).float() - images).abs().mean()
    assert half < full
