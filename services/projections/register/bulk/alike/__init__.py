"""Lives that are alike are folded once, and their rows copied by columns.

Most people of a register have a short story: enumerated; born; enumerated and, later, a mother. Two stories are
*alike* if they differ only in what the fold copies (ids, days, codes of areas and offices) and not in how these compare
(which day comes first, which areas are the same). Then their rows are alike, too. So one story of a kind is folded, by
the same fold as every other life, with marks in place of what may differ; where a mark turns up in the rows, there
belongs the value of each other story.

    pages     records of one type by columns, and whom they name
    stories   people with one to three plain events; the same kinds of events side by side
    kinds     what must be the same for two stories to be alike
    tracing   the rows of a kind, with marks, folded twice with different marks: what is neither a mark nor the same
              both times was calculated, and then the kind is folded life by life

There is no second fold here, and nothing in it knows an event type. What a new handler may do is said in
`register/life/handling.py`.
"""

from services.projections.register.bulk.alike.pages import EVENT_ID, PERSON, Page, list_mentions
from services.projections.register.bulk.alike.stories import Copier

__all__ = ["EVENT_ID", "PERSON", "Copier", "Page", "list_mentions"]
