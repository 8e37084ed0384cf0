"""The MAST source: the real astroquery client, a local server that speaks MAST's API, and trouble on the way."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from caldp.adapters.archive.mast import MastArchive, make_mast_archive
from caldp.adapters.fits.astropy import AstropyFits
from caldp.app.ports.archive_source import ArchiveSource
from caldp.domain.errors import ArchiveError, CaldpError, InputNotFound, InvalidInput
from caldp.domain.exit_codes import ExitCode
from caldp.domain.hst.dataset import AnyDataset, DatasetName
from caldp.domain.output.location import FileLocation, MastLocation, S3Location
from caldp.domain.run.events import Event, Note, Transfer
from caldp.domain.run.settings import Settings
from tests.contracts.archive_source import ASSOCIATION, OTHERS, ArchiveSourceContract
from tests.support import raws
from tests.support.faulty_proxy import Answer, FaultyProxy, Trouble, cut_after, faulty_proxy, reset, status
from tests.support.mast_server import PRIVATE, TOKEN, MastServer, Observation, mast_server
from tests.support.s3_server import S3Server

pytestmark = pytest.mark.usefixtures("no_waiting")

DATASET = DatasetName.parse("lsim01010")
OBSERVATIONS = [
    Observation("lsim01010", ASSOCIATION | {"lsim01010_x1dsum.fits": b"a product"}),
    *(Observation(name[:9], {name: data}) for name, data in OTHERS.items()),
]


def archive_of(url: str, poller: FileLocation | S3Location | None = None, **environment: str) -> MastArchive:
    settings = Settings(profile="test", mast_server=url, attempts=4, network_timeout=5.0)
    return make_mast_archive(MastLocation(poller), settings, environment, AstropyFits())


class TestMast(ArchiveSourceContract):
    stack: ExitStack

    @pytest.fixture(autouse=True)
    def _given(self) -> Iterator[None]:
        with ExitStack() as self.stack:
            yield

    def source_of(self, files: Mapping[str, bytes], dataset: AnyDataset, directory: Path) -> ArchiveSource:
        own = {name: data for name, data in files.items() if name in ASSOCIATION}
        others = [Observation(name[:9], {name: data}) for name, data in files.items() if name not in ASSOCIATION]
        observations = [*([Observation("lsim01010", own)] if own else []), *others]
        return archive_of(self.stack.enter_context(mast_server(observations)).url)


@pytest.fixture
def mast() -> Iterator[MastServer]:
    with mast_server(list(OBSERVATIONS)) as server:
        yield server


@pytest.fixture
def way(mast: MastServer) -> Iterator[FaultyProxy]:
    """A proxy before the archive."""
    with faulty_proxy(mast.url) as proxy:
        yield proxy


@pytest.fixture
def destination(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


@pytest.mark.parametrize(
    ("instrument", "listed", "wanted"),
    [
        ("jsim01abq", "raw flt spt drz", "raw"),
        ("isim01abq", "raw ima flt spt", "raw"),
        ("lsim01abq", "rawtag_a rawtag_b spt pha_a x1d jit rawacq epc", "rawtag_a rawtag_b spt pha_a rawacq epc"),
        ("osim01abq", "raw wav tag epc flt spt x1d", "raw wav tag epc"),
    ],
)
def test_every_instrument_has_its_product_types(
    instrument: str, listed: str, wanted: str, mast: MastServer, destination: Path
) -> None:
    files = {f"{instrument}_{suffix}.fits": raws.raw(instrument) for suffix in listed.split()}
    mast.observations.append(Observation(instrument, {**files, f"{instrument}_raw.jpg": b""}))
    paths = archive_of(mast.url).fetch(DatasetName.parse(instrument), destination, lambda _: None)
    assert {path.name for path in paths} == {f"{instrument}_{suffix}.fits" for suffix in wanted.split()}


POLLERS = {
    "acs_sim_01": ["jsim01abq_flc.fits", "jsim01acq_flt.fits"],
    "skycell-p0001x02y03": [
        "hst_99999_01_acs_wfc_f606w_jsim01ab_flc.fits", "hst_99998_02_wfc3_uvis_f657n_isim02cd_flc.fits"
    ],
}  # fmt: skip
MOSAIC_OBSERVATIONS = [
    Observation("jsim01010", {name: raws.raw(name[:9]) for name in POLLERS["acs_sim_01"]}),
    Observation("jsim01020", {
        "hst_99999_01_acs_wfc_f606w_jsim01ab_flc.fits": raws.raw("jsim01abq"),
        "hst_99999_01_acs_wfc_f606w_jsim01zz_flc.fits": raws.raw("jsim01zzq"),
        "jsim01abq_flc.fits": raws.raw("jsim01abq"),
    }),
    Observation("isim02020", {"hst_99998_02_wfc3_uvis_f657n_isim02cd_flc.fits": raws.raw("isim02cdq")}),
]  # fmt: skip


@pytest.fixture(params=["a directory", "the file itself", "a bucket", "a key"])
def poller_at(
    request: pytest.FixtureRequest, tmp_path: Path, s3: S3Server
) -> Iterator[tuple[dict[str, FileLocation | S3Location], dict[str, str]]]:
    """Poller files, and the environment in which they are found."""
    places: dict[str, FileLocation | S3Location] = {}
    s3.bucket("pollers")
    for dataset, exposures in POLLERS.items():
        name, text = f"{dataset}_input.out", "".join(f"{exposure.upper()},99999,SIM,01\n" for exposure in exposures)
        (tmp_path / name).write_text(text)
        s3.client.put_object(Bucket="pollers", Key=f"some/{name}", Body=text.encode())
        ways: dict[str, FileLocation | S3Location] = {
            "a directory": FileLocation(str(tmp_path)),
            "the file itself": FileLocation(str(tmp_path / name)),
            "a bucket": S3Location("pollers", "some"),
            "a key": S3Location("pollers", f"some/{name}"),
        }
        places[dataset] = ways[request.param]
    yield places, {name: value for name, value in s3.environment.items() if name.startswith("AWS_")}


@pytest.mark.parametrize("name", POLLERS)
def test_a_mosaic_comes_as_its_poller_file_says(
    name: str, poller_at: tuple[Mapping[str, FileLocation | S3Location], dict[str, str]], destination: Path
) -> None:
    places, environment = poller_at
    with mast_server(MOSAIC_OBSERVATIONS) as mast:
        archive = archive_of(mast.url, places[name], **environment)
        paths = archive.fetch(DatasetName.parse(name), destination, lambda _: None)
    assert {path.name for path in paths} == {f"{name}_input.out", *POLLERS[name]}


@pytest.mark.parametrize(
    ("poller", "words", "code"),
    [
        (None, "MAST has no calibrated exposure .* of acs_sim_01", ExitCode.ASTROQUERY_ERROR),
        (FileLocation("/nowhere"), "The poller file '/nowhere' cannot be read", ExitCode.ASTROQUERY_ERROR),
        (S3Location("empty", "a"), "no poller file 's3://empty/a/acs_sim_01_input.out'", ExitCode.S3_DOWNLOAD_ERROR),
    ],
)
def test_a_poller_file_that_is_not_there(
    poller: FileLocation | S3Location | None, words: str, code: ExitCode, mast: MastServer, s3: S3Server,
    destination: Path,
) -> None:  # fmt: skip
    s3.bucket("empty")
    archive = archive_of(mast.url, poller, **s3.environment)
    with pytest.raises(CaldpError, match=words) as caught:
        archive.fetch(DatasetName.parse("acs_sim_01"), destination, lambda _: None)
    assert caught.value.exit_code is code
    assert caught.value.advice


def test_the_poller_file_of_a_visit_is_made_of_what_mast_lists(destination: Path) -> None:
    said: list[Event] = []
    flt = {"jsim01abq_flt.fits": raws.raw("jsim01abq"), "jsim01abq_raw.fits": raws.raw("jsim01abq")}
    with mast_server([*MOSAIC_OBSERVATIONS, Observation("jsim01030", flt)]) as mast:
        paths = archive_of(mast.url).fetch(DatasetName.parse("acs_sim_01"), destination, said.append)
        assert mast.questions.count("Mast.Caom.Filtered") == 1, "what is known is not asked again"
    assert {path.name for path in paths} == {"acs_sim_01_input.out", *POLLERS["acs_sim_01"]}
    assert (destination / "acs_sim_01_input.out").read_text() == "jsim01abq_flc.fits\njsim01acq_flt.fits\n"
    assert any("is made of the 2 exposures that MAST lists" in str(event) for event in said)


def test_a_sky_cell_without_a_poller_file_says_how_to_make_one(mast: MastServer, destination: Path) -> None:
    dataset = DatasetName.parse("skycell-p0001x02y03")
    with pytest.raises(ArchiveError, match=r"needs its poller file skycell-p0001x02y03_input\.out") as caught:
        archive_of(mast.url).fetch(dataset, destination, lambda _: None)
    assert caught.value.exit_code is ExitCode.ASTROQUERY_ERROR
    assert caught.value.advice.endswith(
        "python -m drizzlepac.haputils.make_poller_files LIST -t mvm "
        "-s skycell-p0001x02y03 -o skycell-p0001x02y03_input.out"
    )


def test_an_exposure_of_the_poller_file_that_mast_does_not_have(
    mast: MastServer, tmp_path: Path, destination: Path
) -> None:
    (tmp_path / "acs_sim_01_input.out").write_text("jsim01xyq_flc.fits,1\n")
    with pytest.raises(InputNotFound, match=r"There is no exposure .* of acs_sim_01 in MAST") as caught:
        archive_of(mast.url, FileLocation(str(tmp_path))).fetch(
            DatasetName.parse("acs_sim_01"), destination, lambda _: None
        )
    assert caught.value.exit_code is ExitCode.ASTROQUERY_ERROR


FILE = "Download/file.*lsim01aaq_rawtag_b"
PASSING: dict[str, Trouble] = {
    "503": status(503),
    "429": status(429, headers={"Retry-After": "0"}),
    "500": status(500),
    "reset": reset,
    "cut": cut_after(5000),
    "truncated": cut_after(5000, hard=False),
    "nothing comes": cut_after(0, hard=False),
    "announces too little": lambda forward: Answer(200, {}, forward().body[:5760]),
    "an error page": lambda _forward: Answer(200, {"Content-Type": "text/html"}, b"<html>Sorry</html>"),
    "an empty file": lambda _forward: Answer(200),
}


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("trouble", PASSING.values(), ids=PASSING.keys())
def test_what_passes_is_tried_again(trouble: Trouble, times: int, way: FaultyProxy, destination: Path) -> None:
    way.on("GET", FILE, trouble, times=times)
    paths = archive_of(way.url).fetch(DATASET, destination, lambda _: None)
    assert {path.name: path.read_bytes() for path in paths} == ASSOCIATION


@pytest.mark.parametrize("question", ["columnsconfig", "invoke"])
@pytest.mark.parametrize("trouble", [status(503), status(500), reset], ids=["503", "500", "reset"])
def test_questions_are_tried_again_too(trouble: Trouble, question: str, way: FaultyProxy, destination: Path) -> None:
    way.on("POST", question, trouble, times=3)
    assert len(archive_of(way.url).fetch(DATASET, destination, lambda _: None)) == len(ASSOCIATION)


def test_a_broken_download_goes_on_from_where_it_was(mast: MastServer, way: FaultyProxy, destination: Path) -> None:
    data = raws.raw("lsim01abq", rows=200_000)
    mast.observations.append(Observation("lsim09abq", {"lsim09abq_rawtag.fits": data}))
    way.on("GET", "rawtag.fits", cut_after(2 << 20, hard=False))
    [path] = archive_of(way.url).fetch(DatasetName.parse("lsim09abq"), destination, lambda _: None)
    assert path.read_bytes() == data
    assert [headers["Range"] for headers in way.headers if "Range" in headers] == [f"bytes={2 << 20}-"]


def test_what_the_server_cannot_go_on_with_is_begun_again(
    mast: MastServer, way: FaultyProxy, destination: Path
) -> None:
    data = raws.raw("lsim09abq", rows=100_000)
    mast.observations.append(Observation("lsim09abq", {"lsim09abq_rawtag.fits": data}))
    way.on("GET", "rawtag.fits", cut_after(1 << 20, hard=False))
    way.on("GET", "rawtag.fits", lambda _forward: Answer(200, {}, data))
    [path] = archive_of(way.url).fetch(DatasetName.parse("lsim09abq"), destination, lambda _: None)
    assert path.read_bytes() == data


def test_a_file_that_changes_meanwhile_is_begun_again(mast: MastServer, way: FaultyProxy, destination: Path) -> None:
    old, new = raws.raw("lsim09abq", rows=100_000), raws.raw("lsim09abq", rows=110_000)
    mast.observations.append(Observation("lsim09abq", {"lsim09abq_rawtag.fits": new}))
    way.on(
        "GET",
        "rawtag.fits",
        lambda _forward: cut_after(1 << 20, hard=False)(lambda _change=None: Answer(200, {"ETag": '"old"'}, old)),
    )
    [path] = archive_of(way.url).fetch(DatasetName.parse("lsim09abq"), destination, lambda _: None)
    assert path.read_bytes() == new


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (status(503), "answers with HTTP status 503, at every try"),
        (reset, "cannot be reached, or breaks off at every try"),
        (cut_after(0, hard=False), "cannot be reached, or breaks off at every try"),
        (lambda _forward: Answer(200, {}, b"<html>"), "arrived damaged from MAST at every try"),
        (status(404), "MAST lists lsim01aaq_rawtag_b.fits and does not have it"),
    ],
)
def test_what_stays_is_an_error_and_nothing_is_left(
    trouble: Trouble, words: str, way: FaultyProxy, destination: Path
) -> None:
    way.on("GET", FILE, trouble, times=999)
    with pytest.raises(ArchiveError, match=words) as caught:
        archive_of(way.url).fetch(DATASET, destination, lambda _: None)
    assert caught.value.exit_code is ExitCode.ASTROQUERY_ERROR
    assert not (destination / "lsim01aaq_rawtag_b.fits").exists()


@pytest.mark.parametrize("trouble", [status(503), reset], ids=["503", "reset"])
def test_an_outage_has_its_sentence(trouble: Trouble, way: FaultyProxy, destination: Path) -> None:
    way.on("POST", "invoke", trouble, times=999)
    with pytest.raises(ArchiveError, match=r"MAST \(http://127.* at every try\.") as caught:
        archive_of(way.url).fetch(DATASET, destination, lambda _: None)
    assert "run it again later" in caught.value.advice


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<html>maintenance</html>", "gives an answer that cannot be understood"),
        (b'{"status": "COMPLETE"}', "gives an answer that cannot be understood"),
        (b'{"status": "COMPLETE", "data": [{}]}', "gives an answer that cannot be understood"),
        (b"[]", "cannot be understood"),
        (b'{"status": "ERROR", "msg": "database is asleep"}', r"answers with an error \(database is asleep\)"),
    ],
)
def test_nonsense_is_an_outage(body: bytes, words: str, way: FaultyProxy, destination: Path) -> None:
    way.on("POST", "invoke", lambda _forward: Answer(200, {}, body), times=999)
    with pytest.raises(ArchiveError, match=words):
        archive_of(way.url).fetch(DATASET, destination, lambda _: None)


def test_no_match_has_its_sentence(mast: MastServer, destination: Path) -> None:
    with pytest.raises(InputNotFound, match=r"^MAST has no raw data of lsim07010\.$") as caught:
        archive_of(mast.url).fetch(DatasetName.parse("lsim07010"), destination, lambda _: None)
    assert caught.value.exit_code is ExitCode.ASTROQUERY_ERROR


def test_private_data_have_their_sentence(mast: MastServer, destination: Path) -> None:
    mast.observations[0] = Observation("lsim01010", ASSOCIATION, PRIVATE)
    with pytest.raises(
        ArchiveError, match=r"MAST does not give out lsim01010_asn\.fits: .* private until 2132"
    ) as caught:
        archive_of(mast.url).fetch(DATASET, destination, lambda _: None)
    assert "MAST_API_TOKEN" in caught.value.advice


def test_a_token_opens_private_data_and_is_told_to_nobody(
    mast: MastServer, destination: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    mast.observations[0] = Observation("lsim01010", ASSOCIATION, PRIVATE)
    archive = archive_of(mast.url, MAST_API_TOKEN=TOKEN)
    told: list[Event] = []
    with caplog.at_level(logging.DEBUG):
        assert len(archive.fetch(DATASET, destination, told.append)) == len(ASSOCIATION)
    out, err = capfd.readouterr()
    assert TOKEN not in caplog.text + out + err + str(told) + repr(archive)


@pytest.mark.parametrize("token", ["wrong", "wrong;token"])
def test_a_token_that_is_wrong_has_its_sentence(token: str, mast: MastServer, destination: Path) -> None:
    with pytest.raises(ArchiveError, match="MAST does not accept the token in MAST_API_TOKEN") as caught:
        archive_of(mast.url, MAST_API_TOKEN=token).fetch(DATASET, destination, lambda _: None)
    assert token not in str(caught.value) + caught.value.advice


def test_an_account_without_right_is_told_so(way: FaultyProxy, destination: Path) -> None:
    way.on("GET", "Download/file", status(403), times=99)
    with pytest.raises(ArchiveError, match="private") as caught:
        archive_of(way.url, MAST_API_TOKEN=TOKEN).fetch(DATASET, destination, lambda _: None)
    assert "The account of MAST_API_TOKEN has no right to them" in caught.value.advice


def test_a_size_that_the_catalogue_has_wrong_is_told(mast: MastServer, destination: Path) -> None:
    mast.observations[0] = Observation("lsim01010", ASSOCIATION, sizes={"lsim01abq_spt.fits": 7})
    told: list[Event] = []
    archive_of(mast.url).fetch(DATASET, destination, told.append)
    [warning] = [event.text for event in told if isinstance(event, Note) and "catalogue" in event.text]
    assert warning.startswith("lsim01abq_spt.fits has ")


def test_tells_how_far_it_is(mast: MastServer, destination: Path) -> None:
    told: list[Event] = []
    archive_of(mast.url).fetch(DATASET, destination, told.append)
    done = {event.name for event in told if isinstance(event, Transfer) and event.done == event.total}
    assert done == set(ASSOCIATION)


def test_a_damaged_association_table_is_refused(mast: MastServer, destination: Path) -> None:
    files = ASSOCIATION | {"lsim01010_asn.fits": raws.raw("lsim01010")}
    mast.observations[0] = Observation("lsim01010", files)
    with pytest.raises(InvalidInput, match="is not an association table"):
        archive_of(mast.url).fetch(DATASET, destination, lambda _: None)


def test_a_server_that_is_silent_is_not_waited_for(way: FaultyProxy, destination: Path) -> None:
    import threading

    silence = threading.Event()

    def wait(forward: object) -> Answer:
        silence.wait(30)
        return Answer(503)

    way.on("POST", "invoke", wait, times=2)
    settings = Settings(profile="test", mast_server=way.url, attempts=2, network_timeout=0.2)
    archive = make_mast_archive(MastLocation(), settings, {}, AstropyFits())
    with pytest.raises(ArchiveError, match="cannot be reached, or breaks off"):
        archive.fetch(DATASET, destination, lambda _: None)
    silence.set()
