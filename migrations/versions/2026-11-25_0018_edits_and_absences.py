"""edits as rows, and views of edits, absences and presence

What made the versions that are there is found in bounded steps, each a transaction of its own.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.orm import Session

from storage.history.edit_rows import refresh_edits

revision = "0018"
down_revision = "0017"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)

FLAGS = {
    "completes": "the whole text of which a part was known: no edit",
    "alternating": "the words of the one before the last, as the one before has: two in turn",
    "headline": "words of the title changed",
    "standfirst": "words of the standfirst changed",
    "body": "words of the rest changed",
    "byline": "the authors changed",
    "publication_time": "the page's published_at changed",
    "addition": "words came",
    "deletion": "words went",
    "rewording": "words came in place of others",
    "numbers": "a number changed",
    "names": "a name changed",
    "quotations": "quoted words changed",
    "correction_notice": "a note of correction came",
    "typography": "marks and spaces changed, and no word",
    "modified_time": "the page's modified_at changed",
}
KINDS = [name for name in FLAGS if name not in ("completes", "alternating")]

LATEST = """{0}.number = (
        SELECT MAX(later.number) FROM finding AS later WHERE later.fetch_id = {0}.fetch_id)"""
AWAY = "('gone', 'not-found', 'moved')"
SIGHTING = f"""
        FROM address AS way
        JOIN "fetch" AS seen ON seen.address_id = way.id
        JOIN finding AS found ON found.fetch_id = seen.id AND {LATEST.format("found")}
        WHERE way.article_id = {{article}} AND found.version_id IS NOT NULL
              AND found.meaning IN ('new', 'edited', 'unchanged', 'returned')"""
ABSENCES = f"""
    WITH removal AS (
        SELECT finding.fetch_id, address.article_id, (
            SELECT seen.id {SIGHTING.format(article="address.article_id")}
                  AND seen.id > finding.fetch_id
            ORDER BY seen.id LIMIT 1) AS returned_id
        FROM finding
        JOIN "fetch" ON "fetch".id = finding.fetch_id
        JOIN address ON address.id = "fetch".address_id
        WHERE finding.meaning = 'removed' AND address.article_id IS NOT NULL
              AND {LATEST.format("finding")}
    ), absence AS (
        SELECT article_id, MIN(fetch_id) AS removed_id, returned_id
        FROM removal GROUP BY article_id, returned_id
    ), bounded AS (
        SELECT absence.article_id, absence.removed_id, absence.returned_id, (
            SELECT seen.id {SIGHTING.format(article="absence.article_id")}
                  AND seen.id < absence.removed_id
            ORDER BY seen.id DESC LIMIT 1) AS before_id, (
            SELECT seen.id
            FROM address AS way
            JOIN "fetch" AS seen ON seen.address_id = way.id
            JOIN finding AS found ON found.fetch_id = seen.id AND {LATEST.format("found")}
            WHERE way.article_id = absence.article_id AND found.outcome IN {AWAY}
                  AND seen.id >= absence.removed_id
                  AND (absence.returned_id IS NULL OR seen.id < absence.returned_id)
            ORDER BY seen.id DESC LIMIT 1) AS away_id
        FROM absence
    )
    SELECT source.name AS source, article.id AS article_id, article.url,
           before.fetched_at AS seen_until, gone.fetched_at AS away_since,
           away.fetched_at AS away_until, back.fetched_at AS returned_at,
           lost.outcome AS outcome, "old".identifier AS version_id,
           "new".identifier AS returned_version_id,
           gone.id AS removed_fetch_id, back.id AS returned_fetch_id
    FROM bounded
    JOIN article ON article.id = bounded.article_id
    JOIN source ON source.id = article.source_id
    JOIN "fetch" AS gone ON gone.id = bounded.removed_id
    JOIN finding AS lost ON lost.fetch_id = gone.id AND {LATEST.format("lost")}
    LEFT JOIN "fetch" AS before ON before.id = bounded.before_id
    LEFT JOIN finding AS showed ON showed.fetch_id = before.id AND {LATEST.format("showed")}
    LEFT JOIN version AS "old" ON "old".id = showed.version_id
    LEFT JOIN "fetch" AS away ON away.id = bounded.away_id
    LEFT JOIN "fetch" AS back ON back.id = bounded.returned_id
    LEFT JOIN finding AS shows ON shows.fetch_id = back.id AND {LATEST.format("shows")}
    LEFT JOIN version AS "new" ON "new".id = shows.version_id
"""  # noqa: S608
PRESENCE = """
    SELECT source, article_id, url, {no} AS present, away_since AS first_seen_at,
           COALESCE(away_until, away_since) AS last_seen_at
    FROM absences
    UNION ALL
    SELECT source.name, article.id, article.url, {yes}, began.at,
           COALESCE((
               SELECT absences.seen_until FROM absences
               WHERE absences.article_id = article.id AND absences.away_since > began.at
               ORDER BY absences.away_since LIMIT 1
           ), (
               SELECT MAX(version_state.last_seen_at) FROM version_state
               WHERE version_state.article_id = article.id))
    FROM (
        SELECT id AS article_id, first_seen_at AS at FROM article
        WHERE current_version_id IS NOT NULL
        UNION ALL
        SELECT article_id, returned_at FROM absences WHERE returned_at IS NOT NULL
    ) AS began
    JOIN article ON article.id = began.article_id
    JOIN source ON source.id = article.source_id
"""
NO_FLAGS = ", ".join("CAST(NULL AS BOOLEAN)" for _ in [*KINDS, "declared", "alternating"])
EVENT_OF_PRESENCE = f"""
    SELECT CAST('{{event}}' AS VARCHAR(20)), absences.source, absences.article_id, absences.url,
           {{from_}}, {{to}}, {{from_id}}, {{to_id}}, {{not_before}}, {{not_after}}, {NO_FLAGS},
           CAST(NULL AS INTEGER), CAST(NULL AS INTEGER), {{title_before}}, {{title_after}},
           {{text_before}}, {{text_after}}, {{fetch}}, CAST(NULL AS DOUBLE PRECISION)
    FROM absences
    JOIN version ON version.identifier = absences.{{version}}
    JOIN version_state ON version_state.version_id = version.id
    JOIN reading ON reading.id = version_state.best_reading
    JOIN content ON content.digest = reading.content_digest
"""  # noqa: S608
NO_NUMBER, NO_TEXT = "CAST(NULL AS INTEGER)", "CAST(NULL AS TEXT)"
EDITS = f"""
    SELECT CAST('edit' AS VARCHAR(20)) AS event, source.name AS source, article.id AS article_id,
           article.url, earlier_state.number AS from_version, version_state.number AS to_version,
           earlier.identifier AS from_version_id, version.identifier AS to_version_id,
           CASE WHEN earlier_state.last_seen_at <= version.first_seen_at
                THEN earlier_state.last_seen_at END AS not_before,
           edit.first_seen_at AS not_after,
           {", ".join(f"edit.{name}" for name in KINDS)},
           (edit.correction_notice OR edit.modified_time) AS declared, edit.alternating,
           edit.words_deleted, edit.words_inserted,
           before.title AS title_before, after.title AS title_after,
           before.text AS text_before, after.text AS text_after,
           version.fetch_id, finding.confidence
    FROM edit
    JOIN version ON version.id = edit.version_id
    JOIN version_state ON version_state.version_id = version.id
    JOIN article ON article.id = version_state.article_id
    JOIN source ON source.id = article.source_id
    JOIN version AS earlier ON earlier.id = edit.from_version_id
    JOIN version_state AS earlier_state ON earlier_state.version_id = earlier.id
    JOIN content AS before ON before.digest = edit.from_content
    JOIN content AS after ON after.digest = edit.to_content
    LEFT JOIN finding ON finding.fetch_id = version.fetch_id AND {LATEST.format("finding")}
    WHERE NOT edit.completes AND ({" OR ".join(f"edit.{name}" for name in KINDS)})
    UNION ALL
    {
    EVENT_OF_PRESENCE.format(
        event="removal",
        from_="version_state.number",
        to=NO_NUMBER,
        from_id="version.identifier",
        to_id=NO_TEXT,
        not_before="absences.seen_until",
        not_after="absences.away_since",
        title_before="content.title",
        title_after=NO_TEXT,
        text_before="content.text",
        text_after=NO_TEXT,
        fetch="absences.removed_fetch_id",
        version="version_id",
    )
}
    UNION ALL
    {
    EVENT_OF_PRESENCE.format(
        event="return",
        from_=NO_NUMBER,
        to="version_state.number",
        from_id=NO_TEXT,
        to_id="version.identifier",
        not_before="absences.away_until",
        not_after="absences.returned_at",
        title_before=NO_TEXT,
        title_after="content.title",
        text_before=NO_TEXT,
        text_after="content.text",
        fetch="absences.returned_fetch_id",
        version="returned_version_id",
    )
}
"""  # noqa: S608
VIEWS = {"absences": ABSENCES, "presence": PRESENCE, "edits": EDITS}


def upgrade() -> None:
    op.create_table(
        "edit",
        sa.Column("version_id", BIG_ID, sa.ForeignKey("version.id"), primary_key=True),
        sa.Column(
            "from_version_id",
            BIG_ID,
            sa.ForeignKey("version.id"),
            nullable=False,
            comment="the version before",
        ),
        sa.Column("first_seen_at", INSTANT, nullable=False, comment="of the version"),
        sa.Column(
            "from_content",
            sa.LargeBinary(32),
            nullable=False,
            comment="that was compared, of the before",
        ),
        sa.Column(
            "to_content",
            sa.LargeBinary(32),
            nullable=False,
            comment="that was compared, of the version",
        ),
        *(
            sa.Column(name, sa.Boolean(), nullable=False, comment=comment)
            for name, comment in FLAGS.items()
        ),
        sa.Column("words_deleted", sa.Integer(), nullable=False, comment="that were taken out"),
        sa.Column("words_inserted", sa.Integer(), nullable=False, comment="that were brought"),
    )
    op.create_index("ix_edit_from_version_id", "edit", ["from_version_id"])
    op.create_index("ix_edit_first_seen_at", "edit", ["first_seen_at"])
    sqlite = op.get_bind().dialect.name == "sqlite"
    yes, no = ("1", "0") if sqlite else ("TRUE", "FALSE")
    op.execute(f"CREATE VIEW absences AS {ABSENCES}")
    op.execute(f"CREATE VIEW presence AS {PRESENCE.format(yes=yes, no=no)}")
    op.execute(f"CREATE VIEW edits AS {EDITS}")


def copy_some(connection: sa.Connection, step: int) -> bool:
    """Find the edits that made the next `step` versions; whether there may be more."""
    rows = connection.execute(
        sa.text(
            """SELECT version_id FROM version_state
            WHERE number > 1 AND version_id > (SELECT COALESCE(MAX(version_id), 0) FROM edit)
            ORDER BY version_id LIMIT :step"""
        ),
        {"step": step},
    ).all()
    with Session(connection) as session:
        refresh_edits(session, [row.version_id for row in rows], alone=True)
    return len(rows) == step


def downgrade() -> None:
    for name in ("edits", "presence", "absences"):
        op.execute(f"DROP VIEW {name}")
    op.drop_table("edit")
