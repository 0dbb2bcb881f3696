"""The eyes: a net that finds figures, and four that look closely at what it found, at one scale whatever the framing.

A head takes 70 px of a portrait and 35 of a whole body; cut out and brought to one size, the same eye is always the same
size, so that a small net on few pictures learns it. The keypoints of head and body say where face and torso are, and there
an eye or a button has always the same place: after 20,000 heads an eye's colour was read right in 0.25 of cut-outs of heads,
and in 0.79 of cut-outs of faces. One net sees the torso twice, whole and as far as a portrait shows it: hips that are out of
the picture cannot say where its collar is.
Shape letters: B pictures, S slots, N figures, K keypoints, P parts, F features, C channels, H and W sides."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from paperdoll.drawing.parts import PARTS
from paperdoll.sight.names import (
    ATTRIBUTES,
    CHOICE_TRAITS,
    HEAD_KEYPOINTS,
    JOINTS,
    KEYPOINTS,
    NUMBERS,
    OUTFIT_ATTRIBUTES,
    SLOTS,
    WHO_ATTRIBUTES,
)  # fmt: skip

HEAD_SIDE, FACE_SIDE, TORSO_SIDE, BODY_SIDE = 48, 48, 48, 64  # pixels of a cut-out
HEAD_MARGIN, BODY_MARGIN = 1.25, 1.15  # of a cut-out to its box
FACE_MARGIN = 0.92  # of a face's cut-out to the head's height from top to chin
TORSO_MARGIN = 2.6  # of a torso's cut-out to its height from shoulders to hips: skirts, and sleeves of lifted arms
CHEST_MARGIN = 1.2  # of a chest's cut-out to the head's height: collar and sleeves, as large as they are in a portrait
_FEATURES = 192
_BEYOND = 3  # cells around a heat map: a hidden point may lie outside its cut-out
_FINER = 2  # samples of a picture for each pixel of a cut-out, across and down: a portrait's stripes are thinner than its steps
_TORSO = [KEYPOINTS.index(name) for name in ("left shoulder", "right shoulder", "left hip", "right hip")]
_GROUPS = 8


class _Residual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(width, width, 3, padding=1), nn.Conv2d(width, width, 3, padding=1)
        self.norm_first, self.norm_second = nn.GroupNorm(_GROUPS, width), nn.GroupNorm(_GROUPS, width)
        nn.init.zeros_(self.second.weight)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.second(F.silu(self.norm_second(self.first(F.silu(self.norm_first(x))))))


def _down(before: int, after: int) -> nn.Module:
    return nn.Conv2d(before, after, 3, stride=2, padding=1)


class _Fold(nn.PixelUnshuffle):
    """Squares of pixels to channels, channels last in memory: convolutions then learn a fifth faster on a CPU."""

    def forward(self, input: Tensor) -> Tensor:
        return super().forward(input).contiguous(memory_format=torch.channels_last)


class Locator(nn.Module):
    """(B, 3, 128, 128) in 0..1 to owners, parts, boxes, heads, and which keypoints are seen."""

    def __init__(self, widths: tuple[int, int, int] = (32, 64, 128)) -> None:
        super().__init__()
        near, middle, far = widths
        self.stem = nn.Sequential(_Fold(4), nn.Conv2d(48, near, 3, padding=1), _Residual(near))
        self.middle = nn.Sequential(_down(near, middle), _Residual(middle), _Residual(middle))
        self.far = nn.Sequential(_down(middle, far), _Residual(far), _Residual(far), _Residual(far))
        self.back = nn.Conv2d(far, middle, 1)
        self.again = _Residual(middle)
        self.join = nn.Sequential(nn.Conv2d(middle + near, 48, 3, padding=1), nn.GroupNorm(_GROUPS, 48), nn.SiLU())
        self.squeeze = nn.Sequential(nn.Conv2d(far, 32, 1), nn.SiLU(), nn.Flatten(), nn.Linear(32 * 64, 256), nn.SiLU())
        self.boxes = nn.Linear(256, SLOTS * 9)
        self.owners = nn.Conv2d(48, SLOTS + 1, 1)
        self.parts = nn.Conv2d(48, len(PARTS), 1)
        self.seen = nn.Linear(256, SLOTS * len(KEYPOINTS))

    def forward(self, pixels: Tensor) -> dict[str, Tensor]:
        """Return logits of `present` (B, S), `owners` (B, S + 1, 64, 64), `parts` (B, P, 64, 64) and `seen` (B, S, K); `boxes`
        and `heads` (B, S, 4) in 0..1."""
        near = self.stem(pixels * 2 - 1)
        middle = self.middle(near)
        far = self.far(middle)
        middle = self.again(middle + F.interpolate(self.back(far), scale_factor=2.0, mode="nearest"))
        fine = self.join(torch.cat([near, F.interpolate(middle, scale_factor=2.0, mode="nearest")], 1))
        whole = self.squeeze(far)
        numbers = self.boxes(whole).view(-1, SLOTS, 9)
        return {
            "present": numbers[..., 0],
            "boxes": torch.sigmoid(numbers[..., 1:5]),
            "heads": torch.sigmoid(numbers[..., 5:9]),
            "owners": F.interpolate(self.owners(fine), scale_factor=2.0, mode="bilinear", align_corners=False),
            "parts": F.interpolate(self.parts(fine), scale_factor=2.0, mode="bilinear", align_corners=False),
            "seen": self.seen(whole).view(-1, SLOTS, len(KEYPOINTS)),
        }


def _find_points(heat_NKHW: Tensor) -> Tensor:
    """Return (N, K, 2): where each heat map's weight lies, -0.5 to 0.5 within its cut-out, whose edge lies `_BEYOND` cells in."""
    side = heat_NKHW.shape[-1]
    weight = heat_NKHW.float().flatten(2).softmax(2).unflatten(2, (side, side))  # a place needs more digits than bfloat16 has
    at = (torch.arange(side, dtype=weight.dtype, device=weight.device) + 0.5 - _BEYOND) / (side - 2 * _BEYOND) - 0.5
    return torch.stack([(weight.sum(2) * at).sum(2), (weight.sum(3) * at).sum(2)], 2)


def square_of(boxes_N4: Tensor, margin: float) -> Tensor:
    """Return (N, 3): centre x, y and side of the squares around boxes (left, top, right, bottom in 0..1)."""
    left, top, right, bottom = boxes_N4.unbind(1)
    side = torch.maximum(right - left, bottom - top).clamp(min=0.04) * margin
    return torch.stack([(left + right) / 2, (top + bottom) / 2, side], 1)


def cut_out(pixels_N3HW: Tensor, squares_N3: Tensor, size: int) -> Tensor:
    """Return (N, 3, size, size): squares (centre x, y, side in 0..1) of the pictures, grey beyond their edges."""
    count = _FINER * size
    step = (torch.arange(count, dtype=pixels_N3HW.dtype, device=pixels_N3HW.device) + 0.5) / count - 0.5
    x = squares_N3[:, 0, None] + squares_N3[:, 2, None] * step
    y = squares_N3[:, 1, None] + squares_N3[:, 2, None] * step
    grid = torch.stack([x[:, None, :].expand(-1, count, -1), y[:, :, None].expand(-1, -1, count)], 3) * 2 - 1
    fine = F.grid_sample(pixels_N3HW - 0.5, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
    return F.avg_pool2d(fine, _FINER) + 0.5


def face_of(points_NK2: Tensor) -> Tensor:
    """Return (N, 3): the squares around faces whose keypoints, in the order of KEYPOINTS, are in 0..1 of the picture."""
    top, chin, _, mouth, left, right = points_NK2[:, :6].unbind(1)
    side = (chin - top).norm(dim=1, keepdim=True).clamp(min=0.04) * FACE_MARGIN
    return torch.cat([0.35 * (left + right) + 0.3 * mouth, side], 1)


def torso_of(points_NK2: Tensor) -> Tensor:
    """Return (N, 3): the squares around torsos."""
    left, right, left_hip, right_hip = (points_NK2[:, at] for at in _TORSO)
    top, low = (left + right) / 2, (left_hip + right_hip) / 2
    side = (low - top).norm(dim=1, keepdim=True).clamp(min=0.04) * TORSO_MARGIN
    return torch.cat([0.4 * top + 0.6 * low, side], 1)


def chest_of(points_NK2: Tensor) -> Tensor:
    """Return (N, 3): the squares around collars and shoulders."""
    top, chin = points_NK2[:, 0], points_NK2[:, 1]
    left, right = (points_NK2[:, at] for at in _TORSO[:2])
    height = (chin - top).norm(dim=1, keepdim=True).clamp(min=0.04)
    low = torch.cat([torch.zeros_like(height), 0.15 * height], 1)
    return torch.cat([(left + right) / 2 + low, height * CHEST_MARGIN], 1)


class Close(nn.Module):
    """A cut-out to features, and to the keypoints `names` in it."""

    def __init__(
        self, side: int, names: tuple[str, ...] = (), widths: tuple[int, int, int] = (48, 64, 96), last: int = 32
    ) -> None:
        super().__init__()
        large = side > 48
        near, middle, far = widths
        self.near = nn.Sequential(_Fold(2), nn.Conv2d(12, near, 3, padding=1), nn.SiLU())
        self.middle = nn.Sequential(_down(near, middle), _Residual(middle), _Residual(middle))
        self.far = nn.Sequential(_down(middle, far), _Residual(far), _Residual(far), _down(far, far) if large else nn.Identity())
        cells = (side // 16 if large else side // 8) ** 2
        self.features = nn.Sequential(
            nn.GroupNorm(_GROUPS, far), nn.SiLU(), nn.Conv2d(far, last, 1), nn.Flatten(), nn.Linear(last * cells, _FEATURES),
            nn.SiLU(),
        )  # fmt: skip
        if names:
            # Which way a figure faces and how it stands decides what is left and right.
            self.whole = nn.Linear(_FEATURES, middle)
            self.join = nn.Sequential(nn.Conv2d(near + middle, 40, 1), _Residual(40), nn.GroupNorm(_GROUPS, 40), nn.SiLU())
            self.points = nn.Conv2d(40, len(names), 1)

    def forward(self, cut_N3HW: Tensor) -> tuple[Tensor, Tensor | None]:
        """Return the features (N, F), and the keypoints (N, K, 2), -0.5 to 0.5 within the cut-out."""
        near = self.near(cut_N3HW * 2 - 1)
        middle = self.middle(near)
        h_NF = self.features(self.far(middle))
        if not hasattr(self, "points"):
            return h_NF, None
        middle = middle + self.whole(h_NF)[..., None, None]
        fine = self.join(torch.cat([near, F.interpolate(middle, scale_factor=2.0, mode="nearest")], 1))
        return h_NF, _find_points(self.points(F.pad(fine, (_BEYOND,) * 4, mode="replicate")))


def _key(name: str) -> str:
    return name.replace(" ", "_")


@dataclass(frozen=True)
class Squares:
    """Where to look closely: (N, 3) each, centre x, y and side in 0..1. What is not told is looked for."""

    heads: Tensor
    bodies: Tensor
    faces: Tensor | None = None
    torsos: Tensor | None = None
    chests: Tensor | None = None


def squares_of(heads_N4: Tensor, boxes_N4: Tensor) -> Squares:
    """Return the squares around heads and figures (left, top, right, bottom in 0..1)."""
    return Squares(square_of(heads_N4, HEAD_MARGIN), square_of(boxes_N4, BODY_MARGIN))


class Eyes(nn.Module):
    """Finds figures and reads them."""

    def __init__(self) -> None:
        super().__init__()
        self.locator = Locator()
        self.head, self.face = Close(HEAD_SIDE, HEAD_KEYPOINTS), Close(FACE_SIDE)
        self.body, self.torso = Close(BODY_SIDE, JOINTS), Close(TORSO_SIDE, widths=(32, 48, 64), last=16)
        who, what = 3 * _FEATURES, 3 * _FEATURES
        seen = dict.fromkeys(WHO_ATTRIBUTES, who) | dict.fromkeys(OUTFIT_ATTRIBUTES, what)
        self.heads = nn.ModuleDict({_key(name): nn.Linear(seen[name], len(values)) for name, values in ATTRIBUTES.items()})
        self.choices = nn.ModuleDict({name: nn.Linear(who, len(values)) for name, values in CHOICE_TRAITS.items()})
        self.numbers = nn.Linear(who, len(NUMBERS))

    def look(self, pictures_N3HW: Tensor, at: Squares) -> dict[str, Tensor]:
        """Return what one figure a picture shows: what `look_who` and `look_what` return."""
        who = self.look_who(pictures_N3HW, at)
        return who | self.look_what(pictures_N3HW, at, who)

    def look_who(self, pictures_N3HW: Tensor, at: Squares) -> dict[str, Tensor]:
        """Return who it is: `features` (N, F), `points` (N, K, 2) in 0..1 of the picture, `body` (N, F'), `numbers` (N, T), and
        logits (N, V) of each attribute that does not change with an outfit and of each unnamed choice under its name."""
        head_NF, of_head = self.head(cut_out(pictures_N3HW, at.heads, HEAD_SIDE))
        body_NF, of_body = self.body(cut_out(pictures_N3HW, at.bodies, BODY_SIDE))
        points = torch.cat([_place(of_head, at.heads), _place(of_body, at.bodies)], 1)
        # Where the face is looked for does not learn from what is seen there.
        faces_N3 = face_of(points.detach()) if at.faces is None else at.faces
        face_NF, _ = self.face(cut_out(pictures_N3HW, faces_N3, FACE_SIDE))
        h_NF = torch.cat([head_NF, face_NF, body_NF], 1)
        read = {"features": h_NF, "points": points, "body": body_NF, "numbers": self.numbers(h_NF)}
        read |= {name: self.heads[_key(name)](h_NF) for name in WHO_ATTRIBUTES}
        return read | {f"choice {name}": head(h_NF) for name, head in self.choices.items()}

    def look_what(self, pictures_N3HW: Tensor, at: Squares, who: dict[str, Tensor]) -> dict[str, Tensor]:
        """Return the logits of what the figure wears, holds and does, read from body, torso and chest."""
        points = who["points"].detach()
        torsos_N3 = torso_of(points) if at.torsos is None else at.torsos
        chests_N3 = chest_of(points) if at.chests is None else at.chests
        seen = [self.torso(cut_out(pictures_N3HW, it, TORSO_SIDE))[0] for it in (torsos_N3, chests_N3)]
        h_NF = torch.cat([who["body"], *seen], 1)
        return {name: self.heads[_key(name)](h_NF) for name in OUTFIT_ATTRIBUTES}


def _place(points_NK2: Tensor, squares_N3: Tensor) -> Tensor:
    return squares_N3[:, None, :2] + squares_N3[:, None, 2:] * points_NK2
