"""Writes the Llama inside a GGUF file as a Hugging Face folder in float32, so that both trainers of the benchmark read the same weights.
python test/bench/dequantize.py MODEL.gguf FOLDER"""
import os
import sys

os.environ["HF_HUB_OFFLINE"] = "1"
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaForCausalLM

gguf, out = sys.argv[1:3]
folder, name = os.path.split(os.path.abspath(gguf))
read = AutoModelForCausalLM.from_pretrained(folder, gguf_file=name, dtype=torch.float32)
settings = {k: v for k, v in read.config.to_dict().items() if k != "quantization_config"}
plain = LlamaForCausalLM(type(read.config)(**settings)).float()  # a model that was read from GGUF refuses to be saved
plain.load_state_dict(read.state_dict())
plain.save_pretrained(out)
AutoTokenizer.from_pretrained(folder, gguf_file=name).save_pretrained(out)
