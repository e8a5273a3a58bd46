<?php

declare(strict_types=1);

namespace Offhook\Language;

use Offhook\Errors\WrongScript;

/** URLs that a script may name: http or https, a host, no password, nothing that cannot be typed. */
final class Url
{
    private const LONGEST = 2000;
    private const LONGEST_HOST = 253;
    private const SHAPE = '~^https?://(?<authority>[^/?#\\\\]*)[^\r\n]*\z~iu';
    /** Controls, blanks that are seen or not (but for the two joiners that words need), and what ends a URL. */
    private const FORBIDDEN = '/[\x{00}-\x{20}\x{7f}-\x{9f}"<>\\\\\p{Z}]|(?![\x{200c}\x{200d}])\p{Cf}/u';
    private const AUTHORITY = '/^(?<host>\[[0-9A-Fa-f:.]+\]|[^:\[\]]+)(?::(?<port>[0-9]{1,5}))?\z/u';
    /** Letters that become other signs when the name is looked up are none of a host's. */
    private const LABEL = '/^(?:(?![\x{37a}\x{fb50}-\x{fdff}\x{fe70}-\x{feff}])[A-Za-z0-9_\-\p{L}\p{M}\p{Nd}])+\z/u';

    /** Return a URL as it was given. */
    public static function of(string $url): string
    {
        if (preg_match(self::SHAPE, $url, $match) !== 1 || preg_match(self::FORBIDDEN, $url) !== 0) {
            throw self::wrong('It begins with https:// or http://, and a blank in it is written %20.');
        }
        if (preg_match_all('/./su', $url) > self::LONGEST) {
            throw self::wrong('At most ' . self::LONGEST . ' characters fit. Use a shorter one.');
        }
        if (str_contains($match['authority'], '@')) {
            throw self::wrong('It cannot hold a user name or password. Leave out what stands before the @.');
        }
        if (preg_match(self::AUTHORITY, $match['authority'], $parts) !== 1 || !self::isHost($parts['host'])) {
            throw self::wrong('What stands behind the slashes is no host, such as example.com or example.com:8080.');
        }
        if (isset($parts['port']) && ((int) $parts['port'] < 1 || (int) $parts['port'] > 65535)) {
            throw self::wrong('A port is a number from 1 to 65535.');
        }
        return $url;
    }

    /** Return whom to ask next: a URL, or `self` for the action URL. */
    public static function next(string $next): string
    {
        return $next === 'self' ? $next : self::of($next);
    }

    private static function isHost(string $host): bool
    {
        if (str_starts_with($host, '[')) {
            return filter_var(substr($host, 1, -1), FILTER_VALIDATE_IP, FILTER_FLAG_IPV6) !== false;
        }
        return preg_match_all('/./su', $host) <= self::LONGEST_HOST && self::isName($host);
    }

    private static function isName(string $host): bool
    {
        foreach (explode('.', str_ends_with($host, '.') ? substr($host, 0, -1) : $host) as $label) {
            if (preg_match(self::LABEL, $label) !== 1) {
                return false;
            }
        }
        return true;
    }

    private static function wrong(string $sentence): WrongScript
    {
        return new WrongScript('bad-url', "This is no URL that a call can use. $sentence");
    }
}
