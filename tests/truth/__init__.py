"""The client is the oracle: the real client and the doctor's verdict `--as` that client, in the same world.

`python -m tests.truth`, as root, plays scenes of the closed world (and `settings.py`'s): the doctor is asked, then the
real client of `clients.py` downloads in the same world, each release of it in an environment of its own (`places.py`).
Results go to a file, so that a run can be broken off and go on; the end prints how often the two agree, each false
alarm and each miss, but for those that `explained.py` gives a reason for.
"""
