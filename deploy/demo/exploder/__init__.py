"""The exploder: published tables in, events out. Pure: no clock, no files, no chance but a seed.

Read in this order: `tables` (what goes in), `lexis` (which deaths belong to which year of birth), `year`
(one year of all counties), `explode` (all years, and the balance), `posts` (the events as an office posts
them), `rules` (names, dates, ids), `people` (who lives where), `elsewhere` (where the others come from),
`areas` (the map).
"""
