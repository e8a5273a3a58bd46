<?php

declare(strict_types=1);

namespace Offhook\Language;

use Offhook\Errors\WrongScript;

/** The `key=value` at the end of a line. Each is a list: empty where the value is the language's own default. */
final class Option
{
    /** @return list<string> */
    public static function whole(string $key, ?int $value, int $least, int $most, ?int $default = null): array
    {
        if ($value === null) {
            return [];
        }
        self::refuseOutside($key, $value, $least, $most);
        return $value === $default ? [] : ["$key=$value"];
    }

    /**
     * @param list<string> $words
     * @return list<string>
     */
    public static function word(string $key, string $value, array $words, string $default): array
    {
        if (!in_array($value, $words, true)) {
            throw new WrongScript('bad-option', "$key is one of: " . implode(' ', $words) . '.');
        }
        return $value === $default ? [] : ["$key=$value"];
    }

    /** @return list<string> */
    public static function voice(?string $name): array
    {
        if ($name === null) {
            return [];
        }
        if (preg_match('/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z/', $name) !== 1) {
            throw new WrongScript('bad-option', 'A voice is a name of letters, digits, hyphens, dots and underscores.');
        }
        return ["voice=$name"];
    }

    /** @return list<string> */
    public static function next(?string $next): array
    {
        return $next === null ? [] : ['next=' . Url::next($next)];
    }

    public static function refuseOutside(string $key, int $value, int $least, int $most): void
    {
        if ($value < $least || $value > $most) {
            throw new WrongScript('bad-option', "$key is a whole number from $least to $most, not $value.");
        }
    }
}
