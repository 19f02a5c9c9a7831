"""What a traceback tells of the program: each cause by words of many loaders, and its look-alikes."""

from __future__ import annotations

import pytest

from tests.causes.evidence import symptom
from tests.causes.judging import cause_of, finding_of

MISSING = [
    ("ModuleNotFoundError", "No module named 'PIL'", ("__main__", "torchvision")),
    ("ImportError", "No module named sklearn", ()),
    ("ModuleNotFoundError", "No module named 'tensorflow_datasets'", ("__main__",)),
    ("ImportError", "Returning pandas objects requires pandas to be installed. Alternatively, explicitly set "
     "`as_frame=False` and `parser='liac-arff'`.", ("__main__", "sklearn")),
    ("ImportError", "Missing optional dependency 'pyarrow'. Use pip or conda to install pyarrow.", ("pandas",)),
    ("AttributeError", "type object 'requests_failed_to_import' has no attribute 'get'", ("__main__", "mxnet")),
    ("ModuleNotFoundError", "No module named 'google.protobuf'", ("tensorflow",)),
    ("ImportError", "To support decoding images, please install 'Pillow'.", ("datasets",)),
    ("ModuleNotFoundError", "No module named '_lzma'", ("pandas", "lzma")),
    ("ModuleNotFoundError", "No module named 'utils'", ("__main__",)),
]  # fmt: skip

CHANGED = [
    ("ImportError", "cannot import name 'fetch_mldata'", ()),
    ("AttributeError", "module 'sklearn.datasets' has no attribute 'fetch_mldata'", ("__main__",)),
    ("HTTPError", "HTTP Error 404: Dataset 'mnist-original' not found on mldata.org.", ("sklearn", "urllib")),
    ("ModuleNotFoundError", "No module named 'tensorflow.examples.tutorials'", ("__main__",)),
    ("ModuleNotFoundError", "No module named 'input_data'", ("__main__",)),
    ("AttributeError", "module 'tensorflow' has no attribute 'placeholder'", ("__main__",)),
    ("ModuleNotFoundError", "No module named 'tensorflow.contrib'", ("__main__",)),
    ("AttributeError", "module 'numpy' has no attribute 'bool'.\n`np.bool` was an alias", ("sklearn", "numpy")),
    ("AttributeError", "`np.float_` was removed in the NumPy 2.0 release. Use `np.float64` instead.", ("numpy",)),
    ("RuntimeError", "Dataset scripts are no longer supported, but found mnist.py", ("__main__", "datasets")),
    ("ValueError", "`trust_remote_code` is not supported anymore.", ("datasets",)),
    ("TypeError", "fetch_openml() got an unexpected keyword argument 'parser'", ("__main__",)),
    ("TypeError", "load_data() got an unexpected keyword argument 'cache_dir'", ("__main__",)),
    ("TypeError", "fetch_openml() takes 1 positional argument but 2 were given", ("__main__",)),
    ("AttributeError", "'_MultiProcessingDataLoaderIter' object has no attribute 'next'", ("__main__",)),
    ("AttributeError", "module 'PIL.Image' has no attribute 'ANTIALIAS'", ("__main__",)),
    ("ModuleNotFoundError", "No module named 'torchvision.transforms.functional_tensor'", ("basicsr",)),
    ("ModuleNotFoundError", "No module named 'cPickle'", ("__main__",)),
    ("AttributeError", "module 'urllib' has no attribute 'urlretrieve'", ("__main__",)),
    ("ImportError", "cannot import name 'to_categorical' from 'keras.utils.np_utils' "
     "(/usr/lib/python3/dist-packages/keras/utils/np_utils.py)", ("__main__",)),
    ("ModuleNotFoundError", "No module named 'keras.legacy_datasets'", ("__main__",)),
    ("ImportError", "\n`load_boston` has been removed from scikit-learn since version 1.2.", ("__main__", "sklearn")),
    ("ModuleNotFoundError", "No module named 'distutils'", ("tensorflow",)),
    ("AttributeError", "'CIFAR10' object has no attribute 'train_data'", ("__main__",)),
]  # fmt: skip

PATHS = [
    ("RuntimeError", "Dataset not found. You can use download=True to download it", ("__main__", "torchvision")),
    ("RuntimeError", "Dataset not found.  You can set `download=True` to download it", ("medmnist",)),
    ("FileNotFoundError", "[Errno 2] No such file or directory: 'MNIST_data/train-images.gz'", ("__main__",)),
    ("FileNotFoundError", "[WinError 3] The system cannot find the path specified: 'D:\\\\mnist'", ("__main__",)),
    ("OSError", "Data not found and `download_if_missing` is False", ("sklearn",)),
    ("AssertionError", "Dataset mnist: could not find data in /home/u/tensorflow_datasets. Please make sure to call "
     "dataset_builder.download_and_prepare(), or pass download=True", ("tensorflow_datasets",)),
    ("RuntimeError", "Found 0 files in subfolders of: ./data/train", ("torchvision",)),
    ("NotFoundError", "/data/mnist/train.tfrecord; No such file or directory [Op:IteratorGetNext]", ("tensorflow",)),
    ("ModuleNotFoundError", "No module named 'mnist.loader'; 'mnist' is not a package", ("__main__",)),
    ("AttributeError", "partially initialized module 'torchvision' has no attribute 'datasets' (most likely due to a "
     "circular import)", ("__main__", "torchvision")),
    ("ImportError", "cannot import name 'load_dataset' from 'datasets' (/home/u/project/datasets.py)", ("__main__",)),
]  # fmt: skip

MEMORY = [
    ("MemoryError", "", ("__main__", "sklearn")),
    ("_ArrayMemoryError", "Unable to allocate 359. MiB for an array with shape (60000, 784) and data type float64",
     ("numpy",)),
    ("RuntimeError", "[enforce fail at alloc_cpu.cpp:75] err == 0. DefaultCPUAllocator: can't allocate memory: you "
     "tried to allocate 188160000 bytes. Error code 12 (Cannot allocate memory)", ("torch",)),
    ("OutOfMemoryError", "CUDA out of memory. Tried to allocate 2.00 GiB", ("torch",)),
    ("ResourceExhaustedError", "OOM when allocating tensor with shape[60000,32,26,26]", ("tensorflow",)),
    ("OSError", "[Errno 12] Cannot allocate memory", ("__main__",)),
    ("", "Process finished with exit code 137 (interrupted by signal 9: SIGKILL)", ()),
    ("", "Killed", ()),
    ("RuntimeError", "DataLoader worker (pid 4711) is killed by signal: Killed.", ("torch",)),
]  # fmt: skip

SHAPES = [
    ("RuntimeError", "mat1 and mat2 shapes cannot be multiplied (1792x28 and 784x128)", ("__main__", "torch")),
    ("ValueError", 'Input 0 of layer "conv2d" is incompatible with the layer: expected min_ndim=4, found ndim=3',
     ("keras",)),
    ("ValueError", "Found array with dim 3. Estimator expected <= 2.", ("sklearn",)),
    ("ValueError", "cannot reshape array of size 47040000 into shape (60000,28,28,3)", ("__main__",)),
    ("RuntimeError", "output with shape [1, 28, 28] doesn't match the broadcast shape [3, 28, 28]", ("torch",)),
    ("UnicodeDecodeError", "'ascii' codec can't decode byte 0x90 in position 614: ordinal not in range(128)",
     ("__main__",)),
    ("ValueError", "unsupported pickle protocol: 5", ("__main__", "pickle")),
    ("KeyError", "36000", ("__main__", "pandas")),
    ("IndexError", "Target 10 is out of bounds.", ("torch",)),
    ("TypeError", "pic should be PIL Image or ndarray. Got <class 'torch.Tensor'>", ("__main__", "torchvision")),
]  # fmt: skip

NAMES = [
    ("OpenMLError", "Dataset mnist_78 with version 1 not found.", ("__main__", "sklearn"), "mnist_784"),
    ("ValueError", "No active dataset mnist784x found.", ("sklearn",), "mnist_784"),
    ("DatasetNotFoundError", "Dataset 'ylecun/mnistt' doesn't exist on the Hub or cannot be accessed.", ("datasets",),
     "ylecun/mnist"),
    ("DatasetNotFoundError", "Dataset fashon_mnist not found.", ("tensorflow_datasets",), "fashion"),
    ("ValueError", "BuilderConfig 'mnistt' not found. Available: ['mnist']", ("datasets",), "mnist"),
    ("ValueError", "Unknown split 'valid'. Should be one of ['train', 'test'].", ("tensorflow_datasets",), "train"),
    ("ValueError", "Unknown value 'letter' for argument split. Valid values are {'byclass', 'letters', 'mnist'}.",
     ("torchvision",), "letters"),
    ("InvalidURL", "URL can't contain control characters. '/api/v1/json/data/list/data_name/mnist 784/limit/2' "
     "(found at least ' ')", ("sklearn", "urllib", "http"), "mnist_784"),
    ("AttributeError", "module 'torchvision.datasets' has no attribute 'FasionMNIST'", ("__main__",), "FashionMNIST"),
]  # fmt: skip


@pytest.mark.parametrize(("exception", "message", "where"), MISSING)
def test_missing_module(exception: str, message: str, where: tuple[str, ...]) -> None:
    assert cause_of(symptom(exception, message, *where)) == "program-missing-module"


@pytest.mark.parametrize(("exception", "message", "where"), CHANGED)
def test_api_changed(exception: str, message: str, where: tuple[str, ...]) -> None:
    assert cause_of(symptom(exception, message, *where)) == "program-api-changed"


@pytest.mark.parametrize(("exception", "message", "where"), PATHS)
def test_wrong_path(exception: str, message: str, where: tuple[str, ...]) -> None:
    assert cause_of(symptom(exception, message, *where)) == "program-wrong-path"


@pytest.mark.parametrize(("exception", "message", "where"), MEMORY)
def test_out_of_memory(exception: str, message: str, where: tuple[str, ...]) -> None:
    assert cause_of(symptom(exception, message, *where)) == "program-out-of-memory"


@pytest.mark.parametrize(("exception", "message", "where"), SHAPES)
def test_data_shape(exception: str, message: str, where: tuple[str, ...]) -> None:
    assert cause_of(symptom(exception, message, *where)) == "program-data-shape"


@pytest.mark.parametrize(("exception", "message", "where", "right"), NAMES)
def test_wrong_name(exception: str, message: str, where: tuple[str, ...], right: str) -> None:
    found = finding_of("program-wrong-dataset-name", symptom(exception, message, *where))
    assert right in found.fixes[0].title


NOT_A_PROGRAM = [
    # The network's own errors, as loaders word them.
    ("URLError", "<urlopen error [Errno -2] Name or service not known>", ("torchvision", "urllib")),
    ("HTTPError", "HTTP Error 404: Not Found", ("sklearn", "urllib")),
    ("HTTPError", "HTTP Error 403: Forbidden", ("torchvision", "urllib")),
    ("Exception", "URL fetch failure on https://h/mnist.npz: 404 -- Not Found", ("keras",)),
    ("DownloadError", "Failed to get url https://h/x.zip. HTTP code: 404.", ("tensorflow_datasets",)),
    ("ConnectionError", "Couldn't reach 'ylecun/mnist' on the Hub (LocalEntryNotFoundError)", ("datasets",)),
    ("RuntimeError", "Cannot download https://h/f.gz within retry limit 3", ("paddle",)),
    ("RuntimeError", "Failed downloading url https://h/f.gz", ("mxnet",)),
    # Bytes that are not the file: the cache or the transfer, not the program.
    ("BadGzipFile", "Not a gzipped file (b'<!')", ("__main__", "gzip")),
    ("EOFError", "Compressed file ended before the end-of-stream marker was reached", ("keras", "gzip")),
    ("RuntimeError", "shape '[60000, 28, 28]' is invalid for input of size 9912406", ("__main__", "torchvision")),
    ("ValueError", "cannot reshape array of size 9912406 into shape (60000,28,28)", ("mnist", "numpy", "mnist")),
    ("ValueError", "Cannot load file containing pickled data when allow_pickle=False", ("keras", "numpy")),
    ("BadZipFile", "File is not a zip file", ("numpy",)),
    ("RuntimeError", "File not found or corrupted.", ("torchvision",)),
    ("ValueError", "Incomplete or corrupted file detected. The auto file hash does not match", ("keras",)),
    ("NonMatchingChecksumError", "Artifact https://h/f.gz, has wrong checksum", ("tensorflow_datasets",)),
    # Disk, trust store, proxy.
    ("OSError", "[Errno 28] No space left on device", ("datasets",)),
    ("PermissionError", "[Errno 13] Permission denied: '/data'", ("torchvision",)),
    ("FileNotFoundError", "[Errno 2] No such file or directory: '/etc/corp/root.pem'", ("httpx", "ssl")),
    ("FileNotFoundError", "[Errno 2] No such file or directory", ("httpx", "ssl")),
    ("OSError", "Could not find a suitable TLS CA certificate bundle, invalid path: /etc/x.crt", ("requests",)),
    ("InvalidSchema", "Missing dependencies for SOCKS support.", ("requests",)),
    ("ImportError", "Using SOCKS proxy, but the 'socksio' package is not installed. Make sure to install httpx using "
     "`pip install httpx[socks]`.", ("httpx",)),
    # The Hub says so whatever the server did.
    ("FileNotFoundError", "Couldn't find any data file at /home/u/ylecun/mnist. Couldn't find 'ylecun/mnist' on the "
     "Hugging Face Hub either: LocalEntryNotFoundError", ("datasets",)),
    ("DatasetNotFoundError", "Dataset 'ylecun/mnist' doesn't exist on the Hub or cannot be accessed.", ("datasets",)),
    # Another process took the part file away.
    ("FileNotFoundError", "[Errno 2] No such file or directory: '/home/u/.cache/x/blobs/4d.incomplete'", ("datasets",)),
    # The user's own code.
    ("AttributeError", "'NoneType' object has no attribute 'shape'", ("__main__",)),
    ("AttributeError", "'MyDataset' object has no attribute 'labels'", ("__main__",)),
    ("TypeError", "forward() missing 1 required positional argument: 'x'", ("__main__", "torch")),
    ("KeyError", "'label'", ("__main__",)),
    ("ZeroDivisionError", "division by zero", ("__main__",)),
    ("", "404 Not Found", ()),
    ("", "it seems that the download link is broken", ()),
    ("", "", ()),
]  # fmt: skip


@pytest.mark.parametrize(("exception", "message", "where"), NOT_A_PROGRAM)
def test_what_is_no_error_of_the_program(exception: str, message: str, where: tuple[str, ...]) -> None:
    assert cause_of(symptom(exception, message, *where)) is None


def test_nothing_holds_without_a_symptom() -> None:
    assert cause_of() is None


def test_an_error_of_the_network_below_is_the_cause() -> None:
    below = symptom("URLError", "<urlopen error timed out>", "urllib", earlier=True)
    last = symptom("FileNotFoundError", "[Errno 2] No such file or directory: 'mnist.npz'", "__main__")
    assert cause_of(below, last) is None
    assert cause_of(last) == "program-wrong-path"


def test_an_optional_import_that_was_handled_is_not_the_cause() -> None:
    below = symptom("ModuleNotFoundError", "No module named 'simplejson'", "requests", earlier=True)
    last = symptom("JSONDecodeError", "Expecting value: line 1 column 1 (char 0)", "sklearn", "json")
    assert cause_of(below, last) is None


def test_the_last_traceback_is_what_the_user_saw() -> None:
    first = symptom("ModuleNotFoundError", "No module named 'torchvision'", "__main__")
    last = symptom("URLError", "<urlopen error [Errno 111] Connection refused>", "torchvision", "urllib")
    assert cause_of(first, last) is None
    assert cause_of(last, first) == "program-missing-module"


def test_what_ran_the_program_is_passed_over() -> None:
    first = symptom("ModuleNotFoundError", "No module named 'torchvision'", "__main__")
    assert cause_of(first, symptom("CalledProcessError", "Command died", "subprocess")) == "program-missing-module"


def test_missing_module_is_installed_under_its_own_name_by_the_same_python() -> None:
    found = finding_of("program-missing-module", symptom("ModuleNotFoundError", "No module named 'cv2'", "__main__"))
    assert found.certain
    assert found.fixes[0].commands[0].text == "python -m pip install opencv-python"


def test_names_in_sentences_are_names_of_packages_too() -> None:
    said = symptom("ImportError", "To support decoding images, please install 'Pillow'.", "datasets")
    assert finding_of("program-missing-module", said).fixes[0].commands[0].text == "python -m pip install pillow"


@pytest.mark.parametrize("name", ["utils", "some_private_thing", "_tkinter"])
def test_no_package_is_guessed(name: str) -> None:
    """A name that is in no table may be anybody's package on the index."""
    found = finding_of(
        "program-missing-module", symptom("ModuleNotFoundError", f"No module named '{name}'", "__main__")
    )
    assert not [line for fix in found.fixes for line in fix.commands]


def test_hostile_names_stay_out_of_commands() -> None:
    found = finding_of(
        "program-missing-module", symptom("ModuleNotFoundError", "No module named 'numpy; rm -rf ~'", "__main__")
    )
    assert not [line for fix in found.fixes for line in fix.commands if "rm" in line.text]


def test_a_reshape_in_the_users_code_of_a_number_that_is_no_whole_file_is_only_likely() -> None:
    found = finding_of(
        "program-data-shape",
        symptom("ValueError", "cannot reshape array of size 2352 into shape (28,28)", "__main__"),
    )
    assert not found.certain
    assert "cache-stale-bad-file" in found.also_possible


def test_a_packed_file_that_the_users_code_read_as_it_is() -> None:
    packed = finding_of(
        "program-data-shape",
        symptom("ValueError", "cannot reshape array of size 9912406 into shape (60000,784)", "__main__"),
    )
    assert "unpacked first" in packed.title
    assert packed.certain
    other = finding_of(
        "program-data-shape",
        symptom("ValueError", "cannot reshape array of size 9912400 into shape (60000,784)", "__main__"),
    )
    assert "unpacked first" not in other.title


def test_the_command_looks_for_the_file_that_is_missing() -> None:
    missing = symptom("FileNotFoundError", "[Errno 2] No such file or directory: 'data/it's/train.csv'", "__main__")
    named = symptom("FileNotFoundError", "[Errno 2] No such file or directory: 'data/train.csv'", "__main__")
    assert "train.csv" in finding_of("program-wrong-path", named).fixes[-1].commands[0].text
    assert "'data" not in finding_of("program-wrong-path", missing).fixes[-1].commands[0].text


def test_an_openml_412_is_a_name() -> None:
    found = finding_of(
        "program-wrong-dataset-name", symptom("HTTPError", "HTTP Error 412: Precondition Failed", "sklearn", "urllib")
    )
    assert not found.certain
    assert cause_of(symptom("HTTPError", "HTTP Error 412: Precondition Failed", "__main__", "urllib")) is None


BUGS = [
    ("ImportError", "cannot import name 'PILLOW_VERSION' from 'PIL' (/x/site-packages/PIL/__init__.py)", "torchvision"),
    ("AttributeError", "'CIFAR10' object has no attribute 'tgz_md5'", "torchvision"),
    ("ValueError", "Object arrays cannot be loaded when allow_pickle=False", "keras"),
    ("NotImplementedError", "Loading a dataset cached in a LocalFileSystem is not supported.", "datasets"),
    ("ValueError", "Invalid pattern: '**' can only be an entire path component", "datasets"),
]


@pytest.mark.parametrize(("exception", "message", "package"), BUGS)
def test_known_faults_of_loaders(exception: str, message: str, package: str) -> None:
    found = finding_of("program-loader-bug", symptom(exception, message, "__main__", package, "numpy"))
    assert not found.certain
    assert found.fixes[0].commands[0].text.startswith("python -m pip install --upgrade ")
    assert cause_of(symptom(exception, message, "__main__")) != "program-loader-bug"


def test_words_that_nothing_else_says_need_no_frame() -> None:
    assert cause_of(symptom("AttributeError", "'CIFAR10' object has no attribute 'tgz_md5'")) == "program-loader-bug"
    assert cause_of(symptom("ValueError", "Object arrays cannot be loaded when allow_pickle=False")) is None


MD5 = (
    "md5 checksum of local file for https://api.openml.org/data/v1/download/52667/mnist_784.arff does not match "
    "description: expected: aa but got bb. Downloaded file could have been modified / corrupted, clean cache..."
)


@pytest.mark.parametrize(("release", "holds"), [("1.7.2", True), ("1.8.0", True), ("1.9.0", True), ("1.9.1", False),
                                               ("1.6.1", False), (None, False)])  # fmt: skip
def test_sklearn_keeps_a_bad_file_in_these_releases(release: str | None, holds: bool) -> None:
    said = symptom("ValueError", MD5, "__main__", "sklearn")
    found = cause_of(said, loader="sklearn", client="sklearn", release=release)
    assert (found == "program-loader-bug") is holds


def test_a_release_that_has_it_mended_is_not_blamed() -> None:
    said = symptom("ImportError", "cannot import name 'PILLOW_VERSION' from 'PIL'", "__main__", "torchvision")
    mine = {"loader": "torchvision", "client": "torchvision"}
    assert cause_of(said, release="0.15.2", **mine) != "program-loader-bug"
    assert finding_of("program-loader-bug", said, release="0.4.2", **mine).certain
