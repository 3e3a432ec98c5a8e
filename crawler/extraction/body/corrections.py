"""Notes of correction: the one kind of paragraph that many articles of a site share in the same
words and that is a part of each.

They are told by how publishers open them, in the languages of the largest presses. This is the one
place that knows: a paragraph is marked, and whoever compares versions reads the mark.
"""

import re
from typing import Final

# What a note is called, in the languages of the largest presses. The word needs a colon, a full
# stop or a date after it: "Corrections officer" opens no note.
_LABELS: Final = (
    r"corrections?(?: appended)?|corrected|clarifications?|editor's note|for the record",
    r"rectificatif|correctif|erratum|errata|mise au point|précisions?|note de la rédaction|ndlr",
    r"korrektur(?:hinweis)?|berichtigung|richtigstellung|anmerkung der redaktion|anm\. ?d\. ?red",
    r"corrección|fe de err(?:ores|atas)|rectificación|aclaración|nota de la redacción",
    r"errata corrige|correzione|rettifica|precisazione|correção|erramos|nota da redação",
    r"correctie|rectificatie|rechtzetting|sprostowanie|korekta|oprava|rättelse|rettelse|rettet",
    r"presisering|oikaisu|διόρθωση|düzeltme|исправление|уточнение|виправлення|تصحيح|תיקון",
    r"(?:お詫びと)?訂正|更正|정정",
)
_AFTER_LABEL: Final = (
    r"(?:\s*(?:[:\uff1a.\])】]|\Z)|\s+[-\u2013\u2014]\s|\W{1,3}(?:\w{1,12}\W{1,2})?\d[^:\n]{0,30}:)"
)

# How a sentence begins that takes something back.
_OPENINGS: Final = (
    r"an? (?:earlier|previous|prior) version|(?:due to|because of) an editing error",
    r"contrary to what we (?:wrote|reported|said|stated|published)",
    r"this (?:article|story|post|report|headline) (?:was|has been) (?:corrected|amended)",
    r"this (?:article|story|post|report|headline) (?:was|has been) (?:updated|changed|edited) to"
    r" (?:correct|clarify|remove|fix)",
    r"(?:dans )?une (?:première|précédente) version",
    r"(?:dans )?une version (?:antérieure|précédente)",
    r"(?:cet |l')?article (?:a été )?(?:corrigé|rectifié)|cet article a été modifié",
    r"article modifié le [^:\n]{1,40}[:,(] ?[^.\n]{0,30}(?:correct|rectif|erreur|précis)",
    r"contrairement à ce qu(?:e nous|i (?:était|a été) (?:écrit|indiqué|annoncé|publié))",
    r"nous avions (?:écrit|indiqué|affirmé) (?:à tort|par erreur)|une erreur s'est glissée",
    r"in einer (?:früheren|vorherigen|ersten|vorigen|älteren) (?:version|fassung)",
    r"(?:anders als|entgegen) (?:zunächst|zuerst|ursprünglich|zuvor|hier|einer früheren) "
    r"(?:\w+ )?(?:berichtet|gemeldet|geschrieben|angegeben|behauptet|fassung|version)",
    r"dieser (?:artikel|text|beitrag) wurde (?:nachträglich )?(?:korrigiert|berichtigt)",
    r"wir haben (?:den|diesen) fehler (?:korrigiert|berichtigt)",
    r"(?:en )?una (?:versión (?:anterior|previa)|primera versión)",
    r"(?:esta noticia|este artículo) (?:ha sido|fue) (?:corregid|rectificad)[ao]",
    r"(?:in )?una (?:precedente|prima) versione|contrariamente a quanto (?:scritto|riportato)",
    r"(?:em )?uma versão anterior|(?:diferentemente|ao contrário) do (?:que )?"
    r"(?:publicado|informado|foi (?:publicado|informado))",
    r"in een eerdere versie|anders dan eerder (?:gemeld|bericht)|dit artikel is gecorrigeerd",
    r"w (?:poprzedniej|pierwotnej|pierwszej) wersji",
    r"i en (?:tidigare|tidligere) (?:version|versjon|utgave|udgave)",
    r"в (?:предыдущей|первоначальной|ранней) версии|у (?:попередній|початковій) версії",
)

CORRECTION_NOTE: Final = re.compile(
    rf"\W*(?:(?:{'|'.join(_LABELS)}){_AFTER_LABEL}|{'|'.join(_OPENINGS)})", re.IGNORECASE
)
_APOSTROPHES: Final = "\u2019\u02bc\u00b4`"


def is_correction_note(text: str) -> bool:
    """Whether a paragraph opens as a note of correction does."""
    opening = text[:300]
    for apostrophe in _APOSTROPHES:  # str.translate takes thirty times as long
        opening = opening.replace(apostrophe, "'")
    return CORRECTION_NOTE.match(opening) is not None
