"""Ten steps of TRL's DPOTrainer on a tiny Llama: full fine-tuning and LoRA; the same in plain torch for SamPO `expected` and SFT.
Rerun: python test/golden/trl/make.py   (writes model/, lora/ and cases.json beside this file; versions are in cases.json)"""
import json
import os
import shutil

from setting import BETA, PAIRS, RATE, STEPS, dpo, here, load, make_model, tokenizer
from common import versions, write
import torch
import torch.nn.functional as F
from peft import LoraConfig


def weights(final):
    """Of every trained tensor: sum, L2 norm and the first four values."""
    return {n.replace("base_model.model.", "").replace(".default", ""): {"sum": v.double().sum().item(), "norm": v.double().norm().item(), "first": v.flatten()[:4].tolist()} for n, v in final.items()}


def token_logps(model, prompt, answer):
    ids = torch.tensor([prompt + answer])
    lp = torch.log_softmax(model(ids).logits[0, :-1], -1).gather(-1, ids[0, 1:, None])[:, 0]
    return lp[len(prompt) - 1:]


def torch_run(folder, pairs, method):
    """The formulas of SamPO's draw (`expected`) and of the token mean, one sequence at a time."""
    model, ref = load(folder).train(), load(folder).eval()
    opt = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.0)
    with torch.no_grad():
        refs = [(token_logps(ref, p, w), token_logps(ref, p, l)) for p, w, l in pairs]
    steps = []
    for _ in range(STEPS):
        if method == "sft":
            nll = [-token_logps(model, p, w) for p, w, _ in pairs]
            loss = torch.cat(nll).mean()
            log = {"logps/chosen": -sum(x.sum().item() for x in nll) / len(nll)}
        else:
            rw, rl, lw, ll = [], [], [], []
            for (p, w, l), (r_w, r_l) in zip(pairs, refs):
                p_w, p_l = token_logps(model, p, w), token_logps(model, p, l)
                m = min(len(w), len(l))
                rw.append(BETA * m * (p_w - r_w).mean())
                rl.append(BETA * m * (p_l - r_l).mean())
                lw.append(p_w.sum())
                ll.append(p_l.sum())
            rw, rl = torch.stack(rw), torch.stack(rl)
            loss = -F.logsigmoid(rw - rl).mean()
            mean = lambda x: torch.stack(x).mean().item()
            log = {"rewards/chosen": rw.mean().item(), "rewards/rejected": rl.mean().item(), "rewards/accuracies": (rw > rl).float().mean().item(), "rewards/margins": (rw - rl).mean().item(), "logps/chosen": mean(lw), "logps/rejected": mean(ll)}
        opt.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        steps.append({"loss": loss.item(), "grad_norm": norm.item(), "learning_rate": RATE, **log})
    return steps, {n: p.detach() for n, p in model.named_parameters()}


def edit_json(path, **changes):
    with open(path) as f:
        value = {**json.load(f), **changes}
    value["target_modules"].sort()  # a set: in another order every time
    with open(path, "w") as f:
        json.dump(value, f, indent=1, sort_keys=True)


def main():
    for name in ("model", "lora"):
        shutil.rmtree(f"{here}/{name}", ignore_errors=True)
    tok, folder = tokenizer(), f"{here}/model"
    make_model().save_pretrained(folder)
    tok.save_pretrained(folder)
    if os.path.exists(f"{folder}/generation_config.json"):
        os.remove(f"{folder}/generation_config.json")

    out = {}
    steps, data, final = dpo(folder, tok)
    print("columns", list(data[0]))
    pairs = [(r["prompt_ids"], r["chosen_ids"], r["rejected_ids"]) for r in data]
    out["dpo-full"] = {"method": {"id": "dpo", "beta": BETA}, "adapter": None, "steps": steps, "weights": weights(final)}

    # PEFT starts with B = 0; A comes from torch's own stream, so it is stored
    lora = LoraConfig(r=4, lora_alpha=8, lora_dropout=0.0, target_modules="all-linear", task_type="CAUSAL_LM")
    torch.manual_seed(11)
    steps, _, final = dpo(folder, tok, lora, f"{here}/lora")
    os.remove(f"{here}/lora/README.md")
    edit_json(f"{here}/lora/adapter_config.json", base_model_name_or_path="../model")
    out["dpo-lora"] = {"method": {"id": "dpo", "beta": BETA}, "adapter": {"rank": 4, "alpha": 8, "initial": "lora"}, "steps": steps, "weights": weights(final)}

    for name, method in (("sampo-expected-full", {"id": "sampo", "beta": BETA, "sampling": "expected"}), ("sft-full", {"id": "sft", "beta": BETA})):
        steps, final = torch_run(folder, pairs, method["id"])
        out[name] = {"method": method, "adapter": None, "steps": steps, "weights": weights(final)}
    # TRL's own DPO against ours in torch: guards the plain version above
    for name, case in out.items():
        print(name, [round(s["loss"], 5) for s in case["steps"]], [round(s["grad_norm"], 4) for s in case["steps"]])
    write(f"{here}/cases.json", {
        "about": "per step: loss, gradient norm before clipping, TRL's metrics (means over 8 pairs, taken before the update); made by make.py",
        "versions": versions("trl", "peft", "accelerate", "datasets", "tokenizers", "safetensors"),
        "settings": {"steps": STEPS, "learningRate": RATE, "beta": BETA, "betas": [0.9, 0.999], "epsilon": 1e-8, "weightDecay": 0, "clipNorm": 1.0, "pairsPerStep": 8},
        "pairs": [{"prompt": p, "chosen": w, "rejected": l, "promptIds": i[0], "chosenIds": i[1], "rejectedIds": i[2]} for (p, w, l), i in zip(PAIRS, pairs)],
        "cases": out,
    })


main()
