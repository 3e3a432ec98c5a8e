"""What the archive's views say, column by column: docs/data-dictionary.md is made of it.

Each line of a view is a column in its order: name, type, unit, whether it may be null, meaning.
"""

from typing import Final

VIEWS: Final = {
    "absences": (
        "A row for each time an article was taken away, until it came back or to this day.",
        """
source | text | - | - | the name of its source
article_id | integer | - | - | `id` in `articles`
url | text | - | - | the article's canonical address
seen_until | time | UTC | null | the last check before that showed it
away_since | time | UTC | - | the first check that did not
away_until | time | UTC | null | the last check that did not
returned_at | time | UTC | null | the first check that showed it again; null while it is away
outcome | text | - | - | how it was away: [sql.md](sql.md) tells them
version_id | text | - | null | the version that was taken away
returned_version_id | text | - | null | the version that came back
removed_fetch_id | integer | - | - | `id` in `fetches` of the check that first did not show it
returned_fetch_id | integer | - | null | `id` in `fetches` of the check that showed it again
""",
    ),
    "addresses": (
        "A row for each URL that the archive knows; many may lead to one article.",
        """
url | text | - | - | the address
source | text | - | - | the name of its source
kind | text | - | - | `page`, or what lists pages: `front`, `section`, `feed`, `sitemap`, `robots`
article_id | integer | - | null | the article it leads to; null where none was seen there
guid | text | - | null | of the feed entry that named it
published_at | time | UTC | null | of the page, as a feed or sitemap first said
excluded | boolean | - | - | whether an operator does not want it fetched
redirects_to | text | - | null | where it was last seen to redirect
checked_at | time | UTC | null | when it was last asked; null before the first time
due_at | time | UTC | null | when it is asked next
""",
    ),
    "article_versions": (
        "A row for each version that readers could see. The current one is the one in `articles`:"
        " that with the highest number, but where articles were merged and readers see another."
        " Numbers have gaps where a version was retracted (`retracted_versions`).",
        """
article_id | integer | - | - | `id` in `articles`
source | text | - | - | the name of its source
url | text | - | - | the article's canonical address
version | integer | - | - | 1, 2, 3 … in the order seen
title | text | - | - | the headline
authors | JSON | names | - | JSON array of names
published_at | time | UTC | null | as in `articles`
modified_at | time | UTC | null | by the publisher's account
language | text | BCP 47 | null | as the page declares it, `fr`, `en-GB`
text | text | - | - | the article as its readers see it, a line a paragraph
first_seen_at | time | UTC | - | when the archive first saw this version
last_seen_at | time | UTC | - | when the archive last saw this version
primary_language | text | BCP 47 | null | as in `articles`
text_as_recorded | text | - | - | the text as it was read when the version was recorded, which never changes; `text` is as it is read best
published_offset | integer | min | null | minutes east of UTC that the page gave with `published_at`; null where it gave none
published_precision | text | - | null | `second`, `minute` or `day`, as the page gave it; null where that is not known
modified_offset | integer | min | null | as `published_offset`
modified_precision | text | - | null | as `published_precision`
version_id | text | - | - | the version's permanent identifier, to cite: no merge, split, re-extraction or copy changes it
""",
    ),
    "articles": (
        "A row for each article, in its current version.",
        """
id | integer | - | - | the article's number, as `permalien show` takes it
source | text | - | - | the name of its source
url | text | - | - | its canonical address
title | text | - | - | the headline
authors | JSON | names | - | JSON array of names
published_at | time | UTC | null | by the publisher's account: the page's, or else the feed's or sitemap's; null where neither says
modified_at | time | UTC | null | by the publisher's account
language | text | BCP 47 | null | BCP 47: `fr`, `en-GB`
text | text | - | - | the article as its readers see it, a line a paragraph
version | integer | - | - | the current version's number
state | text | - | - | `live`, or how it was last seen to be away: `gone` (410), `not-found` (404), `soft-404` (a page that says so), `moved`, `to-front-page` (a redirect there), `walled` (a paywall, a consent wall or a challenge, or a page that shows but a part of its text)
first_seen_at | time | UTC | - | when the archive first saw the article
last_seen_at | time | UTC | - | when the archive last saw this version
primary_language | text | BCP 47 | null | the language alone, lower case, without script and region: `fr` of `fr-CA`
text_as_recorded | text | - | - | the text as it was read when the version was recorded, which never changes; `text` is as it is read best
published_offset | integer | min | null | minutes east of UTC that the page gave with `published_at`; null where it gave none
published_precision | text | - | null | `second`, `minute` or `day`, as the page gave it; null where that is not known
modified_offset | integer | min | null | as `published_offset`
modified_precision | text | - | null | as `published_precision`
version_id | text | - | - | the version's permanent identifier, to cite: no merge, split, re-extraction or copy changes it
""",
    ),
    "blocks": (
        "A row for each part of each version, as it is read best: the paragraphs of its text, and"
        " what the page shows beside it. In the page's order by `paragraphs_before`, `apart` (those"
        " beside the text first) and `number`. What was read before parts were kept has none.",
        """
source | text | - | - | the name of its source
article_id | integer | - | - | `id` in `articles`
url | text | - | - | the article's canonical address
version | integer | - | - | the version's number
version_id | text | - | - | its permanent identifier
paragraphs_before | integer | paragraphs | - | how many paragraphs of the text stand before it
apart | boolean | - | - | whether it is shown beside the text and is no part of it
number | integer | - | - | 1, 2, 3 … of the text's paragraphs, or of what stands beside it
kind | text | - | - | `paragraph`, `standfirst`, `key-point`, `heading`, `list-item`, `quotation`, `table-row`, `correction`, `sign-off`; beside the text `headline`, `pull-quote`, `embedded-post`, `caption`, `fact-box`
text | text | - | - | its text
entry_at | text | ISO 8601 | null | of the paragraph that an entry of a live blog begins with, when that was published
picture_url | text | - | null | of a caption, the address of its picture
""",
    ),
    "coverage": (
        "A row for each source and day (UTC), from the first on which something was asked of it or "
        "counted to the last, with the denominators of what was got. On a day on which nothing was "
        "asked, all are 0: nobody looked.",
        """
source | text | - | - | the name of its source
day | day | - | - | in UTC
listings_asked | integer | checks | - | checks of feeds, sitemaps, home and section pages
listings_read | integer | checks | - | of these, those that gave a listing
pages_listed | integer | pages | - | pages that a listing named for the first time
pages_asked | integer | checks | - | checks of pages
pages_answered | integer | checks | - | of these, those that got an answer of the site's that is no error or refusal
pages_got | integer | checks | - | of these, those that showed an article
articles_new | integer | articles | - | articles that were seen for the first time
versions_new | integer | versions | - | versions of articles that were known
""",
    ),
    "edits": (
        "A row for each event: an edit, which made a version of the one before, a removal or a "
        "return. It happened after `not_before` and no later than `not_after`. The whole text "
        "after a teaser is no edit, and two versions that read the same since they are read "
        "better have none between them. What an event of its kind does not have is null. Both "
        "versions are compared as one extractor with one template read them, where one has.",
        """
event | text | - | - | `edit`, `removal`, `return`
source | text | - | - | the name of its source
article_id | integer | - | - | `id` in `articles`
url | text | - | - | the article's canonical address
from_version | integer | - | null | the number of the version before, or that was removed
to_version | integer | - | null | the number of the version that came
from_version_id | text | - | null | its permanent identifier
to_version_id | text | - | null | its permanent identifier
not_before | time | UTC | null | the last check that saw the article without it; null where both versions were seen side by side
not_after | time | UTC | - | the first check that saw the article with it
headline | boolean | - | null | whether words of the title changed
standfirst | boolean | - | null | whether words of the standfirst changed
body | boolean | - | null | whether words of the rest changed
byline | boolean | - | null | whether the authors changed
publication_time | boolean | - | null | whether the page's `published_at` changed
addition | boolean | - | null | whether words came
deletion | boolean | - | null | whether words went
rewording | boolean | - | null | whether words came in place of others
numbers | boolean | - | null | whether a number changed
names | boolean | - | null | whether a name changed
quotations | boolean | - | null | whether quoted words changed
correction_notice | boolean | - | null | whether a note of correction came
typography | boolean | - | null | whether marks and spaces changed, and no word
modified_time | boolean | - | null | whether the page's `modified_at` changed
declared | boolean | - | null | whether the publisher told of it, by `correction_notice` or `modified_time`; silent if not
alternating | boolean | - | null | whether the page shows two wordings in turn
words_deleted | integer | words | null | how many words were taken out, as `permalien diff` shows it
words_inserted | integer | words | null | how many words were brought
title_before | text | - | null | the headline before
title_after | text | - | null | the headline after
text_before | text | - | null | the text before
text_after | text | - | null | the text after
fetch_id | integer | - | - | `id` in `fetches` of the check that saw it first
confidence | number | 0 to 1 | null | that it is an edit, from 0 to 1; null where nothing is in doubt
""",
    ),
    "fetches": (
        "A row for each request and its answer: the evidence, which never changes.",
        """
id | integer | - | - | rises with time; `id` in `observations`
source | text | - | - | the name of its source
url | text | - | - | as it was asked
kind | text | - | - | as in `observations`
article_id | integer | - | null | the article at that address, null where there is none
fetched_at | time | UTC | - | when it was asked
status | integer | - | null | of HTTP; null where there was no answer
error | text | - | null | why there was no answer
milliseconds | integer | ms | null | from the request to the last byte
peer | text | - | null | the IP address that answered
digest | text | hexadecimal | null | SHA-256 of the body, content encodings undone, in hexadecimal
cut | boolean | - | - | whether only the beginning of the body was kept, and digested
""",
    ),
    "findings": (
        "What each fetch meant, and what it was taken to mean before: a later finding replaces an"
        " earlier one, and both stay. A page that waits to be read has none.",
        """
fetch_id | integer | - | - | `id` in `fetches`
number | integer | - | - | 1, 2, 3 … of that fetch
source | text | - | - | the name of its source
url | text | - | - | the address
article_id | integer | - | null | the article that the address led to then
version | integer | - | null | the number of the version that was seen
finding | text | - | - | for the article: `new`, `edited`, `unchanged`, `returned`, `removed`, `undecided`, `retracted`, `unreachable`; otherwise as `outcome`
outcome | text | - | - | what the answer was: [sql.md](sql.md) tells them
reason | text | - | null | why, or where a redirect led
confidence | number | 0 to 1 | null | that it is right, from 0 to 1; null where nothing is in doubt
recorded_at | time | UTC | - | when the archive recorded it
current | boolean | - | - | whether no later finding replaces it
version_id | text | - | null | its permanent identifier
""",
    ),
    "first_sights": (
        "A row for each article: when it was first seen, and whether it was there before anybody "
        "looked, so that its first sight says nothing of when it came out (censored to the left).",
        """
source | text | - | - | the name of its source
article_id | integer | - | - | `id` in `articles`
url | text | - | - | the article's canonical address
version_id | text | - | - | the permanent identifier of its first version
published_at | time | UTC | null | as the page of the first version says
first_seen_at | time | UTC | - | when the archive first saw it
censored | boolean | - | - | whether it was there before the archive looked: published before its source was added, or, where the page does not say when, seen in the first run that asked the source
""",
    ),
    "observations": (
        "A row for each check of each address, failed ones too, so that a gap can be told from "
        "silence.",
        """
id | integer | - | - | rises with time
source | text | - | - | the name of its source
url | text | - | - | the address that was checked
kind | text | - | - | `page`, or what lists pages: `front`, `section`, `feed`, `sitemap`, `robots`
article_id | integer | - | null | the article at that address, null where there is none
observed_at | time | UTC | - | when it was asked
outcome | text | - | - | what it found: [sql.md](sql.md) tells them
status | integer | - | null | of HTTP; null where there was no answer
version | integer | - | null | the number of the version that was seen
detail | text | - | null | what went wrong, or where a redirect led
version_id | text | - | null | its permanent identifier
""",
    ),
    "overrulings": (
        "A row for each time an operator said that a site-wide change was edits of articles, or that"
        " edits were the site's.",
        """
source | text | - | - | the name of its source
number | integer | - | - | as `permalien overrule` takes it
says | text | - | - | `edits`: it is no change of the site's; `site`: it is no edits
reason | text | - | - | why
said_by | text | - | - | who said it
said_at | time | UTC | - | when
signatures | JSON | - | - | what it is about, as in `site_changes`
undone_at | time | UTC | null | when it was taken back; null where it holds
undone_by | text | - | null | who took it back
undone_reason | text | - | null | why
""",
    ),
    "own_readings": (
        "A row for each version that an extractor of one's own read (`permalien reextract --extractor MODULE:FUNCTION`),"
        " for each such extractor. No other view has anything of them.",
        """
extractor | text | - | - | the function, `package.module:function`, and its version
source | text | - | - | the name of its source
article_id | integer | - | - | `id` in `articles`
url | text | - | - | the article's canonical address
version | integer | - | - | 1, 2, 3 … in the order seen
version_id | text | - | - | the version's permanent identifier
title | text | - | - | as that extractor read it, like all that follows
authors | JSON | names | - | JSON array of names
published_at | time | UTC | null | when it was published
modified_at | time | UTC | null | when it was modified
language | text | BCP 47 | null | of the text
text | text | - | - | the text
own | JSON | - | null | what else the extractor gave, a JSON object
recorded_at | time | UTC | null | when the reading was kept
""",
    ),
    "presence": (
        "A row for each stretch of time in which an article was there, or was not.",
        """
source | text | - | - | the name of its source
article_id | integer | - | - | `id` in `articles`
url | text | - | - | the article's canonical address
present | boolean | - | - | whether it was there
first_seen_at | time | UTC | - | the first check that found it so
last_seen_at | time | UTC | - | the last check that found it so
""",
    ),
    "redactions": (
        "A row for each version of which something was taken out because the law asked for it, or"
        " was kept away since (docs/redaction.md).",
        """
redaction | integer | - | - | the number of the redaction
source | text | - | - | the name of its source
article_id | integer | - | - | `id` in `articles`
url | text | - | - | the article's canonical address
version | integer | - | - | the version's number
version_id | text | - | - | its permanent identifier
kind | text | - | - | `words` or `whole`
asked_by | text | - | - | who asked for it
reason | text | - | - | why
redacted_at | time | UTC | - | when it was carried out
""",
    ),
    "retracted_versions": (
        "A row for each version that was taken for an edit and turned out to be none. No other view"
        " has it but those of checks and findings; its identifier still resolves.",
        """
source | text | - | - | the name of its source
article_id | integer | - | - | `id` in `articles`
url | text | - | - | the article's canonical address
version | integer | - | - | its number, which no other version has
version_id | text | - | - | its permanent identifier
retracted_at | time | UTC | - | when it was found to be no edit
reason | text | - | null | why
counts_as_version_id | text | - | - | the identifier of the version before it that counts in its stead
first_seen_at | time | UTC | - | when the archive first saw it
last_seen_at | time | UTC | - | when the archive last saw it
title | text | - | - | the headline, as it is read best
text | text | - | - | the text, as it is read best
text_as_recorded | text | - | - | the text as it was read when the version was recorded, which never changes
""",
    ),
    "rights": (
        "A row for each version: what its page, the answer that brought it and its site's "
        "tdmrep.json say of reuse.",
        """
source | text | - | - | the name of its source
article_id | integer | - | - | `id` in `articles`
url | text | - | - | the article's canonical address
version | integer | - | - | the version's number
version_id | text | - | - | its permanent identifier
reserved | boolean | - | null | whether text and data mining is reserved (TDM Reservation Protocol); null where nothing is said, or the page was read before this was looked at
policy | text | - | null | the address of the policy on mining
directives | JSON | - | null | those of noindex, noarchive, nosnippet, noai and noimageai that are given to all robots; null as `reserved`
license | text | - | null | the licence that the page names, mostly an address
by_site | boolean | - | null | true where it is the site's tdmrep.json that says what is reserved, as it was when the page was fetched; null where it is the page, or nothing is said
""",
    ),
    "site_changes": (
        "A row for each change that many pages of a source had alike, a new theme or a notice on "
        "every page, which so was no edit of theirs.",
        """
source | text | - | - | the name of its source
recorded_at | time | UTC | - | when the archive found it
came_from | text | - | - | the key of the layout that the pages had
became | text | - | - | the key of the layout that they have
pages | integer | pages | - | how many pages were compared
signatures | JSON | - | - | what changed, and where
shown | integer | pages | null | on how many of these it was seen; null where it was not counted yet
""",
    ),
    "source_days": (
        "What was counted of each source on each day (UTC), a row a measure; none where nothing "
        "was counted.",
        """
source | text | - | - | the name of its source
day | day | - | - | in UTC
measure | text | - | - | what was counted: `docs/operating.md` names them
count | integer | as the measure | - | how many
""",
    ),
    "sources": (
        "A row for each site.",
        """
name | text | - | - | its host, with a port that is not the scheme's own: `example.org`
url | text | - | - | its front page
enabled | boolean | - | - | whether it is crawled
added_at | time | UTC | - | when it was added to the archive
delay_seconds | number | s | - | between two requests
cadence_seconds | integer | s | - | between two looks at its feeds
resume_at | time | UTC | null | when it is crawled again, if it is paused until then
terms | text | - | null | on which its publisher lets it be archived, as an operator noted
notes | text | - | null | an operator's
removed_at | time | UTC | null | when an operator removed it and kept its record
may_export | text | - | - | what of its articles exports may have: `all`; `as-stated`, all that its page does not reserve; `metadata`, no texts; `none`
may_show | text | - | - | what of its articles may be shown to others, likewise
""",
    ),
}
