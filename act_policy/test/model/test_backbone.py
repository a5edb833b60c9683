# SPDX-License-Identifier: Apache-2.0
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file
from torchvision_resnet import resnet

from act_policy.errors import CheckpointError
from act_policy.model.backbone import FrozenBatchNorm2d, ResNet, load_backbone_weights


def _randomise(network, seed=0):
    generator = torch.Generator().manual_seed(seed)
    for name, tensor in network.state_dict().items():
        if tensor.is_floating_point():
            positive = name.endswith(("running_var", "bn1.weight", "bn2.weight"))
            values = torch.randn(tensor.shape, generator=generator) * 0.05
            tensor.copy_(values.abs() + 0.5 if positive else values)


@pytest.mark.parametrize("name", ["resnet18", "resnet34", "resnet50"])
def test_equals_the_whole_network_without_its_head(name):
    dilate = [False, False, True] if name == "resnet50" else None
    theirs = getattr(resnet, name)(replace_stride_with_dilation=dilate).eval()
    _randomise(theirs)
    ours = ResNet(name, dilate_last=name == "resnet50").eval()
    weights = {k: v for k, v in theirs.state_dict().items() if not k.startswith("fc.")}
    ours.load_state_dict({k: v for k, v in weights.items() if "num_batches" not in k})
    theirs.avgpool = theirs.fc = torch.nn.Identity()
    images = torch.randn(2, 3, 40, 56)
    with torch.inference_mode():
        expected = theirs(images).view(2, ours.out_channels, *ours.feature_size(40, 56))
        torch.testing.assert_close(ours(images), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", ["resnet18", "resnet34", "resnet50"])
@pytest.mark.parametrize("norm", [torch.nn.BatchNorm2d, FrozenBatchNorm2d])
def test_random_weights_are_spread_as_torchvisions(name, norm):
    kind = "batch" if norm is torch.nn.BatchNorm2d else "frozen_batch"
    ours = ResNet(name, norm=kind).state_dict()
    theirs = getattr(resnet, name)(norm_layer=norm).state_dict()
    assert list(ours) == [k for k in theirs if not k.startswith("fc.")]
    for key, weight in ours.items():
        assert weight.shape == theirs[key].shape
        if weight.ndim == 4:
            assert weight.std() == pytest.approx(float(theirs[key].std()), rel=0.1)
        else:
            assert torch.equal(weight, theirs[key])


@settings(max_examples=10, deadline=None)
@given(height=st.integers(8, 100), width=st.integers(8, 100), dilate=st.booleans())
def test_feature_size_is_what_comes_out(height, width, dilate):
    with torch.device("meta"):
        network = ResNet("resnet50", dilate_last=dilate)
        features = network(torch.empty(1, 3, height, width))
    assert features.shape == (1, network.out_channels, *network.feature_size(height, width))


def test_frozen_norm_never_changes():
    network = ResNet("resnet18").train()
    before = {k: v.clone() for k, v in network.state_dict().items() if ".bn" in k}
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    network(torch.randn(2, 3, 32, 32)).sum().backward()
    optimizer.step()
    assert before
    after = network.state_dict()
    assert all(torch.equal(after[k], v) for k, v in before.items())


def test_frozen_norm_equals_batch_norm_in_eval_mode():
    reference = torch.nn.BatchNorm2d(5).eval()
    _randomise(reference)
    frozen = FrozenBatchNorm2d(5)
    frozen.load_state_dict({k: v for k, v in reference.state_dict().items() if "num" not in k})
    x = torch.randn(2, 5, 3, 3)
    torch.testing.assert_close(frozen(x), reference(x))


@pytest.mark.parametrize("norm", ["frozen_batch", "batch", "group"])
def test_random_weights_keep_the_scale_of_the_image(norm):
    torch.manual_seed(0)
    network = ResNet("resnet18", norm=norm).eval()
    with torch.inference_mode():
        scale = network(torch.randn(4, 3, 64, 64)).std()
    assert 0.1 < scale < 10.0


@pytest.mark.parametrize("suffix", [".safetensors", ".pth"])
def test_loads_weights_from_a_file_without_the_classifier(tmp_path, suffix):
    source, path = ResNet("resnet18"), tmp_path / f"weights{suffix}"
    weights = {**source.state_dict(), "fc.weight": torch.zeros(2, 2)}
    weights["bn1.num_batches_tracked"] = torch.tensor(3)
    save_file(weights, path) if suffix == ".safetensors" else torch.save(weights, path)
    network = ResNet("resnet18")
    load_backbone_weights(network, path)
    assert torch.equal(network.layer4[1].conv2.weight, source.layer4[1].conv2.weight)


@pytest.mark.parametrize("name", ["r3m", "vip"])
def test_finds_the_resnet_in_the_files_of_r3m_and_vip(tmp_path, name):
    source, path = ResNet("resnet50"), tmp_path / "model.pt"
    held = {f"module.convnet.{k}": v for k, v in source.state_dict().items()}
    held["module.convnet.fc.weight"] = torch.zeros(2, 2)
    held["module.lang_enc.conv1.weight"] = torch.zeros(2, 2)
    torch.save({name: held, "global_step": 3}, path)
    network = ResNet("resnet50")
    load_backbone_weights(network, path)
    assert torch.equal(network.layer4[2].conv3.weight, source.layer4[2].conv3.weight)


def test_a_file_without_a_resnet_or_with_two_is_refused(tmp_path):
    network, path = ResNet("resnet18"), tmp_path / "w.pt"
    torch.save({"model": {"weight": torch.zeros(2)}}, path)
    with pytest.raises(CheckpointError, match="holds no ResNet among its 1 tensors, expected one"):
        load_backbone_weights(network, path)
    torch.save({"left": network.state_dict(), "right": network.state_dict()}, path)
    with pytest.raises(CheckpointError, match=r"holds ResNets under left\., right\. among its"):
        load_backbone_weights(network, path)


def test_wrong_weight_files_are_named(tmp_path):
    network, path = ResNet("resnet18"), tmp_path / "w.safetensors"
    with pytest.raises(CheckpointError, match=f"no file of backbone weights at '{path}'"):
        load_backbone_weights(network, path)
    path.write_bytes(b"12")
    with pytest.raises(CheckpointError, match="does not hold backbone weights"):
        load_backbone_weights(network, path)
    save_file(ResNet("resnet34").state_dict(), path)
    with pytest.raises(CheckpointError, match="another network's weights"):
        load_backbone_weights(network, path)
    path = tmp_path / "w.pth"
    torch.save({"model": ResNet}, path)
    with pytest.raises(CheckpointError, match="does not hold backbone weights"):
        load_backbone_weights(network, path)
