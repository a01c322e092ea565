"""Ten steps of TRL's DPOTrainer on a tiny Llama: full fine-tuning and LoRA; the same in plain torch for SamPO `expected` and SFT.
Float32, one full batch of 8 pairs a step, constant rate, no warm-up, AdamW, clip 1.0, no dropout.
Rerun: python test/golden/trl/make.py   (writes model/, lora/ and cases.json beside this file; versions are in cases.json)"""
import json
import os
import shutil
import sys
import tempfile

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(here))
from common import randomize, versions, write
import torch
import torch.nn.functional as F
from datasets import Dataset
from peft import LoraConfig
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
from trl import DPOConfig, DPOTrainer

STEPS, RATE, BETA = 10, 1e-3, 0.1
PAIRS = [
    ("Q: Name a bird.\nA:", " A robin, as you may know, is a bird.", " Robin."),
    ("Q: What is red?\nA:", " A ripe apple is red.", " The sea is red, and the sky, and everything else."),
    ("Q: How many legs has an ant?\nA:", " Six.", " Four."),
    ("Q: Where does a whale live?\nA:", " It lives in the sea.", " In the forest, I think."),
    ("Q: Is a lemon sweet?\nA:", " No, it is sour.", " No, it is, to be sure, not at all sweet."),
    ("Q: Who eats honey?\nA:", " Bees and bears.", " Nobody."),
    ("Q: Say hello.\nA:", " Hello!", " Well, hello there, my dear old friend!"),
    ("Q: 2 + 2?\nA:", " 4", " 22"),
]


def tokenizer():
    """One token a byte: 256 of them, and an end."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    raw = Tokenizer(models.BPE(vocab={"<eos>": 0, **{c: i + 1 for i, c in enumerate(alphabet)}}, merges=[]))
    raw.pre_tokenizer, raw.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    raw.add_special_tokens(["<eos>"])
    return PreTrainedTokenizerFast(tokenizer_object=raw, eos_token="<eos>", pad_token="<eos>", clean_up_tokenization_spaces=False)


def make_model():
    config = LlamaConfig(vocab_size=257, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=256,
                         tie_word_embeddings=True, bos_token_id=None, eos_token_id=0, pad_token_id=0, rms_norm_eps=1e-5, attention_dropout=0.0)
    return randomize(LlamaForCausalLM(config).float(), seed=3, std=0.15)


def load(folder):
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")


class Recorder(DPOTrainer):
    """Keeps what the trainer logs, loss included, before anything is rounded."""

    def __init__(self, *a, **k):
        super().__init__(*a, **k)
        self.steps = []

    def log(self, logs, *a, **k):
        if "grad_norm" in logs:
            mine = {key: sum(v) / len(v) for key, v in self._metrics["train"].items()}
            names = ("rewards/chosen", "rewards/rejected", "rewards/accuracies", "rewards/margins", "logps/chosen", "logps/rejected")
            self.steps.append({"loss": self.raw_loss, "grad_norm": float(logs["grad_norm"]), "learning_rate": logs["learning_rate"], **{n: mine[n] for n in names}})
        super().log(logs, *a, **k)

    def training_step(self, *a, **k):
        loss = super().training_step(*a, **k)
        self.raw_loss = loss.item()
        return loss


def dpo(folder, tok, peft_config=None, adapter=None):
    with tempfile.TemporaryDirectory() as out:
        args = DPOConfig(output_dir=out, per_device_train_batch_size=8, gradient_accumulation_steps=1, max_steps=STEPS, learning_rate=RATE, lr_scheduler_type="constant", warmup_steps=0,
                         beta=BETA, max_length=256, logging_steps=1, max_grad_norm=1.0, optim="adamw_torch", weight_decay=0.0, adam_epsilon=1e-8, disable_dropout=True, bf16=False, fp16=False,
                         gradient_checkpointing=False, report_to=[], save_strategy="no", eval_strategy="no", use_cpu=True, seed=42, dataloader_pin_memory=False, disable_tqdm=True)
        rows = Dataset.from_list([{"prompt": p, "chosen": w, "rejected": l} for p, w, l in PAIRS])
        trainer = Recorder(model=load(folder), args=args, train_dataset=rows, processing_class=tok, peft_config=peft_config)
        if adapter:
            trainer.model.save_pretrained(adapter)
        data = [{k: list(r[k]) for k in r} for r in trainer.train_dataset]
        trainer.train()
        assert len(trainer.steps) == STEPS, len(trainer.steps)
        final = {n: p.detach().clone() for n, p in trainer.model.named_parameters() if p.requires_grad}
        return trainer.steps, data, final


def weights(final):
    """Of every trained tensor: sum, L2 norm and the first four values."""
    return {n.replace("base_model.model.", "").replace(".default", ""): {"sum": v.double().sum().item(), "norm": v.double().norm().item(), "first": v.flatten()[:4].tolist()} for n, v in final.items()}


def token_logps(model, prompt, answer):
    ids = torch.tensor([prompt + answer])
    lp = torch.log_softmax(model(ids).logits[0, :-1], -1).gather(-1, ids[0, 1:, None])[:, 0]
    return lp[len(prompt) - 1:]


def torch_run(folder, pairs, method):
    """The formulas of methods.md 1.3 (`expected`) and of the token mean, one sequence at a time."""
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
