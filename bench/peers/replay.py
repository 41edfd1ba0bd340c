"""What a Python script does that replays a drive through a network: the peer of `rxdepth replay --no-motion`.

rosbags reads and writes the bags, OpenCV decodes and resizes, onnxruntime computes, NumPy does the rest. The outputs are
those of rxdepth: depth and, where the network tells it, how far it may be trusted, camera_info, labels, their colours, the mask
of dynamic classes, and a coloured cloud at stride 4.
Started by bench/replay.js as `python replay.py BAG OUTPUT OPTIONS_JSON`; prints one JSON line.
"""

import json
import os
import resource
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
from rosbags.rosbag2 import Reader, StoragePlugin, Writer
from rosbags.typesys import Stores, get_typestore

STRIDE = 4


def main():
    bag, output, options = Path(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3])
    cv2.setNumThreads(options["threads"])
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = options["threads"]
    session = onnxruntime.InferenceSession(options["network"], settings, providers=["CPUExecutionProvider"])
    store = get_typestore(Stores.ROS2_JAZZY)
    types = store.types
    Image, Cloud = types["sensor_msgs/msg/Image"], types["sensor_msgs/msg/PointCloud2"]
    Field = types["sensor_msgs/msg/PointField"]
    palette = np.array([c["color"] for c in options["classes"]], np.uint8)
    dynamic = np.array([255 if c["dynamic"] else 0 for c in options["classes"]], np.uint8)
    mean = np.array(options["mean"], np.float32) * 255
    std = np.array(options["std"], np.float32) * 255
    low, high = 1 / options["maxMeters"], 1 / options["minMeters"]
    trusts = options["trusts"]
    columns = [("x", 0, 7), ("y", 4, 7), ("z", 8, 7), ("rgb", 12, 7), ("label", 16, 2)]
    columns += [("confidence", 20, 7)] if trusts else []
    fields = [Field(name=name, offset=offset, datatype=datatype, count=1) for name, offset, datatype in columns]
    layout = np.dtype(
        {
            "names": ["xyz", "rgb", "label"] + (["confidence"] if trusts else []),
            "formats": ["3f4", "u4", "u1"] + (["f4"] if trusts else []),
            "offsets": [0, 12, 16] + ([20] if trusts else []),
            "itemsize": 24 if trusts else 20,
        }
    )
    rays = None
    frames = 0
    began = used = None
    with Reader(bag) as reader, Writer(output, version=9, storage_plugin=StoragePlugin.MCAP) as writer:
        topics = {}

        def write(topic, message, stamp):
            kind = message.__msgtype__
            if topic not in topics:
                topics[topic] = writer.add_connection(topic, kind, typestore=store)
            writer.write(topics[topic], stamp, store.serialize_cdr(message, kind))

        info = None
        for connection, stamp, raw in reader.messages():
            message = store.deserialize_cdr(raw, connection.msgtype)
            if connection.msgtype == "sensor_msgs/msg/CameraInfo":
                info = message
                continue
            picture = cv2.imdecode(message.data, cv2.IMREAD_COLOR)
            rgb = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
            height, width = rgb.shape[:2]
            k = info.k.reshape(3, 3)
            small = cv2.resize(rgb, (options["width"], options["height"]), interpolation=cv2.INTER_AREA)
            normalised = ((small.astype(np.float32) - mean) / std).transpose(2, 0, 1)[None]
            heads = ["disparity", "logits"] + (["trust"] if trusts else [])
            disparity, logits, *trust = session.run(heads, {"image": np.ascontiguousarray(normalised)})
            inverse = cv2.resize(disparity[0, 0], (width, height), interpolation=cv2.INTER_LINEAR)
            factor = k[0, 0] * options["width"] / width / options["canonicalFocalPixels"]
            with np.errstate(divide="ignore"):
                depth = (factor / np.where(inverse > 1 / options["farMeters"], inverse, 0)).astype(np.float32)
            labels = logits[0].argmax(0).astype(np.uint8)
            labels = cv2.resize(labels, (width, height), interpolation=cv2.INTER_NEAREST)
            if rays is None:
                u, v = np.meshgrid(np.arange(0, width, STRIDE), np.arange(0, height, STRIDE))
                rays = np.stack([(u - k[0, 2]) / k[0, 0], (v - k[1, 2]) / k[1, 1], np.ones_like(u)], -1).astype(np.float32)
            z = depth[::STRIDE, ::STRIDE]
            cloud = np.empty(z.shape, layout)
            cloud["xyz"] = rays * np.where(np.isfinite(z), z, np.nan)[..., None]
            color = rgb[::STRIDE, ::STRIDE].astype(np.uint32)
            cloud["rgb"] = color[..., 0] << 16 | color[..., 1] << 8 | color[..., 2]
            cloud["label"] = labels[::STRIDE, ::STRIDE]
            if trusts:
                confidence = cv2.resize(trust[0][0, 0], (width, height), interpolation=cv2.INTER_LINEAR)
                cloud["confidence"] = confidence[::STRIDE, ::STRIDE]

            header = message.header

            def image(encoding, data, channels, size):
                return Image(
                    header=header, height=height, width=width, encoding=encoding, is_bigendian=0,
                    step=width * channels * size, data=np.ascontiguousarray(data).view(np.uint8).reshape(-1),
                )

            write("/depth/image", image("32FC1", depth, 1, 4), stamp)
            write("/depth/camera_info", info, stamp)
            if trusts:
                write("/depth/confidence", image("32FC1", confidence, 1, 4), stamp)
            write("/segmentation/labels", image("mono8", labels, 1, 1), stamp)
            write("/segmentation/color", image("rgb8", palette[labels], 3, 1), stamp)
            write("/dynamic/mask", image("mono8", dynamic[labels], 1, 1), stamp)
            write(
                "/points",
                Cloud(
                    header=header, height=z.shape[0], width=z.shape[1], fields=fields, is_bigendian=False,
                    point_step=layout.itemsize, row_step=layout.itemsize * z.shape[1],
                    data=cloud.view(np.uint8).reshape(-1), is_dense=False,
                ),
                stamp,
            )
            frames += 1
            if frames == options["warm"]:
                began, used = time.perf_counter(), cpu_seconds()
    measured = frames - options["warm"]
    print(
        json.dumps(
            {
                "fps": measured / (time.perf_counter() - began),
                "cpuMs": 1000 * (cpu_seconds() - used) / measured,
                "bytes": sum(file.stat().st_size for file in output.iterdir()),
            }
        )
    )


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "2")
    main()
