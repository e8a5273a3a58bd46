<?php

/** What the tests say. */

declare(strict_types=1);

function same(mixed $expected, mixed $found): void
{
    if ($expected !== $found) {
        throw new AssertionError('expected ' . shown($expected) . "\nfound    " . shown($found));
    }
}

function contains(string $part, string $text): void
{
    if (!str_contains($text, $part)) {
        throw new AssertionError(shown($part) . ' is not in ' . shown($text));
    }
}

function lacks(string $part, string $text): void
{
    if (str_contains($text, $part)) {
        throw new AssertionError(shown($part) . ' is in ' . shown($text));
    }
}

/**
 * Return the error that the work raises.
 *
 * @template T of Throwable
 * @param class-string<T> $kind
 * @return T
 */
function raised(string $kind, Closure $work): Throwable
{
    try {
        $work();
    } catch (Throwable $error) {
        if ($error::class === $kind) {
            return $error;
        }
        throw new AssertionError("expected $kind, not " . $error::class . ": {$error->getMessage()}");
    }
    throw new AssertionError("expected $kind, and nothing was raised");
}

function shown(mixed $value): string
{
    return var_export($value, true);
}
