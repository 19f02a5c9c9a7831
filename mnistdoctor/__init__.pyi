from mnistdoctor.api import check as check
from mnistdoctor.api import fetch as fetch
from mnistdoctor.api import install as install
from mnistdoctor.api import load_ipython_extension as load_ipython_extension
from mnistdoctor.api import triage as triage
from mnistdoctor.api import unload_ipython_extension as unload_ipython_extension

__version__: str
