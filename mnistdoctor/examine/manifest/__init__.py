"""Files in which a project already says what it downloads: read line by line, for targets and for nothing else.

- checksum files of GNU coreutils and of BSD (https://www.gnu.org/software/coreutils/manual/html_node/cksum-output-modes.html)
- a pooch registry (https://www.fatiando.org/pooch/latest/registry-files.html)
- TFDS' ``checksums.tsv`` (https://www.tensorflow.org/datasets/add_dataset#8_double-check_the_citation)
- a list of URLs, one a line
- ``[tool.mnistdoctor]`` in a ``pyproject.toml``

Whoever can change such a file is not trusted with more than the choice of targets: no setting is read from it, no file
of this disk is named by it, and no name leads out of the folder that ``--base-url`` names.
"""
