"""`./mrm` on a bare machine: it sets up what is missing, once, and says what it does and what it cannot do.

The launcher is the real one, in a tree as small as it can be (tests/commands/tiny), with a real virtual
environment and the real pip; no network is needed. Systems that lack packages are this system, seen through a
mount namespace.
"""

import os
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SECONDS = 120
BARE = {"PATH": "/usr/bin:/bin", "PIP_NO_INDEX": "1"}
ROOT_ONLY = pytest.mark.skipif(
    os.geteuid() != 0, reason="needs root, to look at this system without a package"
)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree that is not set up, at a path with a space."""
    path = tmp_path / "a tree"
    shutil.copytree(Path(__file__).parent / "tiny", path, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "mrm", path)
    return path


@pytest.fixture
def launch(tree: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts the launcher in an almost empty environment, from elsewhere; whatever is left is ended."""
    started: list[subprocess.Popen[str]] = []

    def start(*words: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [tree / "mrm", *words],
            env=BARE | {"HOME": str(tree)},
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        end(process)


def end(process: subprocess.Popen[str]) -> None:
    """Kills a launcher with all it has started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.communicate(timeout=SECONDS)


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Exit code, output, and what it said while setting up."""
    output, said = process.communicate(timeout=SECONDS)
    return process.returncode, output, said


class Halt:
    """Holds the back end in the middle of the set-up. Pipes are open both ways, so that no open() waits."""

    def __init__(self, tree: Path) -> None:
        for name in ("reached", "go"):
            os.mkfifo(tree / name)
        self._tree = tree
        self._reached, self._go = (os.open(tree / name, os.O_RDWR) for name in ("reached", "go"))

    def wait(self) -> None:
        assert select.select([self._reached], [], [], SECONDS)[0], "the set-up has not come so far"

    def release(self) -> None:
        """Lets the back end go on; no later one is held."""
        for name in ("reached", "go"):
            (self._tree / name).unlink()
        os.write(self._go, b"x")
        os.close(self._go)
        os.close(self._reached)


def calls(tree: Path) -> int:
    return len((tree / "calls").read_text())


Launch = Callable[..., subprocess.Popen[str]]


def test_set_up_once_then_start_at_once(tree: Path, launch: Launch) -> None:
    code, output, said = finish(launch("first", "two words"))

    assert (code, output) == (0, "tiny: first two words\n"), said
    assert "making the virtual environment" in said
    assert calls(tree) == 1

    began = time.monotonic()
    assert finish(launch("second")) == (0, "tiny: second\n", "")
    print(f"a second start takes {time.monotonic() - began:.3f} s, Python included")
    assert calls(tree) == 1


def test_set_up_again_when_what_it_depends_on_changes_or_the_tree_moves(tree: Path, launch: Launch) -> None:
    finish(launch("first"))
    with (tree / "pyproject.toml").open("a") as project:
        project.write("# changed\n")

    code, _, said = finish(launch("second"))

    assert code == 0, said
    assert "making the virtual environment" not in said
    assert calls(tree) == 2

    moved = tree.rename(tree.with_name("moved"))
    result = subprocess.run(
        [moved / "mrm", "third"], capture_output=True, text=True, timeout=SECONDS, env=BARE
    )

    assert result.stdout == "tiny: third\n", result.stderr
    assert calls(moved) == 3


def test_a_step_that_fails_shows_its_output_and_is_taken_again(tree: Path, launch: Launch) -> None:
    (tree / "fail").touch()

    code, output, said = finish(launch("first"))

    assert (code, output) == (3, "")
    assert "RuntimeError: the compiler said no" in said
    assert "build/setup.log" in said

    (tree / "fail").unlink()
    assert finish(launch("second"))[:2] == (0, "tiny: second\n")


def test_a_set_up_goes_on_where_it_failed(tree: Path, launch: Launch) -> None:
    (tree / "fail-build").touch()

    code, _, said = finish(launch("first"))

    assert code == 3
    assert "the assembler said no" in said

    (tree / "fail-build").unlink()
    code, output, said = finish(launch("second"))

    assert (code, output) == (0, "tiny: second\n")
    assert "making the virtual environment" not in said
    assert calls(tree) == 1


def test_a_set_up_to_which_nobody_listens_any_more_is_completed(tree: Path, launch: Launch) -> None:
    """As with `./mrm ... 2>&1 | head -n 1`."""
    process = launch("first")
    assert process.stderr is not None
    assert "making the virtual environment" in process.stderr.readline()
    process.stderr.close()
    assert process.stdout is not None
    assert process.stdout.read() == "tiny: first\n"

    assert finish(launch("second")) == (0, "tiny: second\n", "")
    assert calls(tree) == 1


def test_a_set_up_that_was_killed_is_done_again_from_the_beginning(tree: Path, launch: Launch) -> None:
    halt = Halt(tree)
    killed = launch("first")
    halt.wait()
    end(killed)
    halt.release()

    code, output, said = finish(launch("second"))

    assert (code, output) == (0, "tiny: second\n"), said
    assert "making the virtual environment" in said


def test_two_at_once_set_up_once(tree: Path, launch: Launch) -> None:
    halt = Halt(tree)
    first = launch("first")
    halt.wait()
    second = launch("second")
    assert second.stderr is not None
    assert select.select([second.stderr], [], [], SECONDS)[0], "it waits in silence"
    assert "waiting for another set-up" in second.stderr.readline()
    halt.release()

    assert finish(first)[:2] == (0, "tiny: first\n")
    assert finish(second)[:2] == (0, "tiny: second\n")
    assert calls(tree) == 1


def without(tmp_path: Path, *packages: str) -> list[str]:
    """The beginning of a command that runs as if Debian's database did not have these packages."""
    status = Path("/var/lib/dpkg/status").read_text().split("\n\n")
    heads = tuple(f"Package: {name}\n" for name in packages)
    (tmp_path / "status").write_text("\n\n".join(part for part in status if not part.startswith(heads)))
    mount = f"mount --bind '{tmp_path}/status' /var/lib/dpkg/status"
    return ["unshare", "--mount", "sh", "-c", f'{mount} && exec "$@"', "sh"]


NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


def run(command: list[str], tree: Path) -> subprocess.CompletedProcess[str]:
    for folder in (tree, *tree.parents):
        if folder.stat().st_mode & 0o005 != 0o005:
            folder.chmod(0o755)  # so that "nobody" may read it
    return subprocess.run(
        [*command, str(tree / "mrm"), "x"],
        env=BARE,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )


@ROOT_ONLY
def test_without_root_the_missing_packages_are_named_and_nothing_is_done(tree: Path, tmp_path: Path) -> None:
    result = run([*without(tmp_path, "qemu-system-x86", "clang-format"), *NOBODY], tree)

    assert result.returncode == 3
    assert "missing: qemu-system-x86 clang-format\n" in result.stderr
    assert "apt-get install --no-install-recommends qemu-system-x86 clang-format\n" in result.stderr
    assert not (tree / ".venv").exists()


@ROOT_ONLY
def test_on_another_distribution_the_missing_packages_are_named(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "os-release").write_text("ID=fedora\nVERSION_ID=43\n")
    mounts = f"mount --bind '{tmp_path}/os-release' /etc/os-release"
    mounts += " && mount --bind /dev/null /usr/bin/qemu-system-x86_64"
    result = run(["unshare", "--mount", "sh", "-c", f'{mounts} && exec "$@"', "sh"], tree)

    assert result.returncode == 3
    assert "missing: qemu-system-x86\n" in result.stderr
    assert "this is another system" in result.stderr
    assert not (tree / ".venv").exists()
