"""Per-token log-probs of tiny random checkpoints by transformers, in float32.
Rerun: python test/golden/forward/make.py   (writes models/<name>/ and cases.json beside this file; versions are in cases.json)"""
import os
import shutil
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(here))
from common import randomize, token_logprobs, versions, write
import torch
from transformers import AutoModelForCausalLM, GPTNeoXConfig, GPTNeoXForCausalLM, LlamaConfig, LlamaForCausalLM

VOCAB = 96
LLAMA = dict(vocab_size=VOCAB, hidden_size=32, intermediate_size=56, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
             max_position_embeddings=256, rms_norm_eps=1e-5, tie_word_embeddings=True, bos_token_id=1, eos_token_id=2, pad_token_id=0)
NEOX = dict(vocab_size=VOCAB, hidden_size=32, intermediate_size=72, num_hidden_layers=2, num_attention_heads=2, max_position_embeddings=256,
            hidden_act="gelu", tie_word_embeddings=False, bos_token_id=0, eos_token_id=0)
rope = lambda kind, theta=10000.0, **more: dict(rope_type=kind, rope_theta=theta, **more)
CASES = {
    # grouped-query attention, tied head
    "llama-gqa-tied": ("llama", dict(LLAMA, rope_parameters=rope("default"))),
    "llama-untied-bias": ("llama", dict(LLAMA, num_key_value_heads=4, tie_word_embeddings=False, attention_bias=True, mlp_bias=True, rope_parameters=rope("default", 100000.0))),
    # a small original context, so that all three bands of frequencies (kept, blended, divided) occur
    "llama-rope-llama3": ("llama", dict(LLAMA, head_dim=16, rope_parameters=rope("llama3", 5000.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=32))),
    "llama-rope-linear": ("llama", dict(LLAMA, rope_parameters=rope("linear", factor=4.0))),
    # 4 heads of 12 are not the width 32
    "llama-head-dim": ("llama", dict(LLAMA, head_dim=12, tie_word_embeddings=False, rope_parameters=rope("default"))),
    "neox-parallel": ("neox", dict(NEOX, use_parallel_residual=True, rope_parameters=rope("default", partial_rotary_factor=0.25))),
    "neox-sequential": ("neox", dict(NEOX, use_parallel_residual=False, rope_parameters=rope("default", partial_rotary_factor=0.25))),
    "neox-rotary-half-gelu-new": ("neox", dict(NEOX, use_parallel_residual=True, hidden_act="gelu_new", rope_parameters=rope("default", 2000.0, partial_rotary_factor=0.5))),
    # one list of factors for all lengths: how an export writes factors of a GGUF file that no other type can say
    "llama-rope-factors": ("llama", dict(LLAMA, rope_parameters=rope("longrope", short_factor=[1.0, 1.5, 3.0, 7.0], long_factor=[1.0, 1.5, 3.0, 7.0], attention_factor=1.0, original_max_position_embeddings=256))),
}


def main():
    g = torch.Generator().manual_seed(7)
    sequences = [torch.randint(3, VOCAB, (n,), generator=g).tolist() for n in (5, 23, 120)]
    shutil.rmtree(f"{here}/models", ignore_errors=True)
    out = []
    for i, (name, (family, settings)) in enumerate(CASES.items()):
        config, cls = (LlamaConfig(**settings), LlamaForCausalLM) if family == "llama" else (GPTNeoXConfig(**settings), GPTNeoXForCausalLM)
        model = randomize(cls(config).float().eval(), seed=100 + i, std=0.25)
        folder = f"{here}/models/{name}"
        model.save_pretrained(folder)
        # numbers come from what was saved, read again: the file is what ours reads
        model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
        for junk in ("generation_config.json",):
            if os.path.exists(f"{folder}/{junk}"):
                os.remove(f"{folder}/{junk}")
        logprobs = [token_logprobs(model, s) for s in sequences]
        print(name, model.config.rope_parameters, f"mean {sum(map(sum, logprobs)) / sum(map(len, logprobs)):.3f}", os.path.getsize(f"{folder}/model.safetensors"))
        out.append({"name": name, "model": f"models/{name}", "logprobs": logprobs})
    write(f"{here}/cases.json", {"about": "log p(ids[t] | ids[:t]) for t >= 1 of every sequence; made by make.py", "versions": versions("safetensors"), "sequences": sequences, "cases": out})


main()
