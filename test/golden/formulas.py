"""Every preference loss of docs/methods.md on sums over tokens, in torch: the papers', the seed's own and TRL's.
losses/make.py holds them to the numbers in losses/printed.py, trl/methods.py to TRL's trainer. `mean()` of what comes back is a step's loss."""
import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F

# What the run spec fills in (docs/contract.md)
DEFAULTS = {"beta": 0.1, "labelSmoothing": 0, "sampling": "none", "ldAlpha": 1, "wpo": False, "fDivergence": {"type": "reverse_kl", "alpha": 0.5}, "referenceFree": False, "mix": []}
OWN = {"sampo": {"sampling": "shared"}, "robust": {"labelSmoothing": 0.1}, "exo_pair": {"labelSmoothing": 1e-3}, "dpop": {"lambda": 50}, "r_dpo": {"alpha": 0.01}, "dpo_sft": {"sftWeight": 1.0},
       "discopop": {"tau": 0.05}, "tdpo": {"version": 2, "alpha": 0.5}, "simpo": {"beta": 2.5, "gamma": 1.4, "lambda": 0.3, "variant": "paper"}, "orpo": {"variant": "paper"},
       "bco_pair": {"variant": "trl"}, "kto_pair": {"variant": "paper"}}
REFERENCE_FREE = ("simpo", "orpo", "sft")


def complete(method):
    return {**DEFAULTS, **OWN.get(method["id"], {}), **method}


@dataclass
class Side:
    """Chosen or rejected responses of a batch; every field [B]."""
    policy: torch.Tensor  # weighted sum of p_t
    reference: torch.Tensor  # weighted sum of r_t
    tokens: torch.Tensor  # T, whatever the weights
    full: torch.Tensor  # sum of p_t
    divergence: torch.Tensor | None = None  # sum of KL(reference || policy) over the response
    prompt: torch.Tensor | None = None  # sum of log-probs of the prompt, its first token left out
    prompt_tokens: torch.Tensor | None = None  # how many those are
    likelihood: torch.Tensor | None = None  # WPO's weight of this response

    @property
    def ratio(self):
        return self.policy - self.reference

    @property
    def mean(self):
        return self.full / self.tokens


def ls(x):
    return F.logsigmoid(x)


def score(ratio, divergence):
    kind, c = divergence["type"], divergence["alpha"] - 1
    if kind == "forward_kl":
        return 1 - torch.exp(-ratio)
    if kind == "js":
        return math.log(2) + ls(ratio)
    if kind == "alpha" and abs(c) >= 1e-6:
        return (torch.exp((c * ratio).clamp(max=80)) - 1) / c
    return ratio


def log_odds(m):
    return m - torch.log(-torch.expm1(m))


def held(memory, name, value):
    """No gradient through it; and the same number in every call with one `held` dictionary, for central differences."""
    value = value.detach()
    return memory["held"].setdefault(name, value) if "held" in memory else value


def losses(m, w, l, memory):
    """[B], or a scalar where the loss is no mean over pairs."""
    beta, e, a, b = m["beta"], m["labelSmoothing"], w.ratio, l.ratio
    s_w, s_l = score(a, m["fDivergence"]), score(b, m["fDivergence"])
    h = s_w - s_l
    match m["id"]:
        case "dpo" | "sampo":
            return -(1 - e) * ls(beta * h) - e * ls(-beta * h)
        case "hinge":
            return torch.relu(1 - beta * h)
        case "ipo":
            return (s_w / w.tokens - s_l / l.tokens - 1 / (2 * beta)) ** 2
        case "sigmoid_norm":
            return -ls(beta * (s_w / w.tokens - s_l / l.tokens))
        case "robust":
            return (-(1 - e) * ls(beta * h) + e * ls(-beta * h)) / (1 - 2 * e)
        case "exo_pair":
            q = torch.sigmoid(beta * h)
            return q * (ls(beta * h) - math.log(1 - e)) + (1 - q) * (ls(-beta * h) - math.log(e))
        case "discopop":
            z = beta * h
            g = torch.sigmoid(z / m["tau"])
            return -ls(z) * (1 - g) + torch.exp(-z) * g
        case "nca_pair":
            return -ls(beta * a) - 0.5 * ls(-beta * a) - 0.5 * ls(-beta * b)
        case "sppo_hard":
            return (a - 1 / (2 * beta)) ** 2 + (b + 1 / (2 * beta)) ** 2
        case "apo_zero":
            return 1 - torch.sigmoid(beta * a) + torch.sigmoid(beta * b)
        case "apo_down":
            return torch.sigmoid(beta * a) + 1 - torch.sigmoid(beta * (a - b))
        case "aot":
            d = (w.policy - l.policy).sort().values - (w.reference - l.reference).sort().values
            return -ls(beta * d)
        case "aot_unpaired":
            return -ls(beta * (a.sort().values - b.sort().values))
        case "bco_pair":
            shift = 0
            if m["variant"] != "trl":  # plain average over all steps so far, this one included
                memory.setdefault("shifts", []).append(held(memory, "reward", (beta * torch.cat([a, b])).mean()))
                shift = torch.stack(memory["shifts"]).mean()
            return -ls(beta * a - shift) - ls(-(beta * b - shift))
        case "kto_pair":
            z_w, z_l = a.mean().clamp(min=0), b.mean().clamp(min=0)
            if m["variant"] == "paper":
                z_w, z_l = held(memory, "z_w", z_w), held(memory, "z_l", z_l)
            return torch.stack([1 - torch.sigmoid(beta * (a - z_l)), 1 - torch.sigmoid(beta * (z_w - b))]).mean(0)
        case "dpop":
            return -ls(beta * (h - m["lambda"] * torch.relu(w.reference - w.policy)))
        case "r_dpo":
            return -ls(beta * h + m["alpha"] * (w.tokens - l.tokens))
        case "dpo_sft":
            return -ls(beta * h) - m["sftWeight"] * w.mean
        case "tdpo":
            if m["version"] == 1:
                return -ls(beta * (h + w.divergence - l.divergence))
            return -ls(beta * (h - m["alpha"] * (l.divergence - held(memory, "divergence", w.divergence))))
        case "simpo":
            if m["variant"] == "seed":
                return -beta * ls(w.mean - l.mean - m["lambda"] / beta)
            return -ls(beta * (w.mean - l.mean) - m["gamma"])
        case "orpo":  # the seed's NLL as TRL 0.9.3 mended it: prompt included, padding not
            nll = -w.full.sum() / w.tokens.sum() if m["variant"] == "paper" else -(w.full + w.prompt).sum() / (w.tokens + w.prompt_tokens).sum()
            return nll - beta * ls(log_odds(w.mean) - log_odds(l.mean))
        case "sft":
            return -w.full.sum() / w.tokens.sum()
    raise ValueError(m["id"])


def terms(method):
    """The method and what `mix` adds: a referenced term shares beta, divergence and label smoothing, as all losses of a DPOTrainer do; others have their defaults."""
    yield method, 1
    for term in method["mix"]:
        shared = {} if term["id"] in REFERENCE_FREE else {k: method[k] for k in ("beta", "fDivergence")}
        if method["labelSmoothing"] > 0 and OWN.get(term["id"], {}).get("labelSmoothing"):
            shared["labelSmoothing"] = method["labelSmoothing"]
        yield complete({"id": term["id"], **shared}), term["weight"]


def step_losses(method, w, l, memory):
    """[B], or a scalar for `sft`. WPO's weights leave terms without a reference alone."""
    loss = 0
    for m, weight in terms(method):
        each = losses(m, w, l, memory)
        if method["wpo"] and m["id"] not in REFERENCE_FREE:
            each = each * held(memory, "likelihood", w.likelihood * l.likelihood)
        loss = loss + weight * each
    return loss


def total(method, w, l, memory):
    return step_losses(method, w, l, memory).mean()


def rewards(method, w, l):
    """As logged: beta times log-ratios (TRL), mean log-probs (SimPO, ORPO), log-ratios and divergence (TDPO's authors)."""
    beta = method["beta"]
    if method["id"] in ("simpo", "orpo"):
        return beta * w.mean, beta * l.mean
    if method["id"] == "tdpo":
        return beta * (w.ratio + w.divergence), beta * (l.ratio + l.divergence)
    return beta * w.ratio, beta * l.ratio


def token_weights(method, ratios_w, ratios_l):
    """What multiplies the tokens of both sides (docs/methods.md, "SamPO's draw"); `topk` looks at the present log-ratios."""
    T_w, T_l = len(ratios_w), len(ratios_l)
    m = min(T_w, T_l)

    def side(ratios):
        n = len(ratios)
        one = torch.ones_like(ratios)
        match method["sampling"]:
            case "none":
                one[m:] = method["ldAlpha"]
                return one
            case "expected":
                return one * (m / n)
            case "average":
                return one * ((T_w + T_l) / 2 / n)
            case "topk":
                return torch.zeros_like(one).scatter(0, ratios.topk(m).indices, 1) if n > m else one
            case "first":  # a fixed draw, for goldens only
                one[m:] = 0
                return one
        raise ValueError(method["sampling"])

    return side(ratios_w.detach()), side(ratios_l.detach())
