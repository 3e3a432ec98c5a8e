"""A desk that learns late what of its pages is the site's."""

from dataclasses import replace
from typing import Final

from sqlalchemy import select

from storage.history.new_reading import NewReading
from storage.models import VersionState
from tests.support.archiving import Desk

BANNER: Final = " Banner."


class Learning(Desk):
    """A desk whose extractor takes the banner out once it has a template."""

    def reading(self, body: bytes) -> NewReading:
        template, extractor = self.template, self.extractor
        self.template, self.extractor = "", "1"
        reading = replace(super().reading(body), template=template, extractor=extractor)
        self.template, self.extractor = template, extractor
        return replace(reading, text=reading.text.replace(BANNER, "")) if template else reading

    def reread_all(self, path: str) -> None:
        with self.archive.reading() as session:
            ids = session.scalars(
                select(VersionState.version_id)
                .where(VersionState.article_id == self.article(path).id)
                .order_by(VersionState.version_id.desc())
            ).all()
        for version_id in ids:
            self.reread(version_id)
