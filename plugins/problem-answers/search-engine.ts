/**
 * How the crawlers of search engines, archives and link previews call themselves. Browsers are not among them, whatever their name has
 * in common with a search engine: an app of the same maker shows pages to people.
 */
const crawlers =
  /Googlebot|Google-InspectionTool|GoogleOther|Google-Extended|Google-Read-Aloud|(?:AdsBot|Mediapartners|Storebot|APIs)-Google|FeedFetcher-Google|bingbot|BingPreview|adidxbot|msnbot|DuckDuckBot|DuckAssistBot|Slurp|Baiduspider|Yandex\w{0,24}Bot|Yandex(?:Images|Media|Video|News|Webmaster|Favicons)|Applebot|Amazonbot|SeznamBot|Qwant(?:ify|bot)|PetalBot|Sogou [\w ]{0,24}spider|Yeti\/|Exabot|MojeekBot|coccocbot|360Spider|HaosouSpider|Bytespider|archive\.org_bot|ia_archiver|CCBot|facebookexternalhit|Twitterbot|LinkedInBot|Slackbot|Discordbot|TelegramBot|WhatsApp\/|Pinterestbot/i;

/**
 * Whether a request says that it comes from a crawler. It keeps no cookies and never comes back from a waiting room; a redirect into one
 * would be taken for the page. 503 says that the page is still there (https://developers.google.com/search/docs/crawling-indexing/http-network-errors).
 */
export function isCrawler(headers: Headers): boolean {
  return crawlers.test(headers.get("user-agent") ?? "");
}
