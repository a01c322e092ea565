"""Names of the fields that transformers and peft write into config.json of the two families and adapter_config.json, by version.
Rerun in an environment of each version: python test/golden/fields/make.py   (adds the versions that are installed to cases.json beside this file).
Old versions without their dependencies: pip install --no-deps --target OLD transformers==4.28.1; PYTHONPATH=OLD python test/golden/fields/make.py"""
import json
import os
import sys
import types

# old versions refuse to start beside newer tokenizers, which no configuration needs
check = types.ModuleType("transformers.dependency_versions_check")
check.dep_version_check = lambda *_, **__: None
sys.modules["transformers.dependency_versions_check"] = check

import transformers

file = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cases.json")
cases = json.load(open(file)) if os.path.exists(file) else {}

for config in (transformers.LlamaConfig, transformers.GPTNeoXConfig):
    cases.setdefault(f"transformers {transformers.__version__}", {})[config.model_type] = sorted(config().to_dict())
try:
    import peft

    cases[f"peft {peft.__version__}"] = {"lora": sorted(peft.LoraConfig().to_dict())}
except Exception as why:  # peft goes with its own version of transformers
    print(f"without peft: {why}")
with open(file, "w") as f:
    json.dump(dict(sorted(cases.items())), f, indent=1)
    f.write("\n")
print(f"{file}: {', '.join(sorted(cases))}")
