"""Learning rates of transformers' schedules, step by step (the rate that step uses), for a peak of 1.
Rerun: python test/golden/schedule/make.py   (writes cases.json beside this file)"""
import os
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(here))
from common import versions, write
import torch
from transformers import TrainingArguments, get_constant_schedule_with_warmup, get_cosine_schedule_with_warmup, get_linear_schedule_with_warmup

KINDS = {
    "linear": lambda o, w, n: get_linear_schedule_with_warmup(o, w, n),
    "cosine": lambda o, w, n: get_cosine_schedule_with_warmup(o, w, n),
    "constant": lambda o, w, n: get_constant_schedule_with_warmup(o, w),
}


def rates(kind, warmup, total):
    opt = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    schedule = KINDS[kind](opt, warmup, total)
    out = []
    for _ in range(total):
        out.append(opt.param_groups[0]["lr"])
        opt.step()
        schedule.step()
    return out


cases = []
for total in (10, 37):
    for ratio in (0.0, 0.1, 0.25):
        # transformers 5 takes a share of the steps where warmup_steps is below 1
        warmup = TrainingArguments(output_dir="/tmp/none", warmup_steps=ratio, use_cpu=True, report_to=[]).get_warmup_steps(total)
        cases += [{"schedule": k, "total": total, "warmupRatio": ratio, "warmup": warmup, "rates": rates(k, warmup, total)} for k in KINDS]
write(f"{here}/cases.json", {"about": "made by make.py", "versions": versions(), "cases": cases})
