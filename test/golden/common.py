"""Shared by the golden scripts: versions, tiny checkpoints with random weights, per-token log-probs, small JSON."""
import json
import os
import platform
from importlib.metadata import PackageNotFoundError, version

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
import torch

torch.set_num_threads(1)


def versions(*names):
    def of(name):
        try:
            return version(name)
        except PackageNotFoundError:
            return None

    return {"python": platform.python_version(), **{n: of(n) for n in ("torch", "transformers", *names)}}


def randomize(model, seed, std):
    """Weights far larger than a fresh model's, norms and biases included, so that a mistake anywhere shows."""
    g = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, p in sorted(model.named_parameters()):
            noise = torch.randn(p.shape, generator=g)
            is_norm = p.dim() == 1 and name.endswith("norm.weight") or "layernorm.weight" in name or "layer_norm.weight" in name
            p.copy_(1 + 0.3 * noise if is_norm else std * noise)
    return model


@torch.no_grad()
def token_logprobs(model, ids):
    """log p(ids[t] | ids[:t]) for t >= 1, each sequence alone: no padding, no batch. In float32, as the model computes."""
    logits = model(torch.tensor([ids])).logits[0].float()
    return torch.log_softmax(logits[:-1], -1).gather(-1, torch.tensor(ids[1:])[:, None])[:, 0].tolist()


def short(x, digits=9):
    """Numbers with the digits a float32 needs, nothing more."""
    if isinstance(x, float):
        return float(f"{x:.{digits}g}")
    if isinstance(x, dict):
        return {k: short(v, digits) for k, v in x.items()}
    if isinstance(x, (list, tuple)):
        return [short(v, digits) for v in x]
    return x


def write(path, value):
    """One line for every innermost list."""
    with open(path, "w") as f:
        f.write(dump(short(value), 0) + "\n")
    print(f"{path}: {os.path.getsize(path)} bytes")


def dump(x, depth):
    flat = json.dumps(x, ensure_ascii=False)
    if not isinstance(x, (dict, list)) or len(flat) < 160 or (isinstance(x, list) and not any(isinstance(v, (dict, list)) for v in x)):
        return flat
    pad, end = " " * (depth + 1), " " * depth
    if isinstance(x, dict):
        return "{\n" + ",\n".join(f"{pad}{json.dumps(k)}: {dump(v, depth + 1)}" for k, v in x.items()) + f"\n{end}}}"
    return "[\n" + ",\n".join(pad + dump(v, depth + 1) for v in x) + f"\n{end}]"
