"""What the eyes are taught: to find figures, and to read true cut-outs that are a little off, as found ones are.

Shape letters: B pictures, S slots, K keypoints, N figures, H and W sides."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from paperdoll.drawing.parts import PARTS
from paperdoll.sight.names import ATTRIBUTES, CHOICE_TRAITS, HEAD_KEYPOINTS, KEYPOINTS
from paperdoll.sight.nets import Eyes, Squares, chest_of, face_of, squares_of, torso_of
from paperdoll.sight.scenes import SIZE, Scenes
from paperdoll.train.half import half_precision

_REACH = 0.55  # of a cut-out's side: as far from its middle as a point can be looked for
_LEGS = ("left hip", "right hip", "left knee", "right knee")
_FOUND_SHARE = 0.5  # of the batches that look for faces and torsos where keypoints were found, as eyes in use do


def take(scenes: Scenes, numbers: np.ndarray, worn_B: np.ndarray | None = None, device: str = "cpu") -> dict[str, Tensor]:
    """Return the columns of pictures `numbers` as tensors; `images` become (B, 3, H, W) in 0..1, worn where `worn_B` says so."""
    rows = {name: torch.from_numpy(np.ascontiguousarray(column[numbers])) for name, column in scenes.columns.items()}
    if worn_B is not None and worn_B.any():
        rows["images"][torch.from_numpy(worn_B)] = torch.from_numpy(scenes.worn[numbers[worn_B]])
    rows = {name: column.to(device) for name, column in rows.items()}
    rows["images"] = rows["images"].permute(0, 3, 1, 2).float() / 255
    return rows


def soften(x_B3HW: Tensor, random: torch.Generator) -> Tensor:
    """Return pictures as a sampler leaves them: some blurred, some grainy. Nothing moves."""
    b = len(x_B3HW)
    blurred = F.avg_pool2d(F.pad(x_B3HW, (1, 1, 1, 1), mode="replicate"), 3, stride=1)
    device, each = x_B3HW.device, (2, b, 1, 1, 1)
    kept = torch.rand(each, generator=random, device=device)
    share, grain = kept * (torch.rand(each, generator=random, device=device) < 0.5)
    noise_B3HW = torch.randn(x_B3HW.shape, generator=random, device=device)
    return (x_B3HW + share * (blurred - x_B3HW) + 0.06 * grain * noise_B3HW).clamp(0, 1)


def weather(x_B3HW: Tensor, random: torch.Generator) -> Tensor:
    """Return pictures as a sampler or a careless export leaves them: softened, hardly tinted. Nothing moves.

    The darkest fair skin and the lightest light skin differ by some 5 of 255: a tint of 8 % cost a tenth of all skins."""

    def draw(*shape: int) -> Tensor:
        return torch.rand(shape, generator=random, device=x_B3HW.device)

    b = len(x_B3HW)
    tinted = x_B3HW * (0.99 + 0.02 * draw(b, 3, 1, 1)) + 0.01 * (draw(b, 3, 1, 1) - 0.5)
    return soften(tinted, random)


def true_squares(rows: dict[str, Tensor], random: torch.Generator) -> Squares:
    """Return the true squares of all figures, and sometimes of their faces, torsos and chests, each off as a found one is."""
    at_B, at_S = rows["present"].nonzero(as_tuple=True)

    def shake(squares_N3: Tensor, off: float) -> Tensor:
        moved = (2 * torch.rand(squares_N3.shape, generator=random, device=squares_N3.device) - 1) * off
        centre = squares_N3[:, :2] + moved[:, :2] * squares_N3[:, 2:]
        return torch.cat([centre, squares_N3[:, 2:] * (1 + 1.4 * moved[:, 2:])], 1)

    true = squares_of(rows["heads"][at_B, at_S], rows["boxes"][at_B, at_S])
    if torch.rand((), generator=random, device=random.device) < _FOUND_SHARE:
        return Squares(shake(true.heads, 0.07), shake(true.bodies, 0.07))
    points_NK2 = rows["keypoints"][at_B, at_S, :, :2]
    return Squares(
        shake(true.heads, 0.07),
        shake(true.bodies, 0.07),
        shake(face_of(points_NK2), 0.05),
        shake(torso_of(points_NK2), 0.07),
        shake(chest_of(points_NK2), 0.07),
    )


def find_loss(found: dict[str, Tensor], rows: dict[str, Tensor]) -> tuple[Tensor, dict[str, float]]:
    """Return the loss of what the locator found, and figures to report."""
    present = rows["present"].float()
    shown = present[..., None]
    num_shown = shown.sum().clamp(min=1)
    loss = F.binary_cross_entropy_with_logits(found["present"], present)
    for name in ("boxes", "heads"):
        loss = loss + 8 * (F.smooth_l1_loss(found[name], rows[name], beta=0.02, reduction="none") * shown).sum() / num_shown
    owners, parts = rows["owners"].long(), rows["parts"].long()
    loss = loss + 2 * F.cross_entropy(found["owners"], owners)
    weights = torch.ones(len(PARTS), device=parts.device)
    weights[0] = 0.5
    loss = loss + F.cross_entropy(found["parts"], parts, weight=weights)
    seen = rows["keypoints"][..., 2]
    loss = loss + 0.3 * (F.binary_cross_entropy_with_logits(found["seen"], seen, reduction="none") * shown).sum() / (
        num_shown * seen.shape[-1]
    )
    with torch.no_grad():
        mine, made = owners > 0, found["owners"].argmax(1) > 0
        iou = ((mine & made).sum() / (mine | made).sum().clamp(min=1)).item()
    return loss, {"iou": iou}


def points_loss(points_NK2: Tensor, keypoints_NK3: Tensor, squares_N3: Tensor) -> Tensor:
    """Return the loss of keypoints looked for in cut-outs; both sets are in 0..1 of the picture."""
    side = squares_N3[:, None, 2:]
    centre = squares_N3[:, None, :2]
    # What is hidden is guessed from the rest; it should not cost what is seen its place. Of what lies far off, the way there.
    wanted = ((keypoints_NK3[..., :2] - centre) / side).clamp(-_REACH, _REACH)
    weight = 0.2 + 0.8 * keypoints_NK3[..., 2]
    off = F.smooth_l1_loss((points_NK2 - centre) / side, wanted, beta=0.02, reduction="none").sum(-1)
    return (off * weight).sum() / weight.sum().clamp(min=1)


def shown_attributes(truth_NA: Tensor, keypoints_NK3: Tensor) -> dict[str, Tensor]:
    """Return (N,) for the attributes that a figure may not show: 1 where it does. What nobody could read teaches nothing."""
    seen_NK = keypoints_NK3[..., 2]
    legs_N = seen_NK[:, [KEYPOINTS.index(name) for name in _LEGS]].amax(1)
    names = list(ATTRIBUTES)
    expression_N = truth_NA[:, names.index("expression")]
    open_N = (expression_N != ATTRIBUTES["expression"].index("laughing")).float()  # eyes that laugh are drawn shut
    return {"bottom": legs_N, "bottom colour": legs_N, "eye colour": open_N}


def read_loss(read: dict[str, Tensor], rows: dict[str, Tensor], at: Squares) -> tuple[Tensor, dict[str, float]]:
    """Return the loss of what was read from the figures' cut-outs, and figures to report."""
    at_B, at_S = rows["present"].nonzero(as_tuple=True)
    truth_NA, keypoints_NK3 = rows["attributes"][at_B, at_S], rows["keypoints"][at_B, at_S]
    loss, hits = torch.zeros((), device=truth_NA.device), []
    shown = shown_attributes(truth_NA, keypoints_NK3)
    for index, name in enumerate(ATTRIBUTES):
        shown_N = shown.get(name, torch.ones(len(truth_NA), device=truth_NA.device))
        off_N = F.cross_entropy(read[name], truth_NA[:, index], label_smoothing=0.02, reduction="none")
        num_shown = shown_N.sum().clamp(min=1)
        loss = loss + (off_N * shown_N).sum() / num_shown
        hits.append((((read[name].argmax(1) == truth_NA[:, index]) * shown_N).sum() / num_shown).item())
    # Per number a variance of 1/3 is what knowing nothing costs.
    numbers_NT = rows["numbers"][at_B, at_S]
    loss = loss + 7 * F.smooth_l1_loss(read["numbers"], numbers_NT, beta=0.5)
    for index, name in enumerate(CHOICE_TRAITS):
        loss = loss + F.cross_entropy(read[f"choice {name}"], rows["choices"][at_B, at_S, index])
    cut = len(HEAD_KEYPOINTS)
    for part, squares in ((slice(None, cut), at.heads), (slice(cut, None), at.bodies)):
        loss = loss + 20 * points_loss(read["points"][:, part], keypoints_NK3[:, part], squares)
    with torch.no_grad():
        seen = keypoints_NK3[..., 2]
        pixels_off = (read["points"] - keypoints_NK3[..., :2]).norm(dim=-1) * seen * SIZE
        figures = {
            "right": float(np.mean(hits)),
            "numbersOff": (read["numbers"] - numbers_NT).abs().mean().item(),
            "pixelsOff": (pixels_off.sum() / seen.sum().clamp(min=1)).item(),
        }
    return loss, figures


def eyes_loss(
    eyes: Eyes, rows: dict[str, Tensor], random: torch.Generator, locate_share: float = 1.0
) -> tuple[Tensor, dict[str, float]]:
    """Return the whole loss on one batch, and figures to report; the locator learns from the first `locate_share` of it."""
    pixels = weather(rows["images"], random)
    first = max(1, round(locate_share * len(pixels)))
    with half_precision(pixels.device):
        found = _singles(eyes.locator(pixels[:first]))
    found_loss, found_figures = find_loss(found, {name: column[:first] for name, column in rows.items()})
    if not rows["present"].any():
        return found_loss, found_figures | {"right": 1.0, "numbersOff": 0.0, "pixelsOff": 0.0}
    at = true_squares(rows, random)
    with half_precision(pixels.device):
        read = _singles(eyes.look(pixels[rows["present"].nonzero()[:, 0]], at))
    loss, read_figures = read_loss(read, rows, at)
    return found_loss + 0.5 * loss, found_figures | read_figures


def _singles(made: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return what nets made in half precision as float32, in which losses are worked out."""
    return {name: value.float() for name, value in made.items()}
