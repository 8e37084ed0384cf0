"""Choice of the runs that may be warm; every other one is started as usual."""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from caldp.adapters.engines.combination import PROVEN
from caldp.adapters.engines.libraries import CALIBRATION_PACKAGES, LIBRARIES, MAY_DIFFER
from caldp.adapters.engines.subprocess import SubprocessRunner
from caldp.adapters.engines.warm import WarmEngines
from caldp.adapters.support.our_programs import with_our_programs
from caldp.app.ports.calibration_runner import EngineCall, EngineResult
from caldp.domain.errors import EngineNotFound
from tests.fakes.memory_watch import FakeMemory
from tests.support.scripted import Script, install

pytestmark = [
    pytest.mark.engines,
    pytest.mark.skipif(sys.platform != "linux", reason="engines are warm on Linux only"),
]

ENVIRONMENT = with_our_programs({"PATH": "/bin:/usr/bin", "HOME": "/", "OMP_NUM_THREADS": "1"})


@pytest.fixture(scope="module")
def calcos() -> Path:
    """Return the program calcos."""
    return SubprocessRunner().locate("calcos", ENVIRONMENT)


@pytest.fixture(scope="module")
def engines(calcos: Path) -> Iterator[WarmEngines]:
    """Servers, shared by all tests, of which one has prepared calcos."""
    with WarmEngines() as engines:
        engines.prepare(calcos, ENVIRONMENT)
        yield engines


Start = Callable[..., bool]


@pytest.fixture
def starts_warm(engines: WarmEngines, calcos: Path, tmp_path: Path) -> Start:
    """Return a function that tells whether a run in an environment would be warm, and ends it if it is."""

    def start(environment: Mapping[str, str] = ENVIRONMENT, engines: WarmEngines = engines) -> bool:
        child = engines.start(calcos, EngineCall(("calcos", "--version"), tmp_path, environment))
        if child is not None:
            child.close()
        return child is not None

    return start


def run(runner: SubprocessRunner, directory: Path, environment: Mapping[str, str] = ENVIRONMENT) -> EngineResult:
    return runner.run(EngineCall(("calcos", "--version"), directory, environment), lambda _: None)


def test_runs_of_our_own_engines_are_warm(engines: WarmEngines, tmp_path: Path) -> None:
    runner = SubprocessRunner(engines=engines)
    runner.prepare(["calcos", "cs0.e", "no_such_program"], ENVIRONMENT)
    results = [run(runner, tmp_path) for _ in range(2)]
    runner.close()
    results.append(run(runner, tmp_path))  # others may still use the servers that it was given
    cold = run(SubprocessRunner(is_warm=False, engines=engines), tmp_path)
    assert [result.is_warm for result in (*results, cold)] == [True, True, True, False]
    assert {(result.completion, result.tail) for result in results} == {(cold.completion, cold.tail)}


def test_what_combines_exposures_is_started_from_their_engines_server(engines: WarmEngines, tmp_path: Path) -> None:
    if version("calcos") not in PROVEN["calcos"].versions:
        pytest.skip("this version of calcos is not proven to combine exposures")
    runner = SubprocessRunner(engines=engines)
    command = runner.combination("calcos", ENVIRONMENT)
    call = EngineCall((*command, "no_such_asn.fits"), tmp_path, ENVIRONMENT)
    warm, cold = runner.run(call, lambda _: None), SubprocessRunner(is_warm=False).run(call, lambda _: None)
    assert (warm.is_warm, cold.is_warm) == (True, False)
    assert warm.completion == cold.completion
    assert [line for line in warm.tail if "Begin" not in line] == [line for line in cold.tail if "Begin" not in line]
    assert any("no_such_asn.fits" in line for line in warm.tail)


def test_another_script_is_not(engines: WarmEngines, tmp_path: Path) -> None:
    script = tmp_path / "cos_combination.py"
    script.write_text("print('mine')")
    call = EngineCall((sys.executable, "-P", str(script)), tmp_path, ENVIRONMENT)
    result = SubprocessRunner(engines=engines).run(call, lambda _: None)
    assert (result.is_warm, result.tail) == (False, ("mine",))


def test_a_runner_closes_its_own_servers(tmp_path: Path) -> None:
    runner = SubprocessRunner()
    runner.prepare(["calcos"], ENVIRONMENT)
    runner.close()
    runner.prepare(["calcos"], ENVIRONMENT)
    assert not run(runner, tmp_path).is_warm


@pytest.mark.parametrize("name", ["jref", "ASTRODRIZ_NO_PARALLEL", "ASTROMETRIC_CATALOG_URL", "SVM_CATALOG_HRC"])
def test_a_variable_of_the_calibration_packages_may_differ(name: str, starts_warm: Start) -> None:
    assert starts_warm({**ENVIRONMENT, name: "x"})


@pytest.mark.parametrize(
    "change",
    [
        {"OMP_NUM_THREADS": "2"},
        {"OPENBLAS_NUM_THREADS": "1"},
        {"HOME": "/tmp"},
        {"LANG": "C"},
        {"TZ": "EST"},
        {"MPLBACKEND": "pdf"},
        {"TMPDIR": "/tmp"},
        {"NEVER_HEARD_OF": ""},
        {"PATH": f"{ENVIRONMENT['PATH']}:/none"},
        {"PYTHONHASHSEED": "1"},
    ],
)
def test_no_other_variable_may(change: Mapping[str, str], starts_warm: Start) -> None:
    assert not starts_warm({**ENVIRONMENT, **change})


@pytest.mark.parametrize(
    "unknown", [{"PYTHONHASHSEED": "1"}, {"PYTHONPATH": "here"}, {"PYTHONPATH": "/a:"}, {"PYTHONINSPECT": "1"}]
)
def test_python_is_not_set_up_in_unknown_ways(unknown: Mapping[str, str], calcos: Path, starts_warm: Start) -> None:
    environment = {**ENVIRONMENT, **unknown}
    with WarmEngines() as engines:
        engines.prepare(calcos, environment)
        assert not starts_warm(environment, engines)


def lower_limit() -> Callable[[], object]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft - 1, hard))
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def other_mask() -> Callable[[], object]:
    mask = os.umask(0o077)
    return lambda: os.umask(mask)


def other_processors() -> Callable[[], object]:
    before = os.sched_getaffinity(0)
    if len(before) == 1:
        pytest.skip("there is only one processor")
    os.sched_setaffinity(0, {min(before)})
    return lambda: os.sched_setaffinity(0, before)


@pytest.mark.parametrize("change", [lower_limit, other_mask, other_processors])
def test_a_caller_that_has_changed_starts_anew(change: Callable[[], Callable[[], object]], starts_warm: Start) -> None:
    undo = change()
    try:
        was_warm = starts_warm()
    finally:
        undo()
    assert not was_warm
    assert starts_warm()


def test_settings_of_a_library_in_the_directory_count(tmp_path: Path, starts_warm: Start) -> None:
    (tmp_path / "matplotlibrc").write_text("backend: pdf\n")
    assert not starts_warm()


def test_a_script_of_the_user_is_run_as_it_is(engines: WarmEngines, tmp_path: Path) -> None:
    install(tmp_path / "bin", "calcos", Script(("mine",)))
    environment = {**ENVIRONMENT, "PATH": f"{tmp_path / 'bin'}:{ENVIRONMENT['PATH']}"}
    runner = SubprocessRunner(engines=engines)
    runner.prepare(["calcos"], environment)
    result = run(runner, tmp_path, environment)
    assert (result.is_warm, result.tail) == (False, ("mine",))


def test_an_engine_whose_libraries_are_broken_tells_so_itself(tmp_path: Path) -> None:
    (tmp_path / "scipy.py").write_text("raise RuntimeError('this scipy is broken')")
    environment = {**ENVIRONMENT, "PYTHONPATH": str(tmp_path)}
    runner = SubprocessRunner()
    runner.prepare(["calcos"], environment)
    result = run(runner, tmp_path, environment)
    runner.close()
    assert not result.is_warm
    assert result.tail[-1] == "RuntimeError: this scipy is broken"
    assert result.completion.status == 1


def test_a_missing_directory_is_told_as_ever(engines: WarmEngines, tmp_path: Path) -> None:
    messages = []
    for one in (SubprocessRunner(engines=engines), SubprocessRunner(is_warm=False)):
        with pytest.raises(EngineNotFound) as raised:
            run(one, tmp_path / "none")
        messages.append(str(raised.value))
    assert messages[0] == messages[1]


def test_variables_that_may_differ_are_those_of_the_calibration_packages() -> None:
    assert {"jref", "ASTROMETRY_COMPUTE_APOSTERIORI", "GSSS_WEBSERVICES_URL"} <= MAY_DIFFER
    assert not any(name.startswith(("OMP", "OPENBLAS", "MKL", "PYTHON", "MPL", "LC_")) for name in MAY_DIFFER)
    libraries = {module.partition(".")[0] for modules in LIBRARIES.values() for module in modules}
    assert not libraries & set(CALIBRATION_PACKAGES)


LISTS = """
import json, os, sys
from importlib import import_module
libraries, packages, module = sys.argv[1].split(), set(sys.argv[2].split()), sys.argv[3]
read, directories, getcwd = set(), set(), os.getcwd
class Recording(type(os.environ)):
    def __getitem__(self, name):
        read.add(os.fsdecode(name))  # a search for a program asks for bytes too
        return super().__getitem__(name)
def asked():
    frame = sys._getframe(1)
    while frame.f_globals["__name__"] == "posixpath":
        frame = frame.f_back
    directories.add(frame.f_globals["__name__"])
    return getcwd()
os.environ.__class__, os.getcwd = Recording, asked
for name in libraries:
    import_module(name)
os.environ.__class__, os.getcwd = Recording.__base__, getcwd
def foreign():
    known = packages | set(sys.stdlib_module_names)
    return {name for name in sys.modules if name.partition(".")[0] not in known}
before = foreign()
assert not packages & {name.partition(".")[0] for name in sys.modules}
import_module(module)
print(json.dumps([len(before), sorted(foreign() - before), sorted(read), sorted(directories)]))
"""
"""A program that imports libraries, then an engine, and lists the libraries that the engine has brought besides.

Of the libraries it lists the variables that they read when they are imported, and those that ask for the directory.
"""


@pytest.mark.parametrize(
    ("program", "module"),
    [
        ("calcos", "calcos"),
        ("runastrodriz", "drizzlepac.runastrodriz"),
        ("runsinglehap", "drizzlepac.runsinglehap"),
    ],
)
def test_the_lists_of_libraries_are_complete_and_nothing_that_differs_is_read(
    program: str, module: str, tmp_path: Path
) -> None:
    """If this fails, add to the list of the program what its new version imports."""
    words = (sys.executable, "-c", LISTS, " ".join(LIBRARIES[program]), " ".join(CALIBRATION_PACKAGES), module)
    result = SubprocessRunner().run(EngineCall(words, tmp_path, {**ENVIRONMENT, "MPLBACKEND": "Agg"}), lambda _: None)
    count, missing, read, directories = json.loads(result.tail[-1])
    assert count > 500
    quick = ("_cython", "importlib_metadata.", "zipp")  # the last two come with Python 3.11 only
    assert [name for name in missing if not name.startswith(quick)] == []
    assert "HOME" in read
    assert not MAY_DIFFER & set(read)
    assert set(directories) <= {"multiprocessing.process", "rich"}, "the server sets what these have noted"


@pytest.mark.parametrize(("limit", "is_warm"), [(1792 << 20, False), (7168 << 20, True), (None, True)])
def test_where_memory_is_short_engines_get_all_of_it(
    limit: int | None, is_warm: bool, mocker: MockerFixture, calcos: Path
) -> None:
    engines = mocker.create_autospec(WarmEngines, instance=True)
    SubprocessRunner(memory=FakeMemory(bound=limit), engines=engines).prepare(["calcos"], ENVIRONMENT)
    assert engines.prepare.call_args_list == ([mocker.call(calcos, ENVIRONMENT)] if is_warm else [])
