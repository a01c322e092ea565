"""SimPO and ORPO in methods.json come from plain torch, as DPOTrainer lacks them; here TRL 1.16's own trainers of these, in trl.experimental, must give the same ten steps.
ORPOTrainer's NLL has the prompt in it: `seed` of the run spec.
Rerun: python test/golden/trl/experimental.py   (writes nothing)"""
import json
import tempfile

from setting import PAIRS, RATE, STEPS, here, load, tokenizer
from datasets import Dataset
from trl.experimental.cpo import CPOConfig, CPOTrainer
from trl.experimental.orpo import ORPOConfig, ORPOTrainer


def run(trainer, config, **options):
    steps = []

    class Recorder(trainer):
        def training_step(self, *a, **k):
            loss = super().training_step(*a, **k)
            steps.append({"loss": loss.item()})
            return loss

        def log(self, logs, *a, **k):
            if "grad_norm" in logs:
                steps[-1]["gradNorm"] = float(logs["grad_norm"])
            super().log(logs, *a, **k)

    with tempfile.TemporaryDirectory() as out:
        args = config(output_dir=out, per_device_train_batch_size=8, max_steps=STEPS, learning_rate=RATE, lr_scheduler_type="constant", warmup_steps=0, max_length=256, logging_steps=1, max_grad_norm=1.0, optim="adamw_torch",
                      weight_decay=0.0, adam_epsilon=1e-8, disable_dropout=True, bf16=False, fp16=False, gradient_checkpointing=False, report_to=[], save_strategy="no", eval_strategy="no", use_cpu=True, disable_tqdm=True, **options)
        rows = Dataset.from_list([{"prompt": p, "chosen": w, "rejected": l} for p, w, l in PAIRS])
        Recorder(model=load(f"{here}/model"), args=args, train_dataset=rows, processing_class=tokenizer()).train()
    return steps


with open(f"{here}/methods.json") as f:
    cases = {c["name"]: c["steps"] for c in json.load(f)["cases"]}
for name, trainer, config, options in (("simpo", CPOTrainer, CPOConfig, {"loss_type": "simpo", "beta": 2.5, "simpo_gamma": 1.4, "cpo_alpha": 0.0}), ("simpo-gamma-0.5", CPOTrainer, CPOConfig, {"loss_type": "simpo", "beta": 2.0, "simpo_gamma": 0.5, "cpo_alpha": 0.0}),
                                       ("orpo-seed", ORPOTrainer, ORPOConfig, {"beta": 0.1})):
    worst = max(abs(a[n] - b[n]) / abs(b[n]) for a, b in zip(run(trainer, config, **options), cases[name], strict=True) for n in ("loss", "gradNorm"))
    print(f"{name:16} {worst:.1e}")
    assert worst < 1e-5, name
