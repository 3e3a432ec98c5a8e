"""layouts and what was learned of each, samples of pages, site-wide changes

A profile becomes the template of the pages that are of no known layout. What an alarm held back is
looked at anew.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "layout",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("source_id", BIG_ID, sa.ForeignKey("source.id"), nullable=False),
        sa.Column("key", sa.String(8), nullable=False, comment="what readings name it by"),
        sa.Column(
            "skeleton",
            DOCUMENT,
            nullable=False,
            comment="of the page it was found by; empty: of pages that are of no other layout",
        ),
        sa.Column("found_at", INSTANT, nullable=False),
        sa.UniqueConstraint("source_id", "key"),
    )
    op.create_table(
        "template",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("layout_id", BIG_ID, sa.ForeignKey("layout.id"), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False, comment="1, 2, 3 …"),
        sa.Column("digest", sa.String(64), nullable=False, comment="of what it removes and keeps"),
        sa.Column("template", sa.Text(), nullable=False, comment="canonical JSON"),
        sa.Column("pages", sa.Integer(), nullable=False, comment="it was learned from"),
        sa.Column("learned_at", INSTANT, nullable=False),
        sa.UniqueConstraint("layout_id", "revision"),
    )
    op.create_table(
        "page_sample",
        sa.Column("address_id", BIG_ID, sa.ForeignKey("address.id"), primary_key=True),
        sa.Column("source_id", BIG_ID, sa.ForeignKey("source.id"), nullable=False),
        sa.Column("fetched_at", INSTANT, nullable=False),
        sa.Column("sample", sa.LargeBinary(), nullable=False, comment="zstd, JSON"),
        sa.Column(
            "before",
            sa.LargeBinary(),
            nullable=True,
            comment="the sample that was there when templates were last learned",
        ),
    )
    op.create_index(None, "page_sample", ["source_id", "fetched_at"])
    op.create_table(
        "site_change",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("source_id", BIG_ID, sa.ForeignKey("source.id"), nullable=False),
        sa.Column("came_from", sa.Text(), nullable=False, comment="the layout that the pages had"),
        sa.Column("became", sa.Text(), nullable=False, comment="the layout that they have"),
        sa.Column("signatures", DOCUMENT, nullable=False, comment="what changed, and where"),
        sa.Column("pages", sa.Integer(), nullable=False, comment="that were compared"),
        sa.Column("recorded_at", INSTANT, nullable=False),
    )
    op.create_index(None, "site_change", ["source_id", "id"])
    op.add_column(
        "source",
        sa.Column(
            "unreachable_since",
            INSTANT,
            nullable=True,
            comment="no page of it that was asked for showed its article since",
        ),
    )
    _take_profiles_over()
    _look_anew_at_what_was_held()
    op.drop_table("page_outline")
    op.drop_table("site_profile")


def _take_profiles_over() -> None:
    # an empty list is the same JSON in both databases
    op.execute(
        """INSERT INTO layout (source_id, key, skeleton, found_at)
        SELECT source_id, '', '[]', min(learned_at) FROM site_profile
        GROUP BY source_id ORDER BY source_id"""
    )
    op.execute(
        """INSERT INTO template (layout_id, revision, digest, template, pages, learned_at)
        SELECT layout.id,
               row_number() OVER (PARTITION BY layout.id
                                  ORDER BY site_profile.learned_at, site_profile.id),
               site_profile.digest, site_profile.profile, site_profile.pages,
               site_profile.learned_at
        FROM site_profile JOIN layout ON layout.source_id = site_profile.source_id
        ORDER BY site_profile.id"""
    )


def _look_anew_at_what_was_held() -> None:
    op.execute(
        """UPDATE frontier SET held = FALSE, digest = NULL, etag = NULL, last_modified = NULL,
               version_id = COALESCE(version_id, (
                   SELECT article.current_version_id FROM address
                   JOIN article ON article.id = address.article_id
                   WHERE address.id = frontier.address_id))
        WHERE held"""
    )
    op.execute("UPDATE alarm SET cleared_at = CURRENT_TIMESTAMP WHERE cleared_at IS NULL")
    op.execute("UPDATE held_check SET settled_at = CURRENT_TIMESTAMP WHERE settled_at IS NULL")


def downgrade() -> None:
    op.create_table(
        "site_profile",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("source_id", BIG_ID, sa.ForeignKey("source.id"), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False, comment="canonical JSON"),
        sa.Column("pages", sa.Integer(), nullable=False, comment="it was learned from"),
        sa.Column("learned_at", INSTANT, nullable=False),
        sa.UniqueConstraint("source_id", "digest"),
    )
    op.create_table(
        "page_outline",
        sa.Column("address_id", BIG_ID, sa.ForeignKey("address.id"), primary_key=True),
        sa.Column("source_id", BIG_ID, sa.ForeignKey("source.id"), nullable=False),
        sa.Column(
            "rank", BIG_ID, nullable=False, comment="hash of the address: the lowest are kept"
        ),
        sa.Column("outline", sa.LargeBinary(), nullable=False, comment="zstd, a line a block"),
    )
    op.create_index(None, "page_outline", ["source_id", "rank"])
    # what was learned since is learned again
    op.execute(
        """INSERT INTO site_profile (source_id, digest, profile, pages, learned_at)
        SELECT layout.source_id, template.digest, template.template, template.pages,
               max(template.learned_at)
        FROM template JOIN layout ON layout.id = template.layout_id
        WHERE layout.key = ''
        GROUP BY layout.source_id, template.digest, template.template, template.pages"""
    )
    op.drop_column("source", "unreachable_since")
    op.drop_table("site_change")
    op.drop_table("page_sample")
    op.drop_table("template")
    op.drop_table("layout")
