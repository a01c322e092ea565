"""What the goldens of this folder share: eight pairs, a tiny Llama with a byte tokenizer, TRL's DPOTrainer with everything it logs kept.
Float32, one full batch of 8 pairs a step, constant rate, no warm-up, AdamW, clip 1.0, no dropout."""
import os
import sys
import tempfile

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(here))
from common import randomize
import torch
from datasets import Dataset
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


def dpo(folder, tok, peft_config=None, adapter=None, reference=None, **options):
    with tempfile.TemporaryDirectory() as out:
        options = {"beta": BETA, **options}
        args = DPOConfig(output_dir=out, per_device_train_batch_size=8, gradient_accumulation_steps=1, max_steps=STEPS, learning_rate=RATE, lr_scheduler_type="constant", warmup_steps=0,
                         max_length=256, logging_steps=1, max_grad_norm=1.0, optim="adamw_torch", weight_decay=0.0, adam_epsilon=1e-8, disable_dropout=True, bf16=False, fp16=False,
                         gradient_checkpointing=False, report_to=[], save_strategy="no", eval_strategy="no", use_cpu=True, seed=42, dataloader_pin_memory=False, disable_tqdm=True, **options)
        rows = Dataset.from_list([{"prompt": p, "chosen": w, "rejected": l} for p, w, l in PAIRS])
        trainer = Recorder(model=load(folder), args=args, train_dataset=rows, processing_class=tok, peft_config=peft_config,
                           ref_model=load(reference) if reference else None)
        if adapter:
            trainer.model.save_pretrained(adapter)
        data = [{k: list(r[k]) for k in ("prompt_ids", "chosen_ids", "rejected_ids")} for r in trainer.train_dataset]
        trainer.train()
        assert len(trainer.steps) == STEPS, len(trainer.steps)
        final = {n: p.detach().clone() for n, p in trainer.model.named_parameters() if p.requires_grad}
        return trainer.steps, data, final
