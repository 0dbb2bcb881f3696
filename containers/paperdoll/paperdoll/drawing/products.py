"""Mug, bottle, backpack and sneaker, in frames where the thing is about 40 units high and stands on y = 0."""

from paperdoll.drawing import emblems, palette, parts
from paperdoll.drawing.pen import OUTLINE, Pen, box, curve, darker, lighter, oval, polygon
from paperdoll.identity import Product

ACCENTS = (0xFFF8EC, 0xFFD95A, 0x4A3B66, 0xFF7F6B)


def _accent(product: Product) -> int:
    """Return the colour of logo and trim: by the unnamed trait, kept apart from the thing's own colour."""
    options = [colour for colour in ACCENTS if not _close(colour, palette.CLOTH[product.colour])]
    return options[min(len(options) - 1, int((product.accent + 1) / 2 * len(options)))]


def _close(first: int, second: int) -> bool:
    return sum(abs((first >> shift & 255) - (second >> shift & 255)) for shift in (16, 8, 0)) < 170


def product_colour(product: Product) -> int:
    """Return a product's colour with its unnamed hue."""
    return palette.vary(palette.CLOTH[product.colour], 0.025 * product.hue, 0.06 * product.hue)


def draw_product(pen: Pen, product: Product) -> None:
    """Draw a product standing on (0, 0)."""
    high, wide = 1 + 0.16 * product.height, 1 + 0.16 * product.girth
    colour, accent = product_colour(product), _accent(product)
    {"mug": _draw_mug, "bottle": _draw_bottle, "backpack": _draw_backpack, "sneaker": _draw_sneaker}[product.kind](
        pen, product, colour, accent, high, wide
    )


def _shape(pen: Pen, path, colour: int, line: float = 1.4) -> None:
    pen.shape(path, colour, parts.HELD, parts.PRODUCT, line)


def _logo(pen: Pen, product: Product, x: float, y: float, radius: float, accent: int) -> None:
    size = radius * (1 + 0.22 * product.logo_size)
    with pen.frame(x, y, 32 * product.logo_turn):
        sign = emblems.emblem(product.logo, 0, 0, size)
        pen.fill(sign, accent)
        pen.stroke(sign, OUTLINE, 0.9)


def _draw_mug(pen: Pen, product: Product, colour: int, accent: int, high: float, wide: float) -> None:
    w, h = 14.5 * wide, 33 * high
    handle = oval(w + 3, -h * 0.5, 8.0, h * 0.29)
    pen.stroke(handle, OUTLINE, 7.0)
    pen.stroke(handle, darker(colour, 0.12), 4.2)
    pen.mark(handle, parts.HELD, parts.PRODUCT, 7.0, filled=False)
    cup = curve((-w, -h), (w, -h), (w, -6, w - 1, -2), (w * 0.6, 1.5, 0, 1.5), (-w * 0.6, 1.5, -w + 1, -2), (-w, -6, -w, -h))
    _shape(pen, cup, colour)
    with pen.inside(cup):
        pen.fill(box(w * 0.55, -h - 2, w + 2, 3), darker(colour))
        pen.fill(box(-w * 0.82, -h + 5, -w * 0.62, -6, 1.5), lighter(colour, 0.45))
    pen.stroke(cup, OUTLINE, 1.4)
    _shape(pen, oval(0, -h, w, 4.2), darker(colour, 0.34))
    pen.fill(oval(0, -h + 1.2, w * 0.78, 2.5), 0x6A4634)
    _logo(pen, product, -0.5, -h * 0.45, 8.0, accent)


def _draw_bottle(pen: Pen, product: Product, colour: int, accent: int, high: float, wide: float) -> None:
    w, h = 9.6 * wide, 42 * high
    body = curve(
        (-w, -h * 0.66),
        (-w, -2),
        (-w, 1, -w + 3, 1),
        (w - 3, 1),
        (w, 1, w, -2),
        (w, -h * 0.66),
        (w, -h * 0.8, 4.6, -h * 0.86),
        (-4.6, -h * 0.86),
        (-w, -h * 0.8, -w, -h * 0.66),
    )
    _shape(pen, box(-5.0, -h, 5.0, -h * 0.83, 1.8), accent)
    _shape(pen, body, colour)
    with pen.inside(body):
        pen.fill(box(w * 0.5, -h, w + 2, 3), darker(colour))
        pen.fill(box(-w * 0.78, -h * 0.66, -w * 0.52, -5, 1.2), lighter(colour, 0.5))
    pen.stroke(body, OUTLINE, 1.4)
    _logo(pen, product, 0, -h * 0.38, 7.0, accent)


def _draw_backpack(pen: Pen, product: Product, colour: int, accent: int, high: float, wide: float) -> None:
    w, h = 16 * wide, 39 * high
    pen.stroke(curve((-5, -h + 2), (0, -h - 9, 5, -h + 2), closed=False), OUTLINE, 5.0)
    pen.stroke(curve((-5, -h + 2), (0, -h - 9, 5, -h + 2), closed=False), accent, 2.4)
    for side in (-1, 1):
        _shape(pen, box(side * w - 4, -h * 0.46, side * w + 4, -2, 3), darker(colour, 0.12))
    body = curve((-w, -h * 0.55), (-w, -h, 0, -h), (w, -h, w, -h * 0.55), (w, -3), (w, 1, w - 4, 1), (-w + 4, 1), (-w, 1, -w, -3))
    _shape(pen, body, colour)
    with pen.inside(body):
        pen.fill(curve((w * 0.62, -h), (w * 0.7, -h * 0.5, w * 0.62, 3), (w + 3, 3), (w + 3, -h)), darker(colour))
        pen.stroke(
            curve((-w * 0.72, -h * 0.62), (-w * 0.62, -h * 0.85, -w * 0.3, -h * 0.9), closed=False), lighter(colour, 0.45), 2.2
        )
    pen.stroke(body, OUTLINE, 1.4)
    pocket = box(-w * 0.68, -h * 0.46, w * 0.68, -3.5, 3.5)
    _shape(pen, pocket, lighter(colour, 0.18), 1.1)
    pen.stroke(polygon([(-w * 0.6, -h * 0.54), (w * 0.6, -h * 0.54)], False), accent, 1.8)
    _logo(pen, product, 0, -h * 0.245, 6.6, accent)


def _draw_sneaker(pen: Pen, product: Product, colour: int, accent: int, high: float, wide: float) -> None:
    w, h = 21 * wide, 23 * high
    upper = curve(
        (-w, -3),
        (-w - 2.4, -h * 0.6, -w * 0.94, -h * 0.86),
        (-w * 0.9, -h * 0.96, -w * 0.78, -h * 0.88),
        (-w * 0.5, -h * 0.72, -w * 0.3, -h * 0.94),
        (-w * 0.18, -h * 1.06, -w * 0.02, -h * 0.96),
        (w * 0.3, -h * 0.5, w * 0.72, -h * 0.46),
        (w * 1.08, -h * 0.38, w, -3),
    )
    _shape(pen, upper, colour)
    with pen.inside(upper):
        pen.fill(
            curve((w * 0.52, 0), (w * 0.56, -h * 0.4, w * 0.72, -h * 0.5), (w + 4, -h * 0.6), (w + 4, 0)), lighter(colour, 0.4)
        )
        pen.fill(box(-w - 3, -6.5, w + 3, 0), darker(colour))
    pen.stroke(upper, OUTLINE, 1.4)
    for at in (0.06, 0.22, 0.38):
        x, y = w * at, -h * (0.9 - at * 0.85)
        pen.stroke(polygon([(x - 3.2, y + 2.6), (x + 2.4, y + 1.0)], False), accent, 2.0)
    _shape(pen, box(-w - 1, -5, w + 2, 1, 2.6), palette.SOLE)
    pen.fill(box(-w, -1.6, w + 1, 0.2, 1), accent)
    _logo(pen, product, -w * 0.46, -h * 0.48, 5.8, accent)
