"""As much of torch as torchvision's reader of MNIST takes, over numpy; torchvision's own files are the real ones."""

# mypy: ignore-errors
# It runs in the loader's own Python, and stands in for what has no types here.

from __future__ import annotations

import importlib.util
import sys
import types
from pathlib import Path

import numpy


class Tensor(numpy.ndarray):
    def view(self, *shape):
        return self.reshape(shape) if shape and isinstance(shape[0], int) else super().view(*shape)

    def element_size(self):
        return self.itemsize

    def ndimension(self):
        return self.ndim

    def long(self):
        return self.astype(numpy.int64)


def module(name, **values):
    made = types.ModuleType(name)
    made.__path__ = []
    made.__dict__.update(values)
    sys.modules[name] = made
    return made


class Dataset:
    def __class_getitem__(cls, _item):
        return cls


def install():
    numbers = {name: numpy.dtype(name) for name in ("uint8", "int8", "int16", "int32", "float32", "float64")}

    def frombuffer(data, dtype, offset):
        return numpy.frombuffer(data, dtype, offset=offset).view(Tensor)

    torch = module("torch", Tensor=Tensor, frombuffer=frombuffer, **numbers)
    torch.utils = module("torch.utils")
    torch.utils.data = module("torch.utils.data", Dataset=Dataset)
    torch.utils.model_zoo = module("torch.utils.model_zoo", tqdm=None)
    folder = Path(next(path for path in sys.path if (Path(path) / "torchvision/datasets/mnist.py").is_file()))
    module("torchvision.utils", _Image_fromarray=None, _log_api_usage_once=lambda _self: None)
    module("torchvision._internally_replaced_utils", _download_file_from_remote_location=None,
           _is_remote_location_available=None)  # fmt: skip
    module("torchvision").__path__ = [str(folder / "torchvision")]
    module("torchvision.datasets").__path__ = [str(folder / "torchvision/datasets")]


def real(name):
    install()
    return importlib.import_module(name)
