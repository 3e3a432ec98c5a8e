"""Scrapy's settings for Permalien; the one module of this package that reads the environment."""

import os
import shutil
from importlib.metadata import version

CONTACT_VARIABLE = "PERMALIEN_CONTACT"
VERSION = version("permalien")
CONTACT = os.environ.get(CONTACT_VARIABLE, "").strip()

BOT_NAME = "permalien"
SPIDER_MODULES = ["crawler.spiders"]
USER_AGENT = f"Permalien/{VERSION} (news archive; {CONTACT or 'no contact given'})"

# Politeness: crawler.sessions.scheduler has one request of a source under way at a time, and
# crawler.fetching.politeness says when each may be sent.
ROBOTSTXT_OBEY = False  # by Scrapy's own middleware: crawler.middlewares.robots obeys it
ROBOTSTXT_USER_AGENT = "Permalien"
CONCURRENT_REQUESTS = 256  # one of each source that the scheduler holds; most of them wait
CONCURRENT_REQUESTS_PER_DOMAIN = 1
CONCURRENT_ITEMS = 1  # of one response, which never has more; Scrapy makes a task for each
DOWNLOAD_DELAY = 0
ADDRESS_CONCURRENCY = 8  # requests at a time to one IP address, of all its sites and runs
ADDRESS_RATE = 10.0  # of them a second
DOWNLOAD_HANDLERS = {
    "http": "crawler.fetching.polite_handler.PoliteHandler",
    "https": "crawler.fetching.polite_handler.PoliteHandler",
}

BROWSER = os.environ.get("PERMALIEN_BROWSER") or shutil.which("chromium")
BROWSERS = 2  # that show pages, one each at a time

READERS: int | None = None  # processes that read pages; one a core where it is None

# Bounds on what one response may cost.
DOWNLOAD_TIMEOUT = 30
DOWNLOAD_MAXSIZE = 10 * 2**20
DOWNLOAD_WARNSIZE = 0
SCRAPER_SLOT_MAX_ACTIVE_SIZE = 32 * 2**20  # of responses that are being archived
DOWNLOAD_VERIFY_CERTIFICATES = True
REDIRECT_MAX_TIMES = 5  # of a page that is fetched alone: in a crawl each is a fetch
DNS_TIMEOUT = 10
TWISTED_DNS_RESOLVER = "crawler.middlewares.private_addresses.PublicResolver"

# Retries live in the frontier, where they survive a kill.
RETRY_ENABLED = False
COOKIES_ENABLED = False
REFERRER_POLICY = "no-referrer"
METAREFRESH_ENABLED = False
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False

DOWNLOADER_MIDDLEWARES = {
    # After all others have seen the answer.
    "crawler.middlewares.rendering.RenderingMiddleware": 40,
    # Before robots.txt is asked for, and again for every redirect of it.
    "crawler.middlewares.private_addresses.PrivateAddressMiddleware": 50,
    "crawler.middlewares.robots.RobotsMiddleware": 100,
    # After robots.txt allowed the page.
    "crawler.middlewares.tdm_files.TdmFileMiddleware": 110,
    # After Scrapy's own, of which the last is at 900: next to the downloader.
    "crawler.middlewares.wire_headers.WireHeadersMiddleware": 950,
}
ITEM_PIPELINES = {"crawler.pipelines.archive.ArchivePipeline": 100}
EXTENSIONS = {
    "crawler.extensions.run_record.RunRecord": 10,
    "crawler.extensions.progress.Progress": 20,
}

# crawler.process.log decides what is shown.
LOG_INSTALL_ROOT_HANDLER = False
STATS_DUMP = False
