"""What a picture is called: captions at four levels of detail, and the flat named attributes."""

from numpy.random import Generator

from paperdoll import vocabulary as words
from paperdoll.identity import Figure, Product, Scene

DETAILS = ("bare", "short", "long", "full")
MAX_TOKENS = 78  # words and commas; start and end make 80
_KEEP = {"bare": 0.0, "short": 0.35, "long": 0.75, "full": 1.0}


def count_tokens(caption: str) -> int:
    """Return the number of words and commas."""
    return len(caption.replace(",", " , ").split())


def caption(figures: tuple[Figure, ...], scene: Scene, detail: str, rng: Generator) -> str:
    """Describe a picture in CAPTION_WORDS and commas; "bare" names kinds and place only, "full" everything named."""
    if detail not in DETAILS:
        raise ValueError(f"detail is {detail!r}, not one of {DETAILS}")
    keep = _KEEP[detail]
    while True:
        text = _compose(figures, scene, keep, rng)
        if count_tokens(text) <= MAX_TOKENS:
            return text
        keep -= 0.15  # three fully described figures do not fit


def _compose(figures: tuple[Figure, ...], scene: Scene, keep: float, rng: Generator) -> str:
    def kept(weight: float = 1.0) -> bool:
        """Say whether to name one attribute; heavier ones are named more often."""
        return keep >= 1.0 or rng.random() < keep * weight

    pieces = []
    if scene.product:
        pieces.append(_describe_product(scene.product, kept))
        where = words.PLACE_PHRASES[scene.place]
        pieces.append(where if scene.place not in ("room", "kitchen", "library") else f"on a table {where}")
        return ", ".join(pieces)
    if scene.framing != "full body" or kept():
        pieces.append(scene.framing)
    order = sorted(figures, key=lambda figure: figure.x)
    sides = {1: ("",), 2: ("on the left ", "on the right "), 3: ("on the left ", "in the centre ", "on the right ")}[len(order)]
    for side, figure in zip(sides, order, strict=True):
        pieces.append(side + _describe_figure(figure, kept))
    pieces.append(words.PLACE_PHRASES[scene.place])
    return ", ".join(pieces)


def _describe_product(product: Product, kept) -> str:
    text = f"{_article(product.colour)} {product.colour} {product.kind}"
    return text + (f" with {_article(product.logo)} {product.logo} logo" if kept(1.2) else "")


def _article(word: str) -> str:
    return "an" if word[0] in "aeio" else "a"


def _describe_figure(figure: Figure, kept) -> str:
    identity, outfit = figure.identity, figure.outfit
    surface = words.SURFACE_WORD[identity.kind]
    text = f"{_article(identity.kind)} {identity.kind}"
    traits = []
    if identity.hair_style != "none" and kept(1.1):
        colour = f"{identity.hair_colour} " if kept(1.2) else ""
        style = identity.hair_style
        traits.append(f"{colour}{style}" if style in ("bob", "pigtails", "ponytail", "bun") else f"{style} {colour}hair")
    if kept(0.9):
        traits.append(f"{identity.surface} {surface}")
    if kept(0.7):
        traits.append(f"{identity.eye_colour} eyes")
    if traits:
        text += " with " + (", ".join(traits[:-1]) + " and " if len(traits) > 1 else "") + traits[-1]
    worn = []
    if kept(1.2):
        pattern = outfit.pattern
        adjective = f"{pattern} " if pattern in ("striped", "dotted") and kept(1.2) else ""
        top = f"{adjective}{outfit.top_colour} {outfit.top}"
        top = f"{_article(top)} {top}"
        if pattern in ("star", "heart") and kept(1.2):
            top += f" with a {pattern}"
        worn.append(top)
    if outfit.bottom != "none" and kept():
        bottom = f"{outfit.bottom_colour} {outfit.bottom}"
        worn.append(bottom if outfit.bottom != "skirt" else f"a {bottom}")
    if outfit.hat_colour != "none" and kept(1.2):
        worn.append(f"{_article(outfit.hat_colour)} {outfit.hat_colour} hat")
    if outfit.glasses and kept(1.2):
        worn.append("glasses")
    if figure.held and figure.held.kind == "backpack":
        worn.append(_describe_product(figure.held, kept))
    if worn:
        text += " wearing " + (", ".join(worn[:-1]) + " and " if len(worn) > 1 else "") + worn[-1]
    doing = []
    if figure.held and figure.held.kind != "backpack":
        doing.append(f"holding {_describe_product(figure.held, kept)}")
    elif kept(1.1):
        doing.append(figure.pose)
    if kept():
        doing.append(figure.expression)
    if kept(0.8):
        doing.append(f"facing {figure.facing}")
    return ", ".join([text, *doing])


def attributes(figures: tuple[Figure, ...], scene: Scene) -> dict[str, str]:
    """Return the named attributes of a picture, of its leftmost figure; "none" where one does not apply."""
    result = {"count": str(len(figures)), "place": scene.place, "framing": "none" if scene.product else scene.framing}
    figure = min(figures, key=lambda figure: figure.x) if figures else None
    identity, outfit = (figure.identity, figure.outfit) if figure else (None, None)
    product = scene.product or (figure.held if figure else None)
    return result | {
        "kind": identity.kind if identity else "none",
        "surface": f"{identity.surface} {words.SURFACE_WORD[identity.kind]}" if identity else "none",
        "hair style": identity.hair_style if identity else "none",
        "hair colour": identity.hair_colour if identity else "none",
        "eye colour": identity.eye_colour if identity else "none",
        "top": outfit.top if outfit else "none",
        "top colour": outfit.top_colour if outfit else "none",
        "pattern": outfit.pattern if outfit else "none",
        "bottom": outfit.bottom if outfit else "none",
        "bottom colour": outfit.bottom_colour if outfit else "none",
        "hat colour": outfit.hat_colour if outfit else "none",
        "glasses": "glasses" if outfit and outfit.glasses else "none",
        "pose": figure.pose if figure else "none",
        "expression": figure.expression if figure else "none",
        "facing": figure.facing if figure else "none",
        "product": product.kind if product else "none",
        "product colour": product.colour if product else "none",
        "logo": product.logo if product else "none",
    }
