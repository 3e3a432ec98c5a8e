"""The archive's tables, a module a group. The documented SQL interface is the views (docs/sql.md).

A table is named in the singular; the views take the plural, so that they can stay when a table
moves.
"""

from storage.models.base import Base
from storage.models.changes import ArchiveIdentity, Change, ChangeKind
from storage.models.history import (
    Article,
    ArticleState,
    Content,
    Edit,
    IdentityChange,
    IdentityDecision,
    Reading,
    ReadingDetail,
    Version,
    VersionState,
)
from storage.models.ledger import (
    Fetch,
    Finding,
    HeaderSet,
    KeyPage,
    Meaning,
    Payload,
    Run,
    RunEnd,
)
from storage.models.proof import DayRoot, Leaf, TimestampToken, Unsealed
from storage.models.redactions import (
    RedactedPayload,
    RedactedVersion,
    Redaction,
    RedactionKind,
    RedactionRule,
    RedactionScope,
    RuleKind,
)
from storage.models.reextraction import OwnReading, Reextraction
from storage.models.review import SourceDay
from storage.models.sources import (
    Address,
    AddressKind,
    AddressLink,
    BrowserNeed,
    BrowserUse,
    Frontier,
    LinkKind,
    Reuse,
    RobotsTxt,
    Source,
    SourceHost,
    SourceRemoval,
    TdmFile,
)
from storage.models.templates import (
    Layout,
    Overruling,
    PageSample,
    Says,
    SiteChange,
    Template,
    TemplateDecision,
)
from storage.outcome import Outcome

__all__ = [
    "Address",
    "AddressKind",
    "AddressLink",
    "ArchiveIdentity",
    "Article",
    "ArticleState",
    "Base",
    "BrowserNeed",
    "BrowserUse",
    "Change",
    "ChangeKind",
    "Content",
    "DayRoot",
    "Edit",
    "Fetch",
    "Finding",
    "Frontier",
    "HeaderSet",
    "IdentityChange",
    "IdentityDecision",
    "KeyPage",
    "Layout",
    "Leaf",
    "LinkKind",
    "Meaning",
    "Outcome",
    "Overruling",
    "OwnReading",
    "PageSample",
    "Payload",
    "Reading",
    "ReadingDetail",
    "RedactedPayload",
    "RedactedVersion",
    "Redaction",
    "RedactionKind",
    "RedactionRule",
    "RedactionScope",
    "Reextraction",
    "Reuse",
    "RobotsTxt",
    "RuleKind",
    "Run",
    "RunEnd",
    "Says",
    "SiteChange",
    "Source",
    "SourceDay",
    "SourceHost",
    "SourceRemoval",
    "TdmFile",
    "Template",
    "TemplateDecision",
    "TimestampToken",
    "Unsealed",
    "Version",
    "VersionState",
]
