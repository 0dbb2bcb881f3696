"""OneActor: its parts at the sizes of real base models, and its algebra on tiny ones."""

from dataclasses import replace

import pytest
import torch
from diffusers import DDPMScheduler
from PIL import Image
from troupe_worker.adapters import read_adapter, write_adapter
from troupe_worker.checkpoints import Checkpoints
from troupe_worker.contracts import Sampler
from troupe_worker.errors import JobFailed
from troupe_worker.features import feature_shape, read_features, record_features
from troupe_worker.lessons import find_errors
from troupe_worker.methods import oneactor
from troupe_worker.methods.oneactor.examples import Examples, draw_proposals, make_examples, number_sheet
from troupe_worker.methods.oneactor.offsets import Actor, add_offsets, find_base_word, guide_cluster
from troupe_worker.methods.oneactor.projector import Projector, modulate
from troupe_worker.models import decode_latents, encode_pictures
from troupe_worker.prompts import Conditioning, encode_nothing, encode_prompts, find_word
from troupe_worker.sampling import PictureRequest, draw_pictures, guide, predict, size_ids
from troupe_worker.stopping import StopSignal
from troupe_worker.storage import open_store
from troupe_worker.subjects import Learned, Reference, Subject
from troupe_worker.templates import TEMPLATES
from troupe_worker.training import Session
from worker.tiny_models import make_base

FAMILIES = ["paperdoll", "sd15", "sdxl"]
SMALL = {"proposals": 4, "draw_steps": 2, "auxiliaries": 2, "steps": 3, "views": 1, "probe_every": 0, "learning_rate": 1e-3}
SAMPLER = Sampler(name="ddim", steps=3, guidance=4)
ERRORS = torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0])  # of the target, three auxiliaries, the average
REQUESTS = [PictureRequest("a girl waving", 3, 32, 32), PictureRequest("in snow a girl , smiling", 4, 32, 32)]


@pytest.fixture
def session(tmp_path):
    return Session(lambda *told: None, Checkpoints(open_store(str(tmp_path)), "checkpoints/", lambda: None), StopSignal())


def settings_of(base, **changes):
    return replace(oneactor.DEFAULTS[base.ref.family], **{**SMALL, **changes})


def subject(*captions, noun="girl"):
    colours = ["red", "green", "blue"]
    references = [Reference(Image.new("RGB", (32, 32), colour), text) for colour, text in zip(colours, captions, strict=False)]
    return Subject("mina", noun, "sks", references)


@pytest.mark.parametrize(
    ("channels", "side", "width", "count"),
    [(1280, 32, 2048, 66_167_264), (1280, 12, 1024, 61_576_672), (1280, 8, 768, 60_698_304)],
)
def test_the_projector_has_the_published_size(channels, side, width, count):
    with torch.device("meta"):
        projector = Projector(channels, side, 1, width)
        assert sum(it.numel() for it in projector.parameters()) == count
        assert projector(torch.zeros(5, channels, side, side)).shape == (5, 1, width)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_feature_is_what_enters_the_middle_block_and_the_prompted_half_is_kept(family, session):
    base = make_base(family)
    entered = []
    base.unet.mid_block.register_forward_pre_hook(lambda module, inputs: entered.append(inputs[0]))
    latents, features = draw_proposals(base, "a girl", 3, settings_of(base), session, None)
    assert torch.equal(features, entered[-1][3:]) and len(entered) == 2
    assert tuple(features.shape[1:]) == (feature_shape(base)[0], *[feature_shape(base)[1]] * 2)
    # What is added behind the middle block (a ControlNet does) is not in it.
    told = encode_prompts(base, ["a girl"])
    x, t = latents[:1], torch.tensor([0])
    added = {"text_embeds": told.pooled_BP, "time_ids": size_ids(base, 1, 32, 32)}
    with record_features(base) as plain:
        base.unet(x, t, encoder_hidden_states=told.states_BTD, added_cond_kwargs=added)
    residuals = tuple(torch.zeros(()) for _ in range(4))
    with record_features(base) as moved:
        more = {"down_block_additional_residuals": residuals, "mid_block_additional_residual": torch.ones_like(plain[0])}
        base.unet(x, t, encoder_hidden_states=told.states_BTD, added_cond_kwargs=added, **more)
    assert torch.equal(plain[0], moved[0])
    with record_features(base, "middle") as behind:
        predict(base, x, t, told, added["time_ids"])
    assert not torch.equal(behind[0], plain[0])


@pytest.mark.parametrize("family", FAMILIES)
def test_an_offset_touches_one_word_and_nothing_else(family):
    base = make_base(family)
    told = encode_prompts(base, [it.prompt for it in REQUESTS])
    places = [find_base_word(base, it.prompt, "girl") for it in REQUESTS]
    assert places == [(2,), (4,)]
    offsets = torch.randn(2, 1, told.states_BTD.shape[-1], generator=torch.Generator().manual_seed(0))
    moved = add_offsets(told, places, offsets)
    changed = (moved.states_BTD != told.states_BTD).any(-1)
    assert changed.nonzero().tolist() == [[0, 2], [1, 4]]
    # The whole width: SDXL's second encoder too.
    torch.testing.assert_close(moved.states_BTD[[0, 1], [2, 4]] - told.states_BTD[[0, 1], [2, 4]], offsets[:, 0])
    assert moved.pooled_BP is told.pooled_BP


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("guidance", [1.0, 4.0])
def test_without_strength_the_stock_picture_is_drawn(family, guidance, session):
    base, sampler = make_base(family), SAMPLER.model_copy(update={"guidance": guidance})
    adapter, _ = oneactor.tune(base, subject(None), settings_of(base, steps=1), session)
    stock = draw_pictures(base, REQUESTS, sampler)
    (still,) = oneactor.render(base, [Learned("mina", oneactor.strengthen(adapter, 0))], [REQUESTS], sampler)
    (moved,) = oneactor.render(base, [Learned("mina", oneactor.strengthen(adapter, 2))], [REQUESTS], sampler)
    assert torch.equal(still, stock) and not torch.equal(moved, stock)


def test_guidance_is_the_published_sum():
    base = make_base("sdxl")
    told = encode_prompts(base, ["a girl waving"])
    width = told.states_BTD.shape[-1]
    actor = Actor(torch.randn(1, width), torch.randn(1, width), None)
    x, t, ids = torch.randn(1, 4, 16, 16), torch.tensor(500), size_ids(base, 1, 32, 32)

    def ask(it: Conditioning):
        return predict(base, x, t, it, ids)

    def denoise(push: float, actor: Actor, share: float = 1.0):
        settings = settings_of(base, push=push, guided_share=share)
        return guide_cluster(base, told, torch.tensor([500, 100]), [(2,)], actor, settings, SAMPLER, 32, 32)(x, t)

    with torch.no_grad():
        without = ask(encode_nothing(base, told))
        subject_ = ask(add_offsets(told, [(2,)], 0.8 * actor.target_LD[None]))
        others = ask(add_offsets(told, [(2,)], actor.average_LD[None]))
        wanted = without + 5.5 * (subject_ - without) - 1.5 * (others - without)
        close = {"rtol": 1e-4, "atol": 1e-5}
        torch.testing.assert_close(denoise(1.5, actor), wanted, **close)
        torch.testing.assert_close(denoise(0, actor), without + 4 * (subject_ - without), **close)
        alike = Actor(actor.average_LD / 0.8, actor.average_LD, None)
        torch.testing.assert_close(denoise(1.5, alike), without + 4 * (others - without), **close)
        assert torch.equal(denoise(1.5, actor, 0.0), guide(base, told, 4, 32, 32)(x, t)), "no guided step: plain guidance"


@pytest.mark.parametrize(("push", "rows"), [(0.0, 2), (1.0, 3)])
def test_the_first_two_thirds_of_the_steps_are_steered_and_only_they_cost_more(push, rows, session):
    base = make_base("paperdoll")
    adapter, _ = oneactor.tune(base, subject(None), settings_of(base, steps=1, push=push), session)
    seen = []

    def look(module, args, kwargs):
        seen.append(kwargs["encoder_hidden_states"])

    plain = encode_prompts(base, ["a girl waving"]).states_BTD
    handle = base.unet.register_forward_pre_hook(look, with_kwargs=True)
    sampler = Sampler(name="dpm-solver++", steps=30, guidance=4)
    list(oneactor.render(base, [Learned("mina", adapter)], [REQUESTS[:1]], sampler))
    handle.remove()
    assert [len(states) for states in seen] == [rows] * 20 + [2] * 10
    assert [not torch.equal(states[1:2], plain) for states in seen] == [True] * 20 + [False] * 10


def test_the_three_losses_are_weighed_as_published():
    assert oneactor.weigh_errors(ERRORS, oneactor.Settings()).item() == pytest.approx(3.5)


def test_a_step_is_put_together_as_published(monkeypatch, session):
    base = make_base("sd15")
    settings = settings_of(base, auxiliaries=3, flip=True)
    lesson = oneactor.make_lesson(base, subject(None), make_examples(base, subject(None), settings, session, None), settings)
    projector = Projector(*feature_shape(base), 1, 16).start(torch.Generator().manual_seed(0)).train()
    given, vectors = [], []
    projector.register_forward_hook(lambda module, inputs, found: vectors.append(found))
    monkeypatch.setattr("troupe_worker.methods.oneactor.lesson.find_errors", lambda *told: given.append(told) or ERRORS)
    random = torch.Generator().manual_seed(1)
    scheduler = DDPMScheduler.from_config(base.scheduler_config)
    assert oneactor.find_loss(base, lesson, projector, settings, scheduler, random).item() == pytest.approx(3.5)
    _, clean, noise, t, told, _ = given[0]
    (found,) = vectors
    assert torch.equal(clean[4], clean[0]) and torch.equal(noise[4], noise[0]) and not torch.equal(noise[1], noise[0])
    assert len(set(t.tolist())) > 1, "each row has a timestep of its own"
    assert len(found) == 5, "with the filler"
    moved = [
        (sentence, (told.states_BTD[row].detach() - plain)[place])
        for row in range(5)
        for sentence, plain in enumerate(lesson.told.states_BTD)
        for place in range(told.states_BTD.shape[1])
        if torch.equal(_without(plain, place), _without(told.states_BTD[row].detach(), place))
    ]
    wanted = [*found[:4, 0], found[1:4, 0].mean(0)]
    assert len(moved) == 5, "each row is one sentence with one word moved"
    assert moved[4][0] == moved[0][0], "the average is told the target's sentence"
    for (_, got), vector in zip(moved, wanted, strict=True):
        torch.testing.assert_close(got, vector.detach(), rtol=1e-4, atol=1e-5)


def test_in_a_step_of_all_features_the_vectors_are_those_that_will_be_kept(monkeypatch, session):
    base = make_base("sd15")
    settings = settings_of(base, norm="all")
    examples = make_examples(base, subject(None), settings, session, None)
    lesson = oneactor.make_lesson(base, subject(None), examples, settings)
    projector = Projector(*feature_shape(base), 1, 16).start(torch.Generator().manual_seed(0)).train()
    kept = oneactor.make_actor(projector, examples, "all")
    given = []
    monkeypatch.setattr("troupe_worker.methods.oneactor.lesson.find_errors", lambda *told: given.append(told[4]) or ERRORS[:4])
    scheduler = DDPMScheduler.from_config(base.scheduler_config)
    oneactor.find_loss(base, lesson, projector, settings, scheduler, torch.Generator().manual_seed(1))
    moved = given[0].states_BTD[0].detach() - lesson.told.states_BTD
    row = moved.flatten(1).abs().sum(1).argmin()
    torch.testing.assert_close(moved[row].sum(0), kept.target_LD[0], rtol=1e-4, atol=1e-5)


def test_pictures_without_a_caption_are_told_the_templates_or_the_target_prompt(session):
    base, captioned = make_base("sd15"), subject("{mina} , smiling")

    def learned_under(one, sentences, session):
        settings = settings_of(base, sentences=sentences, prompt="a girl in snow")
        return oneactor.make_lesson(base, one, make_examples(base, one, settings, session, None), settings)

    assert learned_under(subject(None), "templates", _fresh(session)).sentences == len(TEMPLATES["sd15"])
    told = learned_under(captioned, "prompt", session)
    assert told.sentences == 1 and told.captions[0] == 1, "a caption goes before the prompt"
    wanted = encode_prompts(base, ["a girl in snow", "a girl , smiling"]).states_BTD
    torch.testing.assert_close(told.told.states_BTD[:2], wanted)
    with pytest.raises(ValueError, match="sentences is words"):
        oneactor.Settings(sentences="words")


def _fresh(session):
    """A session whose checkpoints know nothing of the other's."""
    return replace(session, checkpoints=Checkpoints(session.checkpoints.store, "others/", lambda: None))


def _without(states, place):
    return torch.cat([states[:place], states[place + 1 :]])


@pytest.mark.parametrize("family", FAMILIES)
def test_gradients_reach_the_projector_and_nothing_else(family, session):
    base = make_base(family)
    settings = settings_of(base, adain=True)
    lesson = oneactor.make_lesson(base, subject(None), make_examples(base, subject(None), settings, session, None), settings)
    width = lesson.told.states_BTD.shape[-1]
    projector = Projector(*feature_shape(base), 1, width, adain=True).start(torch.Generator().manual_seed(0)).train()
    scheduler = DDPMScheduler.from_config(base.scheduler_config)
    oneactor.find_loss(base, lesson, projector, settings, scheduler, torch.Generator().manual_seed(0)).backward()
    for name, it in projector.named_parameters():
        assert it.grad is not None and torch.isfinite(it.grad).all() and it.grad.abs().sum() > 0, name
    frozen = [it for part in (base.unet, base.vae, *base.text_encoders) for it in part.parameters()]
    assert all(it.grad is None for it in frozen)


def test_batch_norm_sees_all_features_together_and_the_other_mode_each_alone():
    random = torch.Generator().manual_seed(0)
    projector = Projector(16, 8, 1, 16).start(random)
    for _ in range(3):
        projector.train()(torch.randn(5, 16, 8, 8, generator=random))
    target, first, second = torch.randn(3, 2, 16, 8, 8, generator=random)
    before = {name: it.clone() for name, it in projector.named_buffers()}

    def read(others, norm):
        nothing = torch.zeros(2, 1, 1, 1, 1)
        return oneactor.make_actor(projector, Examples(nothing, target, nothing, others, [None] * 2), norm)

    assert torch.equal(read(first, "batch").target_LD, read(first, "batch").target_LD)
    assert not torch.allclose(read(first, "batch").target_LD, read(second, "batch").target_LD)
    torch.testing.assert_close(read(first, "running").target_LD, read(second, "running").target_LD)
    assert all(torch.equal(it, before[name]) for name, it in projector.named_buffers()), "looking moves no statistics"
    assert torch.equal(read(first, "all").target_LD, read(first, "batch").target_LD)
    assert oneactor.Settings().norm == "batch"


def test_adain_starts_without_effect():
    projector = Projector(16, 8, 2, 16, adain=True).start(torch.Generator().manual_seed(0))
    vectors, words = torch.randn(3, 2, 16), torch.randn(3, 2, 16)
    head = (projector.adain.weight, projector.adain.bias)
    assert torch.equal(modulate(vectors, words, head), vectors) and modulate(vectors, words, None) is vectors


def test_the_base_word_is_found_or_refused():
    base = make_base("sdxl")
    assert find_base_word(base, "a Girl in snow", "girl") == (2,), "case does not matter"
    assert find_base_word(base, "a girl , a girl", "girl") == (2,), "the first time it is said"
    assert find_base_word(base, "a park girl", "park girl") == (2, 3), "a vector for each token"
    with pytest.raises(JobFailed, match="token_unknown.*boy"):
        find_base_word(base, "a girl", "boy")
    broken = replace(base, tokenizers=(base.tokenizers[0], make_base("sd15").tokenizers[0]))
    broken.tokenizers[1].add_tokens(["in snow"])
    with pytest.raises(ValueError, match="disagree"):
        find_word(broken, "in snow a girl", "girl")
    with pytest.raises(JobFailed, match="token_unknown"):
        find_base_word(broken, "in snow a girl", "girl")
    assert find_base_word(broken, "a girl in snow", "girl") == (2,), "where they agree"


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("track", ["reference", "proposal"])
def test_a_whole_tuning_and_its_pictures(family, track, session, tmp_path):
    base, shown = make_base(family), {}
    session = replace(session, show=shown.__setitem__)
    settings = settings_of(base, track=track, proposal=2, push=1.0, recompute=family == "sdxl")
    actor = subject("{mina} , smiling", None, noun="park girl" if track == "reference" else "girl")
    adapter, losses = oneactor.tune(base, actor, settings, session)
    width = encode_prompts(base, ["a"]).states_BTD.shape[-1]
    assert {name: tuple(it.shape) for name, it in adapter.tensors.items()} == {
        "target": (len(actor.noun.split()), width),
        "average": (len(actor.noun.split()), width),
    }
    assert len(losses) == 3 and (set(shown) == {"proposals"}) == (track == "proposal")
    prompt = oneactor.phrase_prompt("{mina} , in snow", [Learned("mina", adapter)])
    assert prompt == f"a {actor.noun} , in snow"
    requests = [PictureRequest(prompt, seed, 32, 32) for seed in (1, 2)]
    (pictures,) = oneactor.render(base, [Learned("mina", adapter)], [requests], SAMPLER)
    assert pictures.shape == (2, 32, 32, 3)
    with pytest.raises(JobFailed, match="one subject"):
        list(oneactor.render(base, [Learned("mina", adapter)] * 2, [requests], SAMPLER))


def test_the_chosen_proposal_is_the_target_and_the_sheet_is_numbered(session):
    base = make_base("paperdoll")
    latents, features = draw_proposals(base, "a girl", 4, settings_of(base), session, None)
    found = make_examples(base, subject(None), settings_of(base, track="proposal", proposal=3), session, None)
    assert torch.equal(found.target_NVCHW[:, 0], latents[[2]]) and torch.equal(found.auxiliary_NFHW, features[[0, 1, 3]])
    plain = torch.zeros(5, 32, 32, 3, dtype=torch.uint8)
    sheet = number_sheet(plain)
    assert sheet.shape == (64, 128, 3)
    marks = [sheet[top : top + 32, left : left + 32] for top in (0, 32) for left in (0, 32, 64, 96)][:5]
    assert all(mark.any() for mark in marks) and not torch.equal(marks[0], marks[1])


def test_mirrored_views_share_the_feature(session):
    base = make_base("sd15")
    found = make_examples(base, subject("{mina} , smiling", None), settings_of(base, views=2), session, None)
    assert found.target_NVCHW.shape[:2] == (2, 4) and found.auxiliary_NVCHW.shape[:2] == (3, 2)
    assert len(found.target_NFHW) == 2 and found.captions == ["a girl , smiling", None]
    # Another kind of picture beside it: half red, half black, so that left is told from right.
    half = Image.new("RGB", (32, 32))
    half.paste("red", (0, 0, 16, 32))
    one = Subject("mina", "girl", "sks", [Reference(half, None)])
    plain, mirrored = make_examples(base, one, settings_of(base, flip=True), _fresh(session), None).target_NVCHW[0]
    wanted = encode_pictures(base, decode_latents(base, plain[None]).flip(2))[0]
    torch.testing.assert_close(mirrored, wanted, rtol=1e-4, atol=1e-4)
    assert not torch.allclose(mirrored, plain, atol=1e-3)
    clean = found.target_NVCHW[:, 0]
    told = encode_prompts(base, ["a girl , smiling", "a girl"])
    assert torch.equal(read_features(base, clean, told, "encoder", 2_000_000), found.target_NFHW)


def test_training_lowers_the_loss_of_the_target(session):
    base = make_base("paperdoll")
    settings = settings_of(base, steps=50, learning_rate=3e-3, views=1)
    actor = subject(None)
    examples = make_examples(base, actor, settings, session, None)
    lesson = oneactor.make_lesson(base, actor, examples, settings)
    width = lesson.told.states_BTD.shape[-1]
    untrained = Projector(*feature_shape(base), 1, width).start(torch.Generator().manual_seed(settings.seed))
    before = oneactor.make_actor(untrained, examples, settings.norm).target_LD
    adapter, _ = oneactor.tune(base, actor, settings, session)
    scheduler = DDPMScheduler.from_config(base.scheduler_config)

    def target_loss(vectors_LD):
        random = torch.Generator().manual_seed(5)
        clean = examples.target_NVCHW[0, :1].repeat(32, 1, 1, 1)
        noise, t = torch.randn(clean.shape, generator=random), torch.randint(1000, (32,), generator=random)
        with torch.no_grad():
            moved = add_offsets(lesson.told.rows([0] * 32), [lesson.places[0]] * 32, vectors_LD.expand(32, -1, -1))
            return find_errors(base, clean, noise, t, moved, scheduler).mean().item()

    trained = target_loss(adapter.tensors["target"])
    assert trained < target_loss(before) and trained < target_loss(torch.zeros_like(before))


@pytest.mark.parametrize("family", FAMILIES)
def test_a_kept_adapter_draws_the_same_pictures(family, session):
    base = make_base(family)
    adapter, _ = oneactor.tune(base, subject(None), settings_of(base, push=1.0, adain=True), session)
    (drawn,) = oneactor.render(base, [Learned("mina", adapter)], [REQUESTS], SAMPLER)
    (again,) = oneactor.render(base, [Learned("mina", read_adapter(write_adapter(adapter)))], [REQUESTS], SAMPLER)
    assert torch.equal(drawn, again)


def test_the_best_look_is_kept_and_not_the_last(session):
    base = make_base("paperdoll")
    looks = []

    def encode(pixels):  # the second look is the best, whatever it shows
        looks.append(pixels)
        return torch.tensor([[1.0, 0.0]] if len(looks) == 1 else [[0.9 if len(looks) == 3 else 0.1, 0.0]] * len(pixels))

    settings = settings_of(base, steps=30, probe_every=2, probe_patience=2)
    adapter, losses = oneactor.tune(base, subject(None), settings, replace(session, encode=encode))
    assert len(losses) == 8, "looks at 2, 4 (best), 6 and 8"
    other, _ = oneactor.tune(base, subject(None), replace(settings, steps=4, probe_every=0), _fresh(session))
    assert torch.equal(adapter.tensors["target"], other.tensors["target"])


def test_a_probe_without_an_encoder_is_refused(session):
    base = make_base("paperdoll")
    with pytest.raises(JobFailed, match="probeEvery"):
        oneactor.tune(base, subject(None), settings_of(base, probe_every=2), session)
