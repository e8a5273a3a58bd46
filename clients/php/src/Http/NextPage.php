<?php

declare(strict_types=1);

namespace Offhook\Http;

/** The rest of a list: `Link: <URL>; rel="next"` (RFC 8288). */
final class NextPage
{
    private const NEXT = '/<([^<>]*)>[^<]*;\s*rel\s*=\s*"?next"?(?=[\s;,]|\z)/i';

    /**
     * Return the query of the next page, or null behind the last one.
     *
     * The rest of the URL is not used. It is that of the same list, and behind a proxy it may have a host that
     * cannot be reached; nobody can send our credentials elsewhere by it.
     */
    public static function query(Response $response): ?string
    {
        $isThere = preg_match(self::NEXT, $response->header('link'), $match) === 1;
        if (!$isThere) {
            return null;
        }
        // What no URL holds would end the line of our request, or cut it in two.
        $encode = static fn (array $found): string => rawurlencode($found[0]);
        return preg_replace_callback('/[^\x21-\x7e]/', $encode, (string) parse_url($match[1], PHP_URL_QUERY));
    }
}
