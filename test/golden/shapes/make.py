"""Lengths and sums of log-probs of the conversations that the rows of cases.json are, by transformers: what TRL 1.16 makes of prompt, chosen and rejected."""
import json, os, torch
from transformers import AutoModelForCausalLM, AutoTokenizer
here = os.path.dirname(os.path.abspath(__file__))
tok = AutoTokenizer.from_pretrained(here + '/model')
model = AutoModelForCausalLM.from_pretrained(here + '/model', dtype=torch.float32).eval()
ids = lambda turns, ask=False: tok.apply_chat_template(turns, add_generation_prompt=ask, tokenize=True, return_dict=True)['input_ids']
turns = lambda side, role: side if isinstance(side, list) else [dict(role=role, content=side)]
def measure(row):
    prompt = ([dict(role='system', content=row['system'])] if 'system' in row else []) + turns(row['prompt'], 'user')
    sides = [turns(row[s], 'assistant') for s in ('chosen', 'rejected')]
    sides = [s[len(prompt):] if s[:len(prompt)] == prompt else s for s in sides]
    p, c, r = ids(prompt, True), *(ids(prompt + s) for s in sides)
    n = 0
    while n < min(len(p), len(c), len(r)) and p[n] == c[n] == r[n]: n += 1
    sums = []
    for s in (c, r):
        with torch.no_grad(): lp = model(torch.tensor([s])).logits[0].log_softmax(-1)
        sums.append(round(sum(lp[t - 1, s[t]].item() for t in range(n, len(s))), 5))
    return [n, len(c) - n, len(r) - n], sums
golden = json.load(open(here + '/cases.json'))
for case in golden['cases']: case['lengths'], case['sums'] = measure(case['row'])
json.dump(golden, open(here + '/cases.json', 'w'), indent=1, ensure_ascii=False)
