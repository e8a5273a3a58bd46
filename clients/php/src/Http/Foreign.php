<?php

declare(strict_types=1);

namespace Offhook\Http;

/** What somebody else wrote, so that it can stand in an error, and so in logs and terminals. */
final readonly class Foreign
{
    private const CONTROL = '/[\x{00}-\x{09}\x{0b}-\x{1f}\x{7f}-\x{9f}\x{2028}\x{2029}]/u';
    private const LONGEST_WORD = 500;
    private const LONGEST_SENTENCE = 10000;

    public function __construct(private Credentials $credentials)
    {
    }

    /** Return a text for programs, on one line; null if it is none. */
    public function word(mixed $said): ?string
    {
        if (!is_string($said) || $said === '') {
            return null;
        }
        return self::cut(str_replace("\n", ' ', $this->sentence($said)), self::LONGEST_WORD);
    }

    /** Return a text for people, without our token: it may have lines, because carets stand under them. */
    public function sentence(string $said): string
    {
        return self::cut((string) preg_replace(self::CONTROL, ' ', $this->credentials->mask($said)));
    }

    /** Cut UTF-8 to so many bytes, and leave no half of a character. */
    public static function cut(string $text, int $bytes = self::LONGEST_SENTENCE): string
    {
        return strlen($text) <= $bytes ? $text : (string) preg_replace('/[\xc0-\xff][\x80-\xbf]*\z/', '', substr($text, 0, $bytes));
    }
}
