"""The action, the hooks and every recipe of .github/CI.md, run with a wheel elsewhere, as far as one machine can."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from mnistdoctor.cli import cli
from mnistdoctor.demo.faults_http import respond, route, serve
from mnistdoctor.demo.scenes.files import digits
from mnistdoctor.demo.servers import Server
from mnistdoctor.examine.manifest.reader import entries

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / ".github" / "CI.md").read_text(encoding="utf-8")
ACTION = ROOT / ".github" / "actions" / "preflight"
BLOCKS = dict(re.findall(r"<!-- (?:snippet|machines): (\S+) -->\n```\w+\n(.*?)```\n<!-- end -->", GUIDE, re.S))


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a wheel is built from, so that a build leaves nothing in the checkout."""
    folder = tmp_path_factory.mktemp("source")
    shutil.copytree(ROOT / "mnistdoctor", folder / "mnistdoctor", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    return folder


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "pip", "-q", "wheel", "--no-deps", "--no-build-isolation", "-w", folder, source],
        check=True, timeout=110, capture_output=True,
    )  # fmt: skip
    return next(folder.glob("mnistdoctor-*.whl"))


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty virtual environment, of which a job's `python -m venv` makes a copy: making it takes seconds."""
    folder = tmp_path_factory.mktemp("environment") / "empty"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True, timeout=110, capture_output=True)
    return folder


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(route({"/good.gz": serve(digits().body), "/gone.gz": respond(410, b"gone\n")})) as made:
        yield made


@pytest.fixture
def elsewhere(tmp_path: Path, wheel: Path, environment: Path) -> dict[str, str]:
    """The environment of a job outside this repository: pip asks no index, and what we depend on is there already."""
    (tmp_path / "home").mkdir()
    (tmp_path / "bin").mkdir()
    for name in ("python", "python3"):
        made = f'if [ "$1 $2" = "-m venv" ]; then mkdir -p "$3" && exec cp -a {environment}/. "$3"; fi'
        program(tmp_path, name, f'#!/bin/sh\n{made}\nexec {sys.executable} "$@"\n')
    return {
        "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "HOME": str(tmp_path / "home"),
        "RUNNER_TEMP": str(tmp_path),
        "PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "WHEEL": str(wheel),
        "PYTHONPATH": sysconfig.get_paths()["purelib"], "MNISTDOCTOR_NO_CONTROLS": "1", "MNISTDOCTOR_RETRIES": "0",
    }  # fmt: skip


def program(folder: Path, name: str, text: str) -> None:
    """A program on the job's PATH that stands in for one of a service."""
    (folder / "bin" / name).write_text(text)
    (folder / "bin" / name).chmod(0o755)


def ours(folder: Path) -> None:
    """Puts mnistdoctor of this checkout on the job's PATH."""
    program(folder, "mnistdoctor", f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m mnistdoctor "$@"\n')


def here(text: str, server: Server, path: str = "/good.gz") -> str:
    """The recipe with a target of this machine."""
    url = server.url(path)
    return text.replace("torchvision:mnist", url).replace("preflight mnist", f"preflight {url}")


def shell(script: str, folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script], cwd=folder, env=environment, timeout=110,
        capture_output=True, text=True, check=False,
    )  # fmt: skip


class TestAction:
    """`steps` with the inputs put where GitHub puts them."""

    def run(self, folder: Path, environment: dict[str, str], **inputs: str) -> tuple[int, str, str]:
        action = yaml.safe_load((ACTION / "action.yml").read_text("utf-8"))
        values = {name: inputs.get(name, str(one["default"])) for name, one in action["inputs"].items()}
        assert set(inputs) <= set(values)
        (step,) = action["runs"]["steps"]
        assert "${{" not in step["run"], "an expression in a script is text of whoever wrote the input"
        own = {
            name: re.sub(r"\$\{\{ inputs\.(\w+) \}\}", lambda match: values[match[1]], text)
            for name, text in step["env"].items()
        }
        output = folder / "output"
        own |= {"GITHUB_ACTION_PATH": str(ACTION), "GITHUB_OUTPUT": str(output), "GITHUB_ACTIONS": "true",
                "GITHUB_STEP_SUMMARY": str(folder / "summary.md")}  # fmt: skip
        done = shell(step["run"], folder, environment | own)
        return done.returncode, done.stdout + done.stderr, output.read_text() if output.exists() else ""

    def test_a_healthy_target(self, tmp_path: Path, elsewhere: dict[str, str], wheel: Path, server: Server) -> None:
        options = f"--report=json={tmp_path / 'r e.json'}"
        code, told, output = self.run(
            tmp_path, elsewhere, targets=f"{server.url('/good.gz')}\n", options=options, package=str(wheel)
        )
        assert (code, output) == (0, "exit-code=0\n"), told
        assert json.loads((tmp_path / "r e.json").read_text())["verdict"] == "healthy"
        assert "mnistdoctor/" not in os.listdir(tmp_path)  # noqa: PTH208 - names alone

    def test_an_ailing_one_is_an_annotation_and_in_the_summary(
        self, tmp_path: Path, elsewhere: dict[str, str], wheel: Path, server: Server
    ) -> None:
        code, told, output = self.run(tmp_path, elsewhere, targets=server.url("/gone.gz"), package=str(wheel))
        assert (code, output) == (1, "exit-code=1\n")
        assert "\n::error title=" in told
        assert "http-410-gone" in (tmp_path / "summary.md").read_text()

    def test_without_targets_the_project_decides(
        self, tmp_path: Path, elsewhere: dict[str, str], wheel: Path, server: Server
    ) -> None:
        (tmp_path / "pyproject.toml").write_text(f'[tool.mnistdoctor]\ntargets = ["{server.url("/gone.gz")}"]\n')
        assert self.run(tmp_path, elsewhere, package=str(wheel))[0] == 1

    @pytest.mark.parametrize("name", ["targets", "options"])
    def test_no_input_is_run(self, tmp_path: Path, elsewhere: dict[str, str], wheel: Path, name: str) -> None:
        lines = ["$(touch stolen)", "`touch stolen`", "'; touch stolen; '", '"; touch stolen; "']
        assert self.run(tmp_path, elsewhere, package=str(wheel), **{name: "\n".join(lines)})[0] == 2
        assert not (tmp_path / "stolen").exists()


class TestSnippets:
    def job(self, script: str, folder: Path, environment: dict[str, str], server: Server) -> str:
        """Runs a job's lines in an environment of its own, as a runner with that image would."""
        shell("python -m venv env", folder, environment)
        there = environment | {"PATH": f"{folder / 'env' / 'bin'}:{os.environ['PATH']}"}
        done = shell(here(script, server), folder, there)
        assert done.returncode == 0, done.stdout + done.stderr
        assert (folder / "env" / "bin" / "mnistdoctor").exists() or (folder / ".doctor").exists()
        return (folder / "preflight.xml").read_text()

    def test_gitlab(self, tmp_path: Path, elsewhere: dict[str, str], server: Server) -> None:
        job = yaml.safe_load(BLOCKS["gitlab"])["preflight"]
        assert "<testcase" in self.job("\n".join(job["script"]), tmp_path, elsewhere, server)
        for file in job["artifacts"]["reports"].values():
            assert (tmp_path / file).is_file()

    def test_github_without_the_action(self, tmp_path: Path, elsewhere: dict[str, str], server: Server) -> None:
        (step,) = yaml.safe_load(BLOCKS["github-run"])
        assert "<testcase" in self.job(step["run"], tmp_path, elsewhere, server)

    def test_the_action_is_called_with_inputs_that_it_has(self) -> None:
        (step,) = yaml.safe_load(BLOCKS["github"])
        path, _, _ = step["uses"].partition("@")
        assert (ROOT / path.split("/", 2)[2] / "action.yml").is_file()
        inputs = yaml.safe_load((ACTION / "action.yml").read_text("utf-8"))["inputs"]
        assert set(step["with"]) <= set(inputs)

    def test_jenkins(self, tmp_path: Path, elsewhere: dict[str, str], server: Server) -> None:
        script = BLOCKS["jenkins"].split("'''")[1]
        assert "<testcase" in self.job(script, tmp_path, elsewhere, server)
        assert "junit 'preflight.xml'" in BLOCKS["jenkins"]

    def test_make(self, tmp_path: Path, elsewhere: dict[str, str], server: Server) -> None:
        if shutil.which("make") is None:
            pytest.skip("make is not installed")
        ours(tmp_path)
        (tmp_path / "train.py").write_text("print('trained')\n")
        for path, code in (("/good.gz", 0), ("/gone.gz", 2)):
            (tmp_path / "Makefile").write_text(here(BLOCKS["make"], server, path))
            done = shell("make train", tmp_path, elsewhere)
            assert done.returncode == code
            assert ("trained" in done.stdout) is (code == 0)

    def test_the_projects_table_is_read(self, tmp_path: Path) -> None:
        (tmp_path / "pyproject.toml").write_text(BLOCKS["pyproject"])
        named = entries(tmp_path / "pyproject.toml")
        assert named is not None
        assert [one.target.partition(":")[0] for one in named] == ["torchvision", "https"]


class TestHooks:
    HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))

    def test_pre_commit_takes_the_manifest(self) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "pre_commit", "validate-manifest", ROOT / ".pre-commit-hooks.yaml"],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr

    def test_the_recipe_names_a_hook(self) -> None:
        (repository,) = yaml.safe_load(BLOCKS["pre-commit"])["repos"]
        assert {one["id"] for one in repository["hooks"]} <= {one["id"] for one in self.HOOKS}

    def test_each_hook_runs_a_command_that_exists(self) -> None:
        for hook in self.HOOKS:
            name, command = hook["entry"].split()
            assert name == "mnistdoctor"
            assert command in cli.commands

    def test_pre_commit_installs_and_runs_it(
        self, tmp_path: Path, elsewhere: dict[str, str], source: Path, server: Server
    ) -> None:
        """In a project of its own, from a repository with the hook: pre-commit makes the environment and the wheel."""
        if shutil.which("git") is None:
            pytest.skip("git is not installed")
        project = tmp_path / "project"
        project.mkdir()
        own = elsewhere | {"PIP_NO_BUILD_ISOLATION": "0", "GIT_CONFIG_GLOBAL": str(tmp_path / "gitconfig")}
        (tmp_path / "gitconfig").write_text("[user]\nname = a\nemail = a@b.example\n[init]\ndefaultBranch = main\n")
        hooks = tmp_path / "hooks"
        shutil.copytree(source, hooks)
        shutil.copy(ROOT / ".pre-commit-hooks.yaml", hooks)
        commit = "git init -q . && git add -A && git commit -q -m x && git rev-parse HEAD"
        rev = shell(commit, hooks, own).stdout.strip()
        chosen = {"repo": str(hooks), "rev": rev, "hooks": [{"id": "mnistdoctor"}]}
        (project / ".pre-commit-config.yaml").write_text(yaml.safe_dump({"repos": [chosen]}))
        (project / "pyproject.toml").write_text(f'[tool.mnistdoctor]\ntargets = ["{server.url("/gone.gz")}"]\n')
        assert shell(commit, project, own).returncode == 0
        done = shell(f"{sys.executable} -m pre_commit run --hook-stage manual --all-files", project, own)
        assert done.returncode == 1, done.stdout + done.stderr
        assert "http-410-gone" in done.stdout, done.stdout + done.stderr


class TestMachines:
    def compared(self, folder: Path, count: int, environment: dict[str, str]) -> None:
        done = shell("mnistdoctor compare reports/", folder, environment)
        assert done.stdout.startswith(f"{count} report"), done.stdout + done.stderr
        assert "all alike: healthy" in done.stdout

    @pytest.fixture
    def cluster(self, tmp_path: Path, elsewhere: dict[str, str]) -> dict[str, str]:
        ours(tmp_path)
        (tmp_path / "reports").mkdir()
        return elsewhere

    def test_srun(self, tmp_path: Path, cluster: dict[str, str], server: Server) -> None:
        """A stand-in that runs the task as each of three nodes would."""
        program(
            tmp_path, "srun",
            '#!/bin/sh\nwhile [ "${1#-}" != "$1" ]; do case $1 in -N) shift 2;; *) shift;; esac; done\n'
            'for node in node01 node02 node03; do SLURMD_NODENAME=$node "$@" || exit; done\n',
        )  # fmt: skip
        done = shell(here(BLOCKS["srun"], server), tmp_path, cluster)
        assert done.returncode == 0, done.stderr
        self.compared(tmp_path, 3, cluster)

    def test_parallel(self, tmp_path: Path, cluster: dict[str, str], server: Server) -> None:
        if shutil.which("parallel") is None:
            pytest.skip("GNU parallel is not installed")
        (tmp_path / "nodes.txt").write_text(":\n")  # this machine, without ssh
        done = shell(here(BLOCKS["parallel"], server), tmp_path, cluster)
        assert done.returncode == 0, done.stderr
        self.compared(tmp_path, 1, cluster)

    def test_ansible(self, tmp_path: Path, cluster: dict[str, str], server: Server) -> None:
        if shutil.which("ansible") is None:
            pytest.skip("ansible is not installed")
        script = here(BLOCKS["ansible"], server).replace("/tmp/preflight.json", str(tmp_path / "preflight.json"))
        hosts = f"ansible all -i node01,node02 -c local -e ansible_python_interpreter={sys.executable}"
        done = shell(script.replace("ansible all", hosts), tmp_path, cluster)
        assert done.returncode == 0, done.stdout + done.stderr
        self.compared(tmp_path, 2, cluster)

    def test_kubernetes(self, tmp_path: Path, cluster: dict[str, str], server: Server) -> None:
        """The pod's own command, and a stand-in for kubectl that prints what two pods logged."""
        job = yaml.safe_load(BLOCKS["kubernetes"])
        assert (job["apiVersion"], job["kind"]) == ("batch/v1", "Job")
        (container,) = job["spec"]["template"]["spec"]["containers"]
        done = subprocess.run(
            [*container["command"][:-1], here(container["command"][-1], server)], cwd=tmp_path, env=cluster, timeout=60,
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        (tmp_path / "log").write_text(done.stdout)
        program(
            tmp_path, "kubectl",
            "#!/bin/sh\ncase $1 in get) echo pod/preflight-a; echo pod/preflight-b;; "
            f"logs) cat {tmp_path / 'log'};; esac\n",
        )  # fmt: skip
        assert shell(BLOCKS["kubectl"], tmp_path, cluster).returncode == 0
        self.compared(tmp_path, 2, cluster)

    @pytest.mark.parametrize("name", ["dask", "ray"])
    def test_workers_of_a_program(
        self, tmp_path: Path, cluster: dict[str, str], server: Server, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        """Stand-ins for the libraries: each runs the function as their workers would."""
        monkeypatch.setenv("PATH", cluster["PATH"])
        monkeypatch.setenv("MNISTDOCTOR_NO_CONTROLS", "1")
        monkeypatch.chdir(tmp_path)
        monkeypatch.setitem(sys.modules, "ray", _Ray())
        exec(compile(here(BLOCKS[name], server), name, "exec"), {"client": _Dask()})
        self.compared(tmp_path, 2, cluster)


class _Dask:
    def run(self, function: Any, *arguments: Any) -> dict[str, Any]:
        return {f"tcp://10.0.0.{number}:8786": function(*arguments) for number in (1, 2)}


class _Ray:
    def nodes(self) -> list[int]:
        return [1, 2]

    def remote(self, function: Any) -> Any:
        ray = self

        class Task:
            def options(self, **_options: Any) -> Task:
                return self

            def remote(self) -> Any:
                return function()

        assert ray
        return Task()

    def get(self, tasks: list[Any]) -> list[Any]:
        return tasks


def test_each_block_is_tried() -> None:
    assert set(BLOCKS) == {
        "pyproject", "github", "github-run", "gitlab", "jenkins", "make", "pre-commit", "srun", "parallel", "ansible",
        "kubernetes", "kubectl", "dask", "ray",
    }  # fmt: skip


def test_every_option_that_the_guide_names_exists() -> None:
    ours_only = "\n".join(re.findall(r"mnistdoctor \w+[^\n'\"]*|`--[a-z-]+", GUIDE))
    known = {name for one in cli.commands.values() for option in one.params for name in option.opts}
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z0-9-]*", ours_only)) <= {*known, "--no-deps"}
