"""Ten steps of every preference method and option of docs/contract.md: by TRL 1.16's DPOTrainer where it has the method, elsewhere by plain torch with the formulas of ../formulas.py.
The reference is a model of its own (reference/: the policy and small noise), so that no log-ratio is zero at the first step; cases named `…-at-start` have none and start at policy = reference.
Every case also runs in plain torch in double precision: TRL's numbers must agree with the formulas, and `noise` says how far float32 is from float64.
Rerun: python test/golden/trl/methods.py   (writes reference/ and methods.json beside this file; versions are in methods.json; two minutes)"""
import contextlib
import io
import json
import os
import shutil
import sys

from method_cases import CASES
from setting import PAIRS, RATE, STEPS, dpo, here, load, tokenizer
from common import versions
from formulas import Side, complete, rewards, token_weights, total
import torch

TOLERANCE = 1e-4  # of TRL against the formulas in double precision
NAMES = {"loss": "loss", "grad_norm": "gradNorm", "rewards/chosen": "chosenReward", "rewards/rejected": "rejectedReward", "rewards/margins": "margin", "rewards/accuracies": "accuracy",
         "logps/chosen": "chosenLogps", "logps/rejected": "rejectedLogps"}
SIGMOID = {"dpo": "sigmoid"}
DIVERGENCES = {"forward_kl": "forward_kl", "js": "js_divergence", "alpha": "alpha_divergence", "reverse_kl": "reverse_kl"}


def trl_options(method):
    """The same method in DPOConfig's words; None where TRL lacks it."""
    m = complete(method)
    trl = {"dpo", "ipo", "hinge", "robust", "exo_pair", "nca_pair", "sppo_hard", "bco_pair", "aot", "aot_unpaired", "apo_zero", "apo_down", "discopop", "sigmoid_norm"}
    ids = [m["id"], *(t["id"] for t in m["mix"])]
    lacks = m["id"] not in trl or not set(ids) <= trl | {"sft"} or m["referenceFree"] or m["sampling"] != "none" or m["id"] == "dpo" and m["labelSmoothing"] > 0
    if lacks or m.get("variant", "trl") != "trl" or m["wpo"] and {"sft", "hinge"} & set(ids):  # there TRL 1.16 multiplies by the weights in place, and autograd refuses
        return None
    options = {"loss_type": [SIGMOID.get(i, i) for i in ids], "loss_weights": [1.0, *(t["weight"] for t in m["mix"])], "beta": m["beta"], "label_smoothing": m["labelSmoothing"],
               "use_weighting": m["wpo"], "f_divergence_type": DIVERGENCES[m["fDivergence"]["type"]], "f_alpha_divergence_coef": m["fDivergence"]["alpha"]}
    if m["ldAlpha"] != 1:
        options["ld_alpha"] = m["ldAlpha"]
    if "tau" in m:
        options["discopop_tau"] = m["tau"]
    if "referenceSync" in m:
        options |= {"sync_ref_model": True, "ref_model_sync_steps": m["referenceSync"]["everySteps"], "ref_model_mixup_alpha": m["referenceSync"]["mixup"]}
    return options


class Tokens:
    """One sequence, alone and unpadded: log-probs of its completion, of its prompt, and what WPO and TDPO need."""

    def __init__(self, model, prompt, answer):
        ids = torch.tensor([prompt + answer])
        logits = model(ids).logits[0, :-1]
        every = torch.log_softmax(logits, -1)
        picked = every.gather(-1, ids[0, 1:, None])[:, 0]
        n = len(prompt) - 1
        self.prompt, self.logps, self.distributions = picked[:n], picked[n:], every[n:]
        with torch.no_grad():
            z = logits[n:]
            aligned = picked[n:] - (torch.logsumexp(2 * z, -1) - 2 * torch.logsumexp(z, -1))
            self.likelihood = aligned.mean().exp()


def side(policy, reference, weights, method):
    free = method["referenceFree"]
    kl = [(r.distributions.exp() * (r.distributions - p.distributions)).sum() for p, r in zip(policy, reference)] if method["id"] == "tdpo" else [p.logps.new_zeros(()) for p in policy]
    stack = lambda values: torch.stack(list(values))
    number = lambda values: torch.tensor(list(values), dtype=policy[0].logps.dtype)
    return Side(
        policy=stack((k * p.logps).sum() for k, p in zip(weights, policy)),
        reference=stack((k * r.logps).sum() * (0 if free else 1) for k, r in zip(weights, reference)),
        tokens=number(len(p.logps) for p in policy),
        full=stack(p.logps.sum() for p in policy),
        divergence=stack(kl),
        prompt=stack(p.prompt.sum() for p in policy),
        prompt_tokens=number(len(p.prompt) for p in policy),
        likelihood=stack(p.likelihood for p in policy),
    )


def torch_run(folder, reference, pairs, method, dtype):
    m = complete(method)
    sync = m.get("referenceSync")
    model, ref = load(folder).to(dtype).train(), load(reference or folder).to(dtype).eval()
    opt = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.0)
    score_reference = lambda: [[Tokens(ref, p, x) for p, *answers in pairs for x in [answers[k]]] for k in (0, 1)]
    with torch.no_grad():
        refs = score_reference()
    steps, memory = [], {}
    for step in range(STEPS):
        sides = [[Tokens(model, p, x) for p, *answers in pairs for x in [answers[k]]] for k in (0, 1)]
        weights = list(zip(*(token_weights(m, *(sides[k][i].logps - (0 if m["referenceFree"] else refs[k][i].logps) for k in (0, 1))) for i in range(len(pairs)))))
        w, l = (side(sides[k], refs[k], weights[k], m) for k in (0, 1))
        loss = total(m, w, l, memory)
        opt.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        r_w, r_l = rewards(m, w, l)
        # LD-DPO's sums are logged with their weights (as TRL does), those of a down-sampled side whole
        logged = [s.policy if m["ldAlpha"] != 1 else s.full for s in (w, l)]
        steps.append({"loss": loss.item(), "gradNorm": norm.item(), "chosenReward": r_w.mean().item(), "rejectedReward": r_l.mean().item(), "margin": (r_w - r_l).mean().item(),
                      "accuracy": (r_w > r_l).double().mean().item(), "chosenLogps": logged[0].mean().item(), "rejectedLogps": logged[1].mean().item()})
        if sync and (step + 1) % sync["everySteps"] == 0:
            with torch.no_grad():
                for old, new in zip(ref.parameters(), model.parameters(), strict=True):
                    old.mul_(1 - sync["mixup"]).add_(new, alpha=sync["mixup"])
                refs = score_reference()
    return steps


def trl_run(folder, reference, tok, options):
    with contextlib.redirect_stdout(io.StringIO()):
        steps, data, _ = dpo(folder, tok, reference=reference, **options)
    return [{name: step[theirs] for theirs, name in NAMES.items()} for step in steps], data


def distance(a, b, beta):
    """The largest relative difference of two runs. A value near zero is measured against the size of its kind: rewards against one nat times beta, loss and gradient norm against a thirtieth of the first step's."""
    sizes = {"loss": abs(b[0]["loss"]) / 30, "gradNorm": b[0]["gradNorm"] / 30, "chosenReward": beta, "rejectedReward": beta, "margin": beta, "accuracy": 1, "chosenLogps": 1, "rejectedLogps": 1}
    return max(abs(x[n] - y[n]) / max(abs(y[n]), size) for x, y in zip(a, b, strict=True) for n, size in sizes.items())


def make_reference(folder):
    """The policy's weights and noise of an eighth of their size."""
    model = load(f"{here}/model")
    g = torch.Generator().manual_seed(17)
    with torch.no_grad():
        for _, p in sorted(model.named_parameters()):
            p.add_(0.02 * torch.randn(p.shape, generator=g))
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    tokenizer().save_pretrained(folder)
    if os.path.exists(f"{folder}/generation_config.json"):
        os.remove(f"{folder}/generation_config.json")


def write(path, head, pairs, cases):
    """Every digit; one line a step."""
    one = lambda x: json.dumps(x, ensure_ascii=False)
    lines = [f"{one(k)}: {one(v)}," for k, v in head.items()]
    lines += ['"pairs": [', ",\n".join(map(one, pairs)), "],", '"cases": [']
    entries = []
    for case in cases:
        steps = ",\n".join(map(one, case["steps"]))
        entries.append(one({k: v for k, v in case.items() if k != "steps"})[:-1] + f', "steps": [\n{steps}\n]}}')
    with open(path, "w") as f:
        f.write("{\n" + "\n".join(lines) + "\n" + ",\n".join(entries) + "\n]\n}\n")
    print(f"{path}: {os.path.getsize(path)} bytes, {len(cases)} cases")


def main(only=None):
    make_reference(f"{here}/reference")
    tok, folder, cases = tokenizer(), f"{here}/model", []
    _, data = trl_run(folder, None, tok, {})
    pairs = [(r["prompt_ids"], r["chosen_ids"], r["rejected_ids"]) for r in data]
    cached = trl_run(folder, f"{here}/reference", tok, {"precompute_ref_log_probs": True})[0]
    assert distance(cached, trl_run(folder, f"{here}/reference", tok, {})[0], 0.1) < 1e-6  # level C of ../README.md
    for name, method in CASES:
        if only and only not in name:
            continue
        reference = None if name.endswith("-at-start") else f"{here}/reference"
        options = trl_options(method)
        exact = torch_run(folder, reference, pairs, method, torch.float64)
        steps = trl_run(folder, reference, tok, options)[0] if options else torch_run(folder, reference, pairs, method, torch.float32)
        noise = distance(steps, exact, method["beta"])
        print(f"{name:34} {'trl' if options else 'torch':5} noise {noise:.1e}  loss {steps[0]['loss']:.5f} -> {steps[-1]['loss']:.5f}  grad {steps[0]['gradNorm']:.4f} -> {steps[-1]['gradNorm']:.4f}", flush=True)
        cases.append({"name": name, "source": "trl" if options else "torch", "method": method, "reference": reference and "reference", "noise": noise, "steps": steps})
    assert all(c["noise"] < TOLERANCE for c in cases), [c["name"] for c in cases if c["noise"] >= TOLERANCE]
    assert len({c["name"] for c in cases}) == len(cases)
    head = {
        "about": "per step: the loss, the gradient norm before clipping and metrics over 8 pairs, all before the update; reference null: the policy at its start; noise: largest relative difference from the same run in double precision",
        "command": "python test/golden/trl/methods.py",
        "versions": versions("trl", "accelerate", "datasets", "tokenizers", "safetensors"),
        "settings": {"steps": STEPS, "learningRate": RATE, "betas": [0.9, 0.999], "epsilon": 1e-8, "weightDecay": 0, "clipNorm": 1.0, "pairsPerStep": 8, "maxLength": 256, "precision": "float32"},
    }
    if not only:
        write(f"{here}/methods.json", head, [{"prompt": p, "chosen": w, "rejected": l, "promptIds": i[0], "chosenIds": i[1], "rejectedIds": i[2]} for (p, w, l), i in zip(PAIRS, pairs)], cases)


if __name__ == "__main__":
    main(*sys.argv[1:2])
