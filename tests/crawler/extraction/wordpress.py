"""A WordPress site of ours whose theme leaves its furniture inside the article's element."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

NAMES = ("Élodie", "Karim", "Jeanne", "Thibault", "Nour", "Maëlle", "Bastien", "Inès")
TOWNS = ("Lorient", "Roubaix", "Digne", "Tulle", "Vesoul", "Auch", "Mende", "Saint-Lô")
TRADES = ("menuiserie", "librairie", "conserverie", "fonderie", "ferme", "brasserie", "scierie")
VERBS = ("a repris", "veut sauver", "vient d'ouvrir", "a fermé", "transforme", "défend")
DETAILS = (
    "avec l'aide de quatre voisins et d'une banque coopérative",
    "malgré un carnet de commandes encore bien maigre pour la saison",
    "parce que les machines, dit-on ici, ne s'arrêtent jamais tout à fait",
    "sans toucher aux murs de brique qui datent du siècle dernier",
    "en promettant d'embaucher trois apprentis avant la fin de l'hiver",
    "après deux années de travaux que personne n'avait su chiffrer",
)
LAST_LINES = (
    "Laissez un avis",
    "Envie d'entreprendre",
    "Logo",
    "Lorsqu'activé, enregistrer les permaliens dans paramètres - permaliens",
)
PROMPT = "Recevez chaque mardi notre lettre : les histoires de celles et ceux qui entreprennent."


@dataclass(frozen=True)
class Post:
    url: str
    title: str
    texts: tuple[str, ...]


def posts(count: int) -> Iterator[Post]:
    """Different articles, the same ones each time."""
    chance = random.Random(17)
    for number in range(count):
        town = chance.choice(TOWNS)
        texts = []
        for part in range(chance.randint(3, 7)):
            sentences = [
                f"{chance.choice(NAMES)} {chance.choice(VERBS)} la {chance.choice(TRADES)} de "
                f"{chance.choice(TOWNS)} {chance.choice(DETAILS)}."
                for _ in range(chance.randint(2, 4))
            ]
            if part == 2:
                texts.append(f"Rebondir à {town}, étape {number + 2}")
            texts.append(" ".join(sentences))
        trade = chance.choice(TRADES)
        yield Post(
            f"https://entreprendre.example/{number}",
            f"À {town}, la {trade} n° {number}",
            tuple(texts),
        )


def page(post: Post, *, furniture: str, prompt_inside: bool = False) -> bytes:
    """The post's page; `furniture` is the markup around each of the theme's lines."""
    body = []
    for number, text in enumerate(post.texts):
        body.append(f"<h2>{text}</h2>" if text.startswith("Rebondir") else f"<p>{text}</p>")
        if number == 1 and prompt_inside:
            body.append(f"<p>{PROMPT}</p>")
    lines = "".join(furniture.format(escape(line)) for line in LAST_LINES)
    related = "".join(
        f'<li><a href="/{number}">Une autre histoire, numéro {number}</a></li>'
        for number in range(len(post.title), len(post.title) + 4)
    )
    return f"""<!doctype html><html lang="fr-FR"><head><title>{post.title} - Entreprendre</title>
<meta property="og:title" content="{post.title}"></head><body class="single single-post">
<header><nav><a href="/">Accueil</a> <a href="/idees">Idées</a></nav></header>
<main><article class="post type-post"><h1 class="entry-title">{post.title}</h1>
<div class="entry-content">{"".join(body)}
<div class="partage"><a href="#">Partager</a> <a href="#">Envoyer</a></div>
<h3>À lire</h3><ul>{related}</ul><div class="lettre"><p>{PROMPT}</p></div>
{lines}</div></article></main>
<footer><p>Entreprendre, le magazine de celles et ceux qui se lancent.</p></footer>
</body></html>""".encode()
