"""Compare cotverify with scriptworker: policy, source and verdicts.

    compare.py COTVERIFY GRAPHS [MUTANTS [SEED]]

GRAPHS is a folder of bundles with a keys.json beside them. Each is verified by
both, and then MUTANTS of them, whose definitions were changed and everything
signed again. Ends with a line for each difference, and exit status 1 if there
is one.
"""
import base64
import hashlib
import importlib.metadata
import importlib.util
import inspect
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from scriptworker.config import apply_product_config
from scriptworker.constants import DEFAULT_CONFIG

import judge

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.join(HERE, "source.json")  # hashes of the functions that decide, of the release that is followed
MODULES = ("cot.verify", "task", "github", "artifacts", "utils")
WORKERS = ("docker-worker", "generic-worker", "scriptworker")
COT = "public/chain-of-trust.json"


def release():
    return "scriptworker " + importlib.metadata.version("scriptworker")


# What is trusted.

FACTS = {  # what a policy calls each of scriptworker's constants
    "decision_pools": "valid_decision_worker_pools",
    "image_pools": "valid_docker_image_worker_pools",
    "tasks_for": "valid_tasks_for",
    "trees": "cot_restricted_trees",
    "restricted_scopes": "cot_restricted_scopes",
    "prebuilt_image_types": "prebuilt_docker_image_task_types",
    "git_mirrors": "hg_git_mirrors",
    "official_owner": "official_github_repos_owner",
}


def plain(value):
    """Return a constant without order or types that do not matter."""
    if hasattr(value, "items"):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return sorted((plain(item) for item in value), key=json.dumps)
    return value


def listed(value):
    return sorted(filter(None, [value] if isinstance(value, str) else value or []))


def policy_differences(tool):
    ours = yaml.safe_load(subprocess.run([tool, "policy", "show"], check=True, capture_output=True, text=True).stdout)
    products = DEFAULT_CONFIG["trusted_vcs_rules"]["by-cot-product"]
    for name in sorted(set(products) | set(ours["products"])):
        if name not in products or name not in ours["products"]:
            yield f"product {name}: only one of the two has it"
            continue
        config = dict(DEFAULT_CONFIG)
        config["cot_product"] = name
        config = apply_product_config(config)
        for fact, constant in FACTS.items():
            a, b = plain(ours["products"][name].get(fact)), plain(config[constant])
            if fact == "official_owner":
                a, b = listed(a), listed(b)
            if (a or None) != (b or None):
                yield f"product {name}: {fact} is {a}, and {constant} is {b}"
        a = [sorted(rule["paths"]) for rule in ours["products"][name]["trusted_repos"]]
        b = [sorted(rule["path_regexes"]) for rule in plain(config["trusted_vcs_rules"])]
        if sorted(a) != sorted(b):
            yield f"product {name}: trusted_repos are {a}, and trusted_vcs_rules {b}"
    for worker in WORKERS:
        a = [key["ed25519"] for key in ours["keys"].get(worker, [])]
        b = list(config["ed25519_public_keys"][worker])
        if a != b:
            yield f"keys of {worker}: {a}, and {b}"
    if ours["reference"] != release():
        yield f"the policy follows {ours['reference']}, and the newest is {release()}"


# What decides.

def functions():
    found = {}
    for name in MODULES:
        module = sys.modules["scriptworker." + name]
        for key, value in vars(judge_original(module)).items():
            if inspect.isfunction(value) and value.__module__ == module.__name__:
                found[f"{name}.{key}"] = hashlib.sha256(inspect.getsource(value).encode()).hexdigest()
    return found


def judge_original(module):
    """Return a module as it is installed, without what answers from a bundle."""
    spec = importlib.util.spec_from_file_location(module.__name__, module.__file__)
    original = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(original)
    return original


def source_differences():
    now = functions()
    with open(SOURCE) as f:
        then = json.load(f)["functions"]
    for name in sorted(set(now) | set(then)):
        if now.get(name) != then.get(name):
            what = "changed" if name in now and name in then else "is new" if name in now else "is gone"
            yield f"{name} {what}"


# What is verified.

KEYS = {worker: Ed25519PrivateKey.generate() for worker in WORKERS}


def public_keys():
    return {w: [base64.b64encode(k.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()] for w, k in KEYS.items()}


def signers(bundle, keys):
    """Return by taskId which worker implementation signed."""
    found = {}
    for name in bundle.files:
        parts = name.split("/", 3)
        if len(parts) < 4 or parts[3] != COT:
            continue
        signed, signature = bundle.artifact(parts[1], COT), bundle.artifact(parts[1], COT + ".sig")
        for worker, trusted in keys.items():
            for key in trusted:
                try:
                    Ed25519PublicKey.from_public_bytes(base64.b64decode(key)).verify(signature, signed)
                    found[parts[1]] = worker
                except Exception:
                    pass
    return found


def seal(bundle, workers):
    """Make hashes and signatures fit what the bundle has now."""
    for task_id, worker in workers.items():
        folder = f"tasks/{task_id}/artifacts/"
        cot = json.loads(bundle.files[folder + COT])
        cot["task"] = json.loads(bundle.task(task_id))
        for name, hashes in cot["artifacts"].items():
            data = bundle.artifact(task_id, name)
            if data is not None and "sha256" in hashes:
                hashes["sha256"] = hashlib.sha256(data).hexdigest()
        signed = json.dumps(cot).encode()
        bundle.files[folder + COT] = signed
        bundle.files[folder + COT + ".sig"] = KEYS[worker].sign(signed)


ODD = ["%", "%2f", "%41", "/", ".", "..", "?", "#", "@", ":", "\n", "\u0130", "\u00e9", ";x", "git@github.com:", ""]


def odd(text):
    """Return a text with something odd at some place."""
    at = random.randrange(len(text) + 1)
    return text[:at] + random.choice(ODD) + text[at + random.randrange(2):]


def places(value, path=()):
    """Yield the path of every value that is no list or object."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from places(item, path + (key,))
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from places(item, path + (i,))
    else:
        yield path


def change(definition, ids):
    """Change one value of a definition, and say what."""
    path = random.choice(list(places(definition)))
    holder = definition
    for key in path[:-1]:
        holder = holder[key]
    old = holder[path[-1]]
    if random.random() < 0.1:
        holder.pop(path[-1])
        return f"{'/'.join(map(str, path))} removed"
    choices = [None, True, 0, "", [], {}, random.choice(ids)]
    if isinstance(old, str):
        choices += [odd(old)] * 5
    holder[path[-1]] = random.choice(choices)
    return f"{'/'.join(map(str, path))}: {old!r} became {holder[path[-1]]!r}"


def mutant(bundle, workers):
    mutated, ids = bundle.copy(), list(workers)
    task_id = random.choice(ids)
    definition = json.loads(mutated.task(task_id))
    what = change(definition, ids)
    mutated.files[f"tasks/{task_id}/task.json"] = json.dumps(definition).encode()
    for parent in ids:
        name = f"tasks/{parent}/artifacts/public/task-graph.json"
        entries = json.loads(mutated.files.get(name, b"{}"))
        if task_id in entries and random.random() < 0.9:
            entries[task_id]["task"] = definition
            mutated.files[name] = json.dumps(entries).encode()
    seal(mutated, workers)
    return mutated, f"{task_id}: {what}"


def ours(tool, bundle, keys):
    """Return cotverify's exit status for a bundle."""
    folder = tempfile.mkdtemp()
    try:
        bundle.write(folder + "/bundle")
        with open(folder + "/keys.json", "w") as f:
            json.dump(keys, f)
        target = bundle.manifest["target"]
        return subprocess.run(
            [tool, "verify", "--quiet", "--bundle", folder + "/bundle", "--keys", folder + "/keys.json", "--format", "json",
             "--task-type", target["taskType"], "--product", bundle.manifest["product"]],
            capture_output=True,
        ).returncode
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def verdict_differences(tool, graphs, mutants):
    with open(os.path.join(graphs, "keys.json")) as f:
        keys = json.load(f)
    bundles = {name: judge.Bundle(os.path.join(graphs, name)) for name in sorted(os.listdir(graphs)) if os.path.isdir(os.path.join(graphs, name))}
    passed = 0
    for name, bundle in bundles.items():
        refused = judge.judge(bundle, keys)
        passed += refused is None
        if (ours(tool, bundle, keys) == 0) != (refused is None):
            yield f"{name}: scriptworker says {refused or 'yes'}"
    workers = {name: signers(bundle, keys) for name, bundle in bundles.items()}
    signed = public_keys()
    stricter = 0
    for _ in range(mutants):
        name = random.choice(list(bundles))
        mutated, what = mutant(bundles[name], workers[name])
        refused, status = judge.judge(mutated, signed), ours(tool, mutated, signed)
        passed += refused is None
        if status == 0 and refused:
            yield f"{name}, {what}: a yes where scriptworker says {refused}"
        stricter += status != 0 and refused is None
    print(f"{len(bundles)} bundles and {mutants} mutants: scriptworker passed {passed}; cotverify refused {stricter} mutants that it passed")


def main():
    tool, graphs = sys.argv[1:3]
    mutants = int(sys.argv[3]) if len(sys.argv) > 3 else 0
    random.seed(int(sys.argv[4]) if len(sys.argv) > 4 else 1)
    found = 0
    for difference in (*policy_differences(tool), *source_differences(), *verdict_differences(tool, graphs, mutants)):
        print("DIFFERS", difference)
        found += 1
    print(f"{release()}: {found} differences")
    sys.exit(found > 0)


if __name__ == "__main__":
    if sys.argv[1:] == ["--record"]:
        with open(SOURCE, "w") as f:
            json.dump({"release": release(), "functions": functions()}, f, indent=1, sort_keys=True)
            f.write("\n")
    else:
        main()
