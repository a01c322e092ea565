"""DPO and SamPO on level B (../README.md, "Levels"), in double precision: losses and gradients by torch autograd, checked
against numbers of the seed's and TRL's own functions.
Rerun: python test/golden/losses/make.py   (writes cases.json beside this file)"""
import itertools
import os
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(here))
from common import versions, write
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
BETA = 0.1


def near(actual, printed, tolerance=2e-9):
    for a, p in zip(torch.as_tensor(actual).flatten().tolist(), printed, strict=True):
        assert abs(a - p) <= tolerance * max(1, abs(p)), (a, p)


def level_a():
    leaf = lambda *x: torch.tensor(x, requires_grad=True)
    P_w, P_l, R_w, R_l = leaf(-12.3, -45.6), leaf(-14.1, -40.2), leaf(-13.0, -44.0), leaf(-13.5, -41.0)
    losses = -F.logsigmoid(BETA * ((P_w - R_w) - (P_l - R_l)))
    losses.mean().backward()
    near(losses, [.6302581947, .8203299666], 1e-9)
    near(losses.mean(), [.7252940807], 1e-9)
    near(P_w.grad, [-.0233772847, -.0279856825], 1e-9)
    return {"policyChosen": P_w, "policyRejected": P_l, "referenceChosen": R_w, "referenceRejected": R_l, "tokensChosen": [8, 30], "tokensRejected": [12, 25], "beta": BETA,
            "losses": losses, "gradientChosen": P_w.grad, "gradientRejected": P_l.grad}


PROMPT, TOTAL, V = [2, 3, 2, 3], [6, 5, 7, 7], 5


def level_b():
    b, t, v = torch.meshgrid(torch.arange(4.), torch.arange(7.), torch.arange(5.), indexing="ij")
    angle = lambda shift: torch.sin(shift + .9 * b + 1.7 * t + 2.3 * v + .31 * b * t)
    ids = [[(3 * i + 2 * j + 1) % V for j in range(7)] for i in range(4)]
    logits, reference = (2 * angle(1.)).requires_grad_(), 1.8 * angle(1.25)

    def tokens(z):
        lp = torch.log_softmax(z, -1)
        return [torch.stack([lp[i, j - 1, ids[i][j]] for j in range(PROMPT[i], TOTAL[i])]) for i in range(4)]

    p, r = tokens(logits), tokens(reference)
    T = [len(x) for x in p]
    near(torch.stack([x.sum() for x in p]), [-8.3371293060, -5.8413004915, -13.1329061320, -9.3454884345], 1e-9)
    near(torch.stack([x.sum() for x in r]), [-9.5506410379, -4.4011491862, -12.6334724647, -8.7182222473], 1e-9)
    d = [x - y for x, y in zip(p, r)]
    cases = {}

    def case(name, weights):
        """weights: one list a row, a weight a completion token"""
        s = torch.stack([(torch.tensor(w) * x).sum() for w, x in zip(weights, d)])
        losses = -F.logsigmoid(BETA * (s[:2] - s[2:]))
        (g,) = torch.autograd.grad(losses.mean(), logits, retain_graph=True)
        cases[name] = {"weights": weights, "losses": losses, "loss": losses.mean(), "gradientNorm": g.norm(), "gradientRow0": g[0].flatten()}
        return losses

    m = [min(T[i % 2], T[i % 2 + 2]) for i in range(4)]
    case("dpo", [[1.] * n for n in T])
    near(cases["dpo"]["loss"], [.6728901748]), near(cases["dpo"]["gradientNorm"], [.0966745960])
    near(case("sampo-first", [[1. if j < m[i] else 0. for j in range(T[i])] for i in range(4)]), [.6360501526, .7066428340], 1e-9)
    case("sampo-expected", [[m[i] / T[i]] * T[i] for i in range(4)])

    # all subsets of the longer (rejected) side: the mean over them is the expectation of the sampled loss
    expected = []
    for pair in range(2):
        subsets = list(itertools.combinations(range(T[pair + 2]), m[pair]))
        sums = torch.stack([d[pair + 2][list(s)].sum() for s in subsets])
        near(sums.mean(), [[-.3995469339, -.3136330936][pair]], 1e-9)
        near(sums.var(unbiased=False), [[.0702705421, .2961882405][pair]], 1e-9)
        expected.append((-F.logsigmoid(BETA * (d[pair].sum() - sums))).mean())
    near(torch.stack(expected), [.6158304678, .7514275240], 1e-9)
    return {"ids": ids, "promptLengths": PROMPT, "totalLengths": TOTAL, "vocabulary": V, "beta": BETA,
            "logits": "2 sin(1 + .9 b + 1.7 t + 2.3 v + .31 b t)", "referenceLogits": "1.8 sin(1.25 + .9 b + 1.7 t + 2.3 v + .31 b t)",
            "policyTokens": p, "referenceTokens": r, "cases": cases, "meanLossOverAllSubsets": expected}


def plain(x):
    if isinstance(x, torch.Tensor):
        return x.detach().tolist()
    if isinstance(x, dict):
        return {k: plain(v) for k, v in x.items()}
    return [plain(v) for v in x] if isinstance(x, list) else x


write(f"{here}/cases.json", {"about": "rows 0, 1 chosen; 2, 3 rejected; made by make.py", "versions": versions(), "levelA": plain(level_a()), "levelB": plain(level_b())})
