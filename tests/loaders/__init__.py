"""After `mnistdoctor fetch` the real loader loads, in a process that may open no connection.

Each loader stands in an environment of its own, made by pip as it is first needed (`MNISTDOCTOR_LOADERS` names another
folder than the one in the cache); where one cannot be had, its test is skipped by name.
"""
