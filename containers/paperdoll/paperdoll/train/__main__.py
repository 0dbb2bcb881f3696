"""Command line: `python -m paperdoll.train <what>`; each training goes on where it stopped."""

import argparse
import json
from pathlib import Path

import torch

WHAT = ("base", "identity", "reader", "oracle", "upscaler")
HOME = Path.home() / ".cache" / "troupe" / "train"


def _vae(args: argparse.Namespace) -> None:
    from paperdoll.train.learner import LearnSettings
    from paperdoll.train.vae import start_vae, train_decoder

    start = args.begin_with / "vae" if args.begin_with else args.home / "vae-start"
    if not start.exists():
        print(json.dumps({"event": "vae.started", **start_vae(start, args.seed)}), flush=True)
    settings = LearnSettings(args.minutes, args.rate or 1e-3, warmup_steps=60, decay_from=0.3, average=0.998)
    train_decoder(args.home / "vae", start, settings, args.batch or 16, args.seed, args.whole_from)


def _text(args: argparse.Namespace) -> None:
    from paperdoll.train.learner import LearnSettings
    from paperdoll.train.text import train_text

    settings = LearnSettings(args.minutes, args.rate or 1e-3, warmup_steps=30, average=0.99)
    train_text(args.home / "text", settings, args.batch or 32, args.seed)


def _base(args: argparse.Namespace) -> None:
    from paperdoll.train.base import BaseSettings, train_base
    from paperdoll.train.diffusion import EARLINESS
    from paperdoll.train.export import read_base
    from paperdoll.train.learner import LearnSettings
    from paperdoll.train.text import load_text
    from paperdoll.train.vae import read_vae

    settings = LearnSettings(args.minutes, args.rate or 8e-4, warmup_steps=80, decay_from=args.decay_from, average=0.998)
    base = BaseSettings(
        args.seed, small_share=args.small_share, small_batch=args.small_batch, batch=args.batch or 8, num_pictures=args.count,
        earliness=args.earliness or EARLINESS, device=args.device,
    )  # fmt: skip
    begin = read_base(args.begin_with) if args.begin_with else None
    # A base model that goes on keeps the text encoder and the latents it was trained on, unless it is to learn a better one.
    goes_on = begin and not args.new_text
    text = (begin.tokenizer, begin.text_encoder.requires_grad_(False)) if goes_on else load_text(args.home / "text")
    vae = read_vae(args.begin_with / "vae" if begin else args.home / "vae-start")
    train_base(args.home / args.name, args.pictures, vae, text, settings, base, begin.unet if begin else None)


def _encoder(args: argparse.Namespace) -> None:
    from paperdoll.sight.training import load_eyes
    from paperdoll.train.encoder import SolveSettings, measure_encoder, save_encoder, solve_identity

    encoder = solve_identity(SolveSettings(seed=args.seed), load_eyes(args.home / "reader")[0])
    save_encoder(encoder, args.home / "encoder")
    print(json.dumps({"event": "encoder.measured", **measure_encoder(encoder)}))


def _scenes(args: argparse.Namespace) -> None:
    from tqdm import tqdm

    from paperdoll.sight.scenes import SceneSettings, draw_scenes

    with tqdm(total=args.count, unit="picture") as bar:
        draw_scenes(args.home / args.name, SceneSettings(args.count, "train", args.seed), args.processes, bar.update)


def _wear(args: argparse.Namespace) -> None:
    from tqdm import tqdm

    from paperdoll.sight.worn import wear_scenes
    from paperdoll.train.vae import read_vae

    with tqdm(total=args.count, unit="picture") as bar:
        vae = read_vae(args.models / "paperdoll" / "vae").to(args.device)
        wear_scenes(args.home / args.name, vae, args.count, args.seed, bar.update)


def _eyes(args: argparse.Namespace) -> None:
    from paperdoll.sight.export import read_eyes
    from paperdoll.sight.training import train_eyes
    from paperdoll.train.learner import LearnSettings

    settings = LearnSettings(args.minutes, args.rate or 1e-3, warmup_steps=100, decay_from=0.4, average=0.998)
    begin = read_eyes(args.begin_with) if args.begin_with else None
    shares = (args.locate_share, args.near_share)
    train_eyes(args.home / args.name, args.home / args.scenes, settings, args.batch or 32, args.seed, *shares, begin, args.device)


def _photo_encoder(args: argparse.Namespace) -> None:
    from paperdoll.train.export import lock_models
    from paperdoll.train.photo_encoder import export_photo_encoder

    export_photo_encoder(args.folder, args.models / "identity", args.version)
    lock_models(args.models, {"identity": (args.licence, not args.no_commercial_use)})


def _upscaler(args: argparse.Namespace) -> None:
    from paperdoll.train.learner import LearnSettings
    from paperdoll.train.upscaler import draw_pairs, train_upscaler

    settings = LearnSettings(args.minutes, args.rate or 2e-3, warmup_steps=50, decay_from=0.4, average=0.998)
    pairs = draw_pairs(args.home / "pairs", args.pairs, args.seed)
    train_upscaler(args.home / "upscaler", pairs, settings, args.batch or 16, args.seed)


def _export(args: argparse.Namespace) -> None:
    from paperdoll.sight.export import export_eyes
    from paperdoll.sight.training import load_eyes
    from paperdoll.train.base import unet_weights
    from paperdoll.train.card import write_card
    from paperdoll.train.diffusion import build_unet
    from paperdoll.train.encoder import export_encoder, load_encoder
    from paperdoll.train.export import LICENCE, export_base, lock_models, read_base
    from paperdoll.train.learner import read_average
    from paperdoll.train.text import load_text
    from paperdoll.train.upscaler import export_upscaler
    from paperdoll.train.vae import load_trained_vae

    if args.mean_with and args.what not in (["reader"], ["oracle"]):
        raise SystemExit("--mean-with is the mean of one kind of eyes: say --what reader or --what oracle with it")
    args.models.mkdir(parents=True, exist_ok=True)
    if "base" in args.what:
        # A base model that went on from another keeps its VAE's encoder and, unless it learned a new one, its text encoder.
        begin = read_base(args.begin_with) if args.begin_with else None
        vae = load_trained_vae(args.begin_with / "vae" if begin else args.home / "vae-start", args.home / "vae")
        text = (begin.tokenizer, begin.text_encoder) if begin and not args.new_text else load_text(args.home / "text")
        weights, counters = read_average(args.home / args.name)
        unet = build_unet(vae.config.latent_channels, text[1].config.hidden_size)
        unet.load_state_dict(unet_weights(weights))
        export_base(args.models / "paperdoll", vae, text, unet, write_card(vae, counters))
    if "identity" in args.what:
        export_encoder(load_encoder(args.home / "encoder"), args.models / "identity", args.version)
    for name, folder in (("reader", args.models / "reader"), ("oracle", Path("bench/oracle"))):
        if name in args.what:
            eyes, samples = load_eyes(args.home / name, *(args.home / other for other in args.mean_with))
            export_eyes(eyes, folder, name, unnamed=name == "oracle", samples=samples)
    if "upscaler" in args.what:
        export_upscaler(args.home / "upscaler", args.models / "upscaler")
    made = {"base": "paperdoll"}
    lock_models(args.models, {made.get(name, name): (LICENCE, True) for name in args.what})


def _sheet(args: argparse.Namespace) -> None:
    from paperdoll.train.report import draw_report

    print(json.dumps(draw_report(args.models / "paperdoll", args.out)))


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m paperdoll.train")
    parser.add_argument("--home", type=Path, default=HOME, help="where checkpoints and logs are")
    commands = parser.add_subparsers(required=True)

    def add(name: str, run, seed: int, about: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=about)
        command.set_defaults(run=run)
        command.add_argument("--minutes", type=float, required=True, help="of clock, those already spent included")
        command.add_argument("--seed", type=int, default=seed)
        command.add_argument("--rate", type=float)
        command.add_argument("--batch", type=int)
        return command

    def on_device(command: argparse.ArgumentParser) -> None:
        command.add_argument("--device", default="cpu", help="as torch names it: cpu, cuda")

    vae = add("vae", _vae, 4, "solve the encoder, train the decoder")
    vae.add_argument("--from", dest="begin_with", type=Path, help="a model folder whose decoder goes on")
    vae.add_argument("--whole-from", type=float, default=0.7, help="share of the time before pictures are whole")
    add("text", _text, 2, "pretrain the text encoder")
    base = add("base", _base, 0, "train the UNet on latents")
    base.add_argument("--name", default="base", help="of the checkpoints' folder")
    base.add_argument("--pictures", type=Path, default=HOME / "pictures", help="made by `python -m paperdoll dataset`")
    base.add_argument("--small-share", type=float, default=0.5, help="share of the time on halved pictures")
    base.add_argument("--small-batch", type=int, default=16, help="of halved pictures")
    base.add_argument("--decay-from", type=float, default=0.5, help="share of the time before the rate falls")
    base.add_argument("--earliness", type=float, help="of the times drawn: 1 for even ones")
    base.add_argument("--count", type=int, default=12_000, help="of the pictures to use")
    base.add_argument("--from", dest="begin_with", type=Path, help="a model folder to begin with")
    on_device(base)
    base.add_argument("--new-text", action="store_true", help="read by the text encoder of `train text`, not by the model's own")
    scenes = commands.add_parser("scenes", help="draw pictures with their truth for eyes")
    scenes.set_defaults(run=_scenes)
    scenes.add_argument("--name", default="scenes", help="of the folder")
    scenes.add_argument("--count", type=int, default=26_000)
    scenes.add_argument("--processes", type=int, default=2)
    scenes.add_argument("--seed", type=int, default=11, help="of pictures that no base training uses")
    wear = commands.add_parser("wear", help="pass the first pictures of such a set through the base model's VAE")
    wear.set_defaults(run=_wear)
    wear.add_argument("--name", default="scenes", help="of the folder")
    wear.add_argument("--count", type=int, default=8_000)
    wear.add_argument("--seed", type=int, default=13)
    wear.add_argument("--models", type=Path, default=Path("models"))
    on_device(wear)
    eyes = add("eyes", _eyes, 11, "train what finds and reads figures")
    on_device(eyes)
    eyes.add_argument("--name", default="reader", help="of the checkpoints; reader and oracle have eyes of their own")
    eyes.add_argument("--from", dest="begin_with", type=Path, help="an exported ONNX file to begin with")
    eyes.add_argument("--scenes", default="scenes", help="of the folder that `scenes` wrote")
    eyes.add_argument("--locate-share", type=float, default=1.0, help="of each batch that the locator learns from")
    eyes.add_argument("--near-share", type=float, default=0.0, help="of each batch that shows no whole body")
    upscaler = add("upscaler", _upscaler, 13, "train what enlarges pictures")
    upscaler.add_argument("--pairs", type=int, default=1_500, help="pictures drawn at both sizes")
    encoder = commands.add_parser("encoder", help="solve the identity encoder")
    encoder.set_defaults(run=_encoder)
    encoder.add_argument("--seed", type=int, default=9, help="of identities that no base training uses")
    photo = commands.add_parser("photo-encoder", help="make the identity encoder of a DINOv2 or CLIP folder, for photographs")
    photo.set_defaults(run=_photo_encoder)
    photo.add_argument("folder", type=Path, help="as transformers saves it: config, preprocessor and safetensors")
    photo.add_argument("--licence", required=True, help="of the folder's weights, as the lock will name it")
    photo.add_argument("--no-commercial-use", action="store_true", help="that licence allows none")
    photo.add_argument("--models", type=Path, default=Path("models"))
    photo.add_argument("--version", default="1")
    for name, run, about in (
        ("export", _export, "write models/ and its lock file"),
        ("sheet", _sheet, "draw and measure what was exported"),
    ):
        command = commands.add_parser(name, help=about)
        command.set_defaults(run=run)
        command.add_argument("--models", type=Path, default=Path("models"))
        if run is _export:
            command.add_argument("--what", nargs="+", choices=WHAT, default=WHAT)
            command.add_argument("--name", default="base")
            command.add_argument("--version", default="1")
            command.add_argument("--mean-with", nargs="+", default=[], help="other trainings of the same eyes, for their mean")
            command.add_argument("--from", dest="begin_with", type=Path, help="the model folder that the trainings began with")
            command.add_argument("--new-text", action="store_true", help="the training read by the text encoder of `train text`")
        else:
            command.add_argument("--out", type=Path, default=Path("docs/pictures"))
    return parser.parse_args()


if __name__ == "__main__":
    torch.set_num_threads(2)
    arguments = _parse()
    arguments.run(arguments)
