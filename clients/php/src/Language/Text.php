<?php

declare(strict_types=1);

namespace Offhook\Language;

use Offhook\Errors\WrongScript;

/** A text to read, written as an argument: whatever it holds, it stays one argument. */
final class Text
{
    private const LONGEST = 2000;

    /** Other line ends become newlines, and control characters but tabs, which nobody can hear, blanks. */
    private const PLAIN = [
        '/\r\n?|\x{85}/u' => "\n",
        '/[\x{00}-\x{08}\x{0b}-\x{1f}\x{7f}-\x{9f}]/u' => ' ',
    ];

    /** Return a text in quotes, as one argument. */
    public static function quoted(string $text): string
    {
        $plain = preg_replace(array_keys(self::PLAIN), array_values(self::PLAIN), $text);
        if ($plain === null) {
            throw new WrongScript('not-utf8', 'The text is not UTF-8. Encode it, for example with iconv().');
        }
        self::refuse($plain);
        return '"' . str_replace(['\\', '"', "\n"], ['\\\\', '\\"', '\\n'], $plain) . '"';
    }

    private static function refuse(string $text): void
    {
        if (preg_match('/\S/u', $text) !== 1) {
            throw new WrongScript('missing-argument', 'The text is empty. Give one, or leave the line out.');
        }
        $length = preg_match_all('/./su', $text);
        if ($length > self::LONGEST) {
            $sentence = "The text has $length characters; at most " . self::LONGEST . ' are read. Split it.';
            throw new WrongScript('text-too-long', $sentence);
        }
        if (preg_match('/^\s*<(?:speak|\?xml)(?![\p{L}\p{N}_])/iu', $text) === 1) {
            throw new WrongScript('ssml-not-accepted', 'The text is SSML, which is not accepted. Give plain text.');
        }
    }
}
