"""The command line in-process: what goes wrong becomes a status and a sentence."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from caldp.cli.main import main
from caldp.cli.readme_commands import COMMANDS, translate
from caldp.domain.errors import UsageError
from caldp.domain.exit_codes import explain

Capture = pytest.CaptureFixture[str]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["exlain"], "No such command 'exlain'. Did you mean 'explain'?"),
        (["profile", "shw"], "No such command 'shw'. Did you mean 'show'?"),
        (["process"], "Missing argument"),
        (["process", "j8cb010b0", "--contxt", "x"], "--context"),
        (["process", "j8cb010b"], "'j8cb010b' is not the name of an HST dataset."),
        (["process", "n8cb010b0"], "belongs to NICMOS, which caldp does not calibrate."),
        (["process", "j8cb010b0", "astroquery"], "Did you mean astroquery:"),
        (["process", "j8cb010b0", "ldfd01010"], "caldp batch run takes several"),
        (["process", "j8cb010b0", "--profile", "ofsite"], "Did you mean 'offsite'?"),
        (["profile", "show", "nowhere.toml"], "There is no profile file"),
        (["profile", "env", "onsite", "--shell", "powershell"], "It is sh, csh, fish."),
        (["explain", "sigkil"], "Did you mean SIGKILL?"),
        (["docker", "run", "x"], "is not the name of an HST dataset."),
    ],
)
def test_a_wrong_command_line_is_status_2_and_says_what_was_expected(
    words: list[str], sentence: str, capsys: Capture
) -> None:
    assert main(words) == 2
    output = capsys.readouterr()
    assert sentence in output.err
    assert output.err.startswith("caldp: ")
    assert output.out == ""


def test_without_a_command_there_is_help(capsys: Capture) -> None:
    assert main([]) == 2
    assert "Usage: caldp" in capsys.readouterr().out


@pytest.mark.parametrize("words", [[], ["process"], ["preview"], ["explain"], ["profile", "env"], ["docker", "run"]])
def test_help_has_a_usage_and_examples(words: list[str], capsys: Capture) -> None:
    assert main([*words, "--help"]) == 0
    text = capsys.readouterr().out
    assert text.startswith(f"Usage: {' '.join(['caldp', *words])} ")
    if words:
        assert f"Examples:\n    {'eval' if words[-1] == 'env' else 'caldp'}" in text, (
            "examples stand on lines of their own"
        )


@pytest.mark.parametrize(
    "words", ["--help", "explain 23", "profile list", "profile env offsite", "status file:.", "clean --dry-run ."]
)
def test_light_commands_import_nothing_heavy(words: str, tmp_path: Path) -> None:
    code = f"import sys; from caldp.cli.main import main; main({words.split()!r}); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    heavy = {"rich", "pydantic", "numpy", "astropy", "boto3", "crds", "matplotlib", "PIL", "dependency_injector"}
    assert not heavy & set(done.stderr.split())
    assert words != "--help" or "cattrs" not in done.stderr.split()


def test_an_unexpected_error_is_a_sentence_and_with_debug_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    def explode(*_: object) -> None:
        raise RuntimeError("at sea")

    monkeypatch.setattr("caldp.profiles.make_profiles", explode)
    monkeypatch.setattr(sys, "argv", ["notebook", "--debug"])
    assert main(["profile", "list"]) == 1
    output = capsys.readouterr().err
    assert "Unexpected RuntimeError: at sea" in output
    assert "Traceback" not in output
    monkeypatch.setattr(sys, "argv", ["notebook"])
    assert main(["--debug", "profile", "list"]) == 1
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "status"), [(MemoryError(), 32), (KeyboardInterrupt(), 130), (UsageError("?"), 2)], ids=str
)
def test_each_kind_of_error_has_its_status(
    error: BaseException, status: int, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    def explode(*_: object) -> None:
        raise error

    monkeypatch.setattr("caldp.profiles.make_profiles", explode)
    assert main(["profile", "list"]) == status
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "words", "environ", "expected"),
    [
        ("caldp-process", "j8cb010b0", {}, "process j8cb010b0 file:. file:. --profile caldp-config-onsite"),
        ("caldp-process", "x astroquery:", {}, "process x astroquery: file:. --profile caldp-config-onsite"),
        ("caldp-process", "a b c mine.toml --keep-work", {}, "process a b c --profile mine.toml --keep-work"),
        (
            "caldp-process", "x s3://b/inputs s3://b/outputs/x caldp-config-aws", {},
            "process x s3://b/inputs s3://b/outputs/x --profile caldp-config-aws",
        ),
        ("caldp-process-aws", "s3://b/c j8cb010b0", {}, "process j8cb010b0 astroquery: s3://b/c --profile aws"),
        ("caldp-docker-run-pipeline", "a", {}, "docker run a file:. file:. --profile caldp-config-offsite"),
        ("caldp-docker-run-container", "ls -l", {"CALDP_CONFIG": "aws"}, "docker shell --profile aws -- ls -l"),
        ("caldp-image-build", "", {"CALDP_CLONE": "/src"}, "docker build /src"),
        ("caldp-image-push", "", {}, "docker push"),
        ("caldp-ecr-login", "", {"ADMIN_ARN": "arn:x"}, "docker login arn:x"),
        ("caldp-ecr-login", "role", {"ADMIN_ARN": "arn:x"}, "docker login role"),
    ],
)  # fmt: skip
def test_the_readmes_commands_are_todays(name: str, words: str, environ: dict[str, str], expected: str) -> None:
    assert translate(name, words.split(), environ) == expected.split()


@pytest.mark.parametrize(
    ("name", "words"),
    [("caldp-process", ""), ("caldp-process", "a b c d e"), ("caldp-process-aws", "s3://b"), ("caldp-image-push", "x")],
)
def test_too_few_or_too_many_parameters_show_the_usage(name: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        translate(name, words.split(), {})
    assert caught.value.advice.startswith(f"Usage: {name}")


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_readme_command_has_help(name: str, capsys: Capture) -> None:
    assert main(translate(name, ["--help"], {})) == 0
    assert f"Usage: caldp {' '.join(COMMANDS[name].today)} " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "has_answer", "has_event"),
    [
        (["process", "j8cb", "--json"], True, False),
        (["status", "--state", "foo", "--format", "json"], True, False),
        (["process", "j8cb", "--json", "--log-format=json"], True, True),
        (["process", "j8cb", "--log-format", "JSON"], False, True),
        (["process", "--json"], True, False),
        (["exlain", "--json"], True, False),
        (["process", "j8cb", "--format", "csv"], False, False),
        (["docker", "shell", "--profile", "none", "calacs.e", "--json"], False, False),
    ],
)
def test_errors_answer_those_who_asked_for_json(
    words: list[str], has_answer: bool, has_event: bool, capsys: Capture
) -> None:
    assert main(words) == 2
    output = capsys.readouterr()
    if has_answer:
        document = json.loads(output.out)
        assert (document["status"], document["explanation"]) == (2, explain(2))
        assert document["message"]
    else:
        assert output.out == ""
    if has_event:
        event = json.loads(output.err)
        assert (event["event"], event["status"]) == ("Error", 2)
    else:
        assert output.err.startswith("caldp: ")


def test_an_error_on_a_terminal_is_broken_between_words(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setattr("caldp.cli.streams.width_of", lambda _stream: 60)
    assert main(["process", "j8cb"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) > 2
    assert max(map(len, lines)) <= 60
    assert all(line.startswith("       ") for line in lines[1:])
