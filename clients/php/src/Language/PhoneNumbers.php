<?php

declare(strict_types=1);

namespace Offhook\Language;

use Offhook\Errors\WrongScript;

/** The numbers of a transfer: E.164, with or without `+`, hyphens allowed. */
final class PhoneNumbers
{
    private const MOST = 10;

    /** @param string|list<string> $numbers */
    public static function of(string|array $numbers): string
    {
        $numbers = is_string($numbers) ? explode(',', $numbers) : array_values($numbers);
        if ($numbers === []) {
            throw new WrongScript('missing-argument', 'A transfer needs a phone number.');
        }
        if (count($numbers) > self::MOST) {
            $sentence = 'At most ' . self::MOST . ' numbers ring together. Call the others with a second transfer.';
            throw new WrongScript('too-many-arguments', $sentence);
        }
        return implode(',', array_map(self::checked(...), $numbers));
    }

    private static function checked(string $number): string
    {
        $digits = str_replace(['+', '-'], '', $number);
        $isWritten = preg_match('/^\+?[0-9]+(?:-[0-9]+)*\z/', $number) === 1;
        if (!$isWritten || preg_match('/^[1-9][0-9]{6,14}\z/', $digits) !== 1) {
            $sentence = 'A number has its country code and 7 to 15 digits, as in +81-3-5550-0123.';
            throw new WrongScript('bad-number', $sentence);
        }
        return $number;
    }
}
