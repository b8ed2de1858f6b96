"""Pictures of figures: data in, a picture out. `draw(chart)` makes one of what is declared in `model.py`.

`model` says what a picture shows and imports nothing heavy; the modules that draw import matplotlib, and are imported
when a picture is wanted. No I/O but in `picture.write`.
"""
