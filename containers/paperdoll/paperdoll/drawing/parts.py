"""Numbers that truth maps hold: body parts and garments. Left and right are sides of the picture."""

PARTS = (
    "none", "head", "hair", "ears", "torso", "left upper arm", "left lower arm", "left hand", "right upper arm",
    "right lower arm", "right hand", "left upper leg", "left lower leg", "left foot", "right upper leg",
    "right lower leg", "right foot", "tail", "hat", "glasses", "held",
)  # fmt: skip
GARMENTS = ("none", "top", "bottom", "hat", "glasses", "shoes", "product")

HEAD, HAIR, EARS, TORSO = 1, 2, 3, 4
UPPER_ARM, LOWER_ARM, HAND = (5, 8), (6, 9), (7, 10)
UPPER_LEG, LOWER_LEG, FOOT = (11, 14), (12, 15), (13, 16)
TAIL, HAT, GLASSES, HELD = 17, 18, 19, 20
HEAD_PARTS = (HEAD, HAIR, EARS, HAT, GLASSES)

TOP, BOTTOM, HAT_GARMENT, GLASSES_GARMENT, SHOES, PRODUCT = 1, 2, 3, 4, 5, 6
