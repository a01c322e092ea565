"""Token ids, boundaries and cuts of preference pairs as TRL 1.16's DPOTrainer and its collator make them, for the byte tokenizer of ../trl/model and for SmolLM2's from its GGUF;
the seed's cuts (docs/methods.md, "Where the paper, its code and TRL differ"), which TRL does not have, from the rule as written there; and what becomes of the 299 pairs of a real file at several maximum lengths.
Rerun: SAMPO_SMOLLM2=….gguf SAMPO_DPO_DEMO=….json python test/golden/tokenize/make.py   (writes cases.json beside this file; both are in README.md)"""
import hashlib
import json
import os
import sys
import tempfile

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(here), f"{os.path.dirname(here)}/trl"]
from common import versions
from setting import load
from datasets import Dataset
from tokenizers import pre_tokenizers
from transformers import AutoTokenizer
from trl import DPOConfig, DPOTrainer
from trl.trainer.dpo_trainer import DataCollatorForPreference

END = {"bytes": "<eos>", "smollm2": "<|im_end|>"}
TEXTS = [
    ("plain", "Q: Name a bird.\nA:", " A robin.", " Bird, I think it is."),
    ("the answer has its end already", "Say hello.", " Hello!{end}", " Hi."),
    ("an end and a newline", "Say hello.", " Hello!{end}\n", " Hi."),
    ("the prompt ends in a space, which merges with an answer", "Q: 2 + 2? A: ", "four", "22"),
    ("a word cut in two", "The capital of France is Par", "is.", "ma."),
    ("only one answer merges", "The word is un", "believable", " known"),
    ("newlines at the seam", "List:\n", "\n- one\n- two", "- one"),
    ("an empty answer", "Answer or be silent:", "", " I will answer."),
    ("letters beyond ASCII", "Übersetze „naïve café“ – 日本語 🙂:", " 素朴なカフェ 👩‍👩‍👧", " e\u0301 is two code points"),
    ("a numbered list", "Steps:\n\n1. Mix", "\n\n2. Bake\n\n10. Eat", "\n2.  Bake 350 °F"),
    ("numbers that are no digits", "How much? 1½", " ⅔ cup of H₂O, Ⅷ", " ²"),
    ("digits and spaces", "Sum  of\t12345 and 67890?", " 80235", "   80 235"),
    ("special tokens in the text", "What does <|im_start|>user mean?", " A turn begins.", " <|im_end|> ends one."),
]
CHATS = [
    ("one turn", [("user", "Name a bird.")], "A robin.", "Bird."),
    ("system", [("system", "Answer in one word."), ("user", "Name a bird.")], "Robin.", "A robin, I would say."),
    ("an empty system message", [("system", ""), ("user", "Name a bird.")], "Robin.", "Wren."),
    ("several turns", [("user", "Hi"), ("assistant", "Hello! How can I help?"), ("user", "What is 2 + 2?")], "4", "2 + 2 = 22"),
    ("newlines and spaces at the ends", [("user", "  Name a bird.\n\n")], "\nA robin. \n", " A robin."),
    ("an end in the answer", [("user", "Name a bird.")], "A robin.<|im_end|>", "A robin."),
    ("an empty answer", [("user", "Name a bird.")], "", "A robin."),
    ("letters beyond ASCII", [("user", "Übersetze „naïve café“ – 日本語 🙂")], "素朴なカフェ 👩‍👩‍👧", "naiver Kaffee"),
]
ROLES = {"human": "user", "gpt": "assistant", "system": "system"}


def smollm2(gguf, with_digits=True):
    """SmolLM2 splits digits off before GPT-2's rule (`tokenizer.ggml.pre` = smollm; the same two steps in its tokenizer.json), which transformers 5.23 forgets when it reads a GGUF:
    "\n\n2" must be two tokens, not three."""
    tok = AutoTokenizer.from_pretrained(os.path.dirname(gguf), gguf_file=os.path.basename(gguf))
    if with_digits:
        tok.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)])
    assert len(tok("\n\n2")["input_ids"]) == (2 if with_digits else 3)
    return tok


def tokenized(tok, rows, max_length):
    """The columns of DPOTrainer's data; a row's place, as rows with prompts of max_length and more are left out."""
    rows = [{**r, "place": i} for i, r in enumerate(rows)]
    with tempfile.TemporaryDirectory() as out:
        args = DPOConfig(output_dir=out, max_length=max_length, use_cpu=True, bf16=False, report_to=[], disable_tqdm=True)
        data = DPOTrainer(model=load(f"{os.path.dirname(here)}/trl/model"), args=args, train_dataset=Dataset.from_list(rows), processing_class=tok).train_dataset
    return {r["place"]: tuple(list(r[k]) for k in ("prompt_ids", "chosen_ids", "rejected_ids")) for r in data}


def collated(row, max_length):
    """What is left of a pair after TRL's collator: `fit` of the run spec."""
    names = ("prompt_ids", "chosen_ids", "rejected_ids")
    batch = DataCollatorForPreference(pad_token_id=0, max_length=max_length)([dict(zip(names, row))])
    (w, l), (mask_w, mask_l), (kept_w, kept_l) = (batch[k].tolist() for k in ("input_ids", "completion_mask", "attention_mask"))
    pick = lambda ids, mask, kept, which: [x for x, m, k in zip(ids, mask, kept) if k and m == which]
    assert pick(w, mask_w, kept_w, 0) == pick(l, mask_l, kept_l, 0)
    return pick(w, mask_w, kept_w, 0), pick(w, mask_w, kept_w, 1), pick(l, mask_l, kept_l, 1)


def seed_cut(row, max_length):
    """The seed: keep_end of the prompt to three quarters, then of both responses the first quarter."""
    prompt, w, l = row
    longer, max_prompt = max(len(w), len(l)), int(max_length) * 3 // 4
    if len(prompt) + longer > max_length:
        prompt = prompt[-max_prompt:]
    if len(prompt) + longer > max_length:
        w, l = w[:max_length - max_prompt], l[:max_length - max_prompt]
    return prompt, w, l


def sizes(row):
    return [len(x) for x in row]


def cuts():
    """Lengths of prompt, chosen, rejected before and after; null: the row is left out. Ids are their places, so any tokenizer will do."""
    made = []
    for max_length, lengths in ((20, (10, 15, 4)), (20, (18, 7, 7)), (20, (10, 10, 3)), (20, (10, 11, 3)), (20, (19, 3, 2)), (20, (20, 3, 2)), (20, (25, 3, 2)), (20, (5, 30, 30)), (20, (5, 2, 30)), (20, (15, 5, 5)), (20, (16, 5, 5)),
                                (21, (16, 6, 2)), (512, (400, 200, 90)), (512, (511, 2, 1)), (512, (600, 10, 10))):
        row = [[1000 * k + i for i in range(n)] for k, n in enumerate(lengths)]
        fits = lengths[0] + max(lengths[1:]) <= max_length
        fit = collated(row, max_length) if lengths[0] < max_length else None
        made.append({"maxLength": max_length, "lengths": list(lengths), "fit": fit and sizes(fit), "drop": list(lengths) if fits else None, "seed": sizes(seed_cut(row, max_length)), "seedPromptStartsAt": seed_cut(row, max_length)[0][0]})
    assert [c["seed"] for c in made[:2]] == [[10, 5, 4], [15, 5, 5]]  # two worked out by hand
    return made


def demo(tok, path):
    rows = [{"prompt": [{"role": ROLES[m["from"]], "content": m["value"]} for m in r["conversations"]], **{k: [{"role": "assistant", "content": r[k]["value"]}] for k in ("chosen", "rejected")}} for r in json.load(open(path))]
    whole = tokenized(tok, rows, 10**6)
    lengths = [sizes(whole[i]) for i in range(len(rows))]
    counts = []
    for n in (256, 512, 768, 1024, 2048):
        kept = tokenized(tok, rows, n)
        cut = {i: [len(a) - len(b) for a, b in zip(whole[i], collated(row, n))] for i, row in kept.items()}
        assert all(c[0] == 0 for c in cut.values())
        counts.append({"maxLength": n, "leftOut": len(rows) - len(kept), "cut": sum(map(any, cut.values())), "chosenCut": sum(c[1] > 0 for c in cut.values()), "rejectedCut": sum(c[2] > 0 for c in cut.values()),
                       "nothingCut": sum(not any(c) for c in cut.values()), "leftOutRows": [i + 1 for i in range(len(rows)) if i not in kept] if n == 512 else None})
    digest = hashlib.sha256(json.dumps([whole[i] for i in range(len(rows))], separators=(",", ":")).encode()).hexdigest()
    return {"file": os.path.basename(path), "sha256": hashlib.sha256(open(path, "rb").read()).hexdigest(), "rows": len(rows), "counts": counts, "lengths": lengths, "idsSha256": digest}


def main():
    gguf, data = os.environ["SAMPO_SMOLLM2"], os.environ["SAMPO_DPO_DEMO"]
    toks = {"bytes": AutoTokenizer.from_pretrained(f"{os.path.dirname(here)}/trl/model"), "smollm2": smollm2(gguf)}
    cases = []
    for name, tok in toks.items():
        assert tok.eos_token == END[name]
        rows = [{k: x.replace("{end}", END[name]) for k, x in zip(("prompt", "chosen", "rejected"), texts)} for _, *texts in TEXTS]
        chats = [{"prompt": [{"role": r, "content": c} for r, c in prompt], "chosen": w, "rejected": l} for _, prompt, w, l in CHATS] if tok.chat_template else []
        for titles, group in ((TEXTS, rows), (CHATS, chats)):
            if not group:
                continue
            given = [r if isinstance(r["prompt"], str) else {"prompt": r["prompt"], **{k: [{"role": "assistant", "content": r[k]}] for k in ("chosen", "rejected")}} for r in group]
            made = tokenized(tok, given, 1000)
            for i, (title, *_) in enumerate(titles[:len(group)]):
                prompt, w, l = made[i]
                cases.append({"tokenizer": name, "name": title, **group[i], "promptIds": prompt, "chosenIds": w, "rejectedIds": l})
    head = {"about": "ids of prompt, chosen and rejected after the split; made by make.py", "versions": versions("trl", "tokenizers", "gguf")}
    parts = {"cases": cases, "cuts": cuts()}
    with open(f"{here}/cases.json", "w") as f:
        one = lambda x: json.dumps(x, ensure_ascii=False)
        f.write("{\n" + ",\n".join([f"{one(k)}: {one(v)}" for k, v in head.items()] + [f"{one(k)}: [\n" + ",\n".join(map(one, v)) + "\n]" for k, v in parts.items()] + [f'"demo": {one({**demo(toks["smollm2"], data), "countsWithoutDigitRule": demo(smollm2(gguf, False), data)["counts"]})}']) + "\n}\n")
    print(f"{here}/cases.json: {os.path.getsize(f'{here}/cases.json')} bytes, {len(cases)} cases")


main()
