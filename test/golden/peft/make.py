"""Per-token log-probs of tiny random adapters by peft, in float32, on checkpoints of ../forward.
Rerun: python test/golden/peft/make.py   (writes adapters/<name>/ and cases.json beside this file; versions are in cases.json)"""
import json
import os
import shutil
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(here))
from common import token_logprobs, versions, write
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM

forward = os.path.join(os.path.dirname(here), "forward")
LLAMA, NEOX = "llama-gqa-tied", "neox-parallel"
CASES = {
    "plain": (LLAMA, dict(r=4, lora_alpha=8, target_modules=["q_proj", "v_proj"])),
    "rank-stabilized": (LLAMA, dict(r=4, lora_alpha=8, use_rslora=True, target_modules=["q_proj", "v_proj", "down_proj"])),
    "alpha-pattern": (LLAMA, dict(r=4, lora_alpha=8, alpha_pattern={"q_proj": 64}, target_modules=["q_proj", "v_proj"])),
    "rank-pattern": (LLAMA, dict(r=4, lora_alpha=8, rank_pattern={"v_proj": 2}, target_modules=["q_proj", "k_proj", "v_proj", "o_proj"])),
    # one layer only, a regular expression, a whole name; the first that fits counts
    "patterns-of-layers": (LLAMA, dict(r=4, lora_alpha=8, use_rslora=True, target_modules=["q_proj", "v_proj", "up_proj"],
                                       rank_pattern={"model.layers.1.self_attn.v_proj": 3, "v_proj": 6, r"layers\.[01]\.mlp\.up_proj": 5},
                                       alpha_pattern={"^model.layers.0.self_attn.q_proj": 40, ".*self_attn.*": 12})),
    "layers-to-transform": (LLAMA, dict(r=4, lora_alpha=8, target_modules=["q_proj", "gate_proj"], layers_to_transform=[1], layers_pattern="layers")),
    "excluded": (LLAMA, dict(r=4, lora_alpha=8, target_modules=r".*\.(q|k|v)_proj", exclude_modules=["k_proj"])),
    "neox-rank-pattern": (NEOX, dict(r=4, lora_alpha=8, rank_pattern={"dense": 7}, alpha_pattern={"dense_4h_to_h": 32}, target_modules=["query_key_value", "dense", "dense_4h_to_h"])),
}


def main():
    with open(f"{forward}/cases.json") as f:
        sequences = json.load(f)["sequences"]
    shutil.rmtree(f"{here}/adapters", ignore_errors=True)
    out = []
    for i, (name, (model, settings)) in enumerate(CASES.items()):
        base = lambda: AutoModelForCausalLM.from_pretrained(f"{forward}/models/{model}", dtype=torch.float32, attn_implementation="eager").eval()
        adapted = get_peft_model(base(), LoraConfig(task_type="CAUSAL_LM", **settings))
        g = torch.Generator().manual_seed(300 + i)
        with torch.no_grad():
            for key, weight in adapted.named_parameters():
                if "lora_" in key:
                    weight.copy_(torch.randn(weight.shape, generator=g) * 0.2)
        folder = f"{here}/adapters/{name}"
        adapted.save_pretrained(folder)
        os.remove(f"{folder}/README.md")
        with open(f"{folder}/adapter_config.json") as f:
            config = json.load(f)
        with open(f"{folder}/adapter_config.json", "w") as f:
            json.dump({**config, "base_model_name_or_path": model}, f, indent=1, sort_keys=True)
        # numbers come from what was saved, read again: the file is what ours reads
        model_again = PeftModel.from_pretrained(base(), folder).eval()
        logprobs = [token_logprobs(model_again, s) for s in sequences]
        out.append({"name": name, "model": model, "logprobs": logprobs})
        print(name, f"mean {sum(map(sum, logprobs)) / sum(map(len, logprobs)):.3f}", os.path.getsize(f"{folder}/adapter_model.safetensors"))
    write(f"{here}/cases.json", {"about": "log p(ids[t] | ids[:t]) for t >= 1 of the sequences of ../forward; made by make.py", "versions": versions("peft", "safetensors"), "cases": out})


main()
