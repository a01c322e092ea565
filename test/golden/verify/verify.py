"""Checks an exported model against transformers, and an exported adapter against peft: the greatest difference of per-token log-probs.

    npx sampo --json logprobs --model EXPORTED --data pairs.jsonl > ours.json
    python test/golden/verify/verify.py EXPORTED ours.json

    npx sampo --json logprobs --model BASE --adapter ADAPTER --data pairs.jsonl > ours.json
    python test/golden/verify/verify.py BASE ours.json --adapter ADAPTER

MODEL is a Hugging Face folder or a GGUF file. `--tokenize pairs.jsonl` also compares token ids with the tokenizer that transformers loads from the folder
(rows with messages or text prompts). `--limit N` looks at the first N pairs only. Exit code 1 when a difference is above `--tolerance` (default 1e-3)."""
import argparse
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from common import versions
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer


def where(path):
    return (os.path.dirname(os.path.abspath(path)), {"gguf_file": os.path.basename(path)}) if path.endswith(".gguf") else (path, {})


@torch.no_grad()
def response_logprobs(model, prompt, response):
    ids = torch.tensor([[*prompt, *response]])
    logits = model(ids, use_cache=False).logits[0, len(prompt) - 1:-1].float()
    return torch.log_softmax(logits, -1).gather(-1, torch.tensor(response)[:, None])[:, 0]


def rendered(tok, row):
    prompt = row["prompt"]
    encode = lambda text, special: tok(text, add_special_tokens=special)["input_ids"]
    text_of = lambda answer: answer if isinstance(answer, str) else (answer[-1] if isinstance(answer, list) else answer)["content"]
    if isinstance(prompt, str):
        end = lambda a: prompt + a + ("" if a.endswith(tok.eos_token) else tok.eos_token)
        return encode(prompt, True), *(encode(end(text_of(row[s])), True) for s in ("chosen", "rejected"))
    template = lambda messages, go: encode(tok.apply_chat_template(messages, add_generation_prompt=go, tokenize=False), False)
    return template(prompt, True), *(template([*prompt, {"role": "assistant", "content": text_of(row[s])}], False) for s in ("chosen", "rejected"))


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("model")
    a.add_argument("ours")
    a.add_argument("--adapter")
    a.add_argument("--tokenize", metavar="DATA.jsonl")
    a.add_argument("--limit", type=int, default=50)
    a.add_argument("--tolerance", type=float, default=1e-3)
    o = a.parse_args()
    pairs = json.load(open(o.ours))["pairs"][: o.limit]
    folder, more = where(o.model)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager", **more).eval()
    if o.adapter:
        from peft import PeftModel

        model = PeftModel.from_pretrained(model, o.adapter).eval()
    worst = (0.0, None)
    tokens = 0
    for pair in pairs:
        for side in ("chosen", "rejected"):
            ours = torch.tensor(pair[f"{side}Logprobs"])
            theirs = response_logprobs(model, pair["promptIds"], pair[f"{side}Ids"])
            assert ours.shape == theirs.shape, (pair["row"], side, ours.shape, theirs.shape)
            tokens += len(ours)
            worst = max(worst, (float((ours - theirs).abs().max()), f"row {pair['row']}, {side}"), key=lambda w: w[0])
    result = {"pairs": len(pairs), "tokens": tokens, "maxAbsDifference": worst[0], "at": worst[1], "tolerance": o.tolerance, "adapter": o.adapter, "versions": versions("peft", "safetensors")}
    if o.tokenize:
        tok = AutoTokenizer.from_pretrained(folder, **more)
        rows = [json.loads(line) for line in open(o.tokenize) if line.strip()]
        differing = []
        for pair in pairs:
            p, w, l = rendered(tok, rows[pair["row"] - 1])
            n = 0
            while n < len(p) and p[n] == w[n] == l[n]:
                n += 1
            if (w[:n], w[n:], l[n:]) != (pair["promptIds"], pair["chosenIds"], pair["rejectedIds"]):
                differing.append(pair["row"])
        result["rowsTokenizedDifferently"] = differing
    print(json.dumps(result, indent=1))
    sys.exit(1 if worst[0] > o.tolerance or result.get("rowsTokenizedDifferently") else 0)


main()
