"""The steps of `mrm selftest`: what each is for, and the commands that take it."""

from dataclasses import dataclass
from pathlib import Path
from sysconfig import get_path

from commands.step import Command, Step, mrm, python
from harness.image import DEFAULT_IMAGES
from harness.image.build import recipes
from harness.image.document import ROOT

LIMIT_SECONDS = 15 * 60  # for all of it; whoever waits for CI gives up later than that
FUZZ_SECONDS = "30"
PYTHON_ROOMS = ("commands", "fixtures", "harness", "reports", "suites", "tests", "conftest.py")
SYSTEMS = ("twin-linux", "twin-linux-shared")
EVIDENCE = ROOT / "results" / "selftest"  # not where a person's own runs of pytest leave theirs


@dataclass(frozen=True)
class Options:
    """What the person asked for."""

    expression: str | None
    workers: int


def steps(options: Options) -> list[Step]:
    """All steps, the quick ones first, the whole chain last."""
    workers = str(options.workers)
    return [
        Step("lint", "Python style", lambda: [python("ruff", "check", ".")]),
        Step("format", "Python layout", lambda: [python("ruff", "format", "--check", ".")]),
        Step("types", "Python types", lambda: [python("mypy", *PYTHON_ROOMS)], seconds=240),
        Step("c-format", "C layout", _c_format),
        Step("analyze", "C under gcc's static analyzer", _analyze),
        Step(
            "sanitize",
            "the core's suite under ASan and UBSan",
            lambda: [_core("sanitize", workers)],
            seconds=240,
        ),
        Step("fuzz", "the core under libFuzzer, for a while", lambda: [_core("fuzz", FUZZ_SECONDS)]),
        _tests("unit", "tests of the harness", options, "tests"),
        _tests("core", "questions to the core", options, "suites/core", "--evidence", str(EVIDENCE)),
        *(_some_of_the_suites(options) if options.expression else _whole_runs(options)),
    ]


def _some_of_the_suites(options: Options) -> list[Step]:
    words = ["suites", "--ignore=suites/core", *(f"--image={name}" for name in DEFAULT_IMAGES)]
    purpose = "the conformance suites on both twin images"
    return [_tests("suites", purpose, options, *words, "--evidence", str(EVIDENCE))]


def _whole_runs(options: Options) -> list[Step]:
    """The main job, as a user has it done; twice, because the second run has to say the same."""
    runs = [
        _certify("suites", "both twin images on qemu-q35", options),
        _certify("again", "the same once more", options),
        _certify(
            "pc", "the first of them on qemu-pc", options, "--board", "qemu-pc", "--image", DEFAULT_IMAGES[0]
        ),
    ]
    twice = [str(EVIDENCE / name) for name in ("suites", "again")]
    same = Step("same", "both runs on qemu-q35, bit for bit", lambda: [mrm("compare", *twice)])
    dma = ["suites/memory/test_bus_master.py", "--image=twin-probes-dma", "--evidence", str(EVIDENCE / "dma")]
    return [
        *runs,
        same,
        _tests("dma", "bus masters in the zero-based view", options, *dma),
        Step("linux", "unmodified Linuxes, some questions", _smoke, seconds=300),
    ]


def _smoke() -> list[Command]:
    """A few questions to operating systems, on processors of their own and on a shared one, side by side."""
    words = ("-q", "suites/systems", "-m", "smoke")
    return [
        python("pytest", *words, f"--image={image}", "--evidence", str(EVIDENCE / image)) for image in SYSTEMS
    ]


def _certify(name: str, purpose: str, options: Options, *words: str) -> Step:
    command = mrm("certify", "-n", str(options.workers), *words, "--out", str(EVIDENCE / name))
    return Step(name, purpose, lambda: [command], seconds=300, talks=True)


def _core(*words: str) -> Command:
    return Command(["sh", str(ROOT / "targets" / "core" / "check.sh"), *words])


def _tests(name: str, purpose: str, options: Options, *words: str) -> Step:
    chosen = ["-k", options.expression] if options.expression else []
    command = python("pytest", "-q", "-n", str(options.workers), *chosen, *words)
    return Step(name, purpose, lambda: [command], seconds=300, talks=True, may_be_empty=bool(chosen))


def _c_format() -> list[Command]:
    files = sorted(str(path) for path in (ROOT / "targets").rglob("*.[ch]"))
    return [Command(["clang-format", "--dry-run", "-Werror", *files])]


def _analyze() -> list[Command]:
    """Each C file once, with the flags of the first artifact it goes into; last the extension's."""
    commands: dict[Path, Command] = {}
    for job in recipes().values():
        for source in job.sources():
            if source.suffix == ".c":
                commands.setdefault(source, _analysis(source, job.artifact.cflags, job.folder))
    includes = ("-std=c11", "-Wall", "-Wextra", f"-I{get_path('include')}", "-I..")
    extension = ROOT / "targets" / "core" / "extension"
    return [*commands.values(), *(_analysis(path, includes, extension) for path in extension.glob("*.c"))]


def _analysis(source: Path, flags: tuple[str, ...], folder: Path) -> Command:
    words = ["gcc", *flags, "-O2", "-fanalyzer", "-Werror", "-c", "-o", "/dev/null", str(source)]
    return Command(words, folder)
