"""Environment of engines, made of the caller's, of settings, and of a file among the inputs."""

from __future__ import annotations

import os
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caldp.domain.run.engine_environment import REFERENCE_VARIABLES, FileVariables, build_environment, parse_variables
from caldp.domain.run.engine_variables import BY_NAME, ENGINE_VARIABLES, Kind
from caldp.domain.run.secrets import is_secret_name

FILE = "j8cb010b0_cal_env.txt"


def test_takes_from_the_caller_what_engines_need_and_nothing_else() -> None:
    caller = {
        "PATH": "/bin",
        "HOME": "/home/astronomer",
        "LC_ALL": "C",
        "LC_EXTRA": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "MAST_API_TOKEN": "x",
        "CRDS_PATH": "/grp",
        "CALDP_HOME": "/scratch",
        "OMP_NUM_THREADS": "2",
        "OMP_TOOL_LIBRARIES": "/tmp/x.so",
        "SVM_PASSPHRASE": "x",
        "PYTHONWARNINGS": "all",
        "jref": "/wrong/",
    }
    environment = build_environment(caller, {}, {}, {"jref": "/refs/"})
    assert environment == {
        "PYTHONUNBUFFERED": "1",
        "MPLBACKEND": "Agg",
        "PATH": "/bin",
        "HOME": "/home/astronomer",
        "LC_ALL": "C",
        "OMP_NUM_THREADS": "2",
        "jref": "/refs/",
    }


def test_each_source_wins_over_the_one_before() -> None:
    name = "ASTROMETRY_COMPUTE_APOSTERIORI"
    assert build_environment({}, {name: "settings"}, {}, {})[name] == "settings"
    assert build_environment({name: "caller"}, {name: "settings"}, {}, {})[name] == "caller"
    assert build_environment({name: "caller"}, {name: "settings"}, {name: "file"}, {})[name] == "file"


def test_settings_can_replace_what_the_system_gives() -> None:
    assert build_environment({"PATH": "/bin"}, {"PATH": "/sw/hstcal/bin:/bin"}, {}, {})["PATH"].startswith("/sw")


def test_reads_lines_of_names_and_values() -> None:
    lines = ["OMP_NUM_THREADS=4,2", "", "# a comment", "  SVM_CATALOG_HRC = off  ", "ASTRODRIZ_NO_PARALLEL="]
    expected = {"OMP_NUM_THREADS": "4,2", "SVM_CATALOG_HRC": "off", "ASTRODRIZ_NO_PARALLEL": ""}
    assert parse_variables(lines, FILE) == FileVariables(expected)


@pytest.mark.parametrize("line", ["no equal sign", "=value", "1A=2", "A B=3", "A=\0"])
def test_reports_a_bad_line_and_goes_on(line: str) -> None:
    parsed = parse_variables(["OMP_NUM_THREADS=1", line, "MKL_NUM_THREADS=2"], FILE)
    assert parsed.variables == {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "2"}
    assert parsed.complaints == (f"{FILE}, line 2: expected KEY=VALUE; the line is passed over.",)


@pytest.mark.parametrize(
    "name",
    [
        "PATH", "LD_PRELOAD", "DYLD_INSERT_LIBRARIES", "PYTHONPATH", "PYTHONWARNINGS", "PYTHONUSERBASE", "BROWSER",
        "PYTHONPYCACHEPREFIX", "MPLBACKEND", "OPENSSL_CONF", "GCONV_PATH", "SSLKEYLOGFILE", "TMPDIR", "https_proxy",
        "OMP_TOOL_LIBRARIES", "OMP_TOOL", "OMP_AFFINITY_FORMAT", "REQUESTS_CA_BUNDLE", "HOME", "imclobber",
        "ASTROMETRY_SERVICE_URL", "ASTROMETRIC_CATALOG_URL", "GSSS_WEBSERVICES_URL", "ASTROMETRY_PWD",
        "SVM_PASSPHRASE", "omp_num_threads", "MALLOC_CONF",
    ],
)  # fmt: skip
def test_an_input_does_not_decide_which_programs_run_and_whom_they_ask(name: str) -> None:
    parsed = parse_variables([f"{name}=on"], FILE)
    assert parsed.variables == {}
    assert parsed.complaints == (
        (
            f"{FILE}, line 1: {name} cannot be set by an input; the line is passed over. "
            "If you trust it, set it in [engine_environment] of a profile of your own."
        ),
    )


def test_an_input_does_not_decide_which_references_are_used() -> None:
    (complaint,) = parse_variables(["jref=/tmp/"], FILE).complaints
    assert complaint == (f"{FILE}, line 1: jref always points at this run's own references; the line is passed over.")


def test_the_user_s_settings_count_and_not_the_input() -> None:
    parsed = parse_variables(["PYTHONWARNINGS=all:0:antigravity.x:0:0"], FILE, {"PYTHONWARNINGS": "ignore"})
    assert parsed.variables == {}
    assert parsed.complaints == (
        f"{FILE}, line 1: PYTHONWARNINGS counts as your settings have it; the line is passed over.",
    )


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("OMP_NUM_THREADS=0", "a number from 1 to 999"),
        ("OMP_NUM_THREADS=100000", "a number from 1 to 999"),
        ("OPENBLAS_NUM_THREADS=\u0664", "a number from 1 to 999"),
        ("ASTROMETRY_APPLY_APRIORI=http://evil.example", "on, off, yes, no, true or false"),
        ("ASTROMETRY_APPLY_APRIORI=off\x1b[2J", "on, off, yes, no, true or false"),
        ("RAISE_PIPELINE_ERRORS=on", "true or false"),
        ("ASTRODRIZ_NO_PARALLEL=../../x", "one word, or nothing: only being set counts"),
    ],
)
def test_an_input_s_values_are_checked(line: str, expected: str) -> None:
    parsed = parse_variables([line], FILE)
    name = line.partition("=")[0]
    assert parsed == FileVariables({}, (f"{FILE}, line 1: {name} must be {expected}; the line is passed over.",))


def test_complaints_are_bounded() -> None:
    parsed = parse_variables(["X" * 500 + "=1"] * 100_000, FILE)
    assert len(parsed.complaints) == 21
    assert parsed.complaints[-1] == f"{FILE}: 99980 further lines are passed over."
    assert max(map(len, parsed.complaints)) < 300


NAMES = st.one_of(
    st.sampled_from([*os.environ, *BY_NAME, "PYTHONWARNINGS", "BROWSER", "LD_PRELOAD", "OMP_TOOL_LIBRARIES"]),
    st.from_regex(r"(?:ASTROMETRY|PIPELINE|SVM|MVM|ASTRODRIZ|OMP|OPENBLAS|MKL|MALLOC|LC|PYTHON|LD)_?\w{0,20}"),
    st.text(max_size=30),
)


@given(st.lists(st.tuples(NAMES, st.text(max_size=30)), max_size=8), st.sets(NAMES, max_size=3))
def test_nothing_outside_the_list_ever_passes(pairs: list[tuple[str, str]], settings: set[str]) -> None:
    parsed = parse_variables([f"{name}={value}" for name, value in pairs], FILE, settings)
    for name, value in parsed.variables.items():
        assert name in BY_NAME
        assert BY_NAME[name].kind is not Kind.OWN
        assert re.fullmatch(r"[A-Za-z0-9_,]*", value)
    assert not set(parsed.variables) & {"PATH", "HOME", "TMPDIR", "PYTHONPATH", "LD_PRELOAD", *REFERENCE_VARIABLES}


@given(st.dictionaries(st.one_of(NAMES, st.from_regex(r"AWS_\w{0,20}|\w{0,20}_TOKEN", fullmatch=True)), st.text()))
def test_engines_never_see_the_caller_s_credentials(caller: dict[str, str]) -> None:
    environment = build_environment(caller, {}, {}, {})
    assert not [name for name in environment if is_secret_name(name) or name.startswith("AWS_")]


def test_every_listed_variable_says_what_reads_it_and_what_it_does() -> None:
    assert all(variable.reader and variable.meaning.endswith(".") for variable in ENGINE_VARIABLES)
    assert len(BY_NAME) == len(ENGINE_VARIABLES)
    assert not [variable.name for variable in ENGINE_VARIABLES if is_secret_name(variable.name)]


def test_defaults_count_where_nobody_sets_them() -> None:
    defaults = {"ASTROMETRY_APPLY_APRIORI": "off", "ASTROMETRY_COMPUTE_APOSTERIORI": "off", "A": "d", "B": "d"}
    environment = build_environment(
        {"ASTROMETRY_APPLY_APRIORI": "on"}, {"A": "s"}, {"ASTROMETRY_COMPUTE_APOSTERIORI": "on"}, {}, defaults=defaults
    )
    assert {name: environment[name] for name in defaults} == {
        "ASTROMETRY_APPLY_APRIORI": "on",
        "ASTROMETRY_COMPUTE_APOSTERIORI": "on",
        "A": "s",
        "B": "d",
    }
