"""Tarballs from untrusted hands: what is refused leaves nothing behind."""

import gzip
import io
import subprocess
import sys
import tarfile
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caldp.adapters.support.tar_gate import Gate, TarLimits
from caldp.adapters.support.unpacking import gunzip, inspect, unpack
from caldp.domain.errors import InputTarError, InvalidInput, WorkDirectoryError
from tests.support.limits import file_size_limit
from tests.support.tarballs import packed, plain, tarball

LIMITS = TarLimits(files=20, total_bytes=1_000_000)
GOOD = {"lsim01010_asn.fits": b"table", "LSIM01AAQ_RAWTAG_A.FITS": b"pixels"}


def special(name: str, kind: bytes, link: str = "", size: int = 0) -> tarfile.TarInfo:
    member = plain(name, size)
    member.type, member.linkname = kind, link
    return member


def tried(data: bytes, directory: Path, limits: TarLimits = LIMITS) -> tuple[Path, ...]:
    """Inspect and unpack: both must judge alike, and inspecting must write nothing."""
    try:
        inspect(io.BytesIO(data), "x.tar.gz", limits)
    except InputTarError as error:
        with pytest.raises(InputTarError) as again:
            unpack(io.BytesIO(data), directory, "x.tar.gz", limits)
        assert str(again.value) == str(error)
        assert list(directory.iterdir()) == []
        assert sorted(path.name for path in directory.parent.iterdir()) == ["data"]
        raise
    assert list(directory.iterdir()) == []
    return unpack(io.BytesIO(data), directory, "x.tar.gz", limits)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


@pytest.mark.parametrize("mode", ["w", "w:gz"])
@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_a_good_tarball_is_unpacked_flat_in_lower_case(mode: str, form: int, directory: Path) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode, format=form) as tar:  # type: ignore[call-overload]
        tar.addfile(special("./", tarfile.DIRTYPE))
        tar.addfile(special("inner", tarfile.DIRTYPE))
        for prefix, (name, data) in zip(("./", f"inner/{'long' * 20}/"), GOOD.items(), strict=True):
            tar.addfile(plain(f"{prefix}{name}", len(data)), io.BytesIO(data))
    paths = tried(buffer.getvalue(), directory)
    assert {path.name: path.read_bytes() for path in paths} == {name.lower(): data for name, data in GOOD.items()}


def test_gzip_in_several_members_is_gzip(directory: Path) -> None:
    data = tarball(GOOD, "w")
    paths = tried(gzip.compress(data[:700]) + gzip.compress(data[700:]), directory)
    assert len(paths) == 2


EVIL = {
    "absolute": (plain("/etc/evil.fits"), "outside of the work directory"),
    "above": (plain("../evil.fits"), "outside of the work directory"),
    "above later": (plain("a/../../evil.fits"), "outside of the work directory"),
    "sibling": (plain("../data_evil/x.fits"), "outside of the work directory"),
    "absolute directory": (special("/evil", tarfile.DIRTYPE), "outside of the work directory"),
    "link out": (special("x.fits", tarfile.SYMTYPE, "/etc/passwd"), "a link to '/etc/passwd'"),
    "link in": (special("x.fits", tarfile.SYMTYPE, "lsim01010_asn.fits"), "a link to 'lsim01010_asn.fits'"),
    "hard link": (special("x.fits", tarfile.LNKTYPE, "../../etc/passwd"), "a link to"),
    "character device": (special("x.fits", tarfile.CHRTYPE), "a device, pipe or other special file"),
    "block device": (special("x.fits", tarfile.BLKTYPE), "a device, pipe or other special file"),
    "pipe": (special("x.fits", tarfile.FIFOTYPE), "a device, pipe or other special file"),
    "unknown kind": (special("x.fits", b"Q"), "x.fits"),
    "twice": (plain("lsim01010_asn.fits"), "the same name as another"),
    "twice but for case": (plain("Lsim01010_ASN.fits"), "the same name as another"),
    "twice but for directory": (plain("a/lsim01010_asn.fits"), "the same name as another"),
    "line break": (plain("a\nb.fits"), "unusual characters"),
    "not ASCII": (plain("é.fits"), "unusual characters"),
    "escape sequence": (plain("\x1b[2Jx.fits"), "unusual characters"),
    "line break in a directory": (plain("a\nb/x.fits"), "unusual characters"),
    "no name": (plain("./."), "x.tar.gz is refused"),
}  # fmt: skip


@pytest.mark.parametrize("mode", ["w", "w:gz"])
@pytest.mark.parametrize(("member", "words"), EVIL.values(), ids=EVIL.keys())
def test_an_unsafe_member_is_refused(member: tarfile.TarInfo, words: str, mode: str, directory: Path) -> None:
    good = [(plain(name, len(data)), data) for name, data in GOOD.items()]
    with pytest.raises(InputTarError, match=words) as caught:
        tried(packed([*good, (member, b"")], mode), directory)
    assert str(caught.value).startswith("The tarball x.tar.gz is refused: ")


def test_a_sparse_file_is_refused(directory: Path) -> None:
    """One of which only the holes are there."""
    header = bytearray(plain("x.fits").tobuf(tarfile.GNU_FORMAT))
    header[156:157] = tarfile.GNUTYPE_SPARSE
    header[483:495] = b"000000100000"
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    with pytest.raises(InputTarError, match="a sparse file"):
        tried(bytes(header) + bytes(1024), directory)


@pytest.fixture
def old_tarfile(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take out of tarfile what Python 3.11.2, as in Debian 12, does not have."""
    errors = [name for name in vars(tarfile) if name.endswith("Error") and name not in _ERRORS_OF_3_11_2]
    for name in [*errors, "data_filter", "tar_filter", "fully_trusted_filter"]:
        monkeypatch.delattr(tarfile, name, raising=False)
    for name in ("extraction_filter", "_get_filter_function", "_get_extract_tarinfo"):
        monkeypatch.delattr(tarfile.TarFile, name, raising=False)


_ERRORS_OF_3_11_2 = (
    "TarError", "ExtractError", "ReadError", "CompressionError", "StreamError", "HeaderError",
    "EmptyHeaderError", "TruncatedHeaderError", "EOFHeaderError", "InvalidHeaderError", "SubsequentHeaderError",
)  # fmt: skip


@pytest.mark.usefixtures("old_tarfile")
class TestPython3112:
    @pytest.mark.parametrize("mode", ["w", "w:gz"])
    def test_a_good_tarball_is_unpacked(self, mode: str, directory: Path) -> None:
        assert not hasattr(tarfile, "FilterError")
        paths = tried(tarball(GOOD, mode), directory)
        assert {path.name: path.read_bytes() for path in paths} == {n.lower(): data for n, data in GOOD.items()}

    @pytest.mark.parametrize("data", [b"", b"no tarball at all", b"\x1f\x8b\x08\x00cut off"])
    def test_a_bad_one_is_refused_in_a_sentence(self, data: bytes, directory: Path) -> None:
        with pytest.raises(InputTarError, match=r"x\.tar\.gz"):
            tried(data, directory)

    def test_an_unsafe_member_is_refused(self, directory: Path) -> None:
        with pytest.raises(InputTarError, match="is refused"):
            tried(packed([(special("../evil.fits", tarfile.REGTYPE), b"")], "w"), directory)


_PARTS = st.text("ab./\\~ \0é\n", max_size=12)
_KINDS = st.sampled_from([*tarfile.SUPPORTED_TYPES, b"Q"])


@pytest.mark.skipif(not hasattr(tarfile, "data_filter"), reason="Python before 3.11.4 has no filter to compare with")
@given(name=_PARTS, kind=_KINDS, link=_PARTS, mode=st.integers(0, 0o7777))
def test_no_member_passes_that_the_standard_librarys_filter_would_refuse(
    name: str, kind: bytes, link: str, mode: int
) -> None:
    member = special(name, kind, link)
    member.mode = mode
    with suppress(InputTarError):
        if Gate(LIMITS).admit(member):  # a directory is passed over, and never made
            tarfile.data_filter(member, "/nowhere")


def headers_only(member: tarfile.TarInfo) -> bytes:
    return member.tobuf(tarfile.GNU_FORMAT)


BOMBS = {
    "too much altogether": (
        tarball({f"{number}.fits": bytes(150_000) for number in range(10)}),
        r"larger than 1000000 bytes \(CALDP_TAR_MAX_BYTES\)",
    ),
    "too many": (
        tarball({f"{number}.fits": b"" for number in range(21)}), r"more than 20 members \(CALDP_TAR_MAX_FILES\)"
    ),
    "too many directories": (
        packed((special(f"{number}", tarfile.DIRTYPE), b"") for number in range(21)), "more than 20 members"
    ),
    "announces a lot": (headers_only(plain("x.fits", 8 << 30)), "larger than 1000000 bytes"),
    "announces less than nothing": (headers_only(plain("x.fits", -1)), "is refused"),
    "a long name": (headers_only(special("././@LongLink", tarfile.GNUTYPE_LONGNAME, size=8 << 30)) + bytes(9999),
                    "a header of 8589934592 bytes"),
    "an extended header": (headers_only(special("x", tarfile.XHDTYPE, size=8 << 30)) + bytes(9999),
                           "a header of 8589934592 bytes"),
    "zeros without end": (gzip.compress(tarball(GOOD, "w") + bytes(100 << 20)), "more than its headers announce"),
    "extended headers without end": (
        b"".join(headers_only(special("x", tarfile.XHDTYPE)) for _ in range(5000)), "is refused"
    ),
}  # fmt: skip


@pytest.mark.parametrize(("data", "words"), BOMBS.values(), ids=BOMBS.keys())
def test_a_bomb_is_refused(data: bytes, words: str, directory: Path) -> None:
    with pytest.raises(InputTarError, match=words):
        tried(data, directory)


def test_a_bomb_is_never_held_in_memory(directory: Path) -> None:
    """A gigabyte of zeros after the end, in a process that may hold little."""
    bomb = directory / "x.tar.gz"
    bomb.write_bytes(gzip.compress(tarball(GOOD, "w")) + gzip.compress(bytes(1 << 26)) * 16)
    script = (
        "import sys; from caldp.adapters.support import unpacking, tar_gate; import resource\n"
        "from isal import igzip; resource.setrlimit(resource.RLIMIT_AS, (600 << 20, 600 << 20))\n"
        "unpacking.inspect(open(sys.argv[1], 'rb'), 'x', tar_gate.TarLimits())\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(bomb)], capture_output=True, text=True, check=False)
    assert "InputTarError: The tarball x is refused: it holds more than its headers announce." in done.stderr


def test_wherever_it_is_cut_off_it_is_refused(directory: Path) -> None:
    for mode, step in (("w", 512), ("w:gz", 7)):
        whole = tarball(GOOD, mode)
        end = len(whole) if mode == "w:gz" else 4 * 512 + 1  # tar pads with zeros that nobody misses
        for size in range(0, end, step):
            with pytest.raises(InputTarError):
                tried(whole[:size], directory)


@given(position=st.integers(0, 10_000), value=st.integers(0, 255), mode=st.sampled_from(["w", "w:gz"]))
def test_whatever_is_changed_it_is_refused_or_harmless(position: int, value: int, mode: str) -> None:
    data = bytearray(tarball(GOOD, mode))
    data[position % len(data)] = value
    with tempfile.TemporaryDirectory() as place:
        directory = Path(place, "data")
        directory.mkdir()
        with suppress(InputTarError):
            paths = tried(bytes(data), directory, TarLimits(20, 1_000_000))
            assert all(path.parent == directory for path in paths)
            if mode == "w:gz":
                assert sorted(path.read_bytes() for path in paths) == sorted(GOOD.values())
        assert [path.name for path in Path(place).iterdir()] == ["data"]


@given(data=st.binary(max_size=3000))
def test_noise_is_refused(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as place:
        directory = Path(place, "data")
        directory.mkdir()
        with suppress(InputTarError):
            tried(data, directory)


def test_a_full_disk_is_not_the_tarballs_fault_and_leaves_nothing(directory: Path) -> None:
    data = tarball({"a.fits": b"small", "b.fits": bytes(200_000)})
    refused = pytest.raises(WorkDirectoryError, match="a file would become larger than this process may write")
    with refused as caught, file_size_limit(100_000):
        unpack(io.BytesIO(data), directory, "x.tar.gz", LIMITS)
    assert caught.value.advice
    assert list(directory.iterdir()) == []


def test_a_compressed_file_has_a_limit_too(directory: Path) -> None:
    (directory / "x.fits.gz").write_bytes(gzip.compress(bytes(1001)))
    with pytest.raises(InvalidInput, match=r"x\.fits\.gz is larger than what may be unpacked"):
        gunzip(directory / "x.fits.gz", directory / "x.fits", 1000)
    assert not (directory / "x.fits").exists()
    gunzip(directory / "x.fits.gz", directory / "x.fits", 1001)
    assert (directory / "x.fits").read_bytes() == bytes(1001)
