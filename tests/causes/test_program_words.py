"""More words of programs and loaders, a line each: what they tell, or that they tell nothing of a program."""

from __future__ import annotations

import pytest

from tests.causes.evidence import symptom
from tests.causes.judging import cause_of

WORDS = [
    ('program-missing-module', 'ImportError', 'No module named torchvision', ()),
    ('program-missing-module', 'ModuleNotFoundError', "No module named 'sklearn'", ('__main__',)),
    ('program-missing-module', 'ImportError', 'Please install the mxnet package: pip install mxnet', ('x',)),
    ('program-missing-module', 'ImportError',
     'Keras requires TensorFlow 2.2 or higher. Install TensorFlow via `pip install ten'
     'sorflow`', ('keras',)),
    ('program-missing-module', 'ImportError', '`load_model` requires h5py.', ('keras',)),
    ('program-missing-module', 'ModuleNotFoundError',
     "No module named 'tensorflow'\n\nDuring handling", ('__main__', 'keras')),
    ('program-missing-module', 'ImportError',
     "Unable to import required dependencies:\nnumpy: No module named 'numpy'", ('pandas',)),
    ('program-missing-module', 'ImportError', 'This function requires pandas to be installed', ('sklearn',)),
    ('program-missing-module', 'ImportError', 'lxml not found, please install it', ('pandas',)),
    ('program-api-changed', 'AttributeError', "module 'tensorflow' has no attribute 'examples'", ('__main__',)),
    ('program-api-changed', 'ModuleNotFoundError', "No module named 'tensorflow.examples'", ()),
    ('program-api-changed', 'ImportError',
     "cannot import name 'mnist' from 'tensorflow.examples.tutorials' (unknown locatio"
     'n)', ()),
    ('program-api-changed', 'AttributeError', "module 'keras.utils' has no attribute 'to_categorical'", ()),
    ('program-api-changed', 'AttributeError', "module 'numpy' has no attribute 'int'", ('x',)),
    ('program-api-changed', 'ImportError',
     "cannot import name 'Merge' from 'keras.layers' (/usr/local/lib/python3.10/dist-p"
     'ackages/keras/layers/__init__.py)', ()),
    ('program-api-changed', 'TypeError',
     "MNIST.__init__() got an unexpected keyword argument 'downloads'", ('__main__',)),
    ('program-api-changed', 'TypeError', "__init__() got an unexpected keyword argument 'split'", ('__main__',)),
    ('program-api-changed', 'TypeError',
     "load_dataset() got an unexpected keyword argument 'use_auth_token'", ('__main__',)),
    ('program-api-changed', 'AttributeError', "module 'tensorflow.python.keras' has no attribute 'datasets'", ()),
    ('program-api-changed', 'AttributeError', "module 'datasets' has no attribute 'load_metric'", ()),
    ('program-api-changed', 'ImportError',
     "cannot import name 'load_metric' from 'datasets' (/x/site-packages/datasets/__in"
     'it__.py)', ()),
    ('program-api-changed', 'RuntimeError', 'Dataset scripts are no longer supported, but found wikipedia.py', ()),
    ('program-api-changed', 'AttributeError', "'DataFrame' object has no attribute 'append'", ('__main__', 'pandas')),
    ('program-wrong-path', 'FileNotFoundError',
     "[Errno 2] No such file or directory: './data/MNIST/raw/train-images-idx3-ubyte'", ('__main__',)),
    ('program-wrong-path', 'FileNotFoundError',
     "[Errno 2] File b'mnist_train.csv' does not exist: b'mnist_train.csv'", ('pandas',)),
    ('program-wrong-path', 'FileNotFoundError', 'mnist_train.csv not found.', ('numpy',)),
    ('program-wrong-path', 'OSError', 'MNIST/train.csv not found.', ('numpy',)),
    ('program-wrong-path', 'RuntimeError', 'Dataset not found. You can use download=True to download it', ()),
    ('program-wrong-path', 'FileNotFoundError',
     'Directory /content/data is neither a `Dataset` directory nor a `DatasetDict` dir'
     'ectory.', ('datasets',)),
    ('program-wrong-path', 'IOError', "[Errno 2] No such file or directory: 'mnist.pkl.gz'", ('gzip',)),
    ('program-wrong-path', 'FileNotFoundError',
     "[WinError 2] The system cannot find the file specified: 'C:\\\\data\\\\MNIST'", ()),
    ('program-out-of-memory', 'RuntimeError', 'CUDA error: out of memory', ('torch',)),
    ('program-out-of-memory', 'ArrowMemoryError', 'malloc of size 268435456 failed', ('pyarrow',)),
    ('program-out-of-memory', 'InternalError',
     'Failed copying input tensor from CPU to GPU in order to run _EagerConst: Dst ten'
     'sor is not initialized.', ('tensorflow',)),
    ('program-out-of-memory', '', 'Your session crashed after using all available RAM.', ()),
    ('program-out-of-memory', '', '/bin/sh: line 1: 12345 Killed                  python train.py', ()),
    ('program-out-of-memory', '', "terminate called after throwing an instance of 'std::bad_alloc'", ()),
    ('program-data-shape', 'ValueError',
     'Input 0 is incompatible with layer conv2d_1: expected ndim=4, found ndim=3', ('keras',)),
    ('program-data-shape', 'RuntimeError',
     'Given groups=1, weight of size [64, 3, 7, 7], expected input[32, 1, 28, 28] to h'
     'ave 3 channels, but got 1 channels instead', ('torch',)),
    ('program-data-shape', 'ValueError', 'Expected 2D array, got 1D array instead:', ('sklearn',)),
    ('program-data-shape', 'ValueError',
     'A target array with shape (60000, 10) was passed for an output of shape (None, 1'
     ')', ('keras',)),
    ('program-data-shape', 'RuntimeError', 'expected scalar type Long but found Int', ('torch',)),
    ('program-data-shape', 'RuntimeError',
     'Expected object of scalar type Float but got scalar type Byte for argument #2', ('torch',)),
    ('program-data-shape', 'ValueError',
     'Shape of passed values is (60000, 784), indices imply (60000, 785)', ('pandas',)),
    ('program-data-shape', 'ValueError', 'shapes (60000,784) and (785,10) not aligned: 784 (dim 1) != 785 (dim 0)', ()),
    ('program-data-shape', 'RuntimeError', '0D or 1D target tensor expected, multi-target not supported', ('torch',)),
    ('program-data-shape', 'ValueError', 'cannot reshape array of size 7840000 into shape (10000,32,32)', ()),
    ('program-data-shape', 'UnicodeDecodeError', "'ascii' codec can't decode byte 0x80 in position 0", ('pickle',)),
    ('program-wrong-dataset-name', 'OpenMLError', 'Dataset MNIST original with version 1 not found.', ('sklearn',)),
    ('program-wrong-dataset-name', 'DatasetNotFoundError',
     'Dataset mnits not found.\nAvailable datasets:\n\t- abstract_reasoning\n - mnist', ('tensorflow_datasets',)),
    ('program-wrong-dataset-name', 'DatasetNotFoundError',
     "Dataset 'fashon_mnist' doesn't exist on the Hub or cannot be accessed.", ('datasets',)),
    ('program-wrong-dataset-name', 'OpenMLServerException',
     'https://www.openml.org/api/v1/xml/data/999999 returned code 111: Unknown dataset'
     ' - None', ('openml',)),
    ('program-wrong-dataset-name', 'FileNotFoundError',
     "Couldn't find a dataset script at /content/mnst/mnst.py or any data file in the "
     "same directory. Couldn't find 'mnst' on the Hugging Face Hub either: FileNotFoun"
     "dError: Dataset 'mnst' doesn't exist on the Hub", ('datasets',)),
    ('program-wrong-dataset-name', 'ValueError',
     "Config name is missing. Please pick one among the available configs: ['a', 'b']", ('datasets',)),
    ('program-wrong-dataset-name', 'AttributeError', "module 'keras.datasets' has no attribute 'minst'", ()),
    ('program-wrong-dataset-name', 'ImportError',
     "cannot import name 'minst' from 'keras.datasets' (/x/site-packages/keras/dataset"
     's/__init__.py)', ()),
    ('program-wrong-dataset-name', 'ValueError',
     'Unknown split "valid". Should be one of [\'test\', \'train\'].', ('datasets',)),
    ('tls-module-missing', 'AttributeError', "module 'urllib.request' has no attribute 'HTTPSHandler'", ()),
    ('tls-module-missing', 'SSLError',
     '("Can\'t connect to HTTPS URL because the SSL module is not available.")', ('requests',)),
    ('tls-module-missing', '',
     'WARNING: pip is configured with locations that require TLS/SSL, however the ssl '
     'module in Python is not available.', ()),
    (None, 'RuntimeError',
     'Failed to import transformers because of: HTTPSConnectionPool Max retries exceed'
     'ed', ('transformers',)),
    (None, 'JSONDecodeError', 'Expecting value: line 1 column 1 (char 0)', ('sklearn',)),
    (None, 'IndexError', 'pop from empty list', ('torchvision',)),
    (None, 'AssertionError', '', ('torchvision',)),
    (None, 'UnpicklingError', "invalid load key, '<'.", ('__main__', 'pickle')),
    (None, 'ReadError', 'not a gzip file', ('tarfile',)),
    (None, 'TypeError', "'NoneType' object is not subscriptable", ('__main__',)),
    (None, 'AttributeError', "'NoneType' object has no attribute 'group'", ('torchvision',)),
    (None, 'LocalEntryNotFoundError',
     'An error happened while trying to locate the file on the Hub', ('huggingface_hub',)),
    (None, 'OSError', "We couldn't connect to 'https://huggingface.co' to load this file", ('transformers',)),
    (None, 'IncompleteRead', 'IncompleteRead(100 bytes read, 200 more expected)', ('http',)),
    (None, 'FileNotFoundError', "[Errno 2] No such file or directory: '/tmp/x/tmpabc.tmp.123/mnist'", ()),
    (None, 'ValueError',
     'Invalid magic number 1008813135 in MNIST image file: MNIST_data/train-images-idx'
     '3-ubyte.gz', ('tensorflow',)),
    (None, 'ValueError', 'buffer is smaller than requested size', ('numpy',)),
]  # fmt: skip


@pytest.mark.parametrize(("cause", "exception", "message", "where"), WORDS)
def test_words(cause: str | None, exception: str, message: str, where: tuple[str, ...]) -> None:
    assert cause_of(symptom(exception, message, *where)) == cause
