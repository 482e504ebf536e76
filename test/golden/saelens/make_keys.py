"""Which keys each version of SAELens can write into the cfg.json of an SAE, from its wheels:

    pip download --no-deps -d wheels sae-lens==0.5.1
    python make_keys.py wheels/*.whl

Versions 1.3.0, 2.1.3, 3.23.4, 4.4.5, 5.11.0 and 6.54.12 are downloaded likewise.
"""

import ast
import json
import pathlib
import sys
import zipfile

HERE = pathlib.Path(__file__).parent

# Of SAEs that can be loaded for inference, and of the runner whose config older versions wrote
# beside the weights.
CLASSES = {
    "LanguageModelSAERunnerConfig",
    "LoggingConfig",
    "SAEConfig",
    "TrainingSAEConfig",
    "StandardTrainingSAEConfig",
    "TopKSAEConfig",
    "TopKTrainingSAEConfig",
    "GatedTrainingSAEConfig",
    "JumpReLUTrainingSAEConfig",
}
# Objects in objects, private.
NOT_KEYS = {"sae", "_hook_names_per_sae", "_hook_head_indices_per_sae"}


def fields(source):
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef) and node.name in CLASSES:
            for line in node.body:
                if isinstance(line, ast.AnnAssign):
                    yield line.target.id
            for part in ast.walk(node):
                if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store):
                    if isinstance(part.value, ast.Name) and part.value.id == "self":
                        yield part.attr


keys = {}
for wheel in map(pathlib.Path, sys.argv[1:]):
    with zipfile.ZipFile(wheel) as archive:
        sources = [archive.read(name) for name in archive.namelist() if name.endswith(".py")]
    found = {field for source in sources for field in fields(source)}
    keys[wheel.name.split("-")[1]] = sorted(found - NOT_KEYS)
(HERE / "config-keys.json").write_text(json.dumps(keys, indent=1) + "\n")
