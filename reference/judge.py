"""Have scriptworker verify a bundle, without network.

What scriptworker asks of the queue, of GitHub and of hg is answered from the
bundle. Nothing of how it judges is replaced.
"""
import asyncio
import copy
import json
import logging
import os
import re
import shutil
import tempfile
from urllib.parse import unquote

import scriptworker.artifacts
import scriptworker.cot.verify
import scriptworker.github
import scriptworker.task
import scriptworker.utils
from scriptworker.config import apply_product_config
from scriptworker.constants import DEFAULT_CONFIG
from scriptworker.context import Context
from scriptworker.exceptions import CoTError, Download404, DownloadError

logging.disable(logging.CRITICAL)

ROOT = "https://firefox-ci-tc.services.mozilla.com"
ARTIFACT = re.compile(re.escape(ROOT) + r"/api/queue/v1/task/([^/]+)/artifacts/(.*)$")


class Bundle:
    """A bundle's files, and what each URL answered."""

    def __init__(self, path):
        self.files = {}
        for folder, _, names in os.walk(path):
            for name in names:
                file = os.path.join(folder, name)
                with open(file, "rb") as f:
                    self.files[os.path.relpath(file, path)] = f.read()
        self.manifest = json.loads(self.files["bundle.json"])

    def copy(self):
        other = copy.copy(self)
        other.files = dict(self.files)
        return other

    def write(self, path):
        for name, data in self.files.items():
            file = os.path.join(path, name)
            os.makedirs(os.path.dirname(file), exist_ok=True)
            with open(file, "wb") as f:
                f.write(data)

    def task(self, task_id):
        return self.files.get(f"tasks/{task_id}/task.json")

    def artifact(self, task_id, name):
        return self.files.get(f"tasks/{task_id}/artifacts/{name}")

    def url(self, url):
        for source in self.manifest["sources"]:
            if source["url"] == url and source.get("status", 200) == 200 and source["file"] in self.files:
                return self.files[source["file"]], source.get("contentType", "")
        raise DownloadError(f"404 {url}")


class Answers:
    """Answers scriptworker from the bundle that it has at the time."""

    bundle = None

    async def task(self, task_id):
        definition = self.bundle.task(task_id)
        if definition is None:
            raise CoTError(f"the queue knows no task {task_id}")
        return json.loads(definition)

    def buildUrl(self, _, task_id, path):
        return f"{ROOT}/api/queue/v1/task/{task_id}/artifacts/{path}"

    buildSignedUrl = buildUrl

    async def listLatestArtifacts(self, task_id, paginationHandler=None):
        paginationHandler(json.loads(self.bundle.files[f"tasks/{task_id}/artifacts.json"]))

    async def download(self, _, url, file, **__):
        of_task = ARTIFACT.match(url)
        if of_task:
            data = self.bundle.artifact(of_task[1], unquote(of_task[2]))
            if data is None:
                raise Download404(f"404 {url}")
        else:
            data, content_type = self.bundle.url(url)
            if "text/html" in content_type:
                raise DownloadError(f"a web page from {url}")
        os.makedirs(os.path.dirname(file), exist_ok=True)
        with open(file, "wb") as f:
            f.write(data)

    async def text(self, _, url, **__):
        return self.bundle.url(url)[0].decode()

    def github(self, path):
        return json.loads(self.bundle.url(f"https://api.github.com/repos/{path}")[0])


ANSWERS = Answers()


class Fields:
    """An object of github3: fields by name."""

    def __init__(self, fields):
        self.fields = fields

    def as_dict(self):
        return self.fields

    def __getattr__(self, name):
        if name not in self.fields:
            raise AttributeError(name)
        value = self.fields[name]
        return Fields(value) if isinstance(value, dict) else value


class Repository(Fields):
    def __init__(self, name):
        super().__init__(ANSWERS.github(name))
        self.name = name

    def commit(self, revision):
        return Fields(ANSWERS.github(f"{self.name}/commits/{revision}"))

    def pull_request(self, number):
        return Fields(ANSWERS.github(f"{self.name}/pulls/{number}"))

    def release_from_tag(self, tag):
        return Fields(ANSWERS.github(f"{self.name}/releases/tags/{tag}"))

    def file_contents(self, path, ref=None):
        url = f"https://raw.githubusercontent.com/{self.name}/{ref}/{path}"
        return Fields({"decoded": ANSWERS.bundle.url(url)[0]})

    def tags(self):
        return [Fields(tag) for tag in ANSWERS.github(f"{self.name}/tags")]


class GitHub:
    def __init__(self, token=None):
        pass

    def repository(self, owner, name):
        return Repository(f"{owner}/{name}")


async def once(func, *_, args=(), kwargs=None, **__):
    """In place of what tries again: a bundle never answers otherwise."""
    return await func(*args, **(kwargs or {}))


def once_sync(func, *_, args=(), kwargs=None, **__):
    return func(*args, **(kwargs or {}))


def install():
    for module in (scriptworker.utils, scriptworker.artifacts, scriptworker.task, scriptworker.cot.verify, scriptworker.github):
        if hasattr(module, "retry_async"):
            module.retry_async = once
    scriptworker.artifacts.download_file = scriptworker.utils.download_file = ANSWERS.download
    defaults = scriptworker.artifacts.download_artifacts.__defaults__
    scriptworker.artifacts.download_artifacts.__defaults__ = tuple(
        ANSWERS.download if callable(d) else d for d in defaults
    )
    scriptworker.github.GitHub = GitHub
    scriptworker.github.retry_sync = once_sync
    scriptworker.github.retry_request = ANSWERS.text


install()


def judge(bundle, keys, task_type=None, product=None, check_task=True):
    """Return why scriptworker refuses a bundle's target, None where it does not."""
    return asyncio.run(verify(bundle, keys, task_type, product, check_task))


async def verify(bundle, keys, task_type, product, check_task):
    ANSWERS.bundle = bundle
    scriptworker.github._BRANCH_COMMITS_CACHE.clear()
    target = bundle.manifest["target"]
    folder = tempfile.mkdtemp()
    try:
        context = Context()
        context.session = None
        context.config = dict(copy.deepcopy(DEFAULT_CONFIG))
        context.config.update({
            "cot_product": product or bundle.manifest["product"],
            "work_dir": f"{folder}/work",
            "artifact_dir": f"{folder}/artifacts",
            "task_log_dir": f"{folder}/artifacts/public/logs",
            "verify_cot_signature": True,
        })
        context.config = apply_product_config(context.config)
        context.queue = ANSWERS
        context.config["ed25519_public_keys"] = keys
        context.task = await ANSWERS.task(target["taskId"])
        chain = scriptworker.cot.verify.ChainOfTrust(context, task_type or target["taskType"], task_id=target["taskId"])
        await scriptworker.cot.verify.verify_chain_of_trust(chain, check_task=check_task)
        return None
    except Exception as error:  # whatever it is, it is no
        return f"{type(error).__name__}: {error}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)
