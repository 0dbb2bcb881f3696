"""Bold little signs: on garments, cheeks and products."""

import math

from paperdoll.drawing.pen import curve, oval, polygon, skia


def star(x: float, y: float, radius: float, turn: float = 0.0) -> skia.Path:
    """Return a five-pointed star."""
    points = []
    for index in range(10):
        angle = math.radians(turn - 90 + 36 * index)
        reach = radius if index % 2 == 0 else radius * 0.48
        points.append((x + reach * math.cos(angle), y + reach * math.sin(angle)))
    return polygon(points)


def heart(x: float, y: float, radius: float) -> skia.Path:
    """Return a heart."""
    r = radius
    return curve(
        (x, y + r * 0.95), (x - r * 1.5, y - r * 0.1, x - r * 0.9, y - r * 1.15, x, y - r * 0.35),
        (x + r * 0.9, y - r * 1.15, x + r * 1.5, y - r * 0.1, x, y + r * 0.95),
    )  # fmt: skip


def emblem(name: str, x: float, y: float, radius: float) -> skia.Path:
    """Return a product's logo by its name."""
    r = radius
    if name == "star":
        return star(x, y, r)
    if name == "heart":
        return heart(x, y, r * 0.95)
    if name == "moon":
        return curve((x + r * 0.35, y - r), (x - r * 1.15, y - r * 0.9, x - r * 1.15, y + r * 0.9, x + r * 0.35, y + r),
                     (x - r * 0.3, y + r * 0.5, x - r * 0.3, y - r * 0.5, x + r * 0.35, y - r))  # fmt: skip
    if name == "bolt":
        return polygon([(x + r * 0.3, y - r), (x - r * 0.7, y + r * 0.15), (x - r * 0.05, y + r * 0.15),
                        (x - r * 0.3, y + r), (x + r * 0.7, y - r * 0.2), (x + r * 0.05, y - r * 0.2)])  # fmt: skip
    if name == "leaf":
        return curve((x - r * 0.8, y + r * 0.8), (x - r * 1.1, y - r * 0.6, x, y - r, x + r * 0.9, y - r * 0.9),
                     (x + r, y, x + r * 0.6, y + r * 1.1, x - r * 0.8, y + r * 0.8))  # fmt: skip
    path = oval(x, y, r * 0.95, r * 0.95)
    path.addPath(oval(x, y, r * 0.45, r * 0.45))
    path.setFillType(skia.PathFillType.kEvenOdd)
    return path
