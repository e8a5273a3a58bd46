<?php

declare(strict_types=1);

namespace Offhook\Http;

use Offhook\Errors\WrongArgument;

/** The key by which the same POST twice is done once. */
final class IdempotencyKey
{
    private const LONGEST = 255;

    /** Check a key that was given, or make one: a random UUID (RFC 9562 section 5.4). */
    public static function of(?string $given): string
    {
        if ($given === null) {
            $bytes = random_bytes(16);
            $bytes[6] = chr(ord($bytes[6]) & 0x0f | 0x40);
            $bytes[8] = chr(ord($bytes[8]) & 0x3f | 0x80);
            return vsprintf('%s%s-%s-%s-%s-%s%s%s', str_split(bin2hex($bytes), 4));
        }
        if (preg_match('/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?\z/', $given) !== 1 || strlen($given) > self::LONGEST) {
            $sentence = ' plain characters (ASCII), and no blank at its ends.';
            throw new WrongArgument('An idempotency key has 1 to ' . self::LONGEST . $sentence);
        }
        return $given;
    }
}
