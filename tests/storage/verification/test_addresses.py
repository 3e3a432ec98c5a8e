from sqlalchemy import delete

from storage.database.archive import Archive
from storage.models import AddressLink
from tests.storage.verification.conftest import Told, Verify, all_found


def test_changed_addresses_are_named(told: Told) -> None:
    assert all_found(told("address", "frontier"))


def test_a_redirect_without_its_link_is_named(held: Archive, verified: Verify) -> None:
    with held.writing() as session:
        session.execute(delete(AddressLink))
    assert [it.table for it in verified().mismatches] == ["address_link"]
