"""From a pasted text to causes: what a program said, read for its structure, judged by the rules of an examination.

    text -> lines -> errors (`read`) -> records (`templates`, `records`) -> a case -> matches (`matches`)

Nothing here sends a packet. Words are looked at last: first come the exception, the number of the error, the status,
and the template in which a loader says it (`templates.toml`, each row with the release where it was read).
"""
