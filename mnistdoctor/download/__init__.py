"""The data in hand: where each file belongs, its download with the examination's own probes, and its place on the disk.

names -> `plan` -> `fetch` (an examination that keeps the bodies) -> `placing` (verified, then renamed)
"""
