"""Bytes in, an article out: pure, deterministic, bounded; no database, no network, no Scrapy."""

from crawler.extraction.article import (
    Article,
    Candidate,
    LiveEntry,
    PageKind,
    Paragraph,
    ParagraphKind,
    Removed,
    Rights,
)
from crawler.extraction.errors import ExtractionError, TooLarge, UnreadableBody
from crawler.extraction.extract import EXTRACTOR_VERSION, extract, learn_template
from crawler.extraction.page_input import PageInput
from crawler.extraction.template.learning import TemplateLearner
from crawler.extraction.template.template import Template

__all__ = [
    "EXTRACTOR_VERSION",
    "Article",
    "Candidate",
    "ExtractionError",
    "LiveEntry",
    "PageInput",
    "PageKind",
    "Paragraph",
    "ParagraphKind",
    "Removed",
    "Rights",
    "Template",
    "TemplateLearner",
    "TooLarge",
    "UnreadableBody",
    "extract",
    "learn_template",
]
