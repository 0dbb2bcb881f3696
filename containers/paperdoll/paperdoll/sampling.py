"""The training distribution: how often who appears where, how near, in what."""

from dataclasses import replace

from numpy.random import Generator

from paperdoll import vocabulary as words
from paperdoll.identity import Figure, Outfit, Product, Scene, sample_identity, sample_product

ONE, TWO = 0.85, 0.96  # cumulative shares of one and two figures; the rest are three
PRODUCT_ALONE, PRODUCT_WITH = 0.05, 0.04


def _pick(rng: Generator, values: tuple[str, ...]) -> str:
    return values[int(rng.integers(len(values)))]


def sample_outfit(rng: Generator, kind: str = "girl") -> Outfit:
    """Return random clothes; a top never has its bottom's colour, dresses are rarer on boys and men."""
    outfit = _sample_any_outfit(rng)
    if kind in ("boy", "man") and (outfit.top == "dress" or outfit.bottom == "skirt") and rng.random() < 0.8:
        return sample_outfit(rng, kind)
    return outfit


def _sample_any_outfit(rng: Generator) -> Outfit:
    top, top_colour = _pick(rng, words.TOPS), _pick(rng, words.COLOURS)
    bottom = "none" if top == "dress" else _pick(rng, ("trousers", "skirt", "shorts")) if top != "coat" else "trousers"
    colours = tuple(colour for colour in words.BOTTOM_COLOURS if colour != top_colour)
    return Outfit(
        top, top_colour, "plain" if rng.random() < 0.36 else _pick(rng, words.PATTERNS[1:]), bottom,
        "none" if bottom == "none" else _pick(rng, colours),
        _pick(rng, words.COLOURS) if rng.random() < 0.17 else "none", bool(rng.random() < 0.17),
    )  # fmt: skip


def sample_figure(rng: Generator, split: str, x: float = 0.5) -> Figure:
    """Return a random figure of `split` at `x`."""
    facing = "front" if rng.random() < 0.5 else _pick(rng, ("left", "right"))
    identity = sample_identity(rng, split)
    figure = Figure(
        identity, sample_outfit(rng, identity.kind), _pick(rng, words.POSES), _pick(rng, words.EXPRESSIONS), facing,
        round(x, 3), nudge=round(float(rng.uniform(-1, 1)), 2),
    )  # fmt: skip
    if rng.random() >= PRODUCT_WITH:
        return figure
    return hold(figure, sample_product(rng, split))


def hold(figure: Figure, product: Product) -> Figure:
    """Return the figure with a product: on its back, or in its hands, which then do nothing else."""
    return replace(figure, held=product, pose=figure.pose if product.kind == "backpack" else words.HOLDING)


def sample_scene(rng: Generator, split: str) -> tuple[tuple[Figure, ...], Scene]:
    """Return figures and scene of one training picture."""
    framing = "full body" if rng.random() < 0.5 else _pick(rng, ("half body", "portrait"))
    place = _pick(rng, words.SCENES) if rng.random() < 0.78 else f"plain {_pick(rng, words.PLAINS)}"
    scene = Scene(place, framing, None, int(rng.integers(2**31)), round(float(rng.uniform(-1, 1)), 2))
    if rng.random() < PRODUCT_ALONE:
        return (), replace(scene, framing="full body", product=sample_product(rng, split))
    share = rng.random()
    if share < ONE:
        places = (0.5 + float(rng.uniform(-0.06, 0.06)),)
    elif share < TWO:
        places = (0.28 + float(rng.uniform(-0.03, 0.03)), 0.72 + float(rng.uniform(-0.03, 0.03)))
    else:
        places = (0.18, 0.5, 0.82)
    if len(places) > 1 and framing == "portrait":
        scene = replace(scene, framing="full body")
    return tuple(sample_figure(rng, split, x) for x in places), scene
