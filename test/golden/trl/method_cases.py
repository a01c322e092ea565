"""What methods.py runs: a name and the `method` of a run spec."""

RPO, MPO = [{"id": "sft", "weight": 1.0}], [{"id": "bco_pair", "weight": 0.25}, {"id": "sft", "weight": 1.25}]  # MPO's 0.8, 0.2 and 1.0, with the first at 1
BETA = {"simpo": 2.5, "sigmoid_norm": 5, "sppo_hard": 0.05, "hinge": 0.04, "discopop": 0.02}  # elsewhere 0.1. Hinge's keeps pairs active for all ten steps; with a larger one DiscoPOP crosses its bend and float32 itself scatters by 1e-3
DIVERGENCES = [("forward-kl", {"type": "forward_kl"}), ("js", {"type": "js"}), ("alpha-half", {"type": "alpha", "alpha": 0.5}), ("alpha-one", {"type": "alpha", "alpha": 1}), ("alpha-1.5", {"type": "alpha", "alpha": 1.5})]


def case(name, id, **options):
    return name, {"id": id, "beta": BETA.get(id, 0.1), **{k: v if k != "fDivergence" else {"alpha": 0.5, **v} for k, v in options.items()}}


CASES = [
    # every id as it is
    case("dpo", "dpo"),
    case("dpo-beta-0.5", "dpo", beta=0.5),
    case("ipo", "ipo"),
    case("hinge", "hinge"),
    case("robust", "robust", labelSmoothing=0.1),
    case("robust-0.3", "robust", labelSmoothing=0.3),
    case("exo_pair", "exo_pair", labelSmoothing=0.001),
    case("exo_pair-0.1", "exo_pair", labelSmoothing=0.1),
    case("nca_pair", "nca_pair"),
    case("sppo_hard", "sppo_hard"),
    case("bco_pair", "bco_pair", variant="trl"),
    case("aot", "aot"),
    case("aot-ld-0", "aot", ldAlpha=0),  # with whole sums these pairs are in one order, that of their lengths, under both models: AOT is DPO then
    case("aot_unpaired", "aot_unpaired"),
    case("apo_zero", "apo_zero"),
    case("apo_down", "apo_down"),
    case("sigmoid_norm", "sigmoid_norm"),
    case("discopop", "discopop", tau=0.05),
    case("discopop-tau-0.5", "discopop", beta=0.1, tau=0.5),
    case("dpo-label-smoothing", "dpo", labelSmoothing=0.1),
    case("bco_pair-paper", "bco_pair", variant="paper"),
    case("bco_pair-seed", "bco_pair", variant="seed"),
    case("kto_pair-paper", "kto_pair", variant="paper"),
    case("kto_pair-seed", "kto_pair", variant="seed"),
    case("dpop", "dpop", **{"lambda": 50}),
    case("dpop-lambda-5", "dpop", **{"lambda": 5}),
    case("r_dpo", "r_dpo", alpha=0.01),
    case("r_dpo-alpha-0.05", "r_dpo", alpha=0.05),
    case("dpo_sft", "dpo_sft", sftWeight=1.0),
    case("dpo_sft-0.05", "dpo_sft", sftWeight=0.05),
    case("tdpo1", "tdpo", version=1),
    case("tdpo2", "tdpo", version=2, alpha=0.5),
    case("tdpo2-alpha-2", "tdpo", version=2, alpha=2),
    case("simpo", "simpo", variant="paper", gamma=1.4),
    case("simpo-gamma-0.5", "simpo", variant="paper", beta=2, gamma=0.5),
    case("simpo-seed", "simpo", variant="seed", **{"lambda": 0.3}),
    case("orpo", "orpo", variant="paper"),
    case("orpo-seed", "orpo", variant="seed"),
    case("orpo-beta-1", "orpo", variant="paper", beta=1),
    # from policy = reference
    *(case(f"{id}-at-start", id) for id in ("ipo", "hinge", "nca_pair", "sppo_hard", "bco_pair", "apo_zero", "apo_down", "sigmoid_norm", "discopop", "aot_unpaired")),
    case("tdpo1-at-start", "tdpo", version=1),
    case("tdpo2-at-start", "tdpo", version=2, alpha=0.5),
    case("dpo-sync-every-2-at-start", "dpo", referenceSync={"everySteps": 2, "mixup": 0.6}),
    case("sampo-expected-sync-at-start", "sampo", sampling="expected", referenceSync={"everySteps": 2, "mixup": 0.6}),
    # which tokens count
    *(case(f"sampo-{sampling}", "sampo", sampling=sampling) for sampling in ("expected", "topk", "average")),
    *(case(f"{id}-sampling-expected", id, sampling="expected") for id in ("ipo", "hinge", "robust", "nca_pair", "bco_pair", "sppo_hard", "aot", "aot_unpaired", "apo_zero", "apo_down", "sigmoid_norm", "discopop", "exo_pair", "r_dpo", "dpop", "dpo_sft", "kto_pair")),  # for tdpo nothing says whether its divergences are down-sampled too
    *(case(f"{id}-sampling-topk", id, sampling="topk") for id in ("ipo", "hinge", "bco_pair")),
    *(case(f"{id}-sampling-average", id, sampling="average") for id in ("hinge", "bco_pair")),
    case("sampo-expected-label-smoothing", "sampo", sampling="expected", labelSmoothing=0.1),
    *(case(f"dpo-ld-{alpha}", "dpo", ldAlpha=alpha) for alpha in (0, 0.5)),
    *(case(f"{id}-ld-0.5", id, ldAlpha=0.5) for id in ("ipo", "hinge", "sigmoid_norm", "nca_pair", "aot", "dpop", "dpo_sft")),
    # WPO (what it means for dpo_sft, one loss with a supervised part, is said nowhere)
    *(case(f"{id}-wpo", id, wpo=True) for id in ("dpo", "ipo", "hinge", "nca_pair", "sppo_hard", "bco_pair", "apo_zero", "apo_down", "sigmoid_norm", "discopop", "robust", "exo_pair", "kto_pair", "dpop", "r_dpo", "tdpo")),
    case("dpo-wpo-ld-0.5", "dpo", wpo=True, ldAlpha=0.5),
    # divergences
    *(case(f"dpo-{name}", "dpo", fDivergence=d) for name, d in DIVERGENCES),
    *(case(f"{id}-{name}", id, fDivergence=d) for id in ("ipo", "hinge", "exo_pair") for name, d in DIVERGENCES[:3]),
    *(case(f"sigmoid_norm-{name}", "sigmoid_norm", beta=beta, fDivergence=d) for beta, (name, d) in zip((5, 1, 5), DIVERGENCES)),
    *(case(f"discopop-{name}", "discopop", beta=0.1, tau=0.5, fDivergence=d) for name, d in DIVERGENCES[:3]),
    case("robust-js", "robust", labelSmoothing=0.1, fDivergence={"type": "js"}),  # unbounded scores run away from its unbounded loss
    case("dpo_sft-js", "dpo_sft", fDivergence={"type": "js"}),
    case("r_dpo-forward-kl", "r_dpo", fDivergence={"type": "forward_kl"}),
    case("sampo-expected-js", "sampo", sampling="expected", fDivergence={"type": "js"}),
    # added losses
    case("rpo", "dpo", mix=RPO),
    case("mpo", "dpo", mix=MPO),
    case("ipo-mix-hinge", "ipo", mix=[{"id": "hinge", "weight": 2}]),
    case("apo_zero-mix-sft", "apo_zero", mix=[{"id": "sft", "weight": 0.5}]),
    case("rpo-js", "dpo", mix=RPO, fDivergence={"type": "js"}),
    case("rpo-ld-0.5", "dpo", mix=RPO, ldAlpha=0.5),
    case("dpo-mix-nca-wpo", "dpo", mix=[{"id": "nca_pair", "weight": 0.5}], wpo=True),
    case("rpo-wpo", "dpo", mix=RPO, wpo=True),
    case("robust-mix-exo", "robust", labelSmoothing=0.2, mix=[{"id": "exo_pair", "weight": 0.5}]),
    case("sampo-expected-mix-sft", "sampo", sampling="expected", mix=RPO),
    case("dpo-mix-simpo-orpo", "dpo", mix=[{"id": "simpo", "weight": 0.5}, {"id": "orpo", "weight": 0.25}]),
    # TR-DPO
    case("dpo-sync-every-2", "dpo", referenceSync={"everySteps": 2, "mixup": 0.6}),
    case("dpo-sync-every-step", "dpo", referenceSync={"everySteps": 1, "mixup": 0.1}),
    case("ipo-sync-every-3-whole", "ipo", referenceSync={"everySteps": 3, "mixup": 1}),
    case("sampo-expected-sync", "sampo", sampling="expected", referenceSync={"everySteps": 2, "mixup": 0.6}),
    # without a reference
    *(case(f"{id}-reference-free", id, referenceFree=True) for id in ("dpo", "ipo", "hinge", "sigmoid_norm", "r_dpo", "aot", "kto_pair")),
    case("sampo-expected-reference-free", "sampo", sampling="expected", referenceFree=True),
]
