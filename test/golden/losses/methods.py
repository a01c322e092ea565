"""Every method and option on the tensors of README.md, Levels, in double precision: losses, and gradients by torch autograd.
Whatever printed.py has is asserted here, so a wrong formula stops the script; all gradients are held to central differences; level C's properties are asserted too.
Rerun: python test/golden/losses/methods.py   (writes methods.json beside this file)"""
import itertools
import json
import os
import sys
from dataclasses import replace

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(here), f"{os.path.dirname(here)}/trl"]
from common import versions
from formulas import Side, complete, losses, step_losses, token_weights
from printed import AT_START, LEVEL_A, LEVEL_B
import torch

torch.set_default_dtype(torch.float64)
T = torch.tensor

# a method that losses are asked of: every id, every variant, every divergence, added terms, WPO
METHODS = {
    "dpo": {"id": "dpo"}, "dpo-label-smoothing": {"id": "dpo", "labelSmoothing": 0.1}, "ipo": {"id": "ipo"}, "hinge": {"id": "hinge"}, "robust": {"id": "robust", "labelSmoothing": 0.1},
    "exo_pair": {"id": "exo_pair", "labelSmoothing": 0.001}, "nca_pair": {"id": "nca_pair"}, "sppo_hard": {"id": "sppo_hard"}, "bco_pair-trl": {"id": "bco_pair", "variant": "trl"},
    "bco_pair-paper": {"id": "bco_pair", "variant": "paper"}, "bco_pair-seed": {"id": "bco_pair", "variant": "seed"}, "kto_pair-paper": {"id": "kto_pair", "variant": "paper"},
    "kto_pair-seed": {"id": "kto_pair", "variant": "seed"}, "aot": {"id": "aot"}, "aot_unpaired": {"id": "aot_unpaired"}, "apo_zero": {"id": "apo_zero"}, "apo_down": {"id": "apo_down"},
    "sigmoid_norm": {"id": "sigmoid_norm"}, "discopop": {"id": "discopop", "tau": 0.05}, "dpop": {"id": "dpop", "lambda": 50}, "r_dpo": {"id": "r_dpo", "alpha": 0.01},
    "dpo_sft": {"id": "dpo_sft", "sftWeight": 1}, "tdpo1": {"id": "tdpo", "version": 1}, "tdpo2": {"id": "tdpo", "version": 2, "alpha": 0.5},
    "simpo-paper-0.3": {"id": "simpo", "beta": 2.5, "gamma": 0.3, "variant": "paper"}, "simpo-paper-1.4": {"id": "simpo", "beta": 2.5, "gamma": 1.4, "variant": "paper"},
    "simpo-seed": {"id": "simpo", "beta": 2.5, "lambda": 0.3, "variant": "seed"}, "orpo-paper": {"id": "orpo", "variant": "paper"}, "orpo-seed": {"id": "orpo", "variant": "seed"}, "sft": {"id": "sft"},
    **{f"{id}-{kind}": {"id": id, **extra, "fDivergence": {"type": kind, "alpha": 0.5}} for kind in ("forward_kl", "js", "alpha")
       for id, extra in (("dpo", {}), ("ipo", {}), ("hinge", {}), ("sigmoid_norm", {}), ("robust", {"labelSmoothing": 0.1}), ("exo_pair", {"labelSmoothing": 0.001}), ("discopop", {"tau": 0.05}))},
    "rpo": {"id": "dpo", "mix": [{"id": "sft", "weight": 1}]}, "mpo": {"id": "dpo", "mix": [{"id": "bco_pair", "weight": 0.25}, {"id": "sft", "weight": 1.25}]},
    **{f"{id}-wpo": {"id": id, "wpo": True} for id in ("dpo", "ipo", "nca_pair")}, "rpo-wpo": {"id": "dpo", "mix": [{"id": "sft", "weight": 1}], "wpo": True},
    "dpo-reference-free": {"id": "dpo", "referenceFree": True},
}
METHODS = {name: {"beta": 0.1, **m} for name, m in METHODS.items()}


def near(actual, printed, what, tolerance=2e-9):
    for a, p in zip(torch.as_tensor(actual).flatten().tolist(), torch.as_tensor(printed).flatten().tolist(), strict=True):
        assert abs(a - p) <= tolerance * max(1, abs(p)), (what, a, p)


def plain(x):
    if isinstance(x, torch.Tensor):
        return x.detach().tolist()
    if isinstance(x, dict):
        return {k: plain(v) for k, v in x.items()}
    return [plain(v) for v in x] if isinstance(x, (list, tuple)) else x


# ---- level A: sums

A = (dict(policy=[-12.3, -45.6], reference=[-13.0, -44.0], tokens=[8, 30], divergence=[0.18, 0.11], prompt=[-20.5, -33.1], prompt_tokens=[9, 14], likelihood=[0.9, 0.4]),
     dict(policy=[-14.1, -40.2], reference=[-13.5, -41.0], tokens=[12, 25], divergence=[0.21, 0.15], likelihood=[0.7, 0.5]))


def sides(method, inputs=A):
    """Leaves are the policy's sums and divergences; the whole sum is the weighted one here."""
    made = []
    for values in inputs:
        v = {k: T(x, dtype=torch.float64) for k, x in values.items()}
        for leaf in ("policy", "divergence", "prompt"):
            if leaf in v:
                v[leaf].requires_grad_()
        if method.get("referenceFree"):
            v["reference"] = torch.zeros_like(v["reference"])
        made.append(Side(**v, full=v["policy"]))
    return made


def gradients(loss, w, l):
    leaves = {"gradientChosen": w.policy, "gradientRejected": l.policy, "gradientChosenDivergence": w.divergence, "gradientRejectedDivergence": l.divergence, "gradientPrompt": w.prompt}
    found = torch.autograd.grad(loss, list(leaves.values()), allow_unused=True)
    return {n: torch.zeros_like(x) if g is None else g for (n, x), g in zip(leaves.items(), found) if g is not None or x is w.policy or x is l.policy}


def central(method, inputs, memory, expected, eps=1e-5):
    """Level C 8. What has no gradient by design is held at the base point."""
    held = {**memory, "held": {}}
    value = lambda made: step_losses(method, *made, {**held, "shifts": list(memory.get("shifts", []))}).mean().item()
    value(sides(method, inputs))
    for name, side, field in (("gradientChosen", 0, "policy"), ("gradientRejected", 1, "policy"), ("gradientChosenDivergence", 0, "divergence"), ("gradientRejectedDivergence", 1, "divergence"), ("gradientPrompt", 0, "prompt")):
        for i, g in enumerate(expected.get(name, ())):
            moved = []
            for sign in (1, -1):
                changed = [{k: list(v) for k, v in s.items()} for s in inputs]
                changed[side][field][i] += sign * eps
                moved.append(value(sides(method, changed)))
            near(g, (moved[0] - moved[1]) / (2 * eps), (method, name), 1e-8)


def case_a(name, method, inputs=A, memory=None):
    m, memory = complete(method), {} if memory is None else memory
    before = list(memory.get("shifts", []))
    w, l = sides(m, inputs)
    each = step_losses(m, w, l, memory)
    found = gradients(each.mean(), w, l)
    central(m, inputs, {"shifts": before}, found)
    return {"name": name, "method": method, "losses": each, "loss": each.mean(), **found}


def level_a():
    cases = {name: case_a(name, method) for name, method in METHODS.items()}
    later = (dict(A[0], policy=[-11.0, -44.0]), A[1])
    memory = {}
    case_a("", METHODS["bco_pair-seed"], memory=memory)
    cases["bco_pair-second-step"] = {**case_a("bco_pair-second-step", METHODS["bco_pair-seed"], later, memory), "before": "the step of bco_pair-seed", "inputs": {"policyChosen": later[0]["policy"]}}
    near(torch.stack(memory["shifts"]), [-.0175, .055], "bco's rewards")
    kto = complete(METHODS["kto_pair-seed"])
    for name, (per_pair, mean, chosen, rejected) in LEVEL_A.items():
        c = cases[name]
        if kto["id"] == c["method"]["id"]:
            per_pair = [(x + y) / 2 for x, y in zip(per_pair[:2], per_pair[2:])]  # printed are the two terms of each pair
        near(c["losses"], per_pair, name), near(c["loss"], mean, name), near(c["gradientChosen"], chosen, name), near(c["gradientRejected"], rejected, name)
    w, l = sides({})
    odds = case_a("", METHODS["orpo-paper"])["losses"] - case_a("", METHODS["sft"])["losses"]
    near(odds, [.0967793933, .0639041093], "orpo's odds term")
    return {"inputs": {"policyChosen": A[0]["policy"], "policyRejected": A[1]["policy"], "referenceChosen": A[0]["reference"], "referenceRejected": A[1]["reference"], "tokensChosen": A[0]["tokens"], "tokensRejected": A[1]["tokens"],
                       "divergenceChosen": A[0]["divergence"], "divergenceRejected": A[1]["divergence"], "promptLogps": A[0]["prompt"], "promptTokens": A[0]["prompt_tokens"], "pairWeights": [x * y for x, y in zip(A[0]["likelihood"], A[1]["likelihood"])]},
            "cases": list(cases.values())}


# ---- level B: tokens

PROMPT, TOTAL, V = [2, 3, 2, 3], [6, 5, 7, 7], 5


class Batch:
    """Rows 0, 1 chosen, 2, 3 rejected; `scale` makes logits extreme, `padding` adds positions nobody looks at."""

    def __init__(self, scale=1., padding=0):
        n = 7 + padding
        b, t, v = torch.meshgrid(torch.arange(4.), torch.arange(float(n)), torch.arange(5.), indexing="ij")
        angle = lambda shift: torch.sin(shift + .9 * b + 1.7 * t + 2.3 * v + .31 * b * t)
        self.ids = [[(3 * i + 2 * j + 1) % V for j in range(n)] for i in range(4)]
        self.logits, self.reference = (2 * scale * angle(1.)).requires_grad_(), 1.8 * scale * angle(1.25)

    def tokens(self, z, start=None):
        lp = torch.log_softmax(z, -1)
        first = [1] * 4 if start == "prompt" else PROMPT
        last = PROMPT if start == "prompt" else TOTAL
        return [torch.stack([lp[i, j - 1, self.ids[i][j]] for j in range(first[i], last[i])]) for i in range(4)]

    def sides(self, m):
        p, r = self.tokens(self.logits), self.tokens(self.reference)
        if m["referenceFree"]:
            r = [torch.zeros_like(x) for x in r]
        pairs = [token_weights(m, p[i] - r[i], p[i + 2] - r[i + 2]) for i in (0, 1)]
        weights = [pairs[i % 2][i // 2] for i in range(4)]
        log_p, log_r = torch.log_softmax(self.logits, -1), torch.log_softmax(self.reference, -1)
        kl = (log_r.exp() * (log_r - log_p)).sum(-1)
        squares = torch.logsumexp(2 * self.logits, -1) - 2 * torch.logsumexp(self.logits, -1)
        span = lambda x, i: x[i, PROMPT[i] - 1:TOTAL[i] - 1]
        prompt = self.tokens(self.logits, "prompt")
        made = []
        for rows in ([0, 1], [2, 3]):
            stack = lambda f: torch.stack([f(i) for i in rows])
            made.append(Side(policy=stack(lambda i: (weights[i] * p[i]).sum()), reference=stack(lambda i: (weights[i] * r[i]).sum()), tokens=T([float(len(p[i])) for i in rows]), full=stack(lambda i: p[i].sum()),
                             divergence=stack(lambda i: span(kl, i).sum()), prompt=stack(lambda i: prompt[i].sum()), prompt_tokens=T([float(len(prompt[i])) for i in rows]),
                             likelihood=stack(lambda i: (p[i] - span(squares, i)).mean().exp())))
        return made, weights

    def run(self, method, memory=None):
        m = complete(method)
        (w, l), weights = self.sides(m)
        each = step_losses(m, w, l, {} if memory is None else memory)
        (g,) = torch.autograd.grad(each.mean(), self.logits)
        return each, g, weights


WEIGHTED = {f"sampo-{s}": {"id": "sampo", "beta": 0.1, "sampling": s} for s in ("expected", "topk", "average", "first")} | {
    **{f"{id}-expected": {"id": id, "beta": 0.1, "sampling": "expected"} for id in ("ipo", "hinge", "bco_pair", "nca_pair", "sigmoid_norm", "aot")},
    **{f"{id}-ld-{a}": {"id": id, "beta": 0.1, "ldAlpha": a} for id, a in (("dpo", 0.5), ("dpo", 0), ("ipo", 0.5), ("aot", 0), ("nca_pair", 0.5))},
}


def level_b():
    batch = Batch()
    p, r = batch.tokens(batch.logits), batch.tokens(batch.reference)
    near(torch.stack([x.sum() for x in p]), [-8.3371293060, -5.8413004915, -13.1329061320, -9.3454884345], "policy sums")
    near(torch.stack([x.sum() for x in r]), [-9.5506410379, -4.4011491862, -12.6334724647, -8.7182222473], "reference sums")
    near(p[0], [-1.339412, -1.517570, -1.594824, -3.885324], "row 0", 1e-6), near(r[0], [-1.755396, -2.030144, -1.942585, -3.822516], "row 0", 1e-6)
    (w, l), _ = batch.sides(complete({"id": "tdpo"}))
    near(torch.cat([w.divergence, l.divergence]), [.1798821074, .1094040982, .2132248353, .1466376891], "KL")
    near(-(w.full + w.prompt).sum() / (w.tokens + w.prompt_tokens).sum(), 2.5756404960, "ORPO's NLL, prompt included")
    every = [-torch.log_softmax(batch.logits, -1)[i, j - 1, batch.ids[i][j]] for i in (0, 1) for j in range(1, 7)]
    near(torch.stack(every).mean(), 2.4122678058, "ORPO's NLL in the seed, padding included")
    cases = {}
    for name, method in (METHODS | WEIGHTED).items():
        each, g, weights = batch.run(method)
        kept = torch.tensor([[PROMPT[i] - 1 <= t < TOTAL[i] - 1 for t in range(7)] for i in range(4)])
        prompts = method["id"] == "orpo" and method.get("variant") == "seed"  # the only one that learns prompts
        assert prompts or (g[~kept] == 0).all(), name
        near(g.sum(-1), torch.zeros(4, 7), name)
        cases[name] = {"name": name, "method": method, "losses": each, "loss": each.mean(), "gradientNorm": g.norm(), "gradientRow0": g[0].flatten(), "gradientRow2": g[2].flatten()}
        if name in WEIGHTED:
            cases[name]["weights"] = weights
        if method.get("sampling") == "first":
            cases[name]["method"] = {**method, "sampling": "shared"}  # with these weights drawn
    for name, (loss, norm) in LEVEL_B.items():
        near(cases[name]["loss"], loss, name)
        if norm is not None:
            near(cases[name]["gradientNorm"], norm, name)
    near(cases["tdpo2"]["losses"], [.6119258570, .7355862717], "tdpo2"), near(cases["tdpo1"]["losses"], [.6126892412, .7365562214], "tdpo1")
    near(cases["sampo-first"]["losses"], [.6360501526, .7066428340], "fixed subset"), near(cases["sampo-average"]["losses"], [.6065233741, .7812009924], "SANorm")
    # MPO as TRL weighs it, and ORPO's total as the seed has it: forms the run spec does not have
    (w, l), _ = batch.sides(complete({"id": "dpo"}))
    part = lambda method: losses(complete(method), w, l, {}).mean()
    near(.8 * part({"id": "dpo"}) + .2 * part({"id": "bco_pair"}) + part({"id": "sft"}), 3.1746656886, "MPO")
    near(2.4122678058 + part(METHODS["orpo-paper"]) - part({"id": "sft"}), 2.4870069354, "ORPO, the seed's total")
    return {"inputs": {"logits": "2 sin(1 + .9 b + 1.7 t + 2.3 v + .31 b t)", "referenceLogits": "1.8 sin(1.25 + .9 b + 1.7 t + 2.3 v + .31 b t)", "ids": batch.ids, "promptLengths": PROMPT, "totalLengths": TOTAL, "vocabulary": V,
                       "policyTokens": p, "referenceTokens": r, "divergences": [w.divergence, l.divergence], "likelihoods": [w.likelihood, l.likelihood]},
            "cases": list(cases.values()), "sampling": sampling(batch)}


def sampling(batch):
    """Every subset of the longer (rejected) side: moments and expected losses of both ways to draw."""
    p, r = batch.tokens(batch.logits), batch.tokens(batch.reference)
    found = []
    for pair, (mean, shared, independent, loss_shared, loss_independent) in enumerate([(-.3995469339, .0702705421, 4.6457890440, .6158304678, .6214909027), (-.3136330936, .2961882405, 4.5093384998, .7514275240, .7566492377)]):
        m, n = len(p[pair]), len(p[pair + 2])
        subsets = [list(s) for s in itertools.combinations(range(n), m)]
        P, R = (torch.stack([x[pair + 2][s].sum() for s in subsets]) for x in (p, r))
        a = (p[pair] - r[pair]).sum()
        every = (P[:, None] - R[None, :]).flatten()
        expected = lambda sums: -torch.nn.functional.logsigmoid(0.1 * (a - sums)).mean()
        row = {"keeps": m, "of": n, "mean": (P - R).mean(), "varianceShared": (P - R).var(unbiased=False), "varianceIndependent": every.var(unbiased=False), "lossShared": expected(P - R), "lossIndependent": expected(every)}
        near(torch.stack([row[k] for k in ("mean", "varianceShared", "varianceIndependent", "lossShared", "lossIndependent")]), [mean, shared, independent, loss_shared, loss_independent], "subsets")
        found.append(row)
    return found


# ---- level C: properties

COUPLED = {"kto_pair", "aot", "aot_unpaired", "sft", "orpo", "bco_pair"}  # not a mean over pairs that know nothing of each other


def at(h_policy, h_reference):
    """Both pairs of level A, every side with its own reference."""
    return tuple(dict(s, policy=p, reference=r) for s, p, r in zip(A, h_policy, h_reference))


def level_c():
    out = {"atStart": [], "swapped": [], "microBatches": [], "extreme": [], "prefixShared": prefix_shared()}
    start = at((A[0]["policy"], A[1]["policy"]), (A[0]["policy"], A[1]["policy"]))
    start = tuple(dict(s, divergence=[0., 0.]) for s in start)
    for name, method in METHODS.items():
        m = complete(method)
        w, l = sides(m, start)
        each = step_losses(m, w, l, {})
        if name in AT_START:
            near(each, [AT_START[name]] * 2, name, 1e-6)
        if method["id"] not in ("simpo", "orpo", "sft", "r_dpo", "dpo_sft") and not m["wpo"] and not m["mix"] and not m["referenceFree"]:
            assert (each - each[0]).abs().max() < 1e-12, name  # a number of the method alone
        out["atStart"].append({"name": name, "method": method, "losses": each, **({} if name.startswith("kto") else {k: v for k, v in gradients(each.mean(), w, l).items() if k in ("gradientChosen", "gradientRejected")})})

        w, l = sides(m)
        swapped = step_losses(m, replace(l, prompt=w.prompt, prompt_tokens=w.prompt_tokens), w, {})
        plain_loss = step_losses(m, w, l, {})
        out["swapped"].append({"name": name, "method": method, "losses": swapped})
        if name == "dpo":
            near(plain_loss - swapped, -0.1 * (w.ratio - l.ratio), "swap", 1e-12)

        one = [tuple({k: [v[i]] for k, v in s.items()} for s in A) for i in (0, 1)]
        memory = {}
        apart = torch.stack([step_losses(m, *sides(m, x), memory).mean() for x in one]).mean()
        same = bool((apart - plain_loss.mean()).abs() < 1e-12)
        ids = {m["id"], *(t["id"] for t in m["mix"])}
        assert same or ids & COUPLED, name
        out["microBatches"].append({"name": name, "method": method, "whole": plain_loss.mean(), "meanOfPairsAlone": apart, "same": same})

    assert {c["name"].split("-")[0] for c in out["microBatches"] if not c["same"]} <= {"kto_pair", "aot", "aot_unpaired", "sft", "orpo", "bco_pair", "rpo", "mpo"}
    padded, usual, far = Batch(padding=4), Batch(), Batch(scale=500)  # |logit| up to 1000
    for name, method in METHODS.items():
        near(padded.run(method)[0], usual.run(method)[0], name, 1e-15)
        each, g, _ = far.run(method)
        fits = bool((each.abs() < 3e38).all() and torch.isfinite(g).all() and (g.abs() < 3e38).all())
        assert fits or "kl" in name or "alpha" in name or "discopop" in name, name  # those grow with e to the log-ratio
        out["extreme"].append({"name": name, "method": method, "fitsFloat32": fits, **({"losses": each, "gradientNorm": g.norm()} if fits else {})})
    return out


@torch.no_grad()
def prefix_shared():
    """Level C 7: prompt, chosen and rejected as one sequence, the rejected side blind to the chosen one and placed after the prompt, against two sequences. Log-probs of the pairs of trl/cases.json under trl/model."""
    from setting import load
    model = load(f"{os.path.dirname(here)}/trl/model").double().eval()
    with open(f"{os.path.dirname(here)}/trl/cases.json") as f:
        pairs = [(p["promptIds"], p["chosenIds"], p["rejectedIds"]) for p in json.load(f)["pairs"]]
    rows = []
    for prompt, w, l in pairs:
        P, n = len(prompt), len(prompt) + len(w) + len(l)
        apart = []
        for answer in (w, l):
            ids = T([prompt + answer])
            apart.append(torch.log_softmax(model(ids).logits[0, P - 1:-1], -1).gather(-1, T(answer)[:, None])[:, 0])
        sees = torch.ones(n, n).tril().bool()
        sees[P + len(w):, P:P + len(w)] = False
        places = T([[*range(P + len(w)), *range(P, P + len(l))]])
        logits = model(T([prompt + w + l]), attention_mask=torch.where(sees, 0.0, float("-inf"))[None, None], position_ids=places).logits[0]
        for answer, start, expected in ((w, P, apart[0]), (l, P + len(w), apart[1])):
            from_place = [P - 1, *range(start, start + len(answer) - 1)]
            near(torch.log_softmax(logits[from_place], -1).gather(-1, T(answer)[:, None])[:, 0], expected, "prefix sharing", 1e-6)  # transformers keeps norms and softmax of attention in float32
        rows.append({"chosenLogps": apart[0], "rejectedLogps": apart[1]})
    return rows


def write(path, value):
    """Every digit; one line a case."""
    def lines(x, depth):
        if isinstance(x, dict) and depth < 2:
            return "{\n" + ",\n".join(f"{json.dumps(k)}: {lines(v, depth + 1)}" for k, v in x.items()) + "\n}"
        if isinstance(x, list) and x and isinstance(x[0], dict):
            return "[\n" + ",\n".join(map(json.dumps, x)) + "\n]"
        return json.dumps(x)

    with open(path, "w") as f:
        f.write(lines(value, 0) + "\n")
    print(f"{path}: {os.path.getsize(path)} bytes, " + ", ".join(f"{n} {len(v)}" for n, v in (("A", value["levelA"]["cases"]), ("B", value["levelB"]["cases"]), *value["levelC"].items())))


if __name__ == "__main__":
    write(f"{here}/methods.json", plain({
        "about": "README.md, Levels; losses per pair (a number alone for `sft`), gradients of their mean. A: by the policy's sums; B: by its logits, [7][5] of rows 0 (chosen) and 2 (rejected); C: at policy = reference; sides exchanged; pairs one by one; logits of 1000; log-probs of the pairs of ../trl/cases.json under ../trl/model, alike with a shared prompt",
        "versions": versions(), "levelA": level_a(), "levelB": level_b(), "levelC": level_c()}))
