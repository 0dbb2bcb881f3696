"""Command line: `python -m paperdoll sheet|sample|dataset|references`."""

import argparse
from pathlib import Path

from tqdm import tqdm


def _sheet(args: argparse.Namespace) -> None:
    from paperdoll.sheets import draw_sheet

    args.out.parent.mkdir(parents=True, exist_ok=True)
    draw_sheet(args.seed, args.split, args.size, args.rows, args.columns).save(args.out)


def _sample(args: argparse.Namespace) -> None:
    from paperdoll.sheets import save_sample

    print(save_sample(args.out, args.seed, args.split, args.size))


def _references(args: argparse.Namespace) -> None:
    from paperdoll.identity import Outfit
    from paperdoll.sheets import sample_subject, save_references

    top, top_colour, pattern, bottom, bottom_colour = args.outfit.split(",")
    identity = sample_subject(args.identity_seed, args.split, args.kind)
    print(identity)
    for path in save_references(args.out, identity, Outfit(top, top_colour, pattern, bottom, bottom_colour), args.size):
        print(path)


def _dataset(args: argparse.Namespace) -> None:
    from paperdoll.dataset import DatasetSettings, make_dataset

    with tqdm(total=args.count, unit="picture") as bar:
        make_dataset(args.out, DatasetSettings(args.count, args.size, args.split, args.seed), args.processes, bar.update)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m paperdoll")
    commands = parser.add_subparsers(required=True)

    def add(name: str, run, size: int, about: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=about)
        command.set_defaults(run=run)
        command.add_argument("--out", type=Path, required=True)
        command.add_argument("--size", type=int, default=size)
        command.add_argument("--split", default="train", choices=("train", "validation", "test"))
        command.add_argument("--seed", type=int, default=0)
        return command

    sheet = add("sheet", _sheet, 128, "draw a sheet of pictures, first by seed, nothing left out")
    sheet.add_argument("--rows", type=int, default=8)
    sheet.add_argument("--columns", type=int, default=8)
    add("sample", _sample, 512, "draw one picture with its caption and an overlay of its truth")
    references = add("references", _references, 512, "draw four reference pictures of one subject")
    references.add_argument("--identity-seed", type=int, required=True)
    references.add_argument("--kind", help="girl, boy, woman, man, robot, cat or dog; any by default")
    references.add_argument(
        "--outfit",
        default="t-shirt,yellow,plain,trousers,blue",
        help="top,its colour,pattern,bottom,its colour (dress: none,none)",
    )
    dataset = add("dataset", _dataset, 128, "draw a data set with captions; run again to resume")
    dataset.add_argument("--count", type=int, required=True)
    dataset.add_argument("--processes", type=int, default=2)
    return parser.parse_args()


if __name__ == "__main__":
    arguments = _parse()
    arguments.run(arguments)
