"""Notes of correction: the one kind of paragraph that many articles of a site share in the same
words and that is a part of each."""

import re
from typing import Final

# How publishers open a note of correction, in the languages of the largest presses. A word needs a
# colon, a full stop or a date after it: "Corrections officer" opens no note.
CORRECTION_NOTE: Final = re.compile(
    r"\W*(?:(?:corrections?|clarification|editor's note|rectificatif|erratum|errata|mise au point"
    r"|korrektur|berichtigung|richtigstellung|anmerkung der redaktion|corrección|fe de errores"
    r"|rectificación|errata corrige|correzione|rettifica|correção|erramos|correctie|rectificatie"
    r"|sprostowanie|rättelse|rettelse|oikaisu|διόρθωση|düzeltme|исправление|уточнение|виправлення"
    r"|تصحيح|תיקון|訂正|更正|정정)(?:\s*(?:[:.\-\])】]|\Z)|\W{1,3}(?:\w{1,12}\W{1,2})?\d[^:\n]{0,30}:)"
    r"|an? (?:earlier|previous) version|this (?:article|story|post) (?:was|has been) (?:corrected"
    r"|amended)|(?:dans )?une (?:première|précédente) version|(?:dans )?une version (?:antérieure"
    r"|précédente)|cet article a été (?:corrigé|modifié|rectifié)|in einer (?:früheren|vorherigen"
    r"|ersten) (?:version|fassung)|(?:en )?una versión (?:anterior|previa)"
    r"|(?:in )?una (?:precedente|prima) versione|(?:em )?uma versão anterior"
    r"|in een eerdere versie)",
    re.IGNORECASE,
)
