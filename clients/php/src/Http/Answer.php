<?php

declare(strict_types=1);

namespace Offhook\Http;

use Offhook\Errors\UnexpectedAnswer;

/** What a success says. Anything else than what was asked for is an UnexpectedAnswer, and says what came instead. */
final class Answer
{
    private const SHOWN_BYTES = 80;
    private const MOST_NAMED = 3;
    private const READ_BYTES = 4096;

    /** @return array<string, mixed> */
    public static function document(Request $request, Response $response): array
    {
        return self::json($request, $response, '{');
    }

    /** @return list<array<string, mixed>> */
    public static function list(Request $request, Response $response): array
    {
        return self::json($request, $response, '[');
    }

    public static function audio(Request $request, Response $response): string
    {
        $type = strtolower($response->header('content-type'));
        if ($response->status !== 200 || !str_starts_with($type, 'audio/')) {
            throw self::unexpected($request, $response, 'a sound');
        }
        return $response->body;
    }

    /** Tell what came in place of what was wanted, and what to do. */
    public static function unexpected(Request $request, Response $response, string $wanted): UnexpectedAnswer
    {
        $type = $response->header('content-type');
        $location = $response->header('location');
        $what = match (true) {
            $location !== '' && $response->status >= 300 && $response->status < 400
                => 'it leads to ' . self::shown($request, (string) strtok($location, '?')) . '. Is that the base URL?',
            !in_array(strtolower($response->header('content-encoding')), ['', 'identity'], true)
                => "it is compressed, which nobody asked for, and not $wanted. Is a proxy between that does it?",
            preg_match('/^\s*</', $response->body) === 1
                => "it is a page and not $wanted. Does the base URL lead to the API, and not to a proxy or a login?",
            trim($response->body) === '' => "it is empty and not $wanted. Does the base URL lead to the API?",
            default => "it is not $wanted: it begins with \"" . self::shown($request, $response->body)
                . '". Does the base URL lead to the API?',
        };
        return new UnexpectedAnswer($request->where(), $response->status, $type, $what);
    }

    private static function json(Request $request, Response $response, string $opening): array
    {
        $value = json_decode($response->body, true, flags: JSON_BIGINT_AS_STRING);
        $isPlain = in_array(strtolower($response->header('content-encoding')), ['', 'identity'], true);
        // In PHP `{}` and `[]` are the same value, so the text itself tells them apart.
        $fits = $isPlain && is_array($value) && str_starts_with(ltrim($response->body), $opening);
        if ($fits && $opening === '[') {
            $fits = array_filter($value, is_array(...)) === $value;
        }
        if (!$fits) {
            throw self::unexpected($request, $response, $opening === '[' ? 'a list in JSON' : 'a document in JSON');
        }
        foreach ($opening === '[' ? $value : [$value] as $document) {
            $missing = array_values(array_filter($request->keys, static fn ($key) => !array_key_exists($key, $document)));
            if ($missing !== []) {
                $wanted = 'a document with ' . implode(', ', array_slice($missing, 0, self::MOST_NAMED));
                throw self::unexpected($request, $response, $wanted);
            }
        }
        return $value;
    }

    /** Return the beginning of what somebody else wrote, so that it can stand in a sentence. */
    private static function shown(Request $request, string $text): string
    {
        $masked = $request->credentials->mask(substr($text, 0, self::READ_BYTES));
        $plain = (string) preg_replace('/[^\x20-\x7e]+/', ' ', substr($masked, 0, self::SHOWN_BYTES));
        return strlen($masked) > self::SHOWN_BYTES ? "$plain..." : $plain;
    }
}
