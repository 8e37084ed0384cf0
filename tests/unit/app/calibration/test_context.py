"""The context that an operator names in a bucket."""

import pytest

from caldp.app.calibration.context import context_in_bucket
from caldp.domain.errors import BestrefsError, UploadError
from caldp.domain.exit_codes import ExitCode
from tests.fakes.object_store import MemoryStore


def bucket(*keys: str) -> MemoryStore:
    store = MemoryStore()
    for key in keys:
        store.put_bytes(key, b"")
    return store


def test_it_is_the_name_of_an_empty_object() -> None:
    store = bucket("crds_env_vars/hst_0729.pmap", "crds_env_vars_old/hst_0001.pmap", "inputs/hst_0002.pmap")
    assert context_in_bucket(store) == "hst_0729.pmap"


@pytest.mark.parametrize("names", [(), ("hst_0728.pmap", "hst_0729.pmap")])
def test_none_or_several_are_a_failure_of_references(names: tuple[str, ...]) -> None:
    with pytest.raises(
        BestrefsError, match=rf"In memory://store/ crds_env_vars/ names {len(names)} CRDS contexts"
    ) as no:
        context_in_bucket(bucket(*(f"crds_env_vars/{name}" for name in names)))
    assert no.value.exit_code is ExitCode.BESTREFS_ERROR
    assert no.value.advice.endswith("Or set CRDS_CONTEXT.")


def test_so_is_a_bucket_that_cannot_be_read() -> None:
    def trouble(action: str, key: str) -> None:
        raise UploadError(f"{action} {key}: access is denied.", advice="Check the credentials.")

    with pytest.raises(BestrefsError, match="context cannot be found: list crds_env_vars/: access is denied") as no:
        context_in_bucket(MemoryStore(trouble))
    assert no.value.advice == "Check the credentials."
