<?php

declare(strict_types=1);

namespace Offhook;

use Offhook\Errors\SignatureFault;
use Offhook\Errors\SignatureRefused;

/** `Offhook-Signature`: whether a request to an action URL, or a webhook's event, is from the platform. */
final class Signature
{
    public const HEADER = 'Offhook-Signature';
    private const TOLERANCE_S = 300;
    /** Every request to an action URL has them; an event's signature has not, and vouches for no request. */
    private const OF_A_REQUEST = ['call_id', 'event'];
    private const OF_AN_EVENT = ['body_sha256'];

    /**
     * Return the parameters that the signature vouches for; use these and no others.
     *
     * @param string|null $header the value of `Offhook-Signature`: `$_SERVER['HTTP_OFFHOOK_SIGNATURE'] ?? null`
     * @param string|array<array-key, mixed> $parameters the query as it came (`$_SERVER['QUERY_STRING']`), or its
     *     decoded pairs, each `[name, value]`. Not `$_GET`: it hides what came twice
     * @param string|list<string> $secrets all that may be in use
     * @return array<string, string>
     * @throws SignatureRefused
     */
    public static function verifyRequest(
        ?string $header,
        string|array $parameters,
        #[\SensitiveParameter] string|array $secrets,
        int|float|null $now = null,
        int|float $toleranceS = self::TOLERANCE_S,
    ): array {
        $pairs = is_string($parameters) ? self::pairs($parameters) : self::texts($parameters);
        return self::verify($header, $pairs, self::OF_A_REQUEST, $secrets, $now ?? microtime(true), $toleranceS);
    }

    /**
     * Return the event that a webhook brought, decoded.
     *
     * @param string|null $header the value of `Offhook-Signature`
     * @param string $body the bytes as they came: `file_get_contents('php://input')`
     * @param string|list<string> $secrets all that may be in use
     * @return array<string, mixed>
     * @throws SignatureRefused
     */
    public static function verifyEvent(
        ?string $header,
        string $body,
        #[\SensitiveParameter] string|array $secrets,
        int|float|null $now = null,
        int|float $toleranceS = self::TOLERANCE_S,
    ): array {
        $pairs = [['body_sha256', hash('sha256', $body)]];
        self::verify($header, $pairs, self::OF_AN_EVENT, $secrets, $now ?? microtime(true), $toleranceS);
        $event = json_decode($body, true);
        // What is signed is always JSON; anything else was not made by the platform.
        return is_array($event) ? $event : throw new SignatureRefused(SignatureFault::Malformed);
    }

    /**
     * @param list<array{string, string}> $pairs
     * @param list<string> $needed
     * @return array<string, string>
     */
    private static function verify(
        ?string $header,
        array $pairs,
        array $needed,
        #[\SensitiveParameter] string|array $secrets,
        int|float $now,
        int|float $toleranceS,
    ): array {
        [$t, $names, $digests] = self::parts($header ?? '');
        if (abs($now - $t) > $toleranceS) {
            throw new SignatureRefused(SignatureFault::Time);
        }
        $listed = array_values(array_filter(
            $pairs,
            static fn (array $pair): bool => in_array(rawurlencode($pair[0]), $names, true),
        ));
        usort(
            $listed,
            static fn (array $one, array $other): int => strcmp(rawurlencode($one[0]), rawurlencode($other[0])),
        );
        $found = array_map(static fn (array $pair): string => rawurlencode($pair[0]), $listed);
        sort($names, SORT_STRING);
        if ($found !== $names || array_diff($needed, $names) !== []) {
            throw new SignatureRefused(SignatureFault::Parameters);
        }
        self::compare(self::text($t, $listed), $secrets, $digests);
        return array_combine(array_column($listed, 0), array_column($listed, 1));
    }

    /**
     * Cut the header into its time, its names and its digests. Parts that a later version may add are passed over.
     *
     * @return array{int, list<string>, list<string>}
     */
    private static function parts(string $header): array
    {
        if (trim($header) === '') {
            throw new SignatureRefused(SignatureFault::Missing);
        }
        $parts = ['t' => [], 'n' => [], 'v1' => []];
        foreach (explode(',', $header) as $part) {
            [$name, $value] = [...explode('=', trim($part), 2), ''];
            $parts[$name][] = $value;
        }
        $isWhole = count($parts['t']) === 1 && count($parts['n']) === 1 && $parts['v1'] !== [];
        $isPlain = preg_match('/[^\x20-\x7e]/', $header) === 0;
        if (!$isWhole || !$isPlain || preg_match('/^[0-9]{1,12}\z/', $parts['t'][0]) !== 1) {
            throw new SignatureRefused(SignatureFault::Malformed);
        }
        return [(int) $parts['t'][0], explode(' ', $parts['n'][0]), $parts['v1']];
    }

    /**
     * Write what is signed. PHP's rawurlencode leaves exactly `A-Za-z0-9-._~` as they are, which is what is wanted.
     *
     * @param list<array{string, string}> $sorted
     */
    private static function text(int $t, array $sorted): string
    {
        $lines = array_map(
            static fn (array $pair): string => rawurlencode($pair[0]) . '=' . rawurlencode($pair[1]),
            $sorted,
        );
        return implode("\n", [(string) $t, ...$lines]);
    }

    /**
     * @param string|list<string> $secrets
     * @param list<string> $digests
     */
    private static function compare(string $text, #[\SensitiveParameter] string|array $secrets, array $digests): void
    {
        $secrets = array_filter((array) $secrets, static fn (string $secret): bool => $secret !== '');
        if ($secrets === []) {
            throw new SignatureRefused(SignatureFault::NoSecret);
        }
        $fits = false;
        // Every pair is compared, so that the time it takes says nothing about which secret is in use.
        foreach ($secrets as $secret) {
            $made = hash_hmac('sha256', $text, $secret);
            foreach ($digests as $digest) {
                $fits = hash_equals($made, $digest) || $fits;
            }
        }
        if (!$fits) {
            throw new SignatureRefused(SignatureFault::Digest);
        }
    }

    /** @return list<array{string, string}> */
    private static function pairs(string $query): array
    {
        $pairs = [];
        foreach (explode('&', ltrim($query, '?')) as $part) {
            if ($part !== '') {
                [$name, $value] = [...explode('=', $part, 2), ''];
                $pairs[] = [urldecode($name), urldecode($value)];
            }
        }
        return $pairs;
    }

    /**
     * Take pairs, or a map in which a value may be a list of several.
     *
     * @param array<array-key, mixed> $parameters
     * @return list<array{string, string}>
     */
    private static function texts(array $parameters): array
    {
        $pairs = [];
        $arePairs = array_is_list($parameters) && array_filter($parameters, is_array(...)) === $parameters;
        foreach ($parameters as $name => $value) {
            if ($arePairs) {
                $pairs[] = [(string) ($value[0] ?? ''), (string) ($value[1] ?? '')];
                continue;
            }
            foreach ((array) $value as $one) {
                $pairs[] = [(string) $name, is_scalar($one) ? (string) $one : ''];
            }
        }
        return $pairs;
    }
}
