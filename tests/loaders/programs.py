"""What each loader is asked to do once the network is off; it prints what it loaded."""

NO_NETWORK = """
import socket, sys
def refuse(*_arguments, **_named):
    raise OSError("this process may open no connection")
socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = socket.create_connection = refuse
"""

KERAS = """
from unittest import mock
import keras.src.datasets.mnist as mnist
real = mnist.get_file
def with_our_digest(*arguments, file_hash, **named):
    return real(*arguments, file_hash=sys.argv[1], **named)
with mock.patch.object(mnist, "get_file", with_our_digest):
    (x, y), (a, b) = mnist.load_data()
print(x.shape, y.tolist(), a.shape, b.tolist())
"""

SKLEARN = """
from sklearn.datasets import fetch_openml
data = fetch_openml("mnist_784", version=1, as_frame=False, parser="liac-arff")
print(data.data.shape, data.target.tolist())
"""

HUB = """
from huggingface_hub import hf_hub_download, snapshot_download
import datasets
for name in ("train", "test"):
    path = hf_hub_download("ylecun/mnist", f"mnist/{name}-00000-of-00001.parquet", repo_type="dataset")
folder = snapshot_download("ylecun/mnist", repo_type="dataset", local_files_only=True)
loaded = datasets.load_dataset(folder)
print(sorted(loaded), loaded["train"]["label"][:], loaded["test"]["label"][:])
"""

TFDS = """
import json
from tensorflow_datasets.core.download import checksums, download_manager
from tensorflow_datasets.core import units
about = json.loads(sys.argv[1])
infos = {url: checksums.UrlInfo(size=units.Size(size), checksum=sha256, filename=url.rsplit("/", 1)[1])
         for url, (size, sha256) in about.items()}
manager = download_manager.DownloadManager(
    download_dir=sys.argv[2], url_infos=infos, dataset_name="mnist", force_checksums_validation=True,
    extract_dir=sys.argv[2] + "/extracted", manual_dir=sys.argv[2] + "/manual",
)
paths = manager.download({url: url for url in infos})
print(sorted(path.stat().length for path in paths.values()))
"""

TORCHVISION = """
sys.path.insert(0, sys.argv[1])
import json, torch_stub
mnist = torch_stub.real("torchvision.datasets.mnist")
own = json.loads(sys.argv[3])
mnist.MNIST.resources = [(name, own[name]) for name, _ in mnist.MNIST.resources]
for download in (False, True):
    for train in (True, False):
        loaded = mnist.MNIST(sys.argv[2], train=train, download=download)
        print(train, loaded.data.shape, loaded.targets.tolist())
"""
