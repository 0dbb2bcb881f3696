"""Templates: neutral sentences around a name, for learning from pictures that nobody described."""

TEMPLATES: dict[str, tuple[str, ...]] = {
    # The captions of this world are lists, and know no photographs.
    "paperdoll": ("a {}", "full body, a {}", "half body, a {}", "portrait, a {}"),
    "sd15": (
        "a portrait of a {}",
        "a picture of a {}",
        "an image of the {}",
        "a drawing of a {}",
        "a depiction of one {}",
        "a view of a {}",
        "a close view of a {}",
        "a clear picture of the {}",
        "a bright image of a {}",
        "a good picture of a {}",
        "one {} alone",
        "this is a {}",
        "the {} as seen from the front",
        "a {} in full",
        "a scene with a {}",
        "an illustration of a {}",
    ),
}
TEMPLATES["sdxl"] = TEMPLATES["sd15"]
