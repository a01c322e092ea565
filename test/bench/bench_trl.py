"""One measurement of TRL's DPOTrainer on CPU, in a process of its own: pairs per second and peak memory. Started by run.mjs; prints one line of JSON at the end.
Rows come in the file's order; the first `--warmup` steps are not measured."""
import argparse
import json
import os
import resource
import sys
import tempfile
import time
from importlib.metadata import version

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
import torch
from datasets import Dataset
from peft import LoraConfig
from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback
from trl import DPOConfig, DPOTrainer


class Clock(TrainerCallback):
    def __init__(self):
        self.ends = []

    def on_train_begin(self, *a, **k):
        self.ends.append(time.perf_counter())

    def on_step_end(self, *a, **k):
        self.ends.append(time.perf_counter())


class Timed(DPOTrainer):
    reference_seconds = 0.0

    def _precompute_ref_logps(self, *a, **k):
        began = time.perf_counter()
        try:
            return super()._precompute_ref_logps(*a, **k)
        finally:
            self.reference_seconds += time.perf_counter() - began


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--model", required=True)
    a.add_argument("--data", required=True, help="JSONL of {prompt, chosen, rejected} as message lists")
    a.add_argument("--batch", type=int, default=2)
    a.add_argument("--cached", action="store_true", help="reference log-probs computed once, before training")
    a.add_argument("--checkpointing", action="store_true", help="recompute activations, as DPOConfig has it by default")
    a.add_argument("--bf16", action="store_true", help="bfloat16 autocast")
    a.add_argument("--compile", action="store_true", help="torch.compile")
    a.add_argument("--full", action="store_true", help="all weights instead of an adapter")
    a.add_argument("--warmup", type=int, default=1)
    a.add_argument("--max-length", type=int, default=512)
    a.add_argument("--threads", type=int, default=0)
    o = a.parse_args()
    if o.threads:
        torch.set_num_threads(o.threads)
    rows = [json.loads(line) for line in open(o.data)]
    steps = len(rows) // o.batch
    tok = AutoTokenizer.from_pretrained(o.model)
    model = AutoModelForCausalLM.from_pretrained(o.model, dtype=torch.float32)
    lora = LoraConfig(r=16, lora_alpha=32, lora_dropout=0.0, target_modules="all-linear", task_type="CAUSAL_LM")
    clock = Clock()
    with tempfile.TemporaryDirectory() as out:
        args = DPOConfig(output_dir=out, per_device_train_batch_size=o.batch, gradient_accumulation_steps=1, max_steps=steps, learning_rate=1e-5, beta=0.1, max_length=o.max_length,
                         precompute_ref_log_probs=o.cached, gradient_checkpointing=o.checkpointing, bf16=o.bf16, fp16=False, use_cpu=os.environ.get("SAMPO_DEVICE") == "cpu" or not torch.cuda.is_available(), report_to=[], save_strategy="no", eval_strategy="no",
                         logging_steps=1, train_sampling_strategy="sequential", dataloader_pin_memory=False, disable_tqdm=True, seed=42, torch_compile=o.compile)
        prepared = time.perf_counter()
        trainer = Timed(model=model, args=args, train_dataset=Dataset.from_list(rows), processing_class=tok, peft_config=None if o.full else lora, callbacks=[clock])
        began = time.perf_counter()
        trainer.train()
    times = [b - a for a, b in zip(clock.ends, clock.ends[1:])]
    measured = times[o.warmup:]
    kept = trainer.train_dataset[o.warmup * o.batch : steps * o.batch]
    print(json.dumps({
        "trainer": f"TRL {version('trl')}, torch {version('torch')}, transformers {version('transformers')}", "batch": o.batch, "cachedReference": o.cached, "checkpointing": o.checkpointing,
        "threads": torch.get_num_threads(), "pairs": len(measured) * o.batch, "seconds": sum(measured), "pairsPerSecond": len(measured) * o.batch / sum(measured),
        "setupSeconds": began - prepared - trainer.reference_seconds, "referenceSeconds": trainer.reference_seconds, "stepSeconds": times,
        "tokens": sum(2 * len(p) + len(w) + len(l) for p, w, l in zip(kept["prompt_ids"], kept["chosen_ids"], kept["rejected_ids"])),
        "peakBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, "firstLoss": next(l["loss"] for l in trainer.state.log_history if "loss" in l),
    }), flush=True)


main()
