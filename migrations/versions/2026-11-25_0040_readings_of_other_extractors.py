"""readings of extractors that are not ours

Back to 0039 which they were is lost; the readings stay, and nothing is read through them.

Revision ID: 0040
Revises: 0039
"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OWN = {
    "sqlite": "json_extract(reading_detail.details, '$.own')",
    "postgresql": "reading_detail.details->'own'",
}
OWN_READINGS = """
    SELECT own_reading.extractor, source.name AS source, article.id AS article_id, article.url,
           version_state.number AS version, version.identifier AS version_id, content.title,
           content.authors, content.published_at, content.modified_at, content.language,
           content.text, {own} AS own, reading.recorded_at
    FROM own_reading
    JOIN version ON version.id = own_reading.version_id
    JOIN version_state ON version_state.version_id = version.id
    JOIN article ON article.id = version_state.article_id AND article.dismissed_as IS NULL
    JOIN source ON source.id = article.source_id
    JOIN reading ON reading.id = own_reading.reading_id
    JOIN content ON content.digest = reading.content_digest
    JOIN reading_detail ON reading_detail.digest = reading.detail_digest
    WHERE version_state.retracted_at IS NULL
"""


def upgrade() -> None:
    op.create_table(
        "own_reading",
        sa.Column("extractor", sa.String(100), primary_key=True, comment="its name"),
        sa.Column("version_id", BIG_ID, sa.ForeignKey("version.id"), primary_key=True),
        sa.Column("reading_id", BIG_ID, sa.ForeignKey("reading.id"), nullable=False),
    )
    op.create_index("ix_own_reading_version_id", "own_reading", ["version_id"])
    op.create_index("ix_own_reading_reading_id", "own_reading", ["reading_id"])
    own = OWN[op.get_bind().dialect.name]
    op.execute(f"CREATE VIEW own_readings AS {OWN_READINGS.format(own=own)}")


def downgrade() -> None:
    op.execute("DROP VIEW own_readings")
    op.drop_table("own_reading")
