"""Every named value of the world, and every word that a caption may use."""

KINDS = ("girl", "boy", "woman", "man", "robot", "cat", "dog")
PEOPLE = ("girl", "boy", "woman", "man")
ADULTS = ("woman", "man")

SKINS = ("fair", "light", "tan", "olive", "brown", "dark")
FURS = ("white", "grey", "black", "brown", "orange", "cream")
SHELLS = ("silver", "white", "yellow", "blue", "green", "red")
SURFACES = {kind: SKINS for kind in PEOPLE} | {"cat": FURS, "dog": FURS, "robot": SHELLS}
SURFACE_WORD = {kind: "skin" for kind in PEOPLE} | {"cat": "fur", "dog": "fur", "robot": "shell"}

HAIR_STYLES = ("short", "long", "bob", "pigtails", "ponytail", "bun", "spiky", "curly")
HAIR_COLOURS = ("black", "brown", "blonde", "red", "blue", "pink", "white", "green")
EYE_COLOURS = ("blue", "green", "brown", "purple", "golden")

COLOURS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "white", "grey", "black")
TOPS = ("t-shirt", "hoodie", "dress", "coat")
BOTTOMS = ("trousers", "skirt", "shorts")
BOTTOM_COLOURS = ("blue", "black", "white", "grey", "brown", "green", "red")
PATTERNS = ("plain", "striped", "dotted", "star", "heart")

POSES = (
    "standing", "waving", "arms raised", "sitting", "jumping", "hands on hips",
    "walking", "running", "pointing", "thinking",
)  # fmt: skip
HOLDING = "holding"
EXPRESSIONS = ("smiling", "neutral", "surprised", "angry", "sad", "laughing")
FACINGS = ("front", "left", "right")
FRAMINGS = ("full body", "half body", "portrait")

SCENES = ("park", "beach", "room", "city", "snow", "forest", "desert", "kitchen", "library", "night")
PLAINS = ("white", "grey", "blue", "green", "pink", "yellow", "purple")
PLACES = SCENES + tuple(f"plain {colour}" for colour in PLAINS)
# How a caption says where; a plain colour says itself.
PLACE_PHRASES = {
    "park": "in a park", "beach": "on a beach", "room": "in a room", "city": "in a city", "snow": "in snow",
    "forest": "in a forest", "desert": "in a desert", "kitchen": "in a kitchen", "library": "in a library",
    "night": "in a city at night",
} | {f"plain {colour}": f"plain {colour} background" for colour in PLAINS}  # fmt: skip

PRODUCTS = ("mug", "bottle", "backpack", "sneaker")
LOGOS = ("star", "heart", "moon", "bolt", "leaf", "ring")
SIDES = ("left", "centre", "right")

_PHRASES = (
    "a an and at background body eyes facing front full fur glasses hair half hat holding in logo on portrait shell skin "
    "table the wearing with"
)


def _list_words() -> tuple[str, ...]:
    """Return the sorted words of every value and phrase above, each once."""
    values = (
        KINDS, SKINS, FURS, SHELLS, HAIR_STYLES, HAIR_COLOURS, EYE_COLOURS, COLOURS, TOPS, BOTTOMS, BOTTOM_COLOURS,
        PATTERNS, POSES, (HOLDING,), EXPRESSIONS, FACINGS, FRAMINGS, PLACES, tuple(PLACE_PHRASES.values()), PRODUCTS,
        LOGOS, SIDES, (_PHRASES,),
    )  # fmt: skip
    return tuple(sorted({word for group in values for value in group for word in value.split()}))


CAPTION_WORDS = _list_words()
"""All words captions can use; the only other token is the comma."""

RARE_TOKENS = (
    "sks", "zwx", "ohwx", "vrk", "plq", "tzu", "xjo", "qev", "wug", "kyf", "bzi", "nuxo", "hjra", "dwim", "fosk", "ygle",
)  # fmt: skip
"""Words no caption ever uses: names for tuned subjects."""
