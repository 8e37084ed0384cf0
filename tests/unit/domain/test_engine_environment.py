import pytest

from caldp.domain.engine_environment import FileVariables, build_environment, parse_variables

FILE = "j8cb010b0_cal_env.txt"


def test_takes_from_the_caller_what_engines_need_and_nothing_else() -> None:
    caller = {
        "PATH": "/bin",
        "HOME": "/home/astronomer",
        "LC_ALL": "C",
        "AWS_SECRET_ACCESS_KEY": "x",
        "MAST_API_TOKEN": "x",
        "CRDS_PATH": "/grp",
        "CALDP_HOME": "/scratch",
        "OMP_NUM_THREADS": "2",
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


def test_reads_lines_whose_values_hold_equal_signs() -> None:
    lines = ["A=1", "", "# a comment", "  B = x=y=z  ", "C="]
    assert parse_variables(lines, FILE) == FileVariables({"A": "1", "B": "x=y=z", "C": ""})


@pytest.mark.parametrize("line", ["no equal sign", "=value", "1A=2", "A B=3", "A=\0"])
def test_reports_a_bad_line_and_goes_on(line: str) -> None:
    parsed = parse_variables(["A=1", line, "B=2"], FILE)
    assert parsed.variables == {"A": "1", "B": "2"}
    assert parsed.complaints == (f"{FILE}, line 2: expected KEY=VALUE; the line is passed over.",)


@pytest.mark.parametrize("name", ["PATH", "LD_PRELOAD", "DYLD_INSERT_LIBRARIES", "PYTHONPATH", "jref", "uref_linux"])
def test_a_data_file_does_not_decide_which_programs_or_references_are_used(name: str) -> None:
    parsed = parse_variables([f"{name}=/tmp/"], FILE)
    assert parsed.variables == {}
    assert parsed.complaints == (f"{FILE}, line 1: {name} cannot be set here; the line is passed over.",)
