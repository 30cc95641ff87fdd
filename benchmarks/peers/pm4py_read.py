"""pm4py reading an event log (XES, plain, gzipped or zipped) into memory. Prints events a second.

pm4py_read.py FILE
"""

import sys
import tempfile
import zipfile
from time import perf_counter

import pm4py

if __name__ == "__main__":
    name = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        if name.endswith(".zip"):
            with zipfile.ZipFile(name) as archive:
                name = archive.extract(archive.namelist()[0], folder)
        started = perf_counter()
        log = pm4py.read_xes(name)
        print(len(log) / (perf_counter() - started))
