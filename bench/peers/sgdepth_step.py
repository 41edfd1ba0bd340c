"""One SGDepth training step in PyTorch: the peer that the compiled step is measured against.

The same networks, loss, weights and batch as bench/training/workload.ts. Started by bench/training-step.js as
`python sgdepth_step.py WORKLOAD.safetensors OPTIONS_JSON`; for every line `step` on standard input it takes one step and
answers with one JSON line, `gradients FILE` writes loss and gradients without taking a step.
"""

import json
import math
import resource
import struct
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


def read_safetensors(path):
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = file.read()
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        values = np.frombuffer(data[begin:end], dtype="<f4").reshape(entry["shape"])
        tensors[name] = torch.from_numpy(values.copy())
    return tensors


def write_safetensors(path, tensors):
    header, position = {}, 0
    for name, tensor in tensors.items():
        size = tensor.numel() * 4
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [position, position + size]}
        position += size
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for tensor in tensors.values():
            file.write(tensor.detach().contiguous().numpy().astype("<f4").tobytes())


class BasicBlock(nn.Module):
    def __init__(self, channels, filters, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, filters, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(filters)
        self.conv2 = nn.Conv2d(filters, filters, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(filters)
        self.downsample = None
        if stride != 1 or channels != filters:
            self.downsample = nn.Sequential(
                nn.Conv2d(channels, filters, 1, stride, bias=False), nn.BatchNorm2d(filters)
            )

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)), inplace=True)
        y = self.bn2(self.conv2(y))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)), inplace=True)


class Encoder(nn.Module):
    def __init__(self, widths, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, widths[0], 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(widths[0])
        stages = zip(widths[:4], widths[1:], (1, 2, 2, 2))
        for i, (before, filters, stride) in enumerate(stages, 1):
            stage = nn.Sequential(BasicBlock(before, filters, stride), BasicBlock(filters, filters, 1))
            setattr(self, f"layer{i}", stage)

    def forward(self, image):
        stem = F.relu(self.bn1(self.conv1(image)), inplace=True)
        features = [stem, self.layer1(F.max_pool2d(stem, 3, 2, 1))]
        for stage in (self.layer2, self.layer3, self.layer4):
            features.append(stage(features[-1]))
        return features


class SameConv(nn.Conv2d):
    """TensorFlow's `same`: where the padding is odd, one more row of zeros below and one more column to the right."""

    def forward(self, x):
        (kernel, _), (stride, _) = self.kernel_size, self.stride
        total = [max((-(-n // stride) - 1) * stride + kernel - n, 0) for n in x.shape[2:]]
        top, left = (n // 2 for n in total)
        if total == [2 * top, 2 * left]:
            return F.conv2d(x, self.weight, None, stride, (top, left), 1, self.groups)
        return F.conv2d(F.pad(x, (left, total[1] - left, top, total[0] - top)), self.weight, None, stride, 0, 1, self.groups)


class InvertedResidual(nn.Module):
    def __init__(self, channels, filters, kernel, stride, expansion):
        super().__init__()
        within = channels * expansion
        norm = lambda count: nn.BatchNorm2d(count, eps=1e-3, momentum=0.01)
        self.expands, self.adds = expansion != 1, stride == 1 and channels == filters
        if self.expands:
            self.expand_conv = nn.Conv2d(channels, within, 1, bias=False)
            self.bn0 = norm(within)
        self.depthwise_conv = SameConv(within, within, kernel, stride, groups=within, bias=False)
        self.bn1 = norm(within)
        self.project_conv = nn.Conv2d(within, filters, 1, bias=False)
        self.bn2 = norm(filters)

    def forward(self, x):
        y = F.relu6(self.bn0(self.expand_conv(x)), inplace=True) if self.expands else x
        y = F.relu6(self.bn1(self.depthwise_conv(y)), inplace=True)
        y = self.bn2(self.project_conv(y))
        return y + x if self.adds else y


EFFICIENTNET_DEPTHS = {"efficientnet-lite0": 1.0, "efficientnet-lite1": 1.1, "efficientnet-lite2": 1.2}
EFFICIENTNET_WIDTHS = {"efficientnet-lite0": 1.0, "efficientnet-lite1": 1.0, "efficientnet-lite2": 1.1}
# Repeats, kernel, stride, expansion, filters.
EFFICIENTNET_STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)


def rounded_width(filters):
    rounded = max(8, int(filters + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * filters else rounded


class EfficientEncoder(nn.Module):
    """EfficientNet-Lite without its classification head; features after the stages 1, 2, 3, 5 and 7."""

    def __init__(self, kind):
        super().__init__()
        self.conv_stem = SameConv(3, 32, 3, 2, bias=False)
        self.bn0 = nn.BatchNorm2d(32, eps=1e-3, momentum=0.01)
        self.blocks, self.taken, channels = nn.ModuleList(), [], 32
        for stage, (repeats, kernel, stride, expansion, filters) in enumerate(EFFICIENTNET_STAGES):
            filters = rounded_width(filters * EFFICIENTNET_WIDTHS[kind])
            if 0 < stage < 6:
                repeats = math.ceil(repeats * EFFICIENTNET_DEPTHS[kind])
            for i in range(repeats):
                block = InvertedResidual(channels, filters, kernel, stride if i == 0 else 1, expansion)
                self.blocks.append(block)
                channels = filters
            if stage not in (3, 5):
                self.taken.append(len(self.blocks) - 1)

    def forward(self, image):
        x = F.relu6(self.bn0(self.conv_stem(image)), inplace=True)
        features = []
        for i, block in enumerate(self.blocks):
            x = block(x)
            if i in self.taken:
                features.append(x)
        return features


class ScaleGradient(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, factor):
        ctx.factor = factor
        return x.view_as(x)

    @staticmethod
    def backward(ctx, dy):
        return dy * ctx.factor, None


class Head(nn.Module):
    """U-Net decoder and the convolutions that read its features, by name and scale."""

    def __init__(self, widths, options, finest, outputs):
        super().__init__()
        self.finest, self.outputs, self.elu = finest, outputs, options["activation"] == "elu"
        self.padding = "reflect" if options["padding"] == "reflection" else "zeros"
        before = widths[4]
        for scale in range(4, finest - 1, -1):
            filters = options["channels"][4 - scale]
            skip = widths[scale - 1] if scale > 0 else 0
            setattr(self, f"upconv_{scale}_0", self.conv(before, filters))
            setattr(self, f"upconv_{scale}_1", self.conv(filters + skip, filters))
            for name, at, count in outputs:
                if at == scale:
                    setattr(self, name, self.conv(filters, count))
            before = filters

    def conv(self, channels, filters):
        return nn.Conv2d(channels, filters, 3, 1, 1, padding_mode=self.padding)

    def block(self, name, x):
        y = getattr(self, name)(x)
        return F.elu(y, inplace=True) if self.elu else F.relu(y, inplace=True)

    def forward(self, features):
        results, x = {}, features[4]
        for scale in range(4, self.finest - 1, -1):
            x = F.interpolate(self.block(f"upconv_{scale}_0", x), scale_factor=2, mode="nearest")
            if scale > 0:
                x = torch.cat([x, features[scale - 1]], 1)
            x = self.block(f"upconv_{scale}_1", x)
            for name, at, _ in self.outputs:
                if at == scale:
                    results[name] = getattr(self, name)(x)
        return [results[name] for name, _, _ in self.outputs]


class Pose(nn.Module):
    def __init__(self, width, channels, translation):
        super().__init__()
        self.scale = torch.tensor([0.01] * 3 + [translation] * 3)
        self.squeeze = nn.Conv2d(width, channels, 1)
        self.conv_0 = nn.Conv2d(channels, channels, 3, 1, 1)
        self.conv_1 = nn.Conv2d(channels, channels, 3, 1, 1)
        self.conv_2 = nn.Conv2d(channels, 6, 1)

    def forward(self, x):
        for layer in (self.squeeze, self.conv_0, self.conv_1):
            x = F.relu(layer(x), inplace=True)
        return self.scale * self.conv_2(x).mean((2, 3))


class Networks(nn.Module):
    def __init__(self, options):
        super().__init__()
        network, pose = options["network"], options["pose"]
        scale = network["outputScale"]
        depth = [(f"dispconv_{scale + i}", scale + i, 1) for i in range(options["scales"])]
        kind = network.get("encoderDepth", "resnet18")
        if kind == "resnet18":
            self.encoder = Encoder(network["encoder"], 3)
        elif kind in EFFICIENTNET_WIDTHS:
            self.encoder = EfficientEncoder(kind)
        else:
            raise SystemExit(f"encoderDepth: expected resnet18 or an EfficientNet-Lite, got {kind}")
        self.depth = Head(network["encoder"], network["decoder"], scale, depth)
        logits = [("logits", scale, network["classes"])]
        decoder = network.get("segmentationDecoder", network["decoder"])
        self.segmentation = Head(network["encoder"], decoder, scale, logits)
        self.pose_encoder = Encoder(pose["encoder"], 6)
        self.pose = Pose(pose["encoder"][4], pose["channels"], pose.get("translationScale", 0.01))


def pose_matrix(vector, invert):
    """[R, t] or its inverse [R^T, -R^T t] of axis-angle vectors and translations [B, 6]: [B, 3, 4]."""
    axis, t = vector[:, :3], vector[:, 3:, None]
    axis = -axis if invert else axis
    theta = (axis.square().sum(1) + 1e-8).sqrt()
    a = (theta.sin() / theta)[:, None, None]
    b = (2 * ((theta / 2).sin() / theta).square())[:, None, None]
    x, y, z = axis.unbind(1)
    zero = torch.zeros_like(x)
    cross = torch.stack([zero, -z, y, z, zero, -x, -y, x, zero], 1).view(-1, 3, 3)
    rotation = torch.eye(3) + a * cross + b * (cross @ cross)
    return torch.cat([rotation, -rotation @ t if invert else t], 2)


def pixel_grid(height, width):
    v, u = torch.meshgrid(torch.arange(height).float(), torch.arange(width).float(), indexing="ij")
    return torch.stack([u, v])


def project(points, intrinsics):
    """Pixels [B, 2, H, W] at which a camera sees points [B, 3, H, W]."""
    z = points[:, 2:].clamp(1e-3, 1e9)
    focal, centre = intrinsics[:, :2, None, None], intrinsics[:, 2:, None, None]
    return points[:, :2] / z * focal + centre


def sample(image, pixels, mode, padding):
    height, width = image.shape[2:]
    size = torch.tensor([width, height]).view(1, 2, 1, 1)
    grid = ((2 * pixels + 1) / size - 1).permute(0, 2, 3, 1)
    return F.grid_sample(image, grid, mode, padding, align_corners=False)


def photometric_error(a, b):
    x, y = F.pad(a, (1, 1, 1, 1), "reflect"), F.pad(b, (1, 1, 1, 1), "reflect")
    mean = lambda image: F.avg_pool2d(image, 3, 1)
    mx, my = mean(x), mean(y)
    spread_x, spread_y = mean(x * x) - mx * mx, mean(y * y) - my * my
    covariance = mean(x * y) - mx * my
    c1, c2 = 0.01**2, 0.03**2
    similarity = (2 * mx * my + c1) * (2 * covariance + c2) / ((mx * mx + my * my + c1) * (spread_x + spread_y + c2))
    distance = ((1 - similarity) / 2).clamp(0, 1).mean(1, True)
    return 0.85 * distance + 0.15 * (a - b).abs().mean(1, True)


def smoothness(disparity, image):
    rho = disparity / (disparity.mean((2, 3), True) + 1e-7)
    loss = 0
    for axis in (2, 3):
        weight = torch.exp(-image.diff(dim=axis).abs().mean(1, True))
        loss = loss + (rho.diff(dim=axis).abs() * weight).mean((1, 2, 3))
    return loss


def dynamic(labels):
    return ((labels >= 11) & (labels <= 18)).float()[:, None]


def sgdepth_loss(nets, batch, options):
    network = options["network"]
    image, source = batch["image"], batch["sourceImage"]
    targets = image.shape[0]
    both = nets.encoder(torch.cat([image, source]))
    share = network.get("segmentationGradient")

    def part(features, factor):
        return features if factor is None else [ScaleGradient.apply(x, factor) for x in features]

    features = part([x[:targets] for x in both], None if share is None else 1 - share)
    near, far = options["minMeters"], options["maxMeters"]
    disparities = [torch.sigmoid(x) * (1 / near - 1 / far) + 1 / far for x in nets.depth(features)]
    earlier, later = torch.cat([batch["previousImage"], image]), torch.cat([image, batch["nextImage"]])
    motion = nets.pose(nets.pose_encoder(torch.cat([earlier, later], 1))[-1])
    poses = [pose_matrix(motion[:targets], True), pose_matrix(motion[targets:], False)]
    picture, views = batch["picture"], [batch["previousPicture"], batch["nextPicture"]]
    height, width = picture.shape[2:]
    k = batch["intrinsics"]
    rays = (pixel_grid(height, width) - k[:, 2:, None, None]) / k[:, :2, None, None]
    rays = torch.cat([rays, torch.ones_like(rays[:, :1])], 1)
    still = [photometric_error(picture, view) for view in views]
    still = torch.minimum(*still)
    photometric, masked, smooth, mask = [], [], [], None
    for index, disparity in enumerate(disparities):
        fine = disparity
        if disparity.shape[2] != height:
            fine = F.interpolate(disparity, (height, width), mode="bilinear", align_corners=False)
        points = (rays / fine).flatten(2)
        pixels = []
        for pose in poses:
            moved = (pose[:, :, :3] @ points + pose[:, :, 3:]).view(-1, 3, height, width)
            pixels.append(project(moved, k))
        if mask is None:
            with torch.no_grad():
                mask = 1 - dynamic(batch["labels"])
                for name, at in zip(("previousLabels", "nextLabels"), pixels):
                    mask = mask * (1 - sample(dynamic(batch[name]), at, "nearest", "zeros"))
        warped = [photometric_error(picture, sample(v, at, "bilinear", "border")) for v, at in zip(views, pixels)]
        error = torch.minimum(still, torch.minimum(*warped))
        photometric.append(error.mean((1, 2, 3)))
        masked.append((error * mask).mean((1, 2, 3)))
        small = F.avg_pool2d(picture, height // disparity.shape[2])
        smooth.append(smoothness(disparity, small) / 2**index)
    mean = lambda terms: torch.stack(terms).mean(0)
    is_static = batch["isStatic"]
    chosen = is_static * mean(photometric) + (1 - is_static) * mean(masked)
    depth = (chosen + options["smoothnessWeight"] * mean(smooth)).mean()
    (logits,) = nets.segmentation(part([x[targets:] for x in both], share))
    labels = batch["sourceLabels"].long()
    known = labels < network["classes"]
    weights = torch.tensor(options["classWeights"], dtype=torch.float32)
    ignored = torch.where(known, labels, torch.full_like(labels, -1))
    cross = F.cross_entropy(logits, ignored, weights, ignore_index=-1, reduction="sum")
    return depth + cross / known.sum().clamp(min=1)


def other_layout(name, x):
    """Depthwise filters are [1, C, k, k] in the file and [C, 1, k, k] here."""
    return x.transpose(0, 1) if name.endswith("depthwise_conv.weight") else x


def peak_megabytes():
    with open("/proc/self/status") as file:
        for line in file:
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main():
    tensors = read_safetensors(sys.argv[1])
    options = json.loads(sys.argv[2])
    torch.set_num_threads(options["threads"])
    nets = Networks(options)
    nets.train()
    weights = {name[2:]: other_layout(name, x) for name, x in tensors.items() if name.startswith("p:")}
    missing, unexpected = nets.load_state_dict(weights, strict=False)
    missing = [name for name in missing if not name.endswith("num_batches_tracked")]
    if missing or unexpected:
        raise SystemExit(f"the networks differ: missing {missing}, unexpected {unexpected}")
    batch = {name[2:]: x for name, x in tensors.items() if name.startswith("b:")}
    if options["channelsLast"]:
        nets = nets.to(memory_format=torch.channels_last)
        batch = {
            name: x.contiguous(memory_format=torch.channels_last) if x.dim() == 4 else x for name, x in batch.items()
        }
    optimizer = torch.optim.Adam(nets.parameters(), lr=options["learningRate"])
    count = sum(p.numel() for p in nets.parameters())
    print(json.dumps({"ready": True, "parameters": count, "version": torch.__version__}), flush=True)

    def gradients():
        optimizer.zero_grad(set_to_none=True)
        loss = sgdepth_loss(nets, batch, options)
        loss.backward()
        return loss.item()

    for line in sys.stdin:
        words = line.split()
        if words[0] == "gradients":
            loss = gradients()
            write_safetensors(words[1], {name: other_layout(name, p.grad) for name, p in nets.named_parameters()})
            print(json.dumps({"loss": loss}), flush=True)
            continue
        begin, cpu = time.perf_counter(), time.process_time()
        loss = gradients()
        middle = time.perf_counter()
        optimizer.step()
        end = time.perf_counter()
        answer = {
            "ms": (end - begin) * 1000,
            "gradientMs": (middle - begin) * 1000,
            "cpuMs": (time.process_time() - cpu) * 1000,
            "loss": loss,
            "peakMb": peak_megabytes(),
        }
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
