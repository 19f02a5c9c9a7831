"""What can be wrong: one module a family, joined in `mnistdoctor.causes.order`.

Nothing is imported here: a healthy run needs no cause, and all of them together cost a fifth of its start.
"""
