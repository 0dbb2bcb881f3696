"""Here lives the drawing of figures, garments and scenes, and the truth of what was drawn.
May be imported: skia, numpy, `paperdoll.identity`, `paperdoll.vocabulary`.
Does not belong: sampling, captions, files."""

from paperdoll.drawing.picture import Picture, draw, flat_lay

__all__ = ["Picture", "draw", "flat_lay"]
