"""What the eyes are taught: to find figures, and to read true cut-outs that are a little off, as found ones are.

Shape letters: B pictures, S slots, K keypoints, N figures, H and W sides."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from paperdoll.drawing.parts import PARTS
from paperdoll.sight.names import ATTRIBUTES, BODY_ATTRIBUTES, CHOICE_TRAITS, HEAD_ATTRIBUTES, HEAD_NUMBERS
from paperdoll.sight.nets import BODY_MARGIN, HEAD_MARGIN, Boxes, Eyes, square_of
from paperdoll.sight.scenes import Scenes

_ORDER = list(ATTRIBUTES)


def take(scenes: Scenes, numbers: np.ndarray) -> dict[str, Tensor]:
    """Return the columns of pictures `numbers` as tensors; `images` become (B, 3, H, W) in 0..1."""
    rows = {name: torch.from_numpy(np.ascontiguousarray(column[numbers])) for name, column in scenes.columns.items()}
    rows["images"] = rows["images"].permute(0, 3, 1, 2).float() / 255
    return rows


def soften(x_B3HW: Tensor, random: torch.Generator) -> Tensor:
    """Return pictures as a sampler leaves them: some blurred, some grainy. Nothing moves."""
    b = len(x_B3HW)
    blurred = F.avg_pool2d(F.pad(x_B3HW, (1, 1, 1, 1), mode="replicate"), 3, stride=1)
    share, grain = torch.rand((2, b, 1, 1, 1), generator=random) * (torch.rand((2, b, 1, 1, 1), generator=random) < 0.5)
    return (x_B3HW + share * (blurred - x_B3HW) + 0.06 * grain * torch.randn(x_B3HW.shape, generator=random)).clamp(0, 1)


def weather(x_B3HW: Tensor, random: torch.Generator) -> Tensor:
    """Return pictures as a sampler or a careless export leaves them: softened, tinted. Nothing moves."""

    def draw(*shape: int) -> Tensor:
        return torch.rand(shape, generator=random)

    b = len(x_B3HW)
    tinted = x_B3HW * (0.92 + 0.16 * draw(b, 3, 1, 1)) + 0.05 * (draw(b, 3, 1, 1) - 0.5)
    return soften(tinted, random)


def true_boxes(rows: dict[str, Tensor], random: torch.Generator, off: float = 0.07) -> Boxes:
    """Return the true squares of all figures, moved and scaled by up to `off` of their side."""
    at_B, at_S = rows["present"].nonzero(as_tuple=True)

    def squares(boxes_N4: Tensor, margin: float) -> Tensor:
        squares_N3 = square_of(boxes_N4, margin)
        moved = (2 * torch.rand(squares_N3.shape, generator=random) - 1) * off
        centre = squares_N3[:, :2] + moved[:, :2] * squares_N3[:, 2:]
        return torch.cat([centre, squares_N3[:, 2:] * (1 + 1.4 * moved[:, 2:])], 1)

    return Boxes(at_B, squares(rows["heads"][at_B, at_S], HEAD_MARGIN), squares(rows["boxes"][at_B, at_S], BODY_MARGIN))


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
    weights = torch.ones(len(PARTS))
    weights[0] = 0.5
    loss = loss + F.cross_entropy(found["parts"], parts, weight=weights)
    points, seen = rows["keypoints"][..., :2], rows["keypoints"][..., 2]
    near = ((points > -0.08) & (points < 1.08)).all(-1).float() * shown  # where a heat map can say it
    off = F.smooth_l1_loss(found["points"], points, beta=0.02, reduction="none").sum(-1)
    loss = loss + 8 * (off * near).sum() / near.sum().clamp(min=1)
    loss = loss + 0.3 * (F.binary_cross_entropy_with_logits(found["seen"], seen, reduction="none") * shown).sum() / (
        num_shown * seen.shape[-1]
    )
    with torch.no_grad():
        mine, made = owners > 0, found["owners"].argmax(1) > 0
        iou = ((mine & made).sum() / (mine | made).sum().clamp(min=1)).item()
    return loss, {"iou": iou}


def read_loss(head: dict[str, Tensor], body: dict[str, Tensor], rows: dict[str, Tensor]) -> tuple[Tensor, dict[str, float]]:
    """Return the loss of what was read from the figures' cut-outs, and figures to report."""
    at_B, at_S = rows["present"].nonzero(as_tuple=True)
    truth_NA = rows["attributes"][at_B, at_S]
    right, loss = {}, torch.zeros(())
    for read, names in ((head, HEAD_ATTRIBUTES), (body, BODY_ATTRIBUTES)):
        hits = []
        for name in names:
            wanted = truth_NA[:, _ORDER.index(name)]
            loss = loss + F.cross_entropy(read[name], wanted, label_smoothing=0.02)
            hits.append((read[name].argmax(1) == wanted).float().mean().item())
        right["headRight" if read is head else "bodyRight"] = float(np.mean(hits))
    numbers_NT = rows["numbers"][at_B, at_S]
    cut = len(HEAD_NUMBERS)
    # Per number a variance of 1/3 is what knowing nothing costs.
    loss = loss + 6 * F.smooth_l1_loss(head["numbers"], numbers_NT[:, :cut], beta=0.5)
    loss = loss + 1 * F.smooth_l1_loss(body["numbers"], numbers_NT[:, cut:], beta=0.5)
    for index, name in enumerate(CHOICE_TRAITS):
        loss = loss + F.cross_entropy(head[f"choice {name}"], rows["choices"][at_B, at_S, index])
    with torch.no_grad():
        right["numbersOff"] = (head["numbers"] - numbers_NT[:, :cut]).abs().mean().item()
    return loss, right


def eyes_loss(
    eyes: Eyes, rows: dict[str, Tensor], random: torch.Generator, locate_share: float = 1.0
) -> tuple[Tensor, dict[str, float]]:
    """Return the whole loss on one batch, and figures to report; the locator learns from the first `locate_share` of it."""
    pixels = weather(rows["images"], random)
    first = max(1, round(locate_share * len(pixels)))
    found, found_figures = find_loss(eyes.locator(pixels[:first]), {name: column[:first] for name, column in rows.items()})
    if not rows["present"].any():
        return found, found_figures | {"headRight": 1.0, "bodyRight": 1.0, "numbersOff": 0.0}
    read, read_figures = read_loss(*eyes.look(pixels, true_boxes(rows, random)), rows)
    return found + 0.5 * read, found_figures | read_figures
