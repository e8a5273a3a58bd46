<?php

declare(strict_types=1);

namespace Offhook\Http;

use Offhook\Errors\WrongArgument;

/** Where the API is, and how the paths of single things are written. */
final readonly class BaseUrl
{
    public string $url;

    public function __construct(string $url)
    {
        $url = trim($url);
        $parts = preg_match('/[\s\x00-\x20\x7f"<>\\\\]/', $url) === 1 ? false : parse_url($url);
        if ($parts === false || !in_array(strtolower($parts['scheme'] ?? ''), ['http', 'https'], true)) {
            throw new WrongArgument('The base URL is not a URL that begins with https:// or http://.');
        }
        // The URL itself is not shown: it may hold a password.
        if (isset($parts['user']) || isset($parts['pass'])) {
            throw new WrongArgument('The base URL holds a user name or password. Give them as SID and token instead.');
        }
        if (($parts['host'] ?? '') === '' || isset($parts['query']) || isset($parts['fragment'])) {
            throw new WrongArgument('The base URL has no host, or has a query or a fragment.');
        }
        $this->url = rtrim($url, '/');
    }

    /** Write a path from words of the API, and from ids of which nothing is trusted. */
    public static function path(string $pattern, string ...$ids): string
    {
        foreach ($ids as $id) {
            // An empty id would name the whole list, and servers take dots for folders.
            if ($id === '' || $id === '.' || $id === '..') {
                throw new WrongArgument('An id is empty or made of dots. Give one that the API told.');
            }
        }
        return vsprintf($pattern, array_map(rawurlencode(...), $ids));
    }
}
