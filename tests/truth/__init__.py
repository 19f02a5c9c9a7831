"""The client is the oracle: the real client and the doctor's verdict `--as` that client, in the same world.

`python -m tests.truth [SCENE]... [--client NAME]...`, as root, plays scenes of the closed world (and `settings.py`'s),
runs the real client in each, and prints how often the two agree, each false alarm and each miss. What is not installed
in the Python of `--python` is left out with a sentence.
"""
