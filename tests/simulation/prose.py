"""Prose in four languages, no sentence of it twice: each names the number of a file of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Tongue:
    """What a language's sentences are made of: who, did what, why, according to which file."""

    who: Sequence[str]
    did: Sequence[str]
    why: Sequence[str]
    according: str
    correction: str
    names: Sequence[str]


TONGUES = {
    "en": Tongue(
        (
            "The harbour board", "A retired schoolteacher", "The county council",
            "A group of residents", "The fishing cooperative", "The head of the hospital",
            "The rowing club", "The mayor's office", "An independent surveyor",
        ),
        (
            "has approved a plan for the eastern car park", "has rejected the sale of the granary",
            "will appeal against a ban on night flights", "has asked for repairs to the sea wall",
            "is reviewing the new timetable of the ferries", "wants to delay the tram extension",
            "has paid for a second survey of the bridge", "has published its view of the fees",
        ),
        (
            "after a meeting that lasted until midnight", "although the costs have risen again",
            "because the ground is softer than expected", "in a vote of nine to seven",
            "two years after the first proposal", "despite objections from the neighbours",
            "on the advice of its own lawyers",
        ),
        "according to file",
        "Correction: an earlier version of this article gave the wrong number for file",
        ("Ada Marlowe", "Tom Brandreth", "Iris Calloway"),
    ),
    "fr": Tongue(
        (
            "Le conseil du port", "Une institutrice à la retraite", "Le conseil départemental",
            "Un collectif de riverains", "La coopérative de pêche", "Le directeur de l’hôpital",
            "Le club d’aviron", "Le cabinet du maire", "Un géomètre indépendant",
        ),
        (
            "a approuvé le projet de parking à l’est", "a refusé la vente de l’ancien grenier",
            "fera appel de l’interdiction des vols de nuit", "demande la réfection de la digue",
            "examine les nouveaux horaires du bac", "veut retarder le prolongement du tramway",
            "a payé une seconde expertise du pont", "a rendu public son avis sur les tarifs",
        ),
        (
            "après une réunion jusqu’à minuit", "bien que les coûts aient encore augmenté",
            "parce que le sol est plus meuble que prévu", "par neuf voix contre sept",
            "deux ans après la première proposition", "malgré les objections des voisins",
            "sur le conseil de ses avocats",
        ),
        "d’après le dossier",
        "Rectificatif : une version précédente de cet article se trompait sur le dossier",
        ("Camille Ferrand", "Jean-Luc Abadie", "Solène Kermarrec"),
    ),
    "de": Tongue(
        (
            "Der Hafenrat", "Eine pensionierte Lehrerin", "Der Kreistag", "Eine Anwohnergruppe",
            "Die Fischereigenossenschaft", "Der Leiter des Krankenhauses", "Der Ruderverein",
            "Das Büro der Bürgermeisterin", "Ein unabhängiger Gutachter",
        ),
        (
            "hat dem Plan für den östlichen Parkplatz zugestimmt",
            "hat den Verkauf des Kornspeichers abgelehnt",
            "will gegen das Verbot der Nachtflüge klagen", "hat Reparaturen am Deich verlangt",
            "prüft den neuen Fahrplan der Fähren", "möchte den Ausbau der Straßenbahn verschieben",
            "hat ein zweites Gutachten über die Brücke bezahlt",
            "hat seine Haltung zu den Liegegebühren veröffentlicht",
        ),
        (
            "nach einer Sitzung bis Mitternacht", "obwohl die Kosten wieder gestiegen sind",
            "weil der Boden weicher ist als erwartet", "mit neun gegen sieben Stimmen",
            "zwei Jahre nach dem ersten Vorschlag", "trotz der Einwände der Nachbarn",
            "auf den Rat der eigenen Anwälte",
        ),
        "so steht es in Akte",
        "Korrektur: In einer früheren Fassung dieses Artikels stand Falsches über die Akte",
        ("Anke Petersen", "Jörg Lindner", "Mareike Thoms"),
    ),
    "es": Tongue(
        (
            "La junta del puerto", "Una maestra jubilada", "La diputación provincial",
            "Un grupo de vecinos", "La cooperativa de pesca", "El director del hospital",
            "El club de remo", "El gabinete de la alcaldesa", "Un perito independiente",
        ),
        (
            "ha aprobado el plan del aparcamiento del este", "ha rechazado la venta del granero",
            "recurrirá la prohibición de los vuelos nocturnos", "ha pedido que se repare el dique",
            "estudia los nuevos horarios del transbordador", "quiere aplazar la línea del tranvía",
            "ha pagado un segundo estudio del puente", "ha publicado su opinión sobre las tasas",
        ),
        (
            "tras una reunión que duró hasta la medianoche", "aunque los costes han vuelto a subir",
            "porque el suelo es más blando de lo previsto", "por nueve votos contra siete",
            "dos años después de la primera propuesta", "pese a las quejas de los vecinos",
            "por consejo de sus abogados",
        ),
        "según el expediente",
        "Corrección: una versión anterior de este artículo se equivocaba en el expediente",
        ("Lucía Aranda", "Manuel Otero", "Nuria Beltrán"),
    ),
}  # fmt: skip


def sentence(language: str, random: Random, file: int) -> str:
    """One sentence; the same file is never named by two unless the caller does."""
    tongue = TONGUES[language]
    who, did, why = (random.choice(words) for words in (tongue.who, tongue.did, tongue.why))
    return f"{who} {did} {why}, {tongue.according} {file}."


def headline(language: str, random: Random, file: int) -> str:
    tongue = TONGUES[language]
    return f"{random.choice(tongue.who)} {random.choice(tongue.did)}, {tongue.according} {file}"


def correction(language: str, file: int) -> str:
    return f"{TONGUES[language].correction} {file}."


def byline(language: str, random: Random) -> str:
    return random.choice(TONGUES[language].names)
