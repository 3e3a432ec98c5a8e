"""permanent identifiers of versions

Each is made of what never changes of its version, so that one that goes down and up again has the
one it had.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

from storage.database.identifiers import LENGTH, version_identifier

revision = "0016"
down_revision = "0015"

STEP = 10_000  # versions

PRIMARY_LANGUAGE = {
    "sqlite": "lower(substr(content.language, 1, instr(content.language || '-', '-') - 1))",
    "postgresql": "lower(split_part(content.language, '-', 1))",
}
SAID = """content.title, content.authors,
           COALESCE(content.published_at, (
               SELECT MIN(address.published_at) FROM address
               WHERE address.article_id = article.id)) AS published_at,
           content.modified_at, content.language, content.text"""
MORE = """recorded.text AS text_as_recorded,
           content.published_offset, content.published_precision,
           content.modified_offset, content.modified_precision"""
READ = """JOIN source ON source.id = article.source_id
    JOIN reading ON reading.id = version_state.best_reading
    JOIN content ON content.digest = reading.content_digest
    JOIN content AS recorded ON recorded.digest = version.recorded_content"""
VIEWS = {
    "articles": f"""
    SELECT article.id, source.name AS source, article.url, {SAID},
           version_state.number AS version,
           CAST(CASE WHEN article.state = 'live' AND (content.partial OR content.paywalled)
                     THEN 'walled' ELSE article.state END AS VARCHAR(20)) AS state,
           article.first_seen_at, version_state.last_seen_at,
           {{primary_language}} AS primary_language, {MORE}{{identifier}}
    FROM article
    JOIN version ON version.id = article.current_version_id
    JOIN version_state ON version_state.version_id = version.id
    {READ}
""",  # noqa: S608
    "article_versions": f"""
    SELECT article.id AS article_id, source.name AS source, article.url,
           version_state.number AS version, {SAID},
           version.first_seen_at, version_state.last_seen_at,
           {{primary_language}} AS primary_language, {MORE}{{identifier}}
    FROM version
    JOIN version_state ON version_state.version_id = version.id
    JOIN article ON article.id = version_state.article_id
    {READ}
""",  # noqa: S608
}
GUARDS = {
    "sqlite": (
        """CREATE TRIGGER version_is_immutable BEFORE UPDATE ON version BEGIN
        SELECT RAISE(ABORT, 'a version never changes');
    END""",
        """CREATE TRIGGER version_is_kept BEFORE DELETE ON version BEGIN
        SELECT RAISE(ABORT, 'a version is never deleted');
    END""",
        # REPLACE deletes without asking the trigger above.
        """CREATE TRIGGER version_is_not_replaced BEFORE INSERT ON version
    WHEN EXISTS (
        SELECT 1 FROM version
        WHERE id = new.id OR (article_id = new.article_id AND number = new.number){also}
    ) BEGIN
        SELECT RAISE(ABORT, 'a version never changes');
    END""",
    ),
    "postgresql": (
        """CREATE TRIGGER version_is_immutable BEFORE UPDATE OR DELETE ON version
        FOR EACH ROW EXECUTE FUNCTION refuse_change('a version never changes, is never deleted')""",
        """CREATE TRIGGER version_is_kept BEFORE TRUNCATE ON version
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('a version is never deleted')""",
    ),
}


def upgrade() -> None:
    others = _drop_views()
    _drop_guards()
    op.add_column("version", sa.Column("identifier", sa.String(LENGTH), nullable=True))
    _fill()
    with op.batch_alter_table("version") as batch:
        batch.alter_column(
            "identifier",
            existing_type=sa.String(LENGTH),
            nullable=False,
            comment="permanent: to be cited",
        )
        batch.create_unique_constraint("uq_version_identifier", ["identifier"])
    _create_guards(also="\n           OR identifier = new.identifier")
    _create_views(others, identifier=", version.identifier AS version_id")


def downgrade() -> None:
    others = _drop_views()
    if op.get_bind().dialect.name == "postgresql":
        for name in VIEWS:
            op.execute(f"DROP VIEW {name}")
    _drop_guards()
    with op.batch_alter_table("version") as batch:
        batch.drop_constraint("uq_version_identifier", type_="unique")
        batch.drop_column("identifier")
    _create_guards(also="")
    _create_views(others, identifier="")


def _fill() -> None:
    """Give every version its identifier."""
    connection = op.get_bind()
    version = sa.table(
        "version",
        sa.column("id", sa.BigInteger()),
        *(sa.column(name, sa.BigInteger()) for name in ("article_id", "number", "fetch_id")),
        *(sa.column(name, sa.LargeBinary()) for name in ("digest", "recorded_content")),
        sa.column("identifier", sa.String()),
    )
    given = (version.c.article_id, version.c.number, version.c.fetch_id)
    read = (version.c.digest, version.c.recorded_content)
    change = (
        version.update()
        .where(version.c.id == sa.bindparam("of"))
        .values(identifier=sa.bindparam("given"))
    )
    after = 0
    while rows := connection.execute(
        sa.select(version.c.id, *given, *read)
        .where(version.c.id > after)
        .order_by(version.c.id)
        .limit(STEP)
    ).all():
        connection.execute(
            change, [{"of": row[0], "given": version_identifier(*row[1:])} for row in rows]
        )
        after = rows[-1][0]


def _drop_views() -> list[str]:
    """No view may look at a table that SQLite makes anew; returns the statements that make the
    others again."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        return []
    views = connection.execute(
        sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'view' ORDER BY rowid")
    ).all()
    for name, _ in views:
        op.execute(f"DROP VIEW {name}")
    return [statement for name, statement in views if name not in VIEWS]


def _create_views(others: list[str], identifier: str) -> None:
    dialect = op.get_bind().dialect.name
    language = PRIMARY_LANGUAGE[dialect]
    # In place on PostgreSQL: who may read it still may.
    create = "CREATE VIEW" if dialect == "sqlite" else "CREATE OR REPLACE VIEW"
    for name, query in VIEWS.items():
        op.execute(
            f"{create} {name} AS " + query.format(primary_language=language, identifier=identifier)
        )
    for statement in others:
        op.execute(statement)


def _drop_guards() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for guard in ("immutable", "kept"):
            op.execute(f"DROP TRIGGER version_is_{guard} ON version")
        return
    for guard in ("immutable", "kept", "not_replaced"):
        op.execute(f"DROP TRIGGER version_is_{guard}")


def _create_guards(also: str) -> None:
    for guard in GUARDS[op.get_bind().dialect.name]:
        op.execute(guard.format(also=also))
